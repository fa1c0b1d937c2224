/* SPDX-License-Identifier: MIT */
/*
 * Block scalars: a header, lines, and blank lines behind them. Of a sealed one,
 * the lines are one: its column is theirs.
 */
#include <string.h>

#include "yaml_spell.h"

/* The three parts of a block scalar's span: header, body without its last break, the rest. */
struct yaml_block {
	size_t header, body, tail; /* each part's end, from the span's start */
	size_t column;             /* of the body */
	const char *newline;
};

/* The column that the header's digit asks for; 0: it has none. */
static size_t asked_column(const struct doc *doc, const struct doc_node *n, struct span text)
{
	/* the sign of chomping may stand before it, a comment that touches the header behind it */
	for (size_t i = 1; i < text.len && i < 3 && text.data[i] != '#'; i++)
		if (text.data[i] >= '1' && text.data[i] <= '9')
			return yaml_column(doc, n->parent) + (size_t)(text.data[i] - '0');
	return 0;
}

static const char *newline_at(const struct doc *doc, struct span text, size_t at)
{
	const size_t len = yaml_break_at(text, at);

	if (len == 0 || text.data[at] >= 0xc2)
		return yaml_newline(doc);
	return text.data[at] == '\n' ? "\n" : len == 2 ? "\r\n" : "\r";
}

static struct yaml_block split_block(const struct doc *doc, const struct doc_node *n)
{
	const struct span text = yaml_node_text(doc, n);
	struct yaml_block block = { .column = asked_column(doc, n, text) };
	size_t at, end, most_blanks = 0;

	block.header = yaml_line_end(text, 0);
	block.newline = newline_at(doc, text, block.header);
	block.body = block.header;
	for (at = block.header; at < text.len; at = end) {
		size_t blanks;

		at += yaml_break_at(text, at);
		end = yaml_line_end(text, at);
		blanks = yaml_count_blanks(text, at);
		most_blanks = blanks > most_blanks ? blanks : most_blanks;
		if (at + blanks < end && block.column == 0)
			block.column = blanks;
		/* spaces beyond the column are content, too */
		if (at + blanks < end || (block.column != 0 && blanks > block.column))
			block.body = end;
	}
	block.tail = text.len;
	/* a last line without a break is not in the span */
	at = yaml_count_blanks(secret_span(&doc->text), n->end);
	most_blanks = at > most_blanks ? at : most_blanks;
	/* no line of blanks may be content beside the one that comes */
	if (block.column == 0)
		block.column = yaml_column(doc, n->parent) + 2;
	if (block.body == block.header && block.column < most_blanks)
		block.column = most_blanks;
	return block;
}

int yaml_seal_block(struct doc_edit *edit, const struct doc_node *n, struct span sealed,
		    struct error *err)
{
	const struct yaml_block block = split_block(edit->doc, n);

	if (doc_edit_copy_to(edit, n->start + block.header, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->start + block.body);
	if (secret_append_text(&edit->text, block.newline, err) < 0 ||
	    yaml_write_indent(&edit->text, block.column, err) < 0)
		return -1;
	return secret_append_span(&edit->text, sealed, err);
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
static int write_body(struct secret *out, const struct yaml_block *block, struct span body,
		      bool folded, struct error *err)
{
	bool at_start = true;

	while (body.len > 0) {
		const uint8_t *newline = memchr(body.data, '\n', body.len);
		const size_t end = newline ? (size_t)(newline - body.data) : body.len;

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

int yaml_block_inverse(struct secret *out, const struct doc *doc, const struct doc_node *n,
		       struct span plain, bool *ret_exact, struct error *err)
{
	const struct span text = yaml_node_text(doc, n), body = yaml_without_last_breaks(plain);
	const struct yaml_block block = split_block(doc, n);
	const bool folded = n->style == YAML_STYLE_FOLDED;

	*ret_exact = false;
	if (!yaml_can_be_block(plain, asked_column(doc, n, text) != 0) ||
	    (folded && !can_fold(body)))
		return 0;
	if (write_body(out, &block, body, folded, err) < 0)
		return -1;
	*ret_exact = span_equal(secret_span(out),
				span_slice(text, block.header, block.body - block.header));
	return 0;
}

/* The header of n's block scalar in what was written: copied now, or with its comment before. */
static int copy_header(struct doc_edit *edit, const struct doc_node *n,
		       const struct yaml_block *block, size_t *ret_header, struct error *err)
{
	*ret_header = edit->cursor <= n->start ? edit->text.len + (n->start - edit->cursor)
					       : edit->header;
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

	for (size_t at = yaml_line_end(text, 0); at < text.len; at = yaml_line_end(text, at)) {
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
static int fit_end(struct doc_edit *edit, const struct doc_node *n, const struct yaml_block *block,
		   size_t header, size_t breaks, bool has_body, size_t lost, struct error *err)
{
	const struct span tail = span_slice(yaml_node_text(edit->doc, n), block->body, SIZE_MAX);
	const char chomping = chomping_at(&edit->text, header);
	const size_t there = count_breaks(tail);

	doc_edit_skip_to(edit, n->start + block->body);
	if (breaks_kept(chomping, there > lost ? there - lost : 0, has_body) == breaks)
		return 0;
	if (set_chomping(&edit->text, header,
			 breaks == 0   ? '-'
			 : breaks == 1 ? '\0'
				       : '+',
			 err) < 0)
		return -1;
	if (breaks + lost < 2)
		return 0;
	/* also the one that would go with the metadata */
	doc_edit_skip_to(edit, n->end);
	for (size_t i = 0; i < breaks; i++)
		if (secret_append_text(&edit->text, block->newline, err) < 0)
			return -1;
	return 0;
}

/* How many blanks must come before a quoted scalar at header: a block may start further left. */
static size_t missing_blanks(const struct secret *out, const struct doc *doc,
			     const struct doc_node *n, size_t header)
{
	const size_t needed = yaml_column(doc, n->parent) + 1;
	size_t blanks = 0;

	while (blanks < header && out->data[header - blanks - 1] == ' ')
		blanks++;
	if (blanks < header && yaml_break_before(secret_span(out), header - blanks) == 0)
		return 0;
	return blanks < needed ? needed - blanks : 0;
}

/* A value that its block cannot hold takes the header's place, on one line. */
static int open_outside(struct doc_edit *edit, const struct doc_node *n,
			const struct yaml_block *block, size_t header, enum doc_type type,
			struct span plain, struct error *err)
{
	const size_t blanks = missing_blanks(&edit->text, edit->doc, n, header);
	const size_t len = indicators_len(&edit->text, header), end = header + len;
	/* a header may touch its comment, a value must not */
	const bool touches = end < edit->text.len && edit->text.data[end] == '#';
	AUTO(secret) value = SECRET_INIT;

	if (yaml_write_indent(&value, blanks, err) < 0 ||
	    yaml_write_opened(&value, edit->doc, n, YAML_IN_DOUBLE, type, plain, err) < 0 ||
	    (touches && secret_append_text(&value, " ", err) < 0))
		return -1;
	doc_edit_skip_to(edit, n->start + block->body);
	return replace_at(&edit->text, header, len, secret_span(&value), err);
}

int yaml_open_block(struct doc_edit *edit, const struct doc_node *n, enum doc_type type,
		    struct span plain, bool opens_all, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct yaml_block block = split_block(doc, n);
	const size_t lost = opens_all && yaml_loses_last_break(doc, n->end) ? 1 : 0;
	const struct span body = yaml_without_last_breaks(plain);
	const bool has_digit = asked_column(doc, n, yaml_node_text(doc, n)) != 0;
	bool folded = n->style == YAML_STYLE_FOLDED;
	size_t header;

	if (copy_header(edit, n, &block, &header, err) < 0)
		return -1;
	if (type != DOC_TYPE_STRING || plain.len == 0 || !yaml_can_be_block(plain, has_digit) ||
	    (body.len == 0 && chomping_at(&edit->text, header) != '+'))
		return open_outside(edit, n, &block, header, type, plain, err);
	if (folded && !can_fold(body)) {
		edit->text.data[header] = '|';
		folded = false;
	}
	if (write_body(&edit->text, &block, body, folded, err) < 0)
		return -1;
	return fit_end(edit, n, &block, header, plain.len - body.len, body.len > 0, lost, err);
}

int yaml_end_block(struct doc_edit *edit, const struct doc_node *n, bool *ret_changed,
		   struct error *err)
{
	const struct yaml_block block = split_block(edit->doc, n);
	size_t header;

	if (copy_header(edit, n, &block, &header, err) < 0)
		return -1;
	*ret_changed = chomping_at(&edit->text, header) == '+' ||
		       (n->value_len > 0 && chomping_at(&edit->text, header) != '-');
	if (*ret_changed && set_chomping(&edit->text, header, '-', err) < 0)
		return -1;
	/* the metadata goes behind it, also where the header is all there is */
	if (edit->metadata != SIZE_MAX && edit->place == edit->doc->text.len)
		edit->metadata = edit->text.len;
	return 0;
}
