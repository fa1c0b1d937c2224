/* SPDX-License-Identifier: MIT */
/*
 * Sealing and opening a leaf in its place. The quotes of a sealed text tell how
 * the plaintext was spelled:
 *
 *	            in block style     in flow style
 *	plain       ENC[…]             'ENC[…]'
 *	single      'ENC[…]'           "\x45NC[…]"
 *	double      "ENC[…]"           "ENC[…]"
 *	plain, but sops would quote:
 *	            "\x45NC[…]"        (as plain)
 *
 * sops writes every sealed text plain, in block style: that one opens as sops
 * itself would write the value. A block scalar keeps its header and the blank
 * lines behind it; only its lines in between are replaced.
 */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "internal.h"
#include "util/text.h"

#define SEALED "ENC["
#define SEALED_ESCAPED "\"\\x45NC["

static bool is_block_scalar(const struct doc_node *n)
{
	return n->kind == DOC_SCALAR &&
	       (n->style == YAML_STYLE_LITERAL || n->style == YAML_STYLE_FOLDED);
}

static struct span node_text(const struct doc *doc, const struct doc_node *n)
{
	return doc_text_slice(doc, n->start, n->end);
}

/* The three parts of a block scalar's span: header, body without its last break, the rest. */
struct block {
	size_t header, body, tail; /* each part's end, from the span's start */
	size_t column;             /* of the body */
	const char *newline;
};

static size_t line_end(struct span text, size_t at)
{
	while (at < text.len && yaml_break_at(text, at) == 0)
		at++;
	return at;
}

/* The column that the header's digit asks for; 0: it has none. */
static size_t asked_column(const struct doc *doc, const struct doc_node *n, struct span text)
{
	for (size_t i = 1; i < text.len && i < 3; i++)
		if (text.data[i] >= '1' && text.data[i] <= '9')
			return yaml_column(doc, n->parent) + (size_t)(text.data[i] - '0');
	return 0;
}

static size_t count_blanks(struct span text, size_t at)
{
	size_t len = 0;

	while (at + len < text.len && text.data[at + len] == ' ')
		len++;
	return len;
}

static const char *newline_at(const struct doc *doc, struct span text, size_t at)
{
	const size_t len = yaml_break_at(text, at);

	if (len == 0 || text.data[at] >= 0xc2)
		return doc_newline(doc);
	return text.data[at] == '\n' ? "\n" : len == 2 ? "\r\n" : "\r";
}

static struct block split_block(const struct doc *doc, const struct doc_node *n)
{
	const struct span text = node_text(doc, n);
	struct block block = { .column = asked_column(doc, n, text) };
	size_t at, end;

	block.header = line_end(text, 0);
	block.newline = newline_at(doc, text, block.header);
	block.body = block.header;
	for (at = block.header; at < text.len; at = end) {
		size_t blanks;

		at += yaml_break_at(text, at);
		end = line_end(text, at);
		blanks = count_blanks(text, at);
		if (at + blanks < end && block.column == 0)
			block.column = blanks;
		/* spaces beyond the column are content, too */
		if (at + blanks < end || (block.column != 0 && blanks > block.column))
			block.body = end;
	}
	block.tail = text.len;
	if (block.column == 0)
		block.column = yaml_column(doc, n->parent) + 2;
	return block;
}

static int seal_block(struct doc_edit *edit, const struct doc_node *n, struct span sealed,
		      struct error *err)
{
	const struct block block = split_block(edit->doc, n);

	if (doc_edit_copy_to(edit, n->start + block.header, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->start + block.body);
	if (secret_append_text(&edit->text, block.newline, err) < 0 ||
	    yaml_write_indent(&edit->text, block.column, err) < 0)
		return -1;
	return secret_append_span(&edit->text, sealed, err);
}

/* "&a:b" is an anchor and a text: a sealed one would be read as part of the anchor. */
static bool touches_anchor(const struct doc *doc, const struct doc_node *n)
{
	const uint8_t before = n->start > n->entry ? doc->text.data[n->start - 1] : ' ';

	return isalnum(before) || before == '_' || before == '-';
}

/* How a sealed text is to be spelled at n. */
enum spelling { BARE, IN_SINGLE, IN_DOUBLE, ESCAPED };

static enum spelling spelling_for(const struct doc *doc, uint32_t node)
{
	const struct doc_node *n = &doc->nodes[node];
	const struct span text = node_text(doc, n);
	const bool in_flow = n->flags & YAML_IN_FLOW;

	/* what is sealed already keeps its spelling */
	if (span_starts_with(text, SEALED))
		return in_flow ? IN_SINGLE : BARE;
	if (span_starts_with(text, "'" SEALED))
		return IN_SINGLE;
	if (span_starts_with(text, SEALED_ESCAPED))
		return ESCAPED;
	if (n->style == YAML_STYLE_DOUBLE)
		return IN_DOUBLE;
	if (n->style == YAML_STYLE_SINGLE)
		return in_flow ? ESCAPED : IN_SINGLE;
	if (in_flow)
		return IN_SINGLE;
	if (n->type == DOC_TYPE_STRING && !(n->flags & YAML_TAG_STRING) &&
	    yaml_string_style(doc_value(doc, node)) != YAML_STYLE_PLAIN &&
	    yaml_can_be_plain(doc_value(doc, node), false, false))
		return ESCAPED;
	return BARE;
}

bool yaml_seals_plain(const struct doc *doc, uint32_t node)
{
	const struct doc_node *n = &doc->nodes[node];

	/* an empty value is not sealed */
	return n->type == DOC_TYPE_NULL || n->value_len == 0 || spelling_for(doc, node) == BARE;
}

static int write_sealed(struct secret *out, enum spelling spelling, struct span sealed,
			struct error *err)
{
	static const char *const before[] = { "", "'", "\"", "\"\\x45" };
	static const char *const after[] = { "", "'", "\"", "\"" };

	if (secret_append_text(out, before[spelling], err) < 0 ||
	    secret_append_span(out, spelling == ESCAPED ? span_slice(sealed, 1, sealed.len) : sealed,
			       err) < 0)
		return -1;
	return secret_append_text(out, after[spelling], err);
}

/* Where a tag of n starts that a sealed text would not fit: "!!int" and its kin. */
static size_t tag_start(const struct doc *doc, const struct doc_node *n)
{
	const uint8_t *text = doc->text.data;
	size_t at = n->start;

	for (size_t i = n->start; i > n->entry; i--)
		if (text[i - 1] == '!' && (i - 1 == n->entry || memchr(" \t\r\n", text[i - 2], 4)))
			return i - 1;
	return at;
}

/*
 * Copies up to n's text, with a blank where there is nothing yet; strip takes out its tag and
 * the blanks behind it.
 */
static int copy_to_content(struct doc_edit *edit, const struct doc_node *n, bool strip,
			   struct error *err)
{
	const uint8_t *text = edit->doc->text.data;
	size_t tag;

	if (!strip) {
		if (doc_edit_copy_to(edit, n->start, err) < 0)
			return -1;
		return n->start < n->end && !touches_anchor(edit->doc, n) ?
			       0 : secret_append_text(&edit->text, " ", err);
	}
	tag = tag_start(edit->doc, n);
	if (doc_edit_copy_to(edit, tag, err) < 0)
		return -1;
	while (tag < n->start && memchr(" \t\r\n", text[tag], 4) == NULL)
		tag++;
	while (tag < n->start && (text[tag] == ' ' || text[tag] == '\t'))
		tag++;
	doc_edit_skip_to(edit, tag);
	return doc_edit_copy_to(edit, n->start, err);
}

static struct span without_last_breaks(struct span plain)
{
	while (plain.len > 0 && plain.data[plain.len - 1] == '\n')
		plain.len--;
	return plain;
}

/* Does the metadata start at offset, in a text without a last line break? Then there was none here. */
static bool loses_last_break(const struct doc *doc, size_t offset)
{
	const struct span text = secret_span(&doc->text);
	uint32_t node = doc_child(doc, doc_root(doc, 0));

	if (yaml_break_before(text, text.len) > 0)
		return false;
	while (node != DOC_NONE && doc->nodes[node].entry < offset)
		node = doc_sibling(doc, node);
	return node != DOC_NONE && span_equal(doc_key(doc, node), SPAN_LITERAL("sops")) &&
	       doc_line_start(doc, doc->nodes[node].entry) == offset;
}

/* By how much the lines of a literal block are indented in n's place. */
static unsigned literal_step(const struct doc *doc, const struct doc_node *n)
{
	return doc->nodes[n->parent].kind == DOC_LIST ? 2 : yaml_details(doc)->indent;
}

/* Would blanks or a comment from at on be read as lines of a block at that column? */
static bool runs_on(struct span text, size_t at, size_t column)
{
	size_t blanks = count_blanks(text, at);

	while (blanks <= column && yaml_break_at(text, at + blanks) > 0) {
		at += blanks + yaml_break_at(text, at + blanks);
		blanks = count_blanks(text, at);
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
	const size_t breaks = plain.len - without_last_breaks(plain).len;

	if (n->flags & YAML_IN_FLOW || is_block_scalar(n) || line_end(text, n->end) != n->end)
		return false;
	if (breaks > 0 && (next == n->end || loses_last_break(doc, next)))
		return false;
	if (runs_on(text, next, yaml_column(doc, n->parent) + literal_step(doc, n)))
		return false;
	return breaks < 2 || next >= text.len ||
	       line_end(text, next) != next + count_blanks(text, next);
}

/* A string on one line, or a literal block; where each style cannot hold it, double quotes. */
static int write_string(struct secret *out, const struct doc *doc, const struct doc_node *n,
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
		return yaml_write_literal(out, plain, column + step, step, doc_newline(doc), err);
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

/* What a block scalar can hold. One without a digit must not start with a blank. */
static bool can_be_block(struct span plain, bool has_digit)
{
	const struct span body = without_last_breaks(plain);
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
	return has_digit || first == body.len || (body.data[first] != ' ' && body.data[first] != '\t');
}

/* The style of an opened string: the table at the top. */
static enum yaml_style opened_style(const struct doc *doc, const struct doc_node *n,
				    enum spelling spelling, struct span plain)
{
	const bool in_flow = n->flags & YAML_IN_FLOW;
	enum yaml_style style;

	switch (spelling) {
	case IN_SINGLE:
		if (in_flow)
			return plain_or(n, plain, YAML_STYLE_SINGLE);
		return yaml_can_be_single(plain) ? YAML_STYLE_SINGLE : YAML_STYLE_DOUBLE;
	case ESCAPED:
		if (!in_flow)
			return plain_or(n, plain, YAML_STYLE_DOUBLE);
		return yaml_can_be_single(plain) ? YAML_STYLE_SINGLE : YAML_STYLE_DOUBLE;
	case BARE:
		if (n->flags & YAML_TAG_STRING && yaml_can_be_plain(plain, in_flow, true))
			return YAML_STYLE_PLAIN;
		style = yaml_string_style(plain);
		if (style == YAML_STYLE_LITERAL &&
		    (!can_be_block(plain, true) || !has_room_for_literal(doc, n, plain)))
			return YAML_STYLE_DOUBLE;
		return in_flow && style == YAML_STYLE_PLAIN ? plain_or(n, plain, YAML_STYLE_DOUBLE) :
							      style;
	case IN_DOUBLE:
		break;
	}
	return YAML_STYLE_DOUBLE;
}

static int write_opened(struct secret *out, const struct doc *doc, const struct doc_node *n,
			enum spelling spelling, enum doc_type type, struct span plain,
			struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct span text;
	int status;

	if (type == DOC_TYPE_STRING)
		return write_string(out, doc, n, opened_style(doc, n, spelling, plain), plain, err);
	if (yaml_from_plain(type, plain, scratch, &text, err) < 0)
		return -1;
	status = secret_append_span(out, text, err);
	secret_wipe(scratch, sizeof(scratch));
	return status;
}

/* Folding keeps lines apart that start with a blank: such a text needs "|". */
static bool can_fold(struct span body)
{
	for (size_t i = 0; i + 1 < body.len; i++)
		if (body.data[i] == '\n' && (body.data[i + 1] == ' ' || body.data[i + 1] == '\t'))
			return false;
	return body.len == 0 || (body.data[0] != ' ' && body.data[0] != '\t') ||
	       memchr(body.data, '\n', body.len) == NULL;
}

/* The lines of a block scalar, each behind a line break; in a folded one, one break more. */
static int write_body(struct secret *out, const struct block *block, struct span body, bool folded,
		      struct error *err)
{
	bool at_start = true;

	while (body.len > 0) {
		const size_t end = (size_t)((uint8_t *)memchr(body.data, '\n', body.len) != NULL ?
			(const uint8_t *)memchr(body.data, '\n', body.len) - body.data :
			(ptrdiff_t)body.len);

		if (secret_append_text(out, block->newline, err) < 0)
			return -1;
		if (end > 0) {
			if (folded && !at_start && secret_append_text(out, block->newline, err) < 0)
				return -1;
			at_start = false;
			if (yaml_write_indent(out, block->column, err) < 0 ||
			    secret_append_span(out, span_slice(body, 0, end), err) < 0)
				return -1;
		}
		body = span_slice(body, end < body.len ? end + 1 : end, body.len);
	}
	return 0;
}

/* Will opening give back what stands at node now? */
static int try_inverse(struct doc_edit *edit, uint32_t node, enum spelling spelling, bool *ret_exact,
		       struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const struct span text = node_text(doc, n);
	char scratch[DOC_CANONICAL_MAX];
	struct span plain, from = text;

	if (n->flags & YAML_TAG_TYPED || touches_anchor(doc, n)) {
		*ret_exact = false;
		return 0;
	}
	if (doc_plain(doc, node, scratch, &plain, err) < 0)
		return -1;
	secret_truncate(&edit->trial, 0);
	if (is_block_scalar(n)) {
		const struct block block = split_block(doc, n);

		if (write_body(&edit->trial, &block, without_last_breaks(plain),
			       n->style == YAML_STYLE_FOLDED, err) < 0)
			return -1;
		from = span_slice(text, block.header, block.body - block.header);
		if (!can_be_block(plain, asked_column(doc, n, text) != 0) ||
		    (n->style == YAML_STYLE_FOLDED && !can_fold(without_last_breaks(plain))))
			from = SPAN_INIT;
	} else if (write_opened(&edit->trial, doc, n, spelling, n->type, plain, err) < 0) {
		return -1;
	}
	*ret_exact = span_equal(secret_span(&edit->trial), from);
	if (n->type != DOC_TYPE_STRING)
		secret_wipe(scratch, sizeof(scratch));
	return 0;
}

static int seal_comment(struct doc_edit *edit, const struct doc_node *n, struct span sealed,
			struct error *err)
{
	if (doc_edit_copy_to(edit, n->start + 1, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	return secret_append_span(&edit->text, sealed, err);
}

int doc_edit_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		  struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];
	const enum spelling spelling = spelling_for(edit->doc, node);
	bool exact = true;

	assert(n->kind == DOC_SCALAR || n->kind == DOC_COMMENT);
	if (n->kind == DOC_COMMENT) {
		*ret_exact = true;
		return seal_comment(edit, n, sealed, err);
	}
	if (!span_starts_with(doc_value(edit->doc, node), SEALED) &&
	    try_inverse(edit, node, spelling, &exact, err) < 0)
		return -1;
	if (is_block_scalar(n)) {
		if (seal_block(edit, n, sealed, err) < 0)
			return -1;
	} else {
		if (copy_to_content(edit, n, n->flags & YAML_TAG_TYPED, err) < 0)
			return -1;
		doc_edit_skip_to(edit, n->end);
		if (write_sealed(&edit->text, spelling, sealed, err) < 0)
			return -1;
	}
	*ret_exact = exact;
	return 0;
}

/* The header of n's block scalar in what was written: copied now, or with its comment before. */
static int copy_header(struct doc_edit *edit, const struct doc_node *n, const struct block *block,
		       size_t *ret_header, struct error *err)
{
	*ret_header = edit->cursor <= n->start ? edit->text.len + (n->start - edit->cursor) :
						 edit->header;
	return doc_edit_copy_to(edit, n->start + block->header, err);
}

/* Replaces len bytes of what was written, at offset at. */
static int replace_at(struct secret *out, size_t at, size_t len, struct span by, struct error *err)
{
	const size_t rest = out->len - at - len;

	if (secret_grow(out, by.len, err) < 0)
		return -1;
	memmove(out->data + at + by.len, out->data + at + len, rest);
	if (by.len > 0)
		memcpy(out->data + at, by.data, by.len);
	if (by.len < len)
		secret_wipe(out->data + at + by.len + rest, len - by.len);
	out->len = at + by.len + rest;
	return 0;
}

/* How many characters of "|2-" there are. */
static size_t indicators_len(const struct secret *out, size_t header)
{
	size_t len = 1;

	while (len < 3 && header + len < out->len && strchr("+-123456789", out->data[header + len]))
		len++;
	return len;
}

/* What ends the block: its own and the blank lines' breaks, as its header takes them. */
static size_t breaks_kept(char chomping, size_t breaks, bool has_body)
{
	if (chomping == '-')
		return 0;
	if (chomping == '+')
		return has_body || breaks == 0 ? breaks : breaks - 1;
	return has_body && breaks > 0 ? 1 : 0;
}

static size_t count_breaks(struct span text)
{
	size_t count = 0;

	for (size_t at = line_end(text, 0); at < text.len; at = line_end(text, at)) {
		at += yaml_break_at(text, at);
		count++;
	}
	return count;
}

static char chomping_at(const struct secret *out, size_t header)
{
	for (size_t i = 1; i < indicators_len(out, header); i++)
		if (out->data[header + i] == '+' || out->data[header + i] == '-')
			return (char)out->data[header + i];
	return '\0';
}

static int set_chomping(struct secret *out, size_t header, char chomping, struct error *err)
{
	const size_t len = indicators_len(out, header);
	size_t old = len;

	for (size_t i = 1; i < len; i++)
		if (out->data[header + i] == '+' || out->data[header + i] == '-')
			old = i;
	return replace_at(out, header + old, old < len ? 1 : 0,
			  span_of(&chomping, chomping != '\0' ? 1 : 0), err);
}

/* Makes the block's end give the value's own number of line breaks. */
static int fit_end(struct doc_edit *edit, const struct doc_node *n, const struct block *block,
		   size_t header, size_t breaks, bool has_body, struct error *err)
{
	const struct span tail = span_slice(node_text(edit->doc, n), block->body, SIZE_MAX);
	const char chomping = chomping_at(&edit->text, header);
	const size_t lost = loses_last_break(edit->doc, n->end) ? 1 : 0;
	const size_t there = count_breaks(tail);

	doc_edit_skip_to(edit, n->start + block->body);
	if (breaks_kept(chomping, there > lost ? there - lost : 0, has_body) == breaks)
		return 0;
	if (set_chomping(&edit->text, header, breaks == 0 ? '-' : breaks == 1 ? '\0' : '+', err) < 0)
		return -1;
	if (breaks < 2)
		return 0;
	doc_edit_skip_to(edit, n->end);
	for (size_t i = 0; i < breaks + lost; i++)
		if (secret_append_text(&edit->text, block->newline, err) < 0)
			return -1;
	return 0;
}

/* A value that its block cannot hold takes the header's place, on one line. */
static int open_outside(struct doc_edit *edit, const struct doc_node *n, const struct block *block,
			size_t header, enum doc_type type, struct span plain, struct error *err)
{
	AUTO(secret) value = SECRET_INIT;

	if (write_opened(&value, edit->doc, n, IN_DOUBLE, type, plain, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->start + block->body);
	return replace_at(&edit->text, header, indicators_len(&edit->text, header),
			  secret_span(&value), err);
}

static int open_block(struct doc_edit *edit, const struct doc_node *n, enum doc_type type,
		      struct span plain, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct block block = split_block(doc, n);
	const struct span body = without_last_breaks(plain);
	const bool has_digit = asked_column(doc, n, node_text(doc, n)) != 0;
	bool folded = n->style == YAML_STYLE_FOLDED;
	size_t header;

	if (copy_header(edit, n, &block, &header, err) < 0)
		return -1;
	if (type != DOC_TYPE_STRING || plain.len == 0 || !can_be_block(plain, has_digit) ||
	    (body.len == 0 && chomping_at(&edit->text, header) != '+'))
		return open_outside(edit, n, &block, header, type, plain, err);
	if (folded && !can_fold(body)) {
		edit->text.data[header] = '|';
		folded = false;
	}
	if (write_body(&edit->text, &block, body, folded, err) < 0)
		return -1;
	return fit_end(edit, n, &block, header, plain.len - body.len, body.len > 0, err);
}

/* A comment, where the text has one; and sops' sealed comments that are elements of a list. */
static int open_comment(struct doc_edit *edit, uint32_t node, struct span plain, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	size_t start = n->start;

	if (line_end(plain, 0) < plain.len)
		return error_set(err, ERROR_FORMAT, "line %zu: a sealed comment of several lines",
				 doc_line(doc, node));
	if (n->kind == DOC_SCALAR) {
		while (start > 0 && (doc->text.data[start - 1] == ' ' || doc->text.data[start - 1] == '\t'))
			start--;
		if (start == 0 || doc->text.data[start - 1] != '-')
			return error_set(err, ERROR_FORMAT, "line %zu: a comment in a value's place",
					 doc_line(doc, node));
		start--;
	} else if (node + 1 < doc->len && doc->nodes[node + 1].start < n->start &&
		   is_block_scalar(&doc->nodes[node + 1]) && edit->cursor <= doc->nodes[node + 1].start) {
		/* in the header of a block scalar, which may have to be changed yet */
		edit->header = edit->text.len + (doc->nodes[node + 1].start - edit->cursor);
	}
	if (doc_edit_copy_to(edit, start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	if (secret_append_text(&edit->text, "#", err) < 0)
		return -1;
	return secret_append_span(&edit->text, plain, err);
}

int doc_edit_open(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
		  struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];

	assert(n->kind == DOC_SCALAR || n->kind == DOC_COMMENT);
	if (n->kind == DOC_COMMENT || type == DOC_TYPE_COMMENT)
		return open_comment(edit, node, plain, err);
	if (is_block_scalar(n))
		return open_block(edit, n, type, plain, err);
	if (copy_to_content(edit, n, type != DOC_TYPE_STRING && n->flags & YAML_TAG_STRING, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	return write_opened(&edit->text, edit->doc, n, spelling_for(edit->doc, node), type, plain, err);
}

/* The style of a new string: that of the old one, if it can be. */
static enum yaml_style set_style(const struct doc *doc, const struct doc_node *n, struct span value)
{
	if (n->style == YAML_STYLE_DOUBLE)
		return YAML_STYLE_DOUBLE;
	if (n->style == YAML_STYLE_SINGLE)
		return yaml_can_be_single(value) ? YAML_STYLE_SINGLE : YAML_STYLE_DOUBLE;
	return opened_style(doc, n, BARE, value);
}

int doc_edit_set(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span value,
		 struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const bool strip = n->flags & (type == DOC_TYPE_STRING ? YAML_TAG_TYPED :
						YAML_TAG_TYPED | YAML_TAG_STRING);

	if (n->kind != DOC_SCALAR || (type == DOC_TYPE_NULL && is_block_scalar(n))) {
		AUTO(doc_tree) tree = DOC_TREE_INIT;

		if (doc_tree_scalar(&tree, NULL, type, value, err) < 0)
			return -1;
		return doc_edit_replace(edit, node, &tree, err);
	}
	if (is_block_scalar(n))
		return open_block(edit, n, type, value, err);
	if (copy_to_content(edit, n, strip, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	if (type == DOC_TYPE_STRING)
		return write_string(&edit->text, doc, n, set_style(doc, n, value), value, err);
	return type == DOC_TYPE_NULL ? secret_append_text(&edit->text, "null", err) :
				       secret_append_span(&edit->text, value, err);
}
