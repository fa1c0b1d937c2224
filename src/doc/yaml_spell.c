/* SPDX-License-Identifier: MIT */
#include "yaml_spell.h"

#include <string.h>

#include "util/text.h"

#define SEALED "ENC["
#define SEALED_ESCAPED "\"\\x45NC["

bool yaml_is_block_scalar(const struct doc_node *n)
{
	return n->kind == DOC_SCALAR &&
	       (n->style == YAML_STYLE_LITERAL || n->style == YAML_STYLE_FOLDED);
}

struct span yaml_node_text(const struct doc *doc, const struct doc_node *n)
{
	return doc_text_slice(doc, n->start, n->end);
}

size_t yaml_line_end(struct span text, size_t at)
{
	while (at < text.len && yaml_break_at(text, at) == 0)
		at++;
	return at;
}

size_t yaml_count_blanks(struct span text, size_t at)
{
	size_t len = 0;

	while (at + len < text.len && text.data[at + len] == ' ')
		len++;
	return len;
}

enum yaml_spelling yaml_spelling_for(const struct doc *doc, uint32_t node)
{
	const struct doc_node *n = &doc->nodes[node];
	const struct span text = yaml_node_text(doc, n);
	const bool in_flow = n->flags & YAML_IN_FLOW;

	/* what is sealed already keeps its spelling */
	if (span_starts_with(text, SEALED))
		return in_flow ? YAML_IN_SINGLE : YAML_BARE;
	if (span_starts_with(text, "'" SEALED))
		return YAML_IN_SINGLE;
	if (span_starts_with(text, SEALED_ESCAPED))
		return YAML_ESCAPED;
	if (n->style == YAML_STYLE_DOUBLE)
		return YAML_IN_DOUBLE;
	if (n->style == YAML_STYLE_SINGLE)
		return in_flow ? YAML_ESCAPED : YAML_IN_SINGLE;
	if (in_flow)
		return YAML_IN_SINGLE;
	if (n->type == DOC_TYPE_STRING && !(n->flags & YAML_TAG_STRING) &&
	    yaml_string_style(doc_value(doc, node)) != YAML_STYLE_PLAIN &&
	    yaml_can_be_plain(doc_value(doc, node), false, false))
		return YAML_ESCAPED;
	return YAML_BARE;
}

bool yaml_seals_plain(const struct doc *doc, uint32_t node)
{
	const struct doc_node *n = &doc->nodes[node];

	/* an empty value is not sealed */
	return n->type == DOC_TYPE_NULL || n->value_len == 0 ||
	       yaml_spelling_for(doc, node) == YAML_BARE;
}

int yaml_write_sealed(struct secret *out, enum yaml_spelling spelling, struct span sealed,
		      struct error *err)
{
	static const char *const before[] = { "", "'", "\"", "\"\\x45" };
	static const char *const after[] = { "", "'", "\"", "\"" };

	if (secret_append_text(out, before[spelling], err) < 0 ||
	    secret_append_span(out,
			       spelling == YAML_ESCAPED ? span_slice(sealed, 1, sealed.len)
							: sealed,
			       err) < 0)
		return -1;
	return secret_append_text(out, after[spelling], err);
}

struct span yaml_without_last_breaks(struct span plain)
{
	while (plain.len > 0 && plain.data[plain.len - 1] == '\n')
		plain.len--;
	return plain;
}

bool yaml_loses_last_break(const struct doc *doc, size_t offset)
{
	const struct span text = secret_span(&doc->text);
	uint32_t root = doc_root(doc, 0), node;

	if (yaml_break_before(text, text.len) > 0)
		return false;
	for (uint32_t next = root; next != DOC_NONE; next = doc_sibling(doc, next))
		root = next;
	node = doc_child(doc, root);
	while (node != DOC_NONE && doc->nodes[node].entry < offset)
		node = doc_sibling(doc, node);
	return node != DOC_NONE && span_equal(doc_key(doc, node), SPAN_LITERAL("sops")) &&
	       doc->nodes[node].end == text.len &&
	       yaml_line_start(doc, doc->nodes[node].entry) == offset;
}

/* By how much the lines of a literal block are indented in n's place. */
static unsigned literal_step(const struct doc *doc, const struct doc_node *n)
{
	return doc->nodes[n->parent].kind == DOC_LIST ? 2 : yaml_details(doc)->indent;
}

/* Would blanks or a comment from at on be read as lines of a block at that column? */
static bool runs_on(struct span text, size_t at, size_t column)
{
	size_t blanks = yaml_count_blanks(text, at);

	while (blanks <= column && yaml_break_at(text, at + blanks) > 0) {
		at += blanks + yaml_break_at(text, at + blanks);
		blanks = yaml_count_blanks(text, at);
	}
	at += blanks;
	return blanks > column || (blanks == column && at < text.len && text.data[at] == '#');
}

/*
 * Can a literal block stand in n's place? Nothing may follow on its line; a value
 * that ends with a line break needs one there, and one that ends with more must
 * not have a blank line behind it, which would be another.
 */
static bool has_room_for_literal(const struct doc *doc, const struct doc_node *n, struct span plain)
{
	const struct span text = secret_span(&doc->text);
	const size_t next = n->end + yaml_break_at(text, n->end);
	const size_t breaks = plain.len - yaml_without_last_breaks(plain).len;

	if (n->flags & YAML_IN_FLOW || yaml_is_block_scalar(n) ||
	    yaml_line_end(text, n->end) != n->end)
		return false;
	if (breaks > 0 && (next == n->end || yaml_loses_last_break(doc, next)))
		return false;
	if (runs_on(text, next, yaml_column(doc, n->parent) + literal_step(doc, n)))
		return false;
	return breaks < 2 || next >= text.len ||
	       yaml_line_end(text, next) != next + yaml_count_blanks(text, next);
}

int yaml_write_string(struct secret *out, const struct doc *doc, const struct doc_node *n,
		      enum yaml_style style, struct span plain, struct error *err)
{
	unsigned column, step;

	switch (style) {
	case YAML_STYLE_PLAIN:
		return secret_append_span(out, plain, err);
	case YAML_STYLE_SINGLE:
		return yaml_write_single(out, plain, err);
	case YAML_STYLE_LITERAL:
	case YAML_STYLE_FOLDED:
		column = yaml_column(doc, n->parent);
		step = literal_step(doc, n);
		return yaml_write_literal(out, plain, column + step, step, yaml_newline(doc), err);
	case YAML_STYLE_DOUBLE:
	case YAML_STYLE_EMPTY:
	case YAML_STYLE_FLOW:
		break;
	}
	return yaml_write_double(out, plain, err);
}

static enum yaml_style plain_or(const struct doc_node *n, struct span plain, enum yaml_style other)
{
	const bool in_flow = n->flags & YAML_IN_FLOW;

	if (yaml_can_be_plain(plain, in_flow, n->flags & YAML_TAG_STRING))
		return YAML_STYLE_PLAIN;
	return other == YAML_STYLE_SINGLE && !yaml_can_be_single(plain) ? YAML_STYLE_DOUBLE : other;
}

bool yaml_can_be_block(struct span plain, bool has_digit)
{
	const struct span body = yaml_without_last_breaks(plain);
	size_t first = 0;

	if (!text_is_utf8(plain))
		return false;
	for (size_t i = 0; i < plain.len; i++) {
		const uint8_t c = plain.data[i];

		if ((c < 0x20 && c != '\t' && c != '\n') || c == 0x7f ||
		    (c == 0xc2 && i + 1 < plain.len && plain.data[i + 1] < 0xa0) ||
		    (c == 0xe2 && i + 2 < plain.len && plain.data[i + 1] == 0x80 &&
		     (plain.data[i + 2] == 0xa8 || plain.data[i + 2] == 0xa9)) ||
		    (c == 0xef && i + 2 < plain.len && plain.data[i + 1] == 0xbb &&
		     plain.data[i + 2] == 0xbf))
			return false;
	}
	while (first < body.len && body.data[first] == '\n')
		first++;
	return has_digit || first == body.len ||
	       (body.data[first] != ' ' && body.data[first] != '\t');
}

enum yaml_style yaml_opened_style(const struct doc *doc, const struct doc_node *n,
				  enum yaml_spelling spelling, struct span plain)
{
	const bool in_flow = n->flags & YAML_IN_FLOW;
	enum yaml_style style;

	switch (spelling) {
	case YAML_IN_SINGLE:
		if (in_flow)
			return plain_or(n, plain, YAML_STYLE_SINGLE);
		return yaml_can_be_single(plain) ? YAML_STYLE_SINGLE : YAML_STYLE_DOUBLE;
	case YAML_ESCAPED:
		if (!in_flow)
			return plain_or(n, plain, YAML_STYLE_DOUBLE);
		return yaml_can_be_single(plain) ? YAML_STYLE_SINGLE : YAML_STYLE_DOUBLE;
	case YAML_BARE:
		if (n->flags & YAML_TAG_STRING && yaml_can_be_plain(plain, in_flow, true))
			return YAML_STYLE_PLAIN;
		style = yaml_string_style(plain);
		if (style == YAML_STYLE_LITERAL &&
		    (!yaml_can_be_block(plain, true) || !has_room_for_literal(doc, n, plain)))
			return YAML_STYLE_DOUBLE;
		return in_flow && style == YAML_STYLE_PLAIN ? plain_or(n, plain, YAML_STYLE_DOUBLE)
							    : style;
	case YAML_IN_DOUBLE:
		break;
	}
	return YAML_STYLE_DOUBLE;
}

int yaml_write_opened(struct secret *out, const struct doc *doc, const struct doc_node *n,
		      enum yaml_spelling spelling, enum doc_type type, struct span plain,
		      struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct span text;
	int status;

	if (type == DOC_TYPE_STRING)
		return yaml_write_string(out, doc, n, yaml_opened_style(doc, n, spelling, plain),
					 plain, err);
	if (yaml_from_plain(type, plain, scratch, &text, err) < 0)
		return -1;
	status = secret_append_span(out, text, err);
	secret_wipe(scratch, sizeof(scratch));
	return status;
}
