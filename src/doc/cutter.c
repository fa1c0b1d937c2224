/* SPDX-License-Identifier: MIT */
#include "doc/cutter.h"

#include <string.h>

#include "dotenv.h"

#define METADATA_LEN (sizeof(DOTENV_RESERVED) - 1)
#define METADATA_KEY "\"sops\""

struct doc_cutter doc_cutter_init(enum doc_format format, size_t least)
{
	return (struct doc_cutter){ .format = format, .least = least, .first = true };
}

bool doc_cutter_knows(enum doc_format format)
{
	return format == DOC_DOTENV || format == DOC_JSON;
}

/* As dotenv_parse.c has it. */
static bool is_plain(struct span line)
{
	return line.len == 0 || line.data[0] == '#' ||
	       (memchr(line.data, '=', line.len) && !span_starts_with(line, DOTENV_RESERVED));
}

bool doc_cutter_has_plain_lines(struct span text)
{
	struct span line;

	/* two nodes are the stream and its root */
	for (size_t count = 2; span_take_line(&text, &line); count++)
		if (count == DOC_NODES_MAX || !is_plain(line))
			return false;
	return true;
}

/* Before a line that is no metadata and behind one that is none. */
static bool cut_lines(struct doc_cutter *c, struct span text, bool at_end, size_t *ret_len)
{
	while (c->from < text.len) {
		const struct span line = span_slice(text, c->from, text.len);
		const bool metadata = span_starts_with(line, DOTENV_RESERVED);
		const uint8_t *end;

		if (line.len < METADATA_LEN && !at_end)
			return false;
		if (c->from >= c->least && !metadata && !c->touches) {
			*ret_len = c->from;
			return true;
		}
		end = memchr(text.data + c->at, '\n', text.len - c->at);
		if (!end) {
			c->at = text.len;
			c->metadata = c->metadata || (at_end && metadata);
			break;
		}
		c->touches = metadata;
		c->metadata = c->metadata || metadata;
		c->from = c->at = (size_t)(end + 1 - text.data);
	}
	*ret_len = text.len;
	return at_end;
}

static bool is_escaped(const uint8_t *text, size_t at)
{
	size_t backslashes = 0;

	while (backslashes < at && text[at - 1 - backslashes] == '\\')
		backslashes++;
	return backslashes % 2 != 0;
}

/* To behind the quote that ends the string, or to the end of text. */
static void skip_string(struct doc_cutter *c, struct span text)
{
	while (c->in_string && c->at < text.len) {
		const uint8_t *quote = memchr(text.data + c->at, '"', text.len - c->at);
		const size_t at = quote ? (size_t)(quote - text.data) : text.len;

		c->in_string = !quote || is_escaped(text.data, at);
		c->at = quote ? at + 1 : at;
	}
}

/* A key of the top level is at c->at. Is the comma before it where the piece ends? */
static bool begins_piece(struct doc_cutter *c, struct span text)
{
	const bool metadata = span_starts_with(span_slice(text, c->at, text.len), METADATA_KEY);
	const bool cut = c->from >= c->least && c->from > 0 && !metadata && !c->touches && !c->odd;

	if (cut)
		return true;
	c->key_next = false;
	c->touches = metadata;
	c->metadata = c->metadata || metadata;
	return false;
}

static void pass_mark(struct doc_cutter *c, uint8_t mark)
{
	if (mark == '{' || mark == '[')
		c->key_next = c->depth++ == 0;
	else if ((mark == '}' || mark == ']') && c->depth > 0)
		c->depth--;
	else if (mark == ',' && c->depth == 1) {
		c->odd = c->odd || c->key_next; /* two commas: no cut can make that right */
		c->from = c->at;
		c->key_next = true;
	}
}

static bool cut_entries(struct doc_cutter *c, struct span text, bool at_end, size_t *ret_len)
{
	for (; c->at < text.len; c->at++) {
		const uint8_t mark = text.data[c->at];

		if (mark == '"' && c->depth == 1 && c->key_next) {
			if (text.len - c->at < sizeof(METADATA_KEY) - 1 && !at_end)
				return false;
			if (begins_piece(c, text)) {
				*ret_len = c->from;
				return true;
			}
		}
		if (mark == '"' || c->in_string) {
			c->at += !c->in_string;
			c->in_string = true;
			skip_string(c, text);
			if (c->in_string)
				break;
			c->at--; /* of the loop */
			continue;
		}
		pass_mark(c, mark);
	}
	*ret_len = text.len;
	return at_end;
}

bool doc_cutter_cut(struct doc_cutter *cutter, struct span text, bool at_end, size_t *ret_len)
{
	return cutter->format == DOC_JSON ? cut_entries(cutter, text, at_end, ret_len)
					  : cut_lines(cutter, text, at_end, ret_len);
}

/* How much is put before a piece, and behind it. */
static size_t head_len(const struct doc_cutter *cutter)
{
	return cutter->format == DOC_JSON && !cutter->first;
}

static size_t tail_len(const struct doc_cutter *cutter, bool at_end)
{
	return cutter->format == DOC_JSON && !at_end;
}

int doc_cutter_wrap(const struct doc_cutter *cutter, struct span piece, bool at_end,
		    struct secret *ret_text, struct error *err)
{
	secret_truncate(ret_text, 0);
	if (secret_reserve(ret_text, piece.len + 2, err) < 0 ||
	    secret_append(ret_text, "{", head_len(cutter), err) < 0 ||
	    secret_append_span(ret_text, piece, err) < 0)
		return -1;
	return secret_append(ret_text, "}", tail_len(cutter, at_end), err);
}

bool doc_cutter_unwrap(const struct doc_cutter *cutter, struct span text, bool at_end,
		       struct span *ret_piece)
{
	const size_t head = head_len(cutter), tail = tail_len(cutter, at_end);

	if (text.len < head + tail || (head > 0 && text.data[0] != '{') ||
	    (tail > 0 && text.data[text.len - 1] != '}'))
		return false;
	*ret_piece = span_slice(text, head, text.len - head - tail);
	return true;
}

struct span doc_cutter_between(const struct doc_cutter *cutter)
{
	return cutter->format == DOC_JSON ? SPAN_LITERAL(",") : SPAN_INIT;
}

size_t doc_cutter_next(struct doc_cutter *cutter, size_t piece_len)
{
	const struct doc_cutter before = *cutter;

	*cutter = doc_cutter_init(before.format, before.least);
	cutter->first = false;
	cutter->depth = 1;
	cutter->key_next = true;
	return piece_len + doc_cutter_between(cutter).len;
}
