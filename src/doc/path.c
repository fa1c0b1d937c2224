/* SPDX-License-Identifier: MIT */
#include "doc/path.h"

#include <stdlib.h>
#include <string.h>

#include "util/text.h"

void doc_path_release(struct doc_path *path)
{
	free(path->parts);
	buf_release(&path->bytes);
	*path = DOC_PATH_INIT;
}

static int add_part(struct doc_path *path, struct doc_path_part part, struct error *err)
{
	if (path->len == DOC_PATH_MAX)
		return error_set(err, ERROR_LIMIT, "an index of more than %d parts", DOC_PATH_MAX);
	if (path->parts == NULL) {
		path->parts = calloc(DOC_PATH_MAX, sizeof(*path->parts));
		if (path->parts == NULL)
			return error_memory(err);
	}
	path->parts[path->len++] = part;
	return 0;
}

static int add_key(struct doc_path *path, struct span key, struct error *err)
{
	const struct doc_path_part part = { .key = path->bytes.len, .key_len = key.len };

	if (buf_append_span(&path->bytes, key, err) < 0)
		return -1;
	return add_part(path, part, err);
}

static int add_index(struct doc_path *path, struct span digits, struct error *err)
{
	struct doc_path_part part = { .is_index = true };

	for (size_t i = 0; i < digits.len; i++)
		if (digits.data[i] < '0' || digits.data[i] > '9' ||
		    __builtin_mul_overflow(part.index, 10, &part.index) ||
		    __builtin_add_overflow(part.index, digits.data[i] - '0', &part.index))
			return error_set(err, ERROR_BAD_INDEX,
					 "\"%s\" is no list index: a key stands in quotes, [\"key\"]",
					 text_printable(digits).text);
	if (digits.len == 0)
		return error_set(err, ERROR_BAD_INDEX, "an index is empty: \"[]\"");
	return add_part(path, part, err);
}

/* One component, without its "[". */
static int add_component(struct doc_path *path, struct span component, struct error *err)
{
	struct span inside;
	uint8_t quote;

	if (component.len == 0 || component.data[component.len - 1] != ']')
		return error_set(err, ERROR_BAD_INDEX, "an index does not end with \"]\": \"[%s\"",
				 text_printable(component).text);
	inside = span_slice(component, 0, component.len - 1);
	quote = inside.len > 0 ? inside.data[0] : 0;
	if (quote != '"' && quote != '\'')
		return add_index(path, inside, err);
	if (inside.len < 2 || inside.data[inside.len - 1] != quote)
		return error_set(err, ERROR_BAD_INDEX, "a quote is not closed: \"[%s\"",
				 text_printable(component).text);
	return add_key(path, span_slice(inside, 1, inside.len - 2), err);
}

int doc_path_parse(const char *text, struct doc_path *ret_path, struct error *err)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	struct span rest = span_of_text(text), component;

	if (rest.len == 0 || rest.data[0] != '[')
		return error_set(err, ERROR_BAD_INDEX,
				 "\"%s\" is no index: it is written [\"key\"][0]",
				 text_printable(rest).text);
	rest = span_slice(rest, 1, rest.len);
	do {
		if (!span_take_until(&rest, '[', &component))
			component = SPAN_INIT;
		if (add_component(&path, component, err) < 0)
			return -1;
	} while (rest.len > 0);
	if (text[strlen(text) - 1] == '[')
		return error_set(err, ERROR_BAD_INDEX, "an index does not end with \"]\": \"[\"");
	*ret_path = path;
	path = DOC_PATH_INIT;
	return 0;
}

int doc_path_parse_slashes(const char *text, struct doc_path *ret_path, struct error *err)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	struct span rest = span_of_text(text), part;

	while (span_take_until(&rest, '/', &part)) {
		if (part.len == 0)
			return error_set(err, ERROR_BAD_INDEX, "a key in \"%s\" is empty",
					 text_printable_text(text).text);
		if (add_key(&path, part, err) < 0)
			return -1;
	}
	if (*text != '\0' && text[strlen(text) - 1] == '/')
		return error_set(err, ERROR_BAD_INDEX, "a key in \"%s\" is empty",
				 text_printable_text(text).text);
	*ret_path = path;
	path = DOC_PATH_INIT;
	return 0;
}

struct span doc_path_key(const struct doc_path *path, size_t part)
{
	return span_slice(buf_span(&path->bytes), path->parts[part].key, path->parts[part].key_len);
}

int doc_path_format(const struct doc_path *path, size_t parts, struct buf *ret_text,
		    struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	for (size_t i = 0; i < parts && i < path->len; i++) {
		const int status = path->parts[i].is_index ?
			buf_printf(&text, err, "[%zu]", path->parts[i].index) :
			buf_printf(&text, err, "[\"%s\"]", text_printable(doc_path_key(path, i)).text);

		if (status < 0)
			return -1;
	}
	buf_release(ret_text);
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

static uint32_t element(const struct doc *doc, uint32_t list, size_t index)
{
	uint32_t node = doc_child(doc, list);

	for (; node != DOC_NONE; node = doc_sibling(doc, node))
		if (!is_comment_element(doc, node) && index-- == 0)
			break;
	return node;
}

/* One step down; DOC_NONE where there is no such child. */
static int step(const struct doc *doc, uint32_t node, const struct doc_path *path, size_t part,
		uint32_t *ret_node, struct error *err)
{
	const bool is_index = path->parts[part].is_index;
	const uint8_t kind = doc->nodes[node].kind;

	*ret_node = DOC_NONE;
	if (kind == DOC_MAP && !is_index)
		*ret_node = doc_find(doc, node, doc_path_key(path, part));
	else if (kind == DOC_LIST && is_index)
		*ret_node = element(doc, node, path->parts[part].index);
	else if (kind == DOC_MAP)
		return error_set(err, ERROR_BAD_INDEX, "a list index, [%zu], where there is a map",
				 path->parts[part].index);
	else if (kind == DOC_LIST)
		return error_set(err, ERROR_BAD_INDEX, "a key, \"%s\", where there is a list",
				 text_printable(doc_path_key(path, part)).text);
	return 0;
}

int doc_path_follow(const struct doc *doc, const struct doc_path *path, uint32_t *ret_node,
		    size_t *ret_parts, struct error *err)
{
	uint32_t node = doc_root(doc, 0), next;
	size_t part;

	for (part = 0; part < path->len; part++) {
		if (step(doc, node, path, part, &next, err) < 0)
			return -1;
		if (next == DOC_NONE)
			break;
		node = next;
	}
	*ret_node = node;
	*ret_parts = part;
	return 0;
}
