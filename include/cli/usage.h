/* SPDX-License-Identifier: MIT */
/* Help, printed from the command tables. */
#ifndef CLI_USAGE_H
#define CLI_USAGE_H

#include <stdio.h>

#include "cli/command.h"

/* Is word the first of several commands' two-word names ("keys")? */
bool usage_is_group(const char *word);
/* All commands, a line each, under their groups; of one group ("keys …") where prefix is not NULL. */
void usage_overview(FILE *out, const char *prefix);
/* The same where it was called as sops: who speaks, and for which sops it stands. */
void usage_sops(FILE *out, const char *prefix);
/* One command: synopsis, options, example. */
void usage_command(FILE *out, const struct command *command, const char *called);
/*
 * For programs (the completions, the lint): lines of fields with tabs between, "command", its name and
 * summary; "option", the command's name, "--long", "-x", the value's name and the help, with "-" for what
 * there is not.
 */
void usage_dump(FILE *out);

#endif
