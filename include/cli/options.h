/* SPDX-License-Identifier: MIT */
/* The command line: from words to a command's options struct. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command.h"

/* What options_parse() makes; one options_release() frees it. Its strings lie in argv. */
struct options {
	void *values;      /* the command's options struct */
	const char **args; /* NULL-terminated */
	size_t args_len;
	bool verbose, help;
};

#define OPTIONS_INIT ((struct options){ NULL, NULL, 0, false, false })

/*
 * Parses words (argc of them, the command's own name not among them). Options may stand behind
 * arguments; "--" ends them. ERROR_USAGE names the word, and the nearest that would be right.
 * as_go: as a tool of that name is called (cli/tools.h). The last of several counts then, the errors are those of
 * Go's flags, and the number of arguments is the caller's to check.
 */
MUST_USE int options_parse(const struct command *command, bool as_go, int argc,
			   const char *const *argv, struct options *ret_options, struct error *err);
void options_release(struct options *options);

/*
 * The command that the first one or two words name, and how many they are. ERROR_USAGE with the
 * nearest name.
 */
MUST_USE int options_find_command(int argc, const char *const *argv,
				  const struct command **ret_command, int *ret_words,
				  struct error *err);

#endif
