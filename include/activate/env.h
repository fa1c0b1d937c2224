/* SPDX-License-Identifier: MIT */
/*
 * Lines for systemd's EnvironmentFile= (systemd.exec(5)), in a spelling that
 * its reader, a POSIX shell and dotenv take alike: NAME="value"; NAME='value'
 * where ", \, ` or $ is in it. What has a ' besides one of these, or ends in
 * a backslash, is in double quotes with a backslash before each of them, which
 * dotenv leaves there; it takes a carriage return for a line break, too.
 * Docker's --env-file reads another grammar.
 */
#ifndef ACTIVATE_ENV_H
#define ACTIVATE_ENV_H

#include <stdbool.h>

#include "util/secret.h"

/*
 * The kernel refuses a longer "NAME=value" to every program (MAX_ARG_STRLEN, less the
 * terminator).
 */
#define ENV_ASSIGNMENT_MAX ((size_t)131071)

/* [A-Za-z_][A-Za-z0-9_]*: what systemd takes as a variable's name. */
bool env_name_is_valid(struct span name);
/*
 * The value alone, in its quotes: what follows NAME=; name is for messages. ERROR_CONFIG for what
 * cannot be carried: a NUL, what is no UTF-8, holds a Unicode noncharacter (systemd refuses the
 * whole file then), or is too long.
 */
MUST_USE int env_append_value(struct secret *out, struct span name, struct span value,
			      struct error *err);
/* One line; ERROR_CONFIG for a name that is not [A-Za-z_][A-Za-z0-9_]*, too. */
MUST_USE int env_append(struct secret *out, struct span name, struct span value, struct error *err);

#endif
