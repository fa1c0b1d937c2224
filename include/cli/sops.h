/* SPDX-License-Identifier: MIT */
/*
 * The program called as "sops" takes sops' command line: it is turned into words for a command of ours,
 * and what that command says into sops' exit statuses and the texts that scripts look for.
 */
#ifndef CLI_SOPS_H
#define CLI_SOPS_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/command.h"

/* What a command line comes to. */
struct sops_call {
	const struct command *command;
	const char *answer; /* for stdout, and that is all; else NULL */
	bool help;          /* about command, or (NULL) a group of them, or (NULL) all */
	const char *group;
	const char **words; /* for the command, NULL-terminated; they lie in argv */
	size_t words_len;
	char *copy; /* what had to be taken apart: --set's value */
	bool verbose;
	int status; /* of an error in it, where that is not what its kind says; else 0 */
};

#define SOPS_CALL_INIT ((struct sops_call){ NULL, NULL, false, NULL, NULL, 0, NULL, false, 0 })

/*
 * argv without the program's name, NULL-terminated. ERROR_USAGE, ERROR_NO_FILE, ERROR_UNSUPPORTED,
 * ERROR_BAD_INDEX, ERROR_CONFLICT; ret_call->command and status are set then, too.
 */
MUST_USE int sops_call_parse(int argc, const char *const *argv, struct sops_call *ret_call,
			     struct error *err);
void sops_call_release(struct sops_call *call);

/* sops' status for an error of that command (NULL: before there was one). */
int sops_status_of(const struct command *command, enum error_kind kind);
/* The error in sops' words. */
void sops_print_error(FILE *out, const struct command *command, const struct error *err);

#endif
