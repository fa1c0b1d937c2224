/* SPDX-License-Identifier: MIT */
/*
 * Editing a document: replacements are given in document order and the new text
 * is written in one pass; what is not replaced is copied as it stands.
 */
#ifndef DOC_EDIT_H
#define DOC_EDIT_H

#include "doc/doc.h"

/*
 * How many blanks stand at the start of a container's lines because of where it stands: a text of its
 * own has them not.
 */
size_t doc_column(const struct doc *doc, uint32_t container);

struct doc_edit {
	const struct doc *doc;
	struct secret text;  /* what is written so far */
	size_t cursor;       /* how much of doc's text is copied or replaced */
	size_t place;        /* where in doc's text the metadata go */
	size_t metadata;     /* where in text the metadata goes; SIZE_MAX: not reached yet */
	size_t header;       /* where in text the header of the next block scalar is */
	struct secret trial; /* the inverse of a sealing, to be compared */
	/* Of formats whose nodes do not stand in the order of the text: what is to be replaced. */
	struct doc_patch *patches;
	size_t patches_len, patches_cap;
};

#define DOC_EDIT_INIT                                                                              \
	((struct doc_edit){ NULL, SECRET_INIT, 0, 0, SIZE_MAX, 0, SECRET_INIT, NULL, 0, 0 })

/* expected_len: the new text's likely size, to allocate once. */
MUST_USE int doc_edit_begin(const struct doc *doc, size_t expected_len, struct doc_edit *ret_edit,
			    struct error *err);

/*
 * Puts sealed ("ENC[…]", printable ASCII) in the place of a scalar's or comment's content, keeping
 * all that the style needs to come back (bootseal-format(7)). ret_exact: will doc_edit_open() with the
 * plaintext give back the bytes that stood here? (the inverse is run and compared)
 */
MUST_USE int doc_edit_seal(struct doc_edit *edit, uint32_t node, struct span sealed,
			   bool *ret_exact, struct error *err);
/* Where a value stood sealed before, in another document of the same format; plain is what it opens to. */
struct doc_former {
	const struct doc *doc;
	uint32_t node;
	struct span plain;
};
/*
 * The same, spelled as it was there, if opening that gives back the bytes that stand at node. ret_done: was it
 * sealed? If not, nothing was done.
 */
MUST_USE int doc_edit_seal_as(struct doc_edit *edit, uint32_t node, struct span sealed,
			      const struct doc_former *former, bool *ret_done, struct error *err);
/*
 * The inverse: puts the plaintext in the place of a sealed leaf, spelled as the place needs. type
 * says how plain is to be read (a DOC_TYPE_INT stands bare, a string that looks like one is quoted).
 * A comment within what doc_edit_remove() took out goes on a line of its own there.
 */
MUST_USE int doc_edit_open(struct doc_edit *edit, uint32_t node, enum doc_type type,
			   struct span plain, struct error *err);
/*
 * Replaces a scalar by a new value, for "set": keeps the style where the new value can stand in it.
 * value is the text of a string, or spelled as YAML spells the type ("true", "31", "2.5").
 * A container is replaced by a scalar, too (then nothing inside it may be edited).
 */
MUST_USE int doc_edit_set(struct doc_edit *edit, uint32_t node, enum doc_type type,
			  struct span value, struct error *err);
/*
 * Adds "key: VALUE" behind the last entry of map (list: "- VALUE"), at its
 * indentation and in its style. value is a tree to emit (doc/tree.h). Must be
 * given when the edit has come to the end of the container.
 */
struct doc_tree;
MUST_USE int doc_edit_append(struct doc_edit *edit, uint32_t container, struct span key,
			     const struct doc_tree *value, struct error *err);
/* Replaces a value, scalar or container, by a tree. */
MUST_USE int doc_edit_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
			      struct error *err);
/*
 * Adds the metadata, a tree whose root is a map, as the top-level key "sops" at the
 * end of the first document. To be called last, before doc_edit_finish(), whatever
 * number of documents there is: it goes to its place. doc_edit_remove() of it gives
 * back the same bytes (to be called for every document that has it, in order).
 * ret_changed: a block scalar that was not edited and ends the text (of the last document) without
 * a line break, which had to get the indicator "-" so that its value stays; else DOC_NONE.
 */
MUST_USE int doc_edit_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata,
				   unsigned indent, uint32_t *ret_changed, struct error *err);
/*
 * The same with the metadata's lines as they stood in another document (doc_entry_lines()), comments and all.
 * ret_done: was that possible? If not, nothing was done.
 */
MUST_USE int doc_edit_add_lines(struct doc_edit *edit, struct span lines, bool *ret_done,
				uint32_t *ret_changed, struct error *err);
/*
 * Adds metadata as doc_edit_add_metadata() does to another document, that of root, when the edit has come there:
 * a copy of what the first one has.
 */
MUST_USE int doc_edit_add_copy(struct doc_edit *edit, uint32_t root,
			       const struct doc_tree *metadata, unsigned indent, struct error *err);
MUST_USE int doc_edit_remove(struct doc_edit *edit, uint32_t node, struct error *err);

/*
 * Puts new in the place of old, a text without line breaks that stands in node's, as it is, and keeps all
 * around it: another seal of the same value. ret_found: does it stand there in one piece?
 */
MUST_USE int doc_edit_swap(struct doc_edit *edit, uint32_t node, struct span old, struct span new,
			   bool *ret_found, struct error *err);

/* Copies the rest; ret_text is the new document. */
MUST_USE int doc_edit_finish(struct doc_edit *edit, struct secret *ret_text, struct error *err);
void doc_edit_release(struct doc_edit *edit);

#endif
