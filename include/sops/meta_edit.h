/* SPDX-License-Identifier: MIT */
/*
 * Other keys in a file's metadata: what stays the same stays as it stands, with the comments around it.
 */
#ifndef SOPS_META_EDIT_H
#define SOPS_META_EDIT_H

#include "doc/edit.h"
#include "sops/meta_tree.h"

struct sops_meta_change {
	const struct doc *doc;
	const struct sops_meta *meta;
	struct sops_meta_keys keys;
	const struct sops_seal_stamp *stamp; /* NULL: mac and lastmodified stay */
};

/*
 * The changes to the file's metadata, those of the first document (sops/copies.h is about the others). In formats
 * whose metadata is not a text that can be changed in part, takes them out; then sops_meta_edit_end() puts
 * the new ones in.
 */
MUST_USE int sops_meta_edit(const struct sops_meta_change *change, struct doc_edit *edit,
			    struct error *err);
/* To be called last, before doc_edit_finish(). */
MUST_USE int sops_meta_edit_end(const struct sops_meta_change *change, struct doc_edit *edit,
				struct error *err);
/* The next document's metadata from root number *index on; DOC_NONE when there are no more. */
uint32_t sops_meta_next(const struct doc *doc, size_t *index);
/* Does the metadata's text start before that of node? A comment behind its key is a node before it. */
bool sops_meta_is_before(const struct doc *doc, uint32_t metadata, uint32_t node);

#endif
