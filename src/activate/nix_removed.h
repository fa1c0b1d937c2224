/* SPDX-License-Identifier: MIT */
#ifndef ACTIVATE_NIX_REMOVED_H
#define ACTIVATE_NIX_REMOVED_H

#include <stdint.h>

#include "activate/manifest.h"

/*
 * Appends the files of generation current, whoever made them, that the manifest does not have: a
 * record of ours need not be there.
 */
MUST_USE int nix_find_removed(int root_fd, uint64_t current, const struct manifest *manifest,
			      struct names *removed, struct error *err);

#endif
