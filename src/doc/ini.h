/* SPDX-License-Identifier: MIT */
/*
 * INI as sops reads it, whose rules are those of its Go library: "=" or ":" behind a key, "#" or ";"
 * begins a comment anywhere (in quotes, too), 'a' "a" `a` and """a""" are quoted, the latter two over
 * many lines, and a line that ends in a backslash goes on. Comments gather until the next key or
 * section, which they belong to; what stands before the first section is the section DEFAULT.
 */
#ifndef DOC_INI_H
#define DOC_INI_H

#include "flat.h"

#define INI_DEFAULT "DEFAULT"

/* doc_node.style of a value. */
enum ini_style {
	INI_PLAIN,
	INI_SINGLE,   /* 'a' */
	INI_DOUBLE,   /* "a" */
	INI_BACKTICK, /* `a` */
	INI_TRIPLE,   /* """a""" */
	INI_JOINED,   /* of several lines, each but the last with a backslash at its end */
};

/* doc_node.flags, beside FLAT_METADATA. */
#define INI_BEHIND                                                                                 \
	0x02 /* of a value: a comment follows on its line; of a comment: its last line is that */
#define INI_HEADER 0x04   /* of a comment: its last line stands behind a section's header */
#define INI_IMPLICIT 0x08 /* of a section: DEFAULT, without a header */

/* ini_read.c: the length of the white space (Go's unicode.IsSpace) at offset at; 0: there is none. */
size_t ini_space_at(struct span text, size_t at);
/* start to end without the white space around it. */
size_t ini_trim_left(struct span text, size_t start, size_t end);
size_t ini_trim_right(struct span text, size_t start, size_t end);

struct ini_key {
	size_t start, end; /* the name, without its quotes */
	size_t value;      /* behind the delimiter */
};

struct ini_value {
	enum ini_style style;
	size_t start, end; /* what is in the quotes */
	size_t comment_start,
		comment_end; /* of one that begins on the value's last line; or equal */
	size_t rest;         /* of a value in ` or """: behind the closing quote */
	size_t next;         /* the next line */
};

/* The key on the line from start to end (line break and all). ret_why: why there is none. */
bool ini_read_key(struct span text, size_t start, size_t end, struct ini_key *ret_key,
		  const char **ret_why);
/*
 * The value from start on, whose line ends at end (line break and all). joined gets the value of
 * INI_JOINED. ret_why is set where there is none; else it is NULL.
 */
MUST_USE int ini_read_value(struct span text, size_t start, size_t end, struct secret *joined,
			    struct ini_value *ret_value, const char **ret_why, struct error *err);

/* ini_parse.c */
MUST_USE int ini_parse(struct secret *text, unsigned flags, struct doc *ret_doc, struct error *err);

/* ini_spell.c: is value, written in style, read as itself? */
bool ini_fits(enum ini_style style, struct span value);
/* The style for value: preferred where it fits, else sops' own. False: INI cannot hold it. */
bool ini_choose_style(enum ini_style preferred, struct span value, enum ini_style *ret_style);
/* How many bytes a quote of that style has. */
size_t ini_quote_len(enum ini_style style);
MUST_USE int ini_write_value(struct secret *out, enum ini_style style, struct span value,
			     struct error *err);
/* With the quotes that it needs. ERROR_FORMAT where INI cannot hold it. */
MUST_USE int ini_write_key(struct secret *out, struct span key, struct error *err);
MUST_USE int ini_write_header(struct secret *out, struct span name, struct error *err);
/* A comment's lines as sops writes them, "; " before each that has no mark, without the last break. */
MUST_USE int ini_write_comment(struct secret *out, struct span text, const char *newline,
			       struct error *err);

/* ini_emit.c: a value, in the quotes that it needs. */
MUST_USE int ini_emit_value(const struct doc_tree *tree, uint32_t node, struct secret *out,
			    struct error *err);
/* The entries of container (a map of scalars) as lines "key = value", aligned. */
MUST_USE int ini_emit_entries(const struct doc_tree *tree, uint32_t container, const char *newline,
			      struct secret *out, struct error *err);
/* [sops], and flattened values: those of tree's node metadata. */
MUST_USE int ini_emit_metadata(const struct doc_tree *tree, uint32_t metadata, const char *newline,
			       struct secret *out, struct error *err);
MUST_USE int ini_emit(const struct doc_tree *tree, unsigned indent, struct secret *out,
		      struct error *err);

/* ini_comment.c */
MUST_USE int ini_seal_comment(struct doc_edit *edit, uint32_t node, struct span sealed,
			      bool *ret_exact, struct error *err);
/* The same in one line, as sops writes it, and where it is that. */
MUST_USE int ini_seal_comment_as(struct doc_edit *edit, uint32_t node, struct span sealed,
				 const struct doc_former *former, bool *ret_done,
				 struct error *err);
MUST_USE int ini_comment_shows(const struct doc *doc, uint32_t comment, struct span plain,
			       bool *ret_shows, struct error *err);
MUST_USE int ini_open_comment(struct doc_edit *edit, uint32_t node, struct span plain,
			      struct error *err);

/* ini_edit.c: as the functions of struct doc_ops. */
MUST_USE int ini_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		      struct error *err);
MUST_USE int ini_seal_as(struct doc_edit *edit, uint32_t node, struct span sealed,
			 const struct doc_former *former, bool *ret_done, struct error *err);
MUST_USE int ini_open(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
		      struct error *err);
MUST_USE int ini_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
			 struct error *err);

/* ini_entry.c */
MUST_USE int ini_append(struct doc_edit *edit, uint32_t container, struct span key,
			const struct doc_tree *value, struct error *err);
MUST_USE int ini_remove(struct doc_edit *edit, uint32_t node, struct error *err);
MUST_USE int ini_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata,
			      unsigned indent, uint32_t *ret_changed, struct error *err);

#endif
