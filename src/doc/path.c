/* SPDX-License-Identifier: MIT */
#include "doc/path.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "util/text.h"

#define INDEX_DIGITS_MAX 9

static int add_part(struct doc_path *path, struct doc_path_part part, struct span key,
		    struct error *err)
{
	struct doc_path_part *parts;

	if (path->len == DOC_PATH_MAX)
		return error_set(err, ERROR_BAD_INDEX, "an index has more than %d parts",
				 DOC_PATH_MAX);
	parts = realloc(path->parts, (path->len + 1) * sizeof(*parts));
	if (parts == NULL)
		return error_memory(err);
	path->parts = parts;
	part.key = path->bytes.len;
	part.key_len = key.len;
	if (buf_append_span(&path->bytes, key, err) < 0)
		return -1;
	parts[path->len++] = part;
	return 0;
}

static int fail_index(const char *text, const char *why, struct error *err)
{
	error_set(err, ERROR_BAD_INDEX, "the index \"%s\" cannot be used: %s",
		  text_printable_text(text).text, why);
	return error_hint(err, "it looks like '[\"key\"][0][\"key\"]'");
}

/* What stands between one pair of brackets: "key", 'key' or 0. */
static int add_component(struct doc_path *path, const char *text, struct span inside,
			 struct error *err)
{
	struct doc_path_part part = { .is_index = false };
	const uint8_t first = inside.len > 0 ? inside.data[0] : 0;

	if (first == '"' || first == '\'') {
		if (inside.len < 2 || inside.data[inside.len - 1] != first)
			return fail_index(text, "a quote is not closed", err);
		return add_part(path, part, span_slice(inside, 1, inside.len - 2), err);
	}
	if (inside.len == 0 || inside.len > INDEX_DIGITS_MAX)
		return fail_index(text,
				  inside.len == 0 ? "nothing stands between the brackets"
						  : "a number is too large",
				  err);
	part.is_index = true;
	for (size_t i = 0; i < inside.len; i++) {
		if (inside.data[i] < '0' || inside.data[i] > '9')
			return fail_index(text, "a key has no quotes", err);
		part.index = part.index * 10 + (size_t)(inside.data[i] - '0');
	}
	part.written = part.index;
	return add_part(path, part, SPAN_INIT, err);
}

int doc_path_parse(const char *text, struct doc_path *ret_path, struct error *err)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	struct span rest = span_of_text(text), part;

	if (rest.len == 0 || rest.data[0] != '[')
		return fail_index(text, "it does not begin with a bracket", err);
	rest = span_slice(rest, 1, rest.len);
	/* as in sops: parts are what stands between opening brackets, so no key has one */
	while (span_take_until(&rest, '[', &part)) {
		if (!span_ends_with(part, "]"))
			return fail_index(text, "a bracket is not closed", err);
		if (add_component(&path, text, span_slice(part, 0, part.len - 1), err) < 0)
			return -1;
	}
	if (path.len == 0 || text[strlen(text) - 1] != ']')
		return fail_index(text, "a bracket is not closed", err);
	*ret_path = path;
	path = DOC_PATH_INIT;
	return 0;
}

int doc_path_parse_slashes(const char *text, struct doc_path *ret_path, struct error *err)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	struct span rest = span_of_text(text), part;

	if (rest.len > 0 && (span_starts_with(rest, "/") || span_ends_with(rest, "/")))
		return error_set(err, ERROR_BAD_INDEX, "the key \"%s\" has an empty part",
				 text_printable_text(text).text);
	while (span_take_until(&rest, '/', &part)) {
		const struct doc_path_part key = { .is_index = false };

		if (part.len == 0)
			return error_set(err, ERROR_BAD_INDEX, "the key \"%s\" has an empty part",
					 text_printable_text(text).text);
		if (add_part(&path, key, part, err) < 0)
			return -1;
	}
	*ret_path = path;
	path = DOC_PATH_INIT;
	return 0;
}

void doc_path_release(struct doc_path *path)
{
	free(path->parts);
	buf_release(&path->bytes);
	*path = DOC_PATH_INIT;
}

struct span doc_path_key(const struct doc_path *path, size_t part)
{
	assert(part < path->len);
	return span_slice(buf_span(&path->bytes), path->parts[part].key, path->parts[part].key_len);
}

int doc_path_format(const struct doc_path *path, size_t parts, struct buf *ret_text,
		    struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	assert(parts <= path->len);
	for (size_t i = 0; i < parts; i++)
		if (path->parts[i].is_index
			    ? buf_printf(&text, err, "[%zu]", path->parts[i].written) < 0
			    : buf_printf(&text, err, "[\"%s\"]",
					 text_printable(doc_path_key(path, i)).text) < 0)
			return -1;
	*ret_text = buf_move(&text);
	return 0;
}

/* sops seals a list's comment as an element of the list. */
static bool is_comment_element(const struct doc *doc, uint32_t node)
{
	return doc->nodes[node].kind == DOC_SCALAR &&
	       span_starts_with(doc_value(doc, node), "ENC[") &&
	       span_ends_with(doc_value(doc, node), ",type:comment]");
}

/* Item number index of a list, comments not counted; DOC_NONE. */
static uint32_t item_at(const struct doc *doc, uint32_t list, size_t index)
{
	uint32_t node = doc_child(doc, list);

	for (; node != DOC_NONE; node = doc_sibling(doc, node)) {
		if (is_comment_element(doc, node))
			continue;
		if (index-- == 0)
			return node;
	}
	return DOC_NONE;
}

int doc_path_follow(const struct doc *doc, const struct doc_path *path, uint32_t *ret_node,
		    size_t *ret_parts, struct error *err)
{
	uint32_t node = doc_root(doc, 0);
	size_t parts = 0;

	if (node == DOC_NONE)
		return error_set(err, ERROR_NOT_FOUND, "the document is empty");
	for (; parts < path->len; parts++) {
		const struct doc_path_part *part = &path->parts[parts];
		uint32_t next = DOC_NONE;

		if (doc->nodes[node].kind == DOC_LIST && part->is_index)
			next = item_at(doc, node, part->index);
		else if (doc->nodes[node].kind == DOC_MAP && !part->is_index)
			next = doc_find(doc, node, doc_path_key(path, parts));
		if (next == DOC_NONE)
			break;
		node = next;
	}
	*ret_node = node;
	*ret_parts = parts;
	return 0;
}

/*
 * Element number index of a list with its comments counted; DOC_NONE. ret_values: how many values
 * come before it.
 */
static uint32_t element_at(const struct doc *doc, const uint32_t *order, uint32_t list,
			   size_t index, size_t *ret_values)
{
	*ret_values = 0;
	for (uint32_t i = 0; i < doc->len; i++) {
		const uint32_t node = order[i];
		const bool is_comment = doc->nodes[node].kind == DOC_COMMENT;

		if (doc->nodes[node].parent != list ||
		    (is_comment && !doc_comment_is_seen(doc, node)))
			continue;
		if (index-- == 0)
			return node;
		*ret_values += !is_comment && !is_comment_element(doc, node);
	}
	return DOC_NONE;
}

static int fail_comment(const struct doc_path *path, size_t parts, struct error *err)
{
	AUTO(buf) shown = BUF_INIT;
	const char *text;

	if (doc_path_format(path, parts, &shown, err) < 0 || buf_text(&shown, &text, err) < 0)
		return -1;
	return error_set(err, ERROR_BAD_INDEX,
			 "%s is a comment, no value: sops counts comments, too", text);
}

/* ret_values: the new indices of path; those of its keys, and those that lead nowhere, stay. */
static int count_values(const struct doc *doc, const uint32_t *order, const struct doc_path *path,
			size_t ret_values[DOC_PATH_MAX], struct error *err)
{
	uint32_t node = doc_root(doc, 0);

	for (size_t i = 0; i < path->len; i++)
		ret_values[i] = path->parts[i].index;
	for (size_t i = 0; i < path->len && node != DOC_NONE; i++) {
		const bool is_list = doc->nodes[node].kind == DOC_LIST;
		size_t values;

		if (is_list != path->parts[i].is_index)
			return 0;
		if (!is_list) {
			node = doc_find(doc, node, doc_path_key(path, i));
			continue;
		}
		node = element_at(doc, order, node, path->parts[i].index, &values);
		if (node == DOC_NONE)
			return 0;
		if (doc->nodes[node].kind == DOC_COMMENT || is_comment_element(doc, node))
			return fail_comment(path, i + 1, err);
		ret_values[i] = values;
	}
	return 0;
}

int doc_path_count_values(struct doc *doc, struct doc_path *path, struct error *err)
{
	size_t values[DOC_PATH_MAX];
	uint32_t *order;
	size_t i = 0;
	int status;

	while (i < path->len && !path->parts[i].is_index)
		i++;
	if (i == path->len)
		return 0;
	if (doc_place_comments(doc, err) < 0)
		return -1;
	order = calloc(doc->len, sizeof(*order));
	if (!order)
		return error_memory(err);
	doc_order(doc, order);
	status = count_values(doc, order, path, values, err);
	free(order);
	for (i = 0; status == 0 && i < path->len; i++)
		path->parts[i].index = values[i];
	return status;
}
