/* SPDX-License-Identifier: MIT */
/*
 * Landlock: what this process may do with files from now on, for good.
 *
 * Entered before the first foreign byte is parsed. A kernel without Landlock is
 * no error: sandbox_enter() says so in ret_active and the program goes on.
 */
#ifndef UTIL_SANDBOX_H
#define UTIL_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

enum sandbox_profile {
	SANDBOX_NONE,   /* the command starts programs or mounts: it parses in child_job() */
	SANDBOX_FILTER, /* open descriptors only: no file, no network, no program */
	SANDBOX_EDIT,   /* FILTER, and create, write, rename, remove below the given directories */
};

/* Can this kernel do it? */
bool sandbox_is_supported(void);

/*
 * writable_fds: count descriptors of directories (or files) that stay writable
 * and readable with all below them, for SANDBOX_EDIT.
 */
MUST_USE int sandbox_enter(enum sandbox_profile profile, const int *writable_fds, size_t count,
			   bool *ret_active, struct error *err);

/* Descriptors of directories (or files), and what may be done beneath them. */
struct sandbox_files {
	const int *writable; /* read, create, write, rename, remove */
	size_t writable_len;
	const int *readable; /* read alone */
	size_t readable_len;
};

#define SANDBOX_FILES_NONE ((struct sandbox_files){ NULL, 0, NULL, 0 })

/* The profile FILTER, but for files. */
MUST_USE int sandbox_enter_with(const struct sandbox_files *files, bool *ret_active,
				struct error *err);

#endif
