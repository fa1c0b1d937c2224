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

/* Keys and what they got. */
struct sops_meta_keys {
	const struct sops_groups *groups;
	const struct sops_entries *entries;
	const struct doc *doc; /* where kept entries stand; NULL: there are none */
	const char *now;       /* when the new ones were made */
};

/*
 * For a new file; entries are those of the policy's groups. former: what it was before (NULL: nothing); of its
 * metadata the fields that are not known here stay.
 */
MUST_USE int sops_meta_tree_new(const struct sops_policy *policy,
				const struct sops_entries *entries, const struct sops_file *former,
				const struct sops_seal_stamp *stamp, struct doc_tree *ret_tree,
				struct error *err);
/* doc's node top and all below it as tree's next node, under key (NULL: in a list, or its root). */
MUST_USE int sops_meta_tree_take(const struct doc *doc, uint32_t top, const char *key,
				 struct doc_tree *tree, struct error *err);
/* The list of a group's keys of one kind, likewise; kept entries are copied as they stand. */
MUST_USE int sops_meta_tree_keys(const struct sops_meta_keys *keys, size_t group,
				 enum sops_key_kind kind, const char *key, struct doc_tree *tree,
				 struct error *err);
/* The same for all groups: "key_groups". */
MUST_USE int sops_meta_tree_groups(const struct sops_meta_keys *keys, const char *key,
				   struct doc_tree *tree, struct error *err);
MUST_USE int sops_meta_tree_threshold(unsigned threshold, const char *key, struct doc_tree *tree,
				      struct error *err);
/*
 * The lines of doc's metadata with another stamp, and the version raised where it is older: all else in them
 * is as it stands, comments too. Empty where the metadata do not stand on lines of their own.
 */
MUST_USE int sops_meta_lines(const struct doc *doc, const struct sops_meta *meta,
			     const struct sops_seal_stamp *stamp, struct secret *ret_lines,
			     struct error *err);
/* What doc's metadata hold, unknown fields included, but for the stamp and an older version. */
MUST_USE int sops_meta_tree_copy(const struct doc *doc, const struct sops_meta *meta,
				 const struct sops_seal_stamp *stamp, struct doc_tree *ret_tree,
				 struct error *err);

#endif
