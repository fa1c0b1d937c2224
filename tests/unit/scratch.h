/* SPDX-License-Identifier: MIT */
/* A directory that a test made for itself. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/file.h"

/* A new one of that topic; no part of its path is a link. */
static inline void scratch_make(const char *topic, char ret_path[PATH_MAX])
{
	char made[64];

	snprintf(made, sizeof(made), "/tmp/bootseal-%s-XXXXXX", topic);
	ck_assert_ptr_nonnull(mkdtemp(made));
	ck_assert_ptr_nonnull(realpath(made, ret_path));
}

static inline void scratch_put(const char *directory, const char *name, struct span bytes)
{
	struct error err = ERROR_INIT;
	char path[2 * PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	ck_assert_int_eq(file_write(AT_FDCWD, path, bytes, 0600, &err), 0);
}

/* By its parent: it may lie in another file system than what the tests run in. */
static inline int scratch_remove(const char *path, struct error *err)
{
	const char *name = strrchr(path, '/') + 1;
	char parent[PATH_MAX];
	AUTO_FD int parent_fd = -1;

	snprintf(parent, sizeof(parent), "%.*s", (int)(name - path), path);
	parent_fd = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return file_remove_tree(parent_fd, name, err);
}

#endif
