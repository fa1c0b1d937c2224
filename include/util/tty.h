/* SPDX-License-Identifier: MIT */
/*
 * The terminal: questions, and values typed without echo. Both speak to
 * /dev/tty, so that stdin and stdout stay free for data.
 */
#ifndef UTIL_TTY_H
#define UTIL_TTY_H

#include <stdbool.h>

#include "util/error.h"
#include "util/secret.h"

/* What the kernel holds of a line; it cuts longer ones without a word, so these are refused. */
#define TTY_LINE_MAX 4094

/* Can a person be asked? */
bool tty_available(void);
/*
 * Asks question ("… [y/N] ") and reads a line; only y and yes are yes.
 * ERROR_USAGE, with hint, where there is no terminal.
 */
MUST_USE int tty_confirm(const char *question, const char *hint, bool *ret_yes, struct error *err);
/* The same where Enter means yes ("… [Y/n] "). ERROR_CANCELLED at the end of the input. */
MUST_USE int tty_confirm_unless_no(const char *question, bool *ret_yes, struct error *err);
/*
 * A line typed without echo, LF removed; signals restore the echo first. What is pasted behind it is thrown away, and
 * none of it taken: ERROR_CANCELLED. ERROR_USAGE without a terminal.
 */
MUST_USE int tty_read_secret(const char *prompt, struct secret *ret_line, struct error *err);

/*
 * The same on a terminal that was opened before the sandbox was entered, where it cannot be any more. -1: there is none.
 */
int tty_open(void);
MUST_USE int tty_read_secret_on(int fd, const char *prompt, struct secret *ret_line,
				struct error *err);
/* With echo. ERROR_CANCELLED at the end of the input. */
MUST_USE int tty_read_line_on(int fd, const char *prompt, struct secret *ret_line,
			      struct error *err);
MUST_USE int tty_write_on(int fd, const char *text, struct error *err);

#endif
