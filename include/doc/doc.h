/* SPDX-License-Identifier: MIT */
/*
 * Documents as text with typed leaves. A document is kept as the text it came
 * as, with the byte span, type and container of every value and comment beside
 * it; editing replaces spans and leaves every other byte alone. This module
 * knows no cryptography: to it, a sealed value is just another text.
 *
 * The nodes stand in one array in the order of the text (pre-order): node 0 is a
 * list of documents (DOC_STREAM), a container's children follow it, and next is
 * the index behind a node's subtree. Several documents in one text (YAML's
 * "---") are children of the stream.
 *
 * Comments are nodes too, at the place where they stand in the text. Their
 * parent is the container whose path is their additional data; it need not be
 * the one in whose range they stand. It is a guess by columns at first, and
 * what sops would say after doc_place_comments().
 *
 * Limits: DOC_TEXT_MAX bytes, DOC_DEPTH_MAX levels, DOC_NODES_MAX nodes.
 */
#ifndef DOC_DOC_H
#define DOC_DOC_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define DOC_TEXT_MAX ((size_t)256 << 20)
#define DOC_DEPTH_MAX 1000
#define DOC_NODES_MAX ((size_t)16 << 20)
#define DOC_NONE UINT32_MAX
#define DOC_EXPANDED_MAX 20

enum doc_format { DOC_YAML, DOC_JSON, DOC_DOTENV, DOC_INI, DOC_BINARY };

/* By the end of a file's name, in small letters (.yaml .yml .json .env .ini); all else is binary, as in sops. */
enum doc_format doc_format_of_name(const char *file_name);
/* "yaml", "json", "dotenv", "ini", "binary"; false for another word. */
bool doc_format_of_type(const char *type, enum doc_format *ret_format);
const char *doc_format_name(enum doc_format format);

enum doc_kind {
	DOC_STREAM, /* node 0 */
	DOC_MAP,
	DOC_LIST,
	DOC_SCALAR,
	DOC_COMMENT,
	DOC_ALIAS, /* only with DOC_KEEP_ALIASES; value is the index of the node meant */
};

/* Types as sops has them; for scalars and (DOC_TYPE_COMMENT) comments. */
enum doc_type {
	DOC_TYPE_NULL,
	DOC_TYPE_STRING,
	DOC_TYPE_INT,
	DOC_TYPE_FLOAT,
	DOC_TYPE_BOOL,
	DOC_TYPE_TIME,
	DOC_TYPE_COMMENT,
	DOC_TYPE_NONE, /* containers */
};

struct doc_node {
	uint8_t kind;          /* enum doc_kind */
	uint8_t type;          /* enum doc_type */
	uint8_t style;         /* of the format's own file: how the span is spelled */
	uint8_t flags;         /* likewise */
	uint32_t parent, next; /* indices */
	uint32_t start, end;   /* the content's byte span in the text */
	uint32_t entry;        /* where the entry starts: its key, in a list its anchor or text */
	uint32_t key, key_len; /* the decoded key, in the key pool; of a map's entries */
	uint32_t value,
		value_len; /* the decoded value: in the text or, flag DOC_VALUE_IN_POOL, in the pool */
};

#define DOC_VALUE_IN_POOL 0x80
#define DOC_KEY_IN_POOL 0x40

struct doc {
	enum doc_format format;
	struct secret text; /* the document as it came */
	struct secret pool; /* decoded values and keys that differ from their spelling */
	struct doc_node *nodes;
	uint32_t len, cap;
	/* The lines with aliases that were written out: how many, and the first ones. */
	size_t expanded_len, expanded[DOC_EXPANDED_MAX];
	void *details; /* of the format's own file */
};

#define DOC_INIT ((struct doc){ .format = DOC_YAML })

/*
 * Parses *text, which is taken over (emptied) on success. Refused with the line
 * named: equal keys (of YAML in the first document), keys that are no strings, a top level that is no map,
 * recursion, UTF-16, invalid UTF-8. ERROR_FORMAT, ERROR_TYPE (keys), ERROR_LIMIT, ERROR_EMPTY,
 * ERROR_COMMENTS, ERROR_UNSUPPORTED.
 * Aliases are kept where DOC_KEEP_ALIASES is given, as DOC_ALIAS nodes, and
 * written out otherwise, in the text (a sealed value cannot be shared, its place
 * is part of its seal).
 */
#define DOC_KEEP_ALIASES 0x1u
/* JSON: the top level may be any value, also a list or a scalar. */
#define DOC_ANY_VALUE 0x2u
/* It is a sealed document: a binary one is JSON then. */
#define DOC_SEALED 0x4u
/* JSON: what stands behind the first value counts for nothing, as Go's decoder has it. */
#define DOC_FIRST_VALUE 0x8u
/* YAML: refuses a merge key ("<<") of the first document that stands for anything but maps, as sops does. */
#define DOC_CHECK_MERGES 0x10u
MUST_USE int doc_parse(enum doc_format format, struct secret *text, unsigned flags,
		       struct doc *ret_doc, struct error *err);
void doc_release(struct doc *doc);

/* Borrowed until doc is released. A comment's value is what follows its "#". */
struct span doc_key(const struct doc *doc, uint32_t node);
struct span doc_value(const struct doc *doc, uint32_t node);
/* 1-based, for messages: counts from the top each time. */
size_t doc_line(const struct doc *doc, uint32_t node);
/* First child, and the sibling after node; DOC_NONE at the end. Comments are passed over. */
uint32_t doc_child(const struct doc *doc, uint32_t container);
uint32_t doc_sibling(const struct doc *doc, uint32_t node);
/* The entry of that key in a map; DOC_NONE. */
uint32_t doc_find(const struct doc *doc, uint32_t map, struct span key);
/*
 * The same, also among what merge keys ("<<: *base") bring in: an entry of the map itself comes first, then
 * the first map that has it. doc is one whose aliases are written out; what is kept as an alias is not followed.
 */
uint32_t doc_find_merged(const struct doc *doc, uint32_t map, struct span key);
/* The value of a map's merge key; DOC_NONE. */
uint32_t doc_find_merge(const struct doc *doc, uint32_t map);
/* The root node of document number index; DOC_NONE. */
uint32_t doc_root(const struct doc *doc, size_t index);
/* How many documents there are. */
size_t doc_documents(const struct doc *doc);
/* Is a top-level key the metadata's: "sops", in dotenv all that begin with "sops_"? */
bool doc_is_reserved(enum doc_format format, struct span key);
/* The metadata among the entries of root; DOC_NONE. They are a map, unless the document is not ours. */
uint32_t doc_find_metadata(const struct doc *doc, uint32_t root);

/*
 * Gives every comment the container that sops gives it when it reads the sealed document (the
 * metadata at its end is thought to be there). Indices stay. Costs a second scan of the text: to be
 * called before sealing, and where the order of comments decides (doc_order()).
 */
MUST_USE int doc_place_comments(struct doc *doc, struct error *err);
/*
 * Fills order (room for doc->len) with all nodes in the order in which sops sees them: as the
 * array, but that a comment behind a value on its line comes before that value. For selection by
 * comments; after doc_place_comments().
 */
void doc_order(const struct doc *doc, uint32_t *order);
/*
 * Does sops see this comment? One right behind an opening bracket is lost to it (trap T19). After
 * doc_place_comments().
 */
bool doc_comment_is_seen(const struct doc *doc, uint32_t comment);
/*
 * Does the comment stand there as plain is written when it is opened on lines of its own? Only of INI, where
 * that is not what it is read as: a comment may have several lines, and their marks are a part of it.
 */
MUST_USE int doc_comment_shows(const struct doc *doc, uint32_t comment, struct span plain,
			       bool *ret_shows, struct error *err);
/*
 * The container whose path is a comment's additional data, the nth guess (0 is
 * node's parent; then the enclosing ones from the inside out, then those of what follows);
 * DOC_NONE when there are no more.
 */
uint32_t doc_comment_container(const struct doc *doc, uint32_t comment, unsigned nth);

/*
 * The lines that a top-level entry stands on, alone; false where it has none: in brackets, or in a format
 * that is not made of lines.
 */
bool doc_entry_lines(const struct doc *doc, uint32_t node, size_t *ret_start, size_t *ret_end);

#define DOC_CANONICAL_MAX 400
/*
 * The text of a scalar or comment that is to be sealed: as written where sops
 * reads it back as the same value (2.50, TRUE), else the canonical one, whose
 * leading zeros or fraction may say how it was spelled (0x1F is 0000031, sops
 * reads 31; 0.00001 is 00.00001, for sops shows what is sealed as 0.00001 as 1e-05); of strings and comments the value. Borrowed from doc, or in scratch. ERROR_TYPE for what sops has
 * no type for (integers from 2^63 to 2^64 - 1).
 */
MUST_USE int doc_plain(const struct doc *doc, uint32_t node, char scratch[DOC_CANONICAL_MAX],
		       struct span *ret_text, struct error *err);
/*
 * The canonical text of a scalar, what the MAC covers: "True", "31" for
 * 0x1F, floats without an exponent, RFC 3339 times; strings are their value.
 */
MUST_USE int doc_canonical(const struct doc *doc, uint32_t node, char scratch[DOC_CANONICAL_MAX],
			   struct span *ret_text, struct error *err);
/* The same for an opened plaintext of a type, as sops reads it. ERROR_FORMAT where sops cannot. */
MUST_USE int doc_canonical_plain(enum doc_type type, struct span plain,
				 char scratch[DOC_CANONICAL_MAX], struct span *ret_text,
				 struct error *err);
/* Refuses a scalar that sops could not read as it is spelled. ERROR_FORMAT, without the line. */
MUST_USE int doc_check_unsealed(const struct doc *doc, uint32_t node, struct error *err);

/* An opened plaintext of a type as it was written before it was sealed (0x1F for 0000031). */
MUST_USE int doc_spelled_plain(enum doc_format format, enum doc_type type, struct span plain,
			       char scratch[DOC_CANONICAL_MAX], struct span *ret_text,
			       struct error *err);

#endif
