/* SPDX-License-Identifier: MIT */
/*
 * Where a command's result goes: stdout, a device or pipe, what is open already (/dev/stdout, /dev/fd/N),
 * or a file that is replaced when the result is whole. Opened before the sandbox is entered, committed at the end.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"
#include "util/file.h"
#include "util/span.h"

struct output {
	int fd;
	bool own_fd; /* a device or pipe that we opened */
	const char *name;
	struct file_replace replace;
};

#define OUTPUT_INIT ((struct output){ -1, false, NULL, FILE_REPLACE_INIT })

#define OUTPUT_PUBLIC 0666
#define OUTPUT_SECRET (0600 | FILE_PRIVATE)

/*
 * name is borrowed; NULL and "-" are stdout. mode, less the caller's umask, is for a file that
 * is new: OUTPUT_PUBLIC as other programs have it, OUTPUT_SECRET for what is not sealed.
 */
MUST_USE int output_open(const char *name, mode_t mode, struct output *ret_output,
			 struct error *err);
/* Enters the sandbox: from now on nothing but this output can be created or changed. */
MUST_USE int output_sandbox(const struct output *output, struct error *err);
MUST_USE int output_write(const struct output *output, struct span bytes, struct error *err);
/* The file gets its name now. Without it, there is none. */
MUST_USE int output_commit(struct output *output, struct error *err);
/* Both, for a result that is whole. */
MUST_USE int output_finish(struct output *output, struct span bytes, struct error *err);
void output_release(struct output *output);

#endif
