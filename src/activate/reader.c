/* SPDX-License-Identifier: MIT */
#include "internal.h"

#include "util/text.h"

#include <stdlib.h>
#include <string.h>

/*
 * Of the entry's key, which doc_line() does not look at. Counted from the start: for errors
 * only.
 */
static size_t reader_line(const struct doc *doc, uint32_t node)
{
	struct span text = secret_span(&doc->text);
	size_t line = 1;

	/* A document has no key, and its place is its own. */
	if (doc->nodes[node].parent == 0)
		return doc_line(doc, node);
	for (uint32_t i = 0; i < doc->nodes[node].entry; i++)
		line += text.data[i] == '\n';
	return line;
}

int reader_place(const struct reader *reader, uint32_t node, struct error *err)
{
	return error_wrap(err, "manifest \"%s\" line %zu", reader->name,
			  reader_line(reader->doc, node));
}

const char *reader_field(const struct reader *reader, uint32_t node, struct text_shown *shown)
{
	*shown = text_printable(doc_key(reader->doc, node));
	return shown->text;
}

/* Children and siblings are those that are no comments. */
static uint32_t reader_skip_comments(const struct doc *doc, uint32_t node)
{
	while (node != DOC_NONE && doc->nodes[node].kind == DOC_COMMENT)
		node = doc_sibling(doc, node);
	return node;
}

uint32_t reader_child(const struct reader *reader, uint32_t node)
{
	return reader_skip_comments(reader->doc, doc_child(reader->doc, node));
}

uint32_t reader_sibling(const struct reader *reader, uint32_t node)
{
	return reader_skip_comments(reader->doc, doc_sibling(reader->doc, node));
}

int reader_expect(const struct reader *reader, uint32_t node, enum doc_kind kind, const char *what,
		  struct error *err)
{
	struct text_shown shown;

	if (reader->doc->nodes[node].kind == kind)
		return 0;
	return READER_ERROR(reader, node, err, "\"%s\" must be %s",
			    reader_field(reader, node, &shown), what);
}

bool reader_is_plain(struct span text)
{
	struct text_shown shown = text_printable(text);

	return text.len > 0 && span_equal_text(text, shown.text);
}

bool reader_is_unit(struct span text)
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789:-_.@\\";
	bool clean = text.len > 0 && text.len <= READER_UNIT_MAX && text.data[0] != '-';

	for (size_t i = 0; clean && i < text.len; i++)
		clean = memchr(letters, text.data[i], sizeof(letters) - 1) != NULL;
	return clean;
}

int reader_string(const struct reader *reader, uint32_t node, const char *what,
		  struct span *ret_text, struct error *err)
{
	if (reader->doc->nodes[node].kind != DOC_SCALAR ||
	    reader->doc->nodes[node].type != DOC_TYPE_STRING)
		return READER_ERROR(reader, node, err, "%s must be a text", what);
	*ret_text = doc_value(reader->doc, node);
	return 0;
}

int reader_text(const struct reader *reader, uint32_t node, const char *what, struct span *ret_text,
		struct error *err)
{
	struct span text = SPAN_INIT;

	if (reader_string(reader, node, what, &text, err) < 0)
		return -1;
	if (!reader_is_plain(text))
		return READER_ERROR(reader, node, err,
				    "%s must be 1 to %d printable characters, without quotes "
				    "and backslashes",
				    what, TEXT_PRINTABLE_MAX - 4);
	*ret_text = text;
	return 0;
}

const char *reader_path_fault(struct span path)
{
	struct span part;

	if (span_starts_with(path, "/"))
		return "is an absolute path";
	if (path.len == 0 || span_ends_with(path, "/"))
		return "has an empty part";
	while (span_take_until(&path, '/', &part)) {
		if (part.len == 0)
			return "has an empty part";
		if (span_equal_text(part, "..") || span_equal_text(part, "."))
			return "has a part \".\" or \"..\"";
	}
	return NULL;
}

int reader_copy(struct span text, char **ret_copy, struct error *err)
{
	char *copy = strndup(text.len > 0 ? (const char *)text.data : "", text.len);

	if (copy == NULL)
		return error_memory(err);
	free(*ret_copy);
	*ret_copy = copy;
	return 0;
}

/* The last one? */
static bool reader_is_twice(const struct names *names)
{
	const struct names before = { names->items, names->len - 1, names->cap };

	return names_have(&before, names->items[names->len - 1]);
}

int reader_list(const struct reader *reader, uint32_t list, reader_item_check *check,
		struct names *names, struct error *err)
{
	reader_item_read *const read = check == manifest_check_unit ? reader_string : reader_text;
	struct text_shown shown;
	struct span text = SPAN_INIT;

	if (reader_expect(reader, list, DOC_LIST, "a list, as in [a, b]", err) < 0)
		return -1;
	for (uint32_t item = reader_child(reader, list); item != DOC_NONE;
	     item = reader_sibling(reader, item)) {
		if (read(reader, item, "each item", &text, err) < 0 ||
		    (check != NULL && check(reader, item, text, err) < 0))
			return -1;
		if (names->len == MANIFEST_LIST_MAX)
			return READER_ERROR(reader, item, err, "more than %d items",
					    MANIFEST_LIST_MAX);
		if (names_add(names, text, err) < 0)
			return -1;
		if (reader_is_twice(names))
			return READER_ERROR(reader, item, err, "\"%s\" is there twice",
					    names->items[names->len - 1]);
	}
	if (names->len == 0)
		return READER_ERROR(reader, list, err, "\"%s\" is an empty list",
				    reader_field(reader, list, &shown));
	return 0;
}

int reader_later(const struct reader *reader, uint32_t node, struct error *err)
{
	struct text_shown shown;

	error_set(err, ERROR_UNSUPPORTED, "\"%s\" is not supported by this version",
		  reader_field(reader, node, &shown));
	return reader_place(reader, node, err);
}

int reader_unknown(const struct reader *reader, uint32_t node, struct error *err)
{
	struct text_shown shown;

	return READER_ERROR(reader, node, err, "unknown field \"%s\"",
			    reader_field(reader, node, &shown));
}
