/* SPDX-License-Identifier: MIT */
/*
 * What dotenv and INI share: documents of lines, whose metadata are "flattened": a line for each
 * value, its path in the key ("age__list_0__map_enc").
 *
 * The nodes stand in the order in which sops has them, which need not be that of the text, and the
 * metadata's lines may stand anywhere. So an edit is a list of patches, sorted at the end.
 */
#ifndef DOC_FLAT_H
#define DOC_FLAT_H

#include "doc/doc.h"
#include "doc/edit.h"
#include "doc/tree.h"

/* doc_node.flags of both formats, beside DOC_VALUE_IN_POOL and DOC_KEY_IN_POOL. */
#define FLAT_METADATA 0x01 /* a value of the metadata: a line break in it is written "\n" */

/* A stretch of the text. */
struct flat_piece {
	uint32_t start, end;
};

struct flat_details {
	uint32_t begin;      /* of the text proper, behind a byte order mark */
	const char *newline; /* of new lines */
	/*
	 * The lines of the metadata (the container's value and value_len are index and number), and in
	 * INI those of each comment (its key and key_len).
	 */
	size_t len, cap;
	struct flat_piece pieces[];
};

static inline const struct flat_details *flat_details(const struct doc *doc)
{
	return doc->details;
}

/* flat.c: building a document. Its details, with room for pieces; begin is behind the mark. */
MUST_USE int flat_begin(struct doc *doc, uint32_t begin, const char *newline, struct error *err);
MUST_USE int flat_add_piece(struct doc *doc, size_t start, size_t end, struct error *err);
/* Appends a node; next is the one behind it, parent must be there. */
MUST_USE int flat_add_node(struct doc *doc, const struct doc_node *node, uint32_t *ret_index,
			   struct error *err);
/* The stream and the map below it, both still open (next is set by flat_end()). */
MUST_USE int flat_add_root(struct doc *doc, struct error *err);
void flat_end(struct doc *doc);
/* Puts bytes into the pool; ret_offset is where. */
MUST_USE int flat_keep(struct doc *doc, struct span bytes, uint32_t *ret_offset, struct error *err);
/* text is value's: where it has "\n" (two characters), the value is it with line breaks, in the pool. */
MUST_USE int flat_unescape(struct doc *doc, struct span text, struct doc_node *value,
			   struct error *err);

/* The offset at which the line that holds offset starts; behind its line break, or the end. */
size_t flat_line_start(const struct doc *doc, size_t offset);
size_t flat_line_next(const struct doc *doc, size_t offset);

/* flatten.c: metadata. */
#define FLAT_KEY_MAX 1024 /* bytes of a flattened key */
#define FLAT_DEPTH_MAX 32 /* levels in it */
#define FLAT_ENTRIES_MAX 65536

struct flat_entries {
	struct flat_entry *items;
	size_t len, cap;
};

#define FLAT_ENTRIES_INIT ((struct flat_entries){ NULL, 0, 0 })

/* node: a scalar, whose key is the flattened one (without the prefix). */
MUST_USE int flat_entries_add(struct flat_entries *entries, const struct doc *doc,
			      const struct doc_node *node, struct error *err);
void flat_entries_release(struct flat_entries *entries);
/*
 * Adds the metadata as a tree: container is its map, a child of the root without children yet.
 * ERROR_FORMAT for a value that is given twice, one that is container, too, and a list with gaps.
 */
MUST_USE int flat_unflatten(struct doc *doc, const struct doc_node *container,
			    struct flat_entries *entries, struct error *err);
/* The other way: a map of scalars whose keys are the paths in tree, from its node top on. */
MUST_USE int flat_flatten(const struct doc_tree *tree, uint32_t top, struct doc_tree *ret_flat,
			  struct error *err);

/* flat_value.c: a plaintext or value of a type as sops writes it here: 1.0, true, <nil>. */
MUST_USE int flat_spell(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
			struct span *ret_text, struct error *err);
/* Writes text with its line breaks as "\n". */
MUST_USE int flat_write_escaped(struct secret *out, struct span text, struct error *err);

static inline struct span flat_tree_key(const struct doc_tree *tree, uint32_t node)
{
	const struct doc_tree_node *n = &tree->nodes[node];

	return span_slice(secret_span(&tree->bytes), n->key, n->key_len);
}

static inline struct span flat_tree_value(const struct doc_tree *tree, uint32_t node)
{
	const struct doc_tree_node *n = &tree->nodes[node];

	return span_slice(secret_span(&tree->bytes), n->value, n->value_len);
}

/* flat_edit.c: what was appended to edit->text from at on takes the place of start to end. */
MUST_USE int flat_patch(struct doc_edit *edit, size_t start, size_t end, size_t at,
			struct error *err);
MUST_USE int flat_patch_span(struct doc_edit *edit, size_t start, size_t end, struct span text,
			     struct error *err);
/* Takes out whole lines, from the one that holds start to the one that holds last. */
MUST_USE int flat_remove_lines(struct doc_edit *edit, size_t start, size_t last, struct error *err);
/* Puts lines (from at on in edit->text, each with its break) before offset, the start of a line or the end. */
MUST_USE int flat_insert_lines(struct doc_edit *edit, size_t offset, size_t at, struct error *err);
MUST_USE int flat_finish(struct doc_edit *edit, struct secret *ret_text, struct error *err);
/* Refuses a map or list where the format has none. */
int flat_refuse_container(const char *format, struct span key, struct error *err);

#endif
