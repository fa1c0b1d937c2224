/* SPDX-License-Identifier: MIT */
#ifndef ACTIVATE_NIX_REMOVED_H
#define ACTIVATE_NIX_REMOVED_H

#include <stdint.h>

#include "activate/names.h"

/*
 * Replaces removed by the files of generation current, whoever made them, that are not among names:
 * a record of ours need not be there.
 */
MUST_USE int nix_find_removed(int root_fd, uint64_t current, const struct names *names,
			      struct names *removed, struct error *err);

#endif
