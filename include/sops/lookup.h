/* SPDX-License-Identifier: MIT */
/*
 * Finding leaves and places in an opened file.
 */
#ifndef SOPS_LOOKUP_H
#define SOPS_LOOKUP_H

#include "sops/file.h"

/* The sealed leaf that node is; NULL where it was not sealed. */
const struct sops_leaf *sops_file_leaf(const struct sops_file *file, uint32_t node);
/* Its plaintext, borrowed. */
struct span sops_file_plain(const struct sops_file *file, const struct sops_leaf *leaf);
/* The node at the end of path. ERROR_NOT_FOUND names how far it leads; ERROR_BAD_EXTRACT. */
MUST_USE int sops_file_follow(const struct sops_file *file, const struct doc_path *path,
			      uint32_t *ret_node, struct error *err);

#endif
