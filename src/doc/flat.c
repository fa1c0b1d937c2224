/* SPDX-License-Identifier: MIT */
/* Building a document of lines. */
#include "flat.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

#define FIRST_PIECES 16
#define LINE_LEN 32

int flat_begin(struct doc *doc, uint32_t begin, const char *newline, struct error *err)
{
	struct flat_details *details =
		malloc(sizeof(*details) + FIRST_PIECES * sizeof(*details->pieces));

	if (!details)
		return error_memory(err);
	*details = (struct flat_details){ .begin = begin, .newline = newline, .cap = FIRST_PIECES };
	doc->details = details;
	return 0;
}

int flat_add_piece(struct doc *doc, size_t start, size_t end, struct error *err)
{
	struct flat_details *details = doc->details;

	if (details->len == details->cap) {
		const size_t cap = details->cap * 2;

		/* offsets only */
		details = realloc(details, sizeof(*details) + cap * sizeof(*details->pieces));
		if (!details)
			return error_memory(err);
		details->cap = cap;
		doc->details = details;
	}
	details->pieces[details->len++] = (struct flat_piece){ (uint32_t)start, (uint32_t)end };
	return 0;
}

/* About as many nodes as the text has lines: what has to grow is copied and wiped. */
static uint32_t first_cap(const struct doc *doc)
{
	return DOC_FIRST_NODES + (uint32_t)(doc->text.len / LINE_LEN);
}

int flat_add_node(struct doc *doc, const struct doc_node *node, uint32_t *ret_index,
		  struct error *err)
{
	struct doc_node *added = doc_add_node(doc, first_cap(doc), DOC_NODES_MAX, err);

	if (added == NULL)
		return -1;
	*added = *node;
	added->next = doc->len;
	*ret_index = doc->len - 1;
	return 0;
}

int flat_add_root(struct doc *doc, struct error *err)
{
	const uint32_t begin = flat_details(doc)->begin, end = (uint32_t)doc->text.len;
	const struct doc_node stream = { .kind = DOC_STREAM,
					 .type = DOC_TYPE_NONE,
					 .parent = DOC_NONE,
					 .start = begin,
					 .end = end };
	struct doc_node root = stream;
	uint32_t index;

	root.kind = DOC_MAP;
	root.parent = 0;
	root.entry = begin;
	return flat_add_node(doc, &stream, &index, err) < 0
		       ? -1
		       : flat_add_node(doc, &root, &index, err);
}

void flat_end(struct doc *doc)
{
	doc->nodes[0].next = doc->len;
	doc->nodes[1].next = doc->len;
}

int flat_keep(struct doc *doc, struct span bytes, uint32_t *ret_offset, struct error *err)
{
	*ret_offset = (uint32_t)doc->pool.len;
	return secret_append_span(&doc->pool, bytes, err);
}

int flat_unescape(struct doc *doc, struct span text, struct doc_node *value, struct error *err)
{
	const uint32_t at = (uint32_t)doc->pool.len;
	const uint8_t *escape;

	if (text.len == 0 || !memchr(text.data, '\\', text.len)) /* as most, and found out faster */
		return 0;
	while ((escape = text.len > 0 ? memmem(text.data, text.len, "\\n", 2) : NULL)) {
		const size_t before = (size_t)(escape - text.data);

		if (secret_append(&doc->pool, text.data, before, err) < 0 ||
		    secret_append(&doc->pool, "\n", 1, err) < 0)
			return -1;
		text = span_slice(text, before + 2, text.len);
	}
	if (doc->pool.len == at) /* it has none: the value stays where it is */
		return 0;
	if (secret_append_span(&doc->pool, text, err) < 0)
		return -1;
	value->value = at;
	value->value_len = (uint32_t)doc->pool.len - at;
	value->flags |= DOC_VALUE_IN_POOL;
	return 0;
}

size_t flat_line_start(const struct doc *doc, size_t offset)
{
	while (offset > flat_details(doc)->begin && doc->text.data[offset - 1] != '\n')
		offset--;
	return offset;
}

size_t flat_line_next(const struct doc *doc, size_t offset)
{
	const size_t left = doc->text.len - offset;
	const uint8_t *end = left > 0 ? memchr(doc->text.data + offset, '\n', left) : NULL;

	return end ? (size_t)(end + 1 - doc->text.data) : doc->text.len;
}
