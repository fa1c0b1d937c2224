/* SPDX-License-Identifier: MIT */
/*
 * Metadata as a tree to be written, in the order of sops 3.13: keys sorted at every level.
 */
#ifndef SOPS_META_TREE_H
#define SOPS_META_TREE_H

#include "doc/tree.h"
#include "sops/file.h"

/* What every sealing makes anew. */
struct sops_seal_stamp {
	struct span mac, lastmodified;
};

/* For a new file; encs holds one armored age file for each of the policy's recipients. */
MUST_USE int sops_meta_tree_new(const struct sops_policy *policy, const struct buf *encs,
				const struct sops_seal_stamp *stamp, struct doc_tree *ret_tree,
				struct error *err);
/* What doc's metadata hold, unknown fields included, but for the stamp and an older version. */
MUST_USE int sops_meta_tree_copy(const struct doc *doc, const struct sops_meta *meta,
				 const struct sops_seal_stamp *stamp, struct doc_tree *ret_tree,
				 struct error *err);

#endif
