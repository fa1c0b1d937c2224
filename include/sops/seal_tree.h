/* SPDX-License-Identifier: MIT */
/*
 * A tree of new values on its way into a document: into the MAC, and sealed where its place says so.
 */
#ifndef SOPS_SEAL_TREE_H
#define SOPS_SEAL_TREE_H

#include "doc/tree.h"
#include "sops/file.h"
#include "sops/mac.h"
#include "sops/reuse.h"
#include "sops/walk.h"

struct sops_tree_sealer {
	struct sops_selection *selection;
	struct sops_cipher *cipher;
	struct sops_mac *mac;
	struct sops_reuse *reuse; /* what stood there before; file NULL: nothing */
};

/*
 * Adds value, as it will stand in the file, to ret_tree, under key. aad and selected are those of its
 * place: a key in it may change the one for what is below, or the other.
 */
MUST_USE int sops_seal_tree(const struct sops_tree_sealer *sealer, const struct doc_tree *value,
			    struct span aad, bool selected, struct span key,
			    struct doc_tree *ret_tree, struct error *err);

/* Is what stands at node of file the same? Comments do not count. */
MUST_USE int sops_tree_equals(const struct doc_tree *value, const struct sops_file *file,
			      uint32_t node, bool *ret_equal, struct error *err);

#endif
