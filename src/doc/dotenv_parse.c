/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "dotenv.h"
#include "internal.h"
#include "util/text.h"

#define RESERVED_LEN (sizeof(DOTENV_RESERVED) - 1)

static int add_comment(struct doc *doc, size_t start, size_t end, struct error *err)
{
	const struct doc_node node = {
		.kind = DOC_COMMENT,
		.type = DOC_TYPE_COMMENT,
		.parent = 1,
		.entry = (uint32_t)start,
		.start = (uint32_t)start + 1,
		.end = (uint32_t)end,
		.value = (uint32_t)start + 1,
		.value_len = (uint32_t)(end - start - 1),
	};
	uint32_t index;

	return flat_add_node(doc, &node, &index, err);
}

/* KEY=VALUE, with the "=" at equals: an entry, or one of the metadata's. */
static int add_value(struct doc *doc, size_t start, size_t equals, size_t end,
		     struct flat_entries *metadata, struct error *err)
{
	const struct span key = doc_text_slice(doc, start, equals);
	const struct span value = doc_text_slice(doc, equals + 1, end);
	struct doc_node node = {
		.kind = DOC_SCALAR,
		.type = DOC_TYPE_STRING,
		.parent = 1,
		.entry = (uint32_t)start,
		.start = (uint32_t)equals + 1,
		.end = (uint32_t)end,
		.key = (uint32_t)start,
		.key_len = (uint32_t)key.len,
		.value = (uint32_t)equals + 1,
		.value_len = (uint32_t)value.len,
	};
	uint32_t index;

	if (flat_unescape(doc, value, &node, err) < 0)
		return -1;
	if (!span_starts_with(key, DOTENV_RESERVED))
		return flat_add_node(doc, &node, &index, err);
	node.flags |= FLAT_METADATA;
	node.key += (uint32_t)RESERVED_LEN;
	node.key_len -= (uint32_t)RESERVED_LEN;
	if (flat_add_piece(doc, start, flat_line_next(doc, end), err) < 0)
		return -1;
	return flat_entries_add(metadata, doc, &node, err);
}

static int refuse_line(const struct doc *doc, size_t start, size_t end, struct error *err)
{
	const size_t line = doc_line_of(DOC_DOTENV, secret_span(&doc->text), start);
	const bool blank = end == start + 1 && doc->text.data[start] == '\r';

	error_set(err, ERROR_FORMAT, "line %zu: neither KEY=VALUE nor a comment", line);
	return blank ? error_hint(err, "to sops a line with a carriage return alone is not empty: "
				       "take it out, or end the lines with LF")
		     : error_hint(err, "a value stands on one line, its line breaks as \\n");
}

static int parse_lines(struct doc *doc, struct flat_entries *metadata, struct error *err)
{
	const uint8_t *text = doc->text.data;
	size_t next;

	for (size_t start = 0; start < doc->text.len; start = next) {
		const uint8_t *equals;
		size_t end;

		next = flat_line_next(doc, start);
		end = text[next - 1] == '\n' ? next - 1 : next;
		if (start == end)
			continue;
		if (text[start] == '#') {
			if (add_comment(doc, start, end, err) < 0)
				return -1;
			continue;
		}
		equals = memchr(text + start, '=', end - start);
		if (!equals)
			return refuse_line(doc, start, end, err);
		if (add_value(doc, start, (size_t)(equals - text), end, metadata, err) < 0)
			return -1;
	}
	return 0;
}

/* The metadata come last in the tree, wherever their lines stand. */
static int add_metadata(struct doc *doc, struct flat_entries *entries, struct error *err)
{
	const struct flat_details *details = flat_details(doc);
	struct doc_node container = {
		.kind = DOC_MAP,
		.type = DOC_TYPE_NONE,
		.parent = 1,
		.flags = DOC_KEY_IN_POOL,
		.key_len = RESERVED_LEN,
		.value = 0,
		.value_len = (uint32_t)details->len,
	};

	if (entries->len == 0)
		return 0;
	container.entry = container.start = details->pieces[0].start;
	container.end = details->pieces[details->len - 1].end;
	if (flat_keep(doc, SPAN_LITERAL(DOTENV_RESERVED), &container.key, err) < 0)
		return -1;
	return flat_unflatten(doc, &container, entries, err);
}

static int parse(struct doc *doc, struct error *err)
{
	AUTO(flat_entries) metadata = FLAT_ENTRIES_INIT;

	if (doc->text.len > DOC_TEXT_MAX)
		return error_set(err, ERROR_LIMIT, "the document has more than %zu MiB",
				 DOC_TEXT_MAX >> 20);
	/* to sops a carriage return is a part of the value: new lines have none */
	if (flat_begin(doc, 0, "\n", err) < 0 || flat_add_root(doc, err) < 0 ||
	    parse_lines(doc, &metadata, err) < 0 || add_metadata(doc, &metadata, err) < 0)
		return -1;
	flat_end(doc);
	return 0;
}

int dotenv_parse(struct secret *text, unsigned flags, struct doc *ret_doc, struct error *err)
{
	AUTO(doc) doc = { .format = DOC_DOTENV, .text = *text };

	(void)flags;
	if (parse(&doc, err) < 0) {
		doc.text = SECRET_INIT; /* it was only lent */
		return -1;
	}
	*text = SECRET_INIT;
	*ret_doc = doc;
	doc = DOC_INIT;
	return 0;
}
