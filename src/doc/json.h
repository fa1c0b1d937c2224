/* SPDX-License-Identifier: MIT */
/*
 * What the files of JSON share. A scalar's span is its token: a string with its
 * quotes, a number as it is written.
 *
 * How a string was spelled is told by its sealed text, whose characters E, N, C, [
 * and A each stand for one habit of the program that wrote the document, where they
 * are escaped themselves: "\u0045NC[…" is a string whose characters beyond ASCII
 * were escaped. Without escapes: as Go, and therefore sops, writes it.
 */
#ifndef DOC_JSON_INTERNAL_H
#define DOC_JSON_INTERNAL_H

#include "doc/json.h"
#include "internal.h"

#define JSON_NUMBER_MAX 1000

/* How a document is laid out: what its first entry shows, or as sops does it. */
struct json_layout {
	bool lines;          /* each entry on a line of its own */
	const char *newline; /* LF or CR LF */
	struct span unit;    /* the indentation of a level */
	struct span colon;   /* with the blanks around it */
	struct span comma;   /* within a line */
};

struct json_details {
	struct json_layout layout; /* its spans are in the text, or constant */
};

static inline const struct json_layout *json_layout_of(const struct doc *doc)
{
	return &((const struct json_details *)doc->details)->layout;
}

/* As sops writes JSON; indent: blanks a level, or DOC_INDENT_SOPS. */
struct json_layout json_layout_default(unsigned indent);

/* What the root's first entry shows of the layout of doc, whose nodes are there. */
struct json_layout json_layout_measure(const struct doc *doc);

/* json_scan.c */
MUST_USE int json_parse(struct secret *text, unsigned flags, struct doc *ret_doc,
			struct error *err);
/* Is text a number by JSON's grammar? */
bool json_is_number(struct span text, bool *ret_is_int);

/* json_string.c: reads one token '"…"' to out. The reason in *ret_why where it is none. */
MUST_USE int json_read_string(struct span token, struct secret *out, const char **ret_why,
			      struct error *err);
/* count hexadecimal digits, at most 8. */
bool json_take_hex(struct span *text, size_t count, uint32_t *ret_code);
/* Behind "\u"; both halves of a surrogate pair. The reason in *ret_why where it is none. */
bool json_take_unicode(struct span *text, uint32_t *ret_code, const char **ret_why);
MUST_USE int json_put_utf8(struct secret *out, uint32_t code, struct error *err);
/* A sealed text that tells the spelling; and the spelling that a token tells. */
MUST_USE int json_write_sealed(struct secret *out, struct span sealed, unsigned spelling,
			       struct error *err);
unsigned json_sealed_spelling(struct span token);

/* json_scalar.c: what is sealed for a scalar's token, and what is written for it when it is opened. */
MUST_USE int json_to_plain(enum doc_type type, struct span text, char scratch[DOC_CANONICAL_MAX],
			   struct span *ret_plain, struct error *err);
/* Of a type that is no string: without quotes, also for a time. */
MUST_USE int json_from_plain(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
			     struct span *ret_text, struct error *err);
/* A scalar of any type as a token; value as in doc/tree.h. */
MUST_USE int json_write_scalar(struct secret *out, enum doc_type type, struct span value,
			       struct error *err);

/* json_emit.c: a value whose lines, but the first, start with prefix. */
MUST_USE int json_emit_value(const struct doc_tree *tree, uint32_t node,
			     const struct json_layout *layout, struct span prefix,
			     struct secret *out, struct error *err);
MUST_USE int json_emit(const struct doc_tree *tree, unsigned indent, struct secret *out,
		       struct error *err);
/* A value alone, without a line break behind it: on lines, or on one. */
MUST_USE int json_emit_single(const struct doc_tree *tree, unsigned indent, struct secret *out,
			      struct error *err);
MUST_USE int json_emit_compact(const struct doc_tree *tree, unsigned indent, struct secret *out,
			       struct error *err);

/* json_edit.c */
MUST_USE int json_edit_seal(struct doc_edit *edit, uint32_t node, struct span sealed,
			    bool *ret_exact, struct error *err);
MUST_USE int json_edit_open(struct doc_edit *edit, uint32_t node, enum doc_type type,
			    struct span plain, struct error *err);
MUST_USE int json_edit_set(struct doc_edit *edit, uint32_t node, enum doc_type type,
			   struct span value, struct error *err);
/* json_entry.c */
MUST_USE int json_edit_append(struct doc_edit *edit, uint32_t container, struct span key,
			      const struct doc_tree *value, struct error *err);
MUST_USE int json_edit_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
			       struct error *err);
MUST_USE int json_edit_remove(struct doc_edit *edit, uint32_t node, struct error *err);
size_t json_metadata_place(const struct doc *doc);
/* The indentation of the line on which a container begins. */
size_t json_column(const struct doc *doc, uint32_t container);
MUST_USE int json_edit_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata,
				    unsigned indent, uint32_t *ret_changed, struct error *err);

#endif
