/* SPDX-License-Identifier: MIT */
/*
 * The program called as age, age-keygen, age-inspect, ssh-to-age or bootseal-generator is that command, and ends as
 * the tool does: 2 where the options cannot be read, 1 for all else that fails.
 */
#ifndef CLI_TOOLS_H
#define CLI_TOOLS_H

#include "cli/command.h"

#define TOOLS_BAD_OPTIONS 2
#define TOOLS_FAILED 1

/* The command that a program of this name is; NULL for every other name. */
const struct command *tools_command_of(const char *name);
/* Does that tool, given nothing, print how it is used? */
bool tools_wants_words(const struct command *command);

#endif
