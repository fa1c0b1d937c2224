/* SPDX-License-Identifier: MIT */
/*
 * What the files of this module share: YAML's styles and flags of a node, how a
 * document ends, and the spelling of scalars.
 */
#ifndef DOC_INTERNAL_H
#define DOC_INTERNAL_H

#include "doc/doc.h"
#include "doc/edit.h"
#include "doc/tree.h"

/* doc_node.style of a scalar: how its span is spelled. */
enum yaml_style {
	YAML_STYLE_PLAIN,
	YAML_STYLE_SINGLE,
	YAML_STYLE_DOUBLE,
	YAML_STYLE_LITERAL,
	YAML_STYLE_FOLDED,
	YAML_STYLE_EMPTY, /* a null that is not written; of a container: block style */
	YAML_STYLE_FLOW,  /* of a container */
};

/* doc_node.flags, besides DOC_VALUE_IN_POOL and DOC_KEY_IN_POOL. */
#define YAML_IN_FLOW 0x01     /* the node stands in a flow collection */
#define YAML_TAG_STRING 0x02  /* its tag makes any plain text a string: it stays */
#define YAML_TAG_TYPED 0x04   /* its tag would not fit a sealed text: it goes */
#define YAML_TAG_BINARY 0x08  /* the value was decoded from base64 */
#define YAML_PLACED 0x10      /* of a comment: its key fields say where sops sees it */
#define YAML_NOT_WRITTEN 0x20 /* of a container: an empty document, nothing is written */
#define YAML_NO_COLON 0x20    /* of a scalar: a key alone, "? key" or "{key}", stands for it */

/*
 * A comment that was placed: key is a node, key_len says where by it (upper bits)
 * and in which order (lower bits).
 */
#define YAML_RANK_SHIFT 29
#define YAML_RANK_END 0u /* behind what ends before the node */
#define YAML_RANK_HEAD 1u
#define YAML_RANK_SELF 2u  /* the node itself */
#define YAML_RANK_START 3u /* before the first child of the node */

struct yaml_details {
	uint32_t begin;  /* of the text proper, behind a byte order mark */
	uint32_t indent; /* columns a level: that of the first nested block, or 4 */
	bool crlf;       /* line breaks of this kind */
	bool ascii;      /* a character is a byte */
	bool has_comments;
};

/* Room for so many to begin with, where nothing better is known. */
#define DOC_FIRST_NODES 64u

/*
 * doc.c: one more node, of at most max, all of it 0 but that it has no children. first: how many there is room
 * for to begin with. NULL where err is set.
 */
struct doc_node *doc_add_node(struct doc *doc, uint32_t first, size_t max, struct error *err);

/* Where the document of that root ends, behind its last comment: a root has no value of its own. */
static inline size_t yaml_document_end(const struct doc *doc, uint32_t root)
{
	return doc->nodes[root].value;
}

/* The document's YAML details. */
static inline const struct yaml_details *yaml_details(const struct doc *doc)
{
	return doc->details;
}

static inline struct span doc_text_slice(const struct doc *doc, size_t start, size_t end)
{
	/* an empty text may have no place to count from */
	return doc->text.len > 0 ? span_of(doc->text.data + start, end - start) : span_of(NULL, 0);
}

/*
 * YAML's line breaks: LF, CR, CR LF, NEL, LS and PS. The length of the one at
 * offset at, or of the one that ends there; 0 where there is none.
 */
static inline size_t yaml_break_at(struct span text, size_t at)
{
	const size_t left = at < text.len ? text.len - at : 0;
	const uint8_t *c = left > 0 ? text.data + at : NULL;

	if (c == NULL || (c[0] > '\r' && c[0] < 0xc2))
		return 0;
	if (c[0] == '\r')
		return left > 1 && c[1] == '\n' ? 2 : 1;
	if (c[0] == '\n')
		return 1;
	if (c[0] == 0xc2)
		return left > 1 && c[1] == 0x85 ? 2 : 0;
	return left > 2 && c[0] == 0xe2 && c[1] == 0x80 && (c[2] == 0xa8 || c[2] == 0xa9) ? 3 : 0;
}

static inline size_t yaml_break_before(struct span text, size_t at)
{
	for (size_t len = at < 3 ? at : 3; len > 0; len--)
		if (yaml_break_at(span_slice(text, 0, at), at - len) == len)
			return len;
	return 0;
}

/* yaml_parse.c */
MUST_USE int yaml_parse(struct doc *doc, bool *ret_has_aliases, struct error *err);

/* doc.c: the line, from 1, that holds offset. */
size_t doc_line_of(enum doc_format format, struct span text, size_t offset);
/* The last line that is not blank: what ends too early does so there. */
size_t doc_last_line(enum doc_format format, struct span text);

/* yaml_check.c: what libyaml would read wrongly or not at all is refused; fills in details. */
MUST_USE int yaml_check_text(const struct doc *doc, struct yaml_details *details,
			     struct error *err);
/* The columns a level: of the first nested block, or what sops writes. */
uint32_t yaml_measure_indent(const struct doc *doc);
/* ERROR_FORMAT, with the line of that offset. */
int yaml_fail_at(const struct doc *doc, uint32_t offset, const char *why, struct error *err);

/* yaml_keys.c: refuses two equal keys among the children of map. */
MUST_USE int yaml_check_keys(const struct doc *doc, uint32_t map, struct error *err);
/* The same for the metadata's key alone, at a document's top. */
MUST_USE int yaml_check_metadata_key(const struct doc *doc, uint32_t root, struct error *err);

/* yaml_merge.c: refuses a merge key that stands for anything but maps; aliases are not written out yet. */
MUST_USE int yaml_check_merges(const struct doc *doc, struct error *err);

/* yaml_alias.c: the text with every alias written out. ERROR_LIMIT. */
MUST_USE int yaml_expand_aliases(const struct doc *doc, struct secret *ret_text, struct error *err);

/* yaml_comment.c: without a scan where that is possible. */
MUST_USE int yaml_place_comments(struct doc *doc, struct error *err);
MUST_USE int yaml_scan_comments(struct doc *doc, struct error *err);
/* yaml_comment_plain.c: false where a scan is needed; nothing is placed then. */
bool yaml_place_plain_comments(struct doc *doc);

/* yaml_scalar.c: the type that go-yaml gives a plain scalar; FORMAT for a number too long. */
enum doc_type yaml_resolve(struct span text);
/* The same under an explicit tag "!!int" and so on; false where they do not fit. */
bool yaml_resolve_tagged(struct span text, enum doc_type tag, enum doc_type *ret_type);
MUST_USE int yaml_canonical(enum doc_type type, struct span text, char scratch[DOC_CANONICAL_MAX],
			    struct span *ret_text, struct error *err);
/* What is sealed for text, and back: text as it stands in YAML. */
MUST_USE int yaml_to_plain(enum doc_type type, struct span text, char scratch[DOC_CANONICAL_MAX],
			   struct span *ret_plain, struct error *err);
MUST_USE int yaml_from_plain(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
			     struct span *ret_text, struct error *err);
/* sops' own reading of a plaintext. */
MUST_USE int yaml_canonical_plain(enum doc_type type, struct span plain,
				  char scratch[DOC_CANONICAL_MAX], struct span *ret_text,
				  struct error *err);

/* yaml_time.c: canonical RFC 3339 of what go-yaml takes as a timestamp; false: it is none. */
bool yaml_time(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_text);
/* The same for sops' strict RFC 3339. */
bool yaml_time_strict(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_text);

/* yaml_string.c: what a string's content allows. */
struct yaml_shape {
	bool plain_flow, plain_block; /* as go-yaml's emitter has it */
	bool single;                  /* 'single quotes' on one line */
	bool literal;
	bool lines; /* holds a line break */
};

struct yaml_shape yaml_shape(struct span text);
/* The style in which sops writes this string. */
enum yaml_style yaml_string_style(struct span text);
/* Can text stand plain here, for a YAML parser, and be read as a string (or any_type)? */
bool yaml_can_be_plain(struct span text, bool in_flow, bool any_type);
/* Does the text of a scalar have "\/", which libyaml reads and go-yaml does not? */
bool yaml_has_foreign_escape(struct span text);
/* Can text be 'single quoted' on one line and come back? */
bool yaml_can_be_single(struct span text);
MUST_USE int yaml_write_single(struct secret *out, struct span text, struct error *err);
MUST_USE int yaml_write_double(struct secret *out, struct span text, struct error *err);
/*
 * A literal block from its "|" on, without the last line break: the header, then
 * lines at column indent. step is the digit that the header gets where it needs
 * one. newline is the line break.
 */
MUST_USE int yaml_write_literal(struct secret *out, struct span text, unsigned indent,
				unsigned step, const char *newline, struct error *err);
MUST_USE int yaml_write_indent(struct secret *out, size_t columns, struct error *err);

/* yaml_emit.c */
struct yaml_layout {
	unsigned indent; /* columns a level, 2 to 9 */
	const char *newline;
};

MUST_USE int yaml_write_key(struct secret *out, struct span key, bool in_flow, struct error *err);
/* A tree in flow style, on one line. */
MUST_USE int yaml_emit_flow(const struct doc_tree *tree, uint32_t node, struct secret *out,
			    struct error *err);
/* Lines of their own, from column base on, each with its line break. */
MUST_USE int yaml_emit_block(const struct doc_tree *tree, uint32_t node,
			     const struct yaml_layout *layout, unsigned base, struct secret *out,
			     struct error *err);
/* What follows "key:" or "-" at that column, blank or line break first, line break last. */
MUST_USE int yaml_emit_entry(const struct doc_tree *tree, uint32_t node,
			     const struct yaml_layout *layout, unsigned column, bool in_list,
			     struct secret *out, struct error *err);

/* yaml_edit.c: does a scalar's sealed text stand without quotes? */
bool yaml_seals_plain(const struct doc *doc, uint32_t node);

/* edit.c: copies the text as it stands up to offset. */
MUST_USE int doc_edit_copy_to(struct doc_edit *edit, size_t offset, struct error *err);
/* Goes on behind offset without copying what is before it. */
void doc_edit_skip_to(struct doc_edit *edit, size_t offset);

/* yaml_metadata.c: where the metadata of the document of that root belongs, in the old text; and something that stands for it there. */
size_t yaml_metadata_place(const struct doc *doc, uint32_t root);
MUST_USE int yaml_metadata_sample(const struct doc *doc, uint32_t root, struct secret *text,
				  struct error *err);
/* yaml_entry.c: refuses a node that has no place for another value. */
MUST_USE int yaml_check_place(const struct doc *doc, uint32_t node, struct error *err);

/* yaml_lines.c */
const char *yaml_newline(const struct doc *doc);
/* The column of a block container's entries. */
unsigned yaml_column(const struct doc *doc, uint32_t container);
/* The offset at which the line that holds offset starts; the offset of its line break or end. */
size_t yaml_line_start(const struct doc *doc, size_t offset);
size_t yaml_next_break(const struct doc *doc, size_t offset);

#endif
