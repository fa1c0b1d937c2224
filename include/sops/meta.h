/* SPDX-License-Identifier: MIT */
/*
 * The metadata below the key "sops": read from a document's nodes, rendered as
 * a tree for a new file, edited in place in an existing one (unknown fields and
 * foreign key entries survive because their text is not touched).
 */
#ifndef SOPS_META_H
#define SOPS_META_H

#include <stdbool.h>

#include "doc/doc.h"
#include "doc/edit.h"
#include "sops/group.h"
#include "sops/select.h"
#include "util/buf.h"

/* The version of sops whose file format this writes. */
#define SOPS_FORMAT_VERSION "3.13.3"
#define SOPS_META_KEY "sops"

struct sops_meta {
	uint32_t node;                 /* the metadata's node in the document */
	struct sops_groups groups;     /* flat lists are one group; their keys know their nodes */
	struct sops_selector selector; /* as written; .text NULL where none is */
	bool mac_only_encrypted;
	struct span mac, lastmodified, version; /* borrowed from the document */
	uint32_t mac_node, lastmodified_node;
};

#define SOPS_META_INIT ((struct sops_meta){ .node = DOC_NONE })

/*
 * Reads it. ERROR_NO_METADATA where the first document has no "sops" (or, for
 * filestatus, sops_meta_present()), ERROR_FORMAT for a malformed one.
 */
MUST_USE int sops_meta_read(const struct doc *doc, struct sops_meta *ret_meta, struct error *err);
/* Does the first document have a top-level key "sops" at all? */
bool sops_meta_present(const struct doc *doc);
/* The entry of that name in the metadata or a map of theirs, in whatever case, as sops reads it; DOC_NONE. */
uint32_t sops_meta_find(const struct doc *doc, uint32_t map, const char *name);
bool sops_meta_is_named(struct span key, const char *name);
/* The columns that its first nested level is indented by: to write it again as it was. */
unsigned sops_meta_indent(const struct doc *doc, const struct sops_meta *meta);
void sops_meta_release(struct sops_meta *meta);

#endif
