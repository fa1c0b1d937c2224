/* SPDX-License-Identifier: MIT */
/* Files named on the command line, where "-" (or no name) is stdin. */
#ifndef CLI_INPUT_H
#define CLI_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"
#include "util/secret.h"

/* Is name NULL or "-"? */
bool input_is_dash(const char *name);
/* How messages call it: "stdin", or name itself. */
const char *input_name(const char *name);
/* The whole of it; see file_read(). */
MUST_USE int input_read(const char *name, size_t max, struct secret *ret_data, struct error *err);
/*
 * A file with identities, and the .pub file of one that hides its public half. On stderr: others may
 * read it.
 */
MUST_USE int input_read_key(const char *name, size_t max, struct secret *ret_data,
			    struct secret *ret_public, struct error *err);
/* On stderr, a warning for each of lines. */
void input_warn(struct span lines);
/* A descriptor to read it from. ERROR_NO_FILE, ERROR_SYSTEM; a directory is refused. */
MUST_USE int input_open(const char *name, int *ret_fd, struct error *err);

#endif
