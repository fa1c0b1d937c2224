/* SPDX-License-Identifier: MIT */
/*
 * A repository: the directory below which files are changed together. One command at a time
 * changes files there; while it does, its journal (repo/change.h) lies at the top.
 *
 * The top is the nearest directory upward that holds .git; where there is none, the outermost
 * that holds .sops.yaml; else the file's own directory. The search does not go beyond the home directory, nor
 * into a directory that everybody may write to.
 */
#ifndef REPO_REPO_H
#define REPO_REPO_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"
#include "util/lock.h"

struct repo {
	int fd;     /* the top directory */
	char *path; /* absolute, without symlinks; owned */
	struct lock lock;
};

#define REPO_INIT ((struct repo){ -1, NULL, LOCK_INIT })

/*
 * The one repository of all paths (absolute, without symlinks, len of them, at least one). Files that
 * nothing marks as a repository's share the directory that all of them are in. ERROR_USAGE where
 * they are of more than one.
 */
MUST_USE int repo_find(const char *const *paths, size_t len, struct repo *ret_repo,
		       struct error *err);
/* Waits until no other command changes files here. */
MUST_USE int repo_lock(struct repo *repo, struct error *err);
/* The same without waiting; false in ret_locked while another command does. */
MUST_USE int repo_try_lock(struct repo *repo, bool *ret_locked, struct error *err);
/* An absolute path as seen from the top; NULL where it does not lie below it. */
const char *repo_relative(const struct repo *repo, const char *path);
void repo_release(struct repo *repo);

#endif
