/* SPDX-License-Identifier: MIT */
/*
 * The files of a command: those that were named, and those that a walk through directories finds.
 */
#ifndef REPO_FILES_H
#define REPO_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

#define REPO_DEPTH_MAX 64
#define REPO_ENTRIES_MAX 1000000

struct repo_file {
	char *shown; /* as the user would write it */
	char *path;  /* absolute, without symlinks */
	bool named;  /* not merely found */
};

struct repo_files {
	struct repo_file *items;
	size_t len, cap;
	size_t entries; /* that the walks have met */
};

#define REPO_FILES_INIT ((struct repo_files){ NULL, 0, 0, 0 })

/*
 * Adds what name means: a file (which a symlink may lead to), or with recursive the regular files below a
 * directory. Left out are symlinks, .sops.yaml, the keys/ beside it, what git and this program
 * keep for themselves, and other repositories (a directory that holds .git). ERROR_NO_FILE, ERROR_USAGE for a
 * directory without recursive, ERROR_LIMIT.
 */
MUST_USE int repo_files_add(struct repo_files *files, const char *name, bool recursive,
			    struct error *err);
/* Sorts by path, and drops what is there twice. */
void repo_files_sort(struct repo_files *files);
void repo_files_release(struct repo_files *files);

#endif
