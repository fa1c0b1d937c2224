/* SPDX-License-Identifier: MIT */
/* A directory that a test made for itself. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "util/buf.h"
#include "util/file.h"

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
