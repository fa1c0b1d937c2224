/* SPDX-License-Identifier: MIT */
/*
 * Editing YAML: what edit.c finds in the table of formats, and what the files of
 * these edits share.
 */
#ifndef DOC_YAML_EDIT_H
#define DOC_YAML_EDIT_H

#include "internal.h"

/* yaml_lines.c: offsets behind the line break at offset, or before the one that ends there. */
size_t yaml_skip_break(const struct doc *doc, size_t offset);
size_t yaml_skip_break_back(const struct doc *doc, size_t offset);
bool yaml_ends_with_break(struct span text);
bool yaml_is_blank_between(const struct doc *doc, size_t start, size_t end);
/* Is offset within a comment, or its end? */
bool yaml_in_comment(const struct doc *doc, size_t offset);
/* The end of a block entry's lines: blank ones behind it are not its own. */
size_t yaml_entry_end(const struct doc *doc, const struct doc_node *n);
/* yaml_entry.c and yaml_metadata.c: as doc_entry_lines() and doc_edit_add_lines(). */
bool yaml_entry_lines(const struct doc *doc, uint32_t node, size_t *ret_start, size_t *ret_end);
MUST_USE int yaml_add_lines(struct doc_edit *edit, struct span lines, bool *ret_done,
			    uint32_t *ret_changed, struct error *err);
/* How new lines in container are indented: as it is itself, or as the document is. */
struct yaml_layout yaml_layout_of(const struct doc *doc, uint32_t container);
/* "key:" with its value, or "- VALUE", as lines at column. */
MUST_USE int yaml_write_entry(struct secret *out, const struct doc_tree *value, bool in_list,
			      struct span key, unsigned column, const struct yaml_layout *layout,
			      struct error *err);
/* An entry for a flow collection, to be put right before its closing bracket. */
MUST_USE int yaml_write_flow_entry(struct secret *out, const struct doc *doc, uint32_t container,
				   struct span key, const struct doc_tree *value,
				   struct error *err);
/* The metadata, if they are the last entry of this container; new entries go before them. */
const struct doc_node *yaml_last_metadata(const struct doc *doc, uint32_t container);

/* yaml_edit.c: is a value a sealed text? */
bool yaml_looks_sealed(struct span value);

/* What struct doc_ops has: yaml_edit.c, */
MUST_USE int yaml_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		       struct error *err);
/* yaml_again.c, */
MUST_USE int yaml_seal_as(struct doc_edit *edit, uint32_t node, struct span sealed,
			  const struct doc_former *former, bool *ret_done, struct error *err);
/* yaml_edit.c: what holds a sealed text off its place. */
bool yaml_touches_anchor(const struct doc *doc, const struct doc_node *n);
bool yaml_has_tab_behind(const struct doc *doc, const struct doc_node *n);
MUST_USE int yaml_open(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
		       struct error *err);
MUST_USE int yaml_set(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span value,
		      struct error *err);
/* yaml_entry.c, */
MUST_USE int yaml_append(struct doc_edit *edit, uint32_t container, struct span key,
			 const struct doc_tree *value, struct error *err);
MUST_USE int yaml_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
			  struct error *err);
/* yaml_remove.c, */
MUST_USE int yaml_remove(struct doc_edit *edit, uint32_t node, struct error *err);
/* yaml_metadata.c */
size_t yaml_first_metadata_place(const struct doc *doc);
MUST_USE int yaml_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata,
			       unsigned indent, uint32_t *ret_changed, struct error *err);
MUST_USE int yaml_add_copy(struct doc_edit *edit, uint32_t root, const struct doc_tree *metadata,
			   unsigned indent, struct error *err);

#endif
