/* SPDX-License-Identifier: MIT */
/*
 * The program called as age, age-keygen, age-inspect, ssh-to-age or bootseal-generator is that command, and ends and
 * complains as the tool does: 2 where the options cannot be read, 1 for all else that fails.
 */
#ifndef CLI_TOOLS_H
#define CLI_TOOLS_H

#include <stdio.h>

#include "cli/command.h"

#define TOOLS_BAD_OPTIONS 2
#define TOOLS_FAILED 1

struct tool {
	const char *name;
	const struct command *command;
	bool wants_words; /* given nothing, it prints how it is used */
	bool is_age;      /* one of those that come with age */
};

/* What a program of this name is; NULL for every other name. */
const struct tool *tools_find(const char *name);
/*
 * What --version prints. Scripts compare age's with the version that they need, so one that comes with age names the
 * newest whose options and formats it has, as the sops of this program does; tool NULL: this program's own.
 */
const char *tools_version(const struct tool *tool);
/* More arguments than the tool takes, in its words. ERROR_USAGE, unless it does not look at them. */
MUST_USE int tools_check_arguments(const struct tool *tool, const char *const *args, size_t len,
				   struct error *err);
/* An error with its hint as the tool has them; where the options could not be read, with the usage behind it. */
void tools_print_error(FILE *out, const struct tool *tool, bool options_read,
		       const struct error *err);

#endif
