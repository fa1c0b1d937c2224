/* SPDX-License-Identifier: MIT */
/*
 * The commit that a git work tree is at, read from its files: no program of git's is run,
 * which would do what the tree's configuration says.
 */
#ifndef ACTIVATE_REVISION_H
#define ACTIVATE_REVISION_H

#include <stdbool.h>

#include "util/span.h"

/* SHA-1 or SHA-256 in hexadecimal, and the terminator. */
#define REVISION_MAX 65
#define REVISION_REF_MAX 1024

/*
 * HEAD's text: a commit, or the name of a ref ("" in ret_ref else). False where it is neither; a
 * ref that is no plain path below refs/ is none.
 */
bool revision_parse_head(struct span text, char ret_commit[REVISION_MAX],
			 char ret_ref[REVISION_REF_MAX]);
/* The commit of ref in packed-refs' text. */
bool revision_parse_packed(struct span text, const char *ref, char ret_commit[REVISION_MAX]);

/*
 * The commit of the work tree that the absolute path directory lies in; "" where there is none,
 * where it cannot be read, or where the repository is not root's or ours alone.
 */
void revision_find(const char *directory, char ret_commit[REVISION_MAX]);

#endif
