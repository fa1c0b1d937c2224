/* SPDX-License-Identifier: MIT */
/*
 * The repository that a command works in: locked for one that changes files, and what a killed
 * run left there is finished first, and told of on stderr.
 */
#ifndef CLI_REPOSITORY_H
#define CLI_REPOSITORY_H

#include "repo/change.h"
#include "repo/repo.h"

/* For files that are changed: paths (len of them) absolute and without symlinks. Waits for the lock. */
MUST_USE int repository_take(const char *const *paths, size_t len, struct repo *ret_repo,
			     struct error *err);
/*
 * For a file that is read. While another command is at work, and where this one may not, nothing is done:
 * every file is whole at any moment.
 */
void repository_look(const char *name);
/* On stderr: the files that stayed as they were. */
void repository_tell_left(const struct repo_outcome *outcome);

#endif
