/* SPDX-License-Identifier: MIT */
#ifndef ACTIVATE_NIX_LINKS_H
#define ACTIVATE_NIX_LINKS_H

#include "activate/owner.h"

/* The mount of the generations, which is read-only but through fd. */
struct nix_mount {
	const char *path;
	int fd;
};

/*
 * Makes path a link to target that belongs to owner (NULL: to this process), and the directories
 * above it; a file or an empty directory there gives way. As root, what others may change is not
 * trusted: in a directory that is not root's alone no link is followed, and things are made and
 * removed there as its owner would. ERROR_DENIED, ERROR_SYSTEM.
 */
MUST_USE int nix_link_make(const char *path, const char *target, const struct owner *owner,
			   const struct nix_mount *mount, struct error *err);

#endif
