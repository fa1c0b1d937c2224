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
#include "sops/select.h"
#include "util/buf.h"

#define SOPS_RECIPIENTS_MAX 4096
/* The version of sops whose file format this writes. */
#define SOPS_FORMAT_VERSION "3.13.3"
#define SOPS_META_KEY "sops"

/* One recipient of the data key: borrowed spans while read from a document. */
struct sops_recipient {
	struct span recipient; /* "age1…", "ssh-ed25519 …"; what a foreign kind calls itself */
	struct span enc;       /* the armored age file (for other kinds: what they hold) */
	const char *kind;      /* "age", "pgp", "kms", … */
};

struct sops_meta {
	uint32_t node; /* the metadata's node in the document */
	struct sops_recipient *recipients;
	size_t recipients_len;
	struct sops_selector selector; /* as written; .text NULL where none is */
	bool mac_only_encrypted;
	bool has_groups;                        /* key_groups with two or more groups */
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
/* The columns that its first nested level is indented by: to write it again as it was. */
unsigned sops_meta_indent(const struct doc *doc, const struct sops_meta *meta);
void sops_meta_release(struct sops_meta *meta);

#endif
