/* SPDX-License-Identifier: MIT */
/*
 * Symbolic links outside the directory, to files in it. Their parents may belong to others,
 * who could put something else in their place while we work: there no link is followed, and
 * what is made or replaced is so with that owner's rights alone.
 */
#ifndef ACTIVATE_LINK_H
#define ACTIVATE_LINK_H

#include <stdbool.h>

#include "activate/owner.h"

struct link_wish {
	const char *path;   /* absolute, without "." and ".." */
	const char *target; /* what it holds */
	struct owner owner; /* its own */
	const char *root; /* what lies below is reached through root_fd: it may be read-only else */
	int root_fd;
};

/*
 * Makes the link in one step, replacing a file, a link or an empty directory of that name; parents that
 * are missing are made (0755) by whom the first existing one belongs to. ret_made is false where it
 * is there already. ERROR_DENIED where something else is there, and where a parent is a link that others may have made, or passes from
 * one user's directories to another's; ERROR_SYSTEM.
 */
MUST_USE int link_make(const struct link_wish *wish, bool *ret_made, struct error *err);
/*
 * Removes the link where it leads to something below the directory that is wish's target; whatever else is there, or
 * nothing, stays as it is. In the same way: with the rights of those whose directory it lies in. An error only where such
 * a link is there, and stays.
 */
MUST_USE int link_remove(const struct link_wish *wish, struct error *err);

#endif
