/* SPDX-License-Identifier: MIT */
#include "cli/json.h"

#include "util/text.h"

#define OPEN "{\"v\":"
#define CLOSE "}"

static int invalid(const char *why, struct error *err)
{
	return error_set(err, ERROR_BAD_INDEX, "the value is not valid JSON: %s", why);
}

/* A document has a map at its top, a value need not: so it is made a map's only entry. */
static int parse(struct span text, struct doc *ret_doc, struct error *err)
{
	AUTO(secret) whole = SECRET_INIT;
	struct error reason = ERROR_INIT;

	if (secret_append_text(&whole, OPEN, err) < 0 ||
	    secret_append_span(&whole, text, err) < 0 || secret_append_text(&whole, CLOSE, err) < 0)
		return -1;
	if (doc_parse(DOC_JSON, &whole, 0, ret_doc, &reason) == 0)
		return 0;
	if (reason.kind == ERROR_FORMAT || reason.kind == ERROR_EMPTY)
		return invalid(reason.message, err);
	*err = reason;
	return -1;
}

/* The one entry; DOC_NONE where the text closed the map itself, or went on behind it. */
static uint32_t find_value(const struct doc *doc)
{
	const uint32_t root = doc_root(doc, 0), value = doc_child(doc, root);
	const size_t end = doc->nodes[root].end;

	return value != DOC_NONE && doc_sibling(doc, value) == DOC_NONE &&
			       doc_root(doc, 1) == DOC_NONE && end == doc->text.len
		       ? value
		       : DOC_NONE;
}

/* A number that 64 bits cannot hold is none. */
static int check_scalar(const struct doc *doc, uint32_t node, struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct error ignored = ERROR_INIT;
	struct span canonical;
	const int result = doc->nodes[node].type == DOC_TYPE_NULL
				   ? 0
				   : doc_canonical(doc, node, scratch, &canonical, &ignored);

	secret_wipe(scratch, sizeof(scratch));
	return result < 0 ? invalid("a number that 64 bits cannot hold", err) : 0;
}

int json_value(struct span text, struct doc_tree *ret_value, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_tree) value = DOC_TREE_INIT;
	uint32_t node;

	if (!text_is_utf8(text))
		return invalid("it is not UTF-8", err);
	if (parse(text, &doc, err) < 0)
		return -1;
	node = find_value(&doc);
	if (node == DOC_NONE)
		return invalid("it is not one value", err);
	if (doc.nodes[node].kind == DOC_SCALAR) {
		if (check_scalar(&doc, node, err) < 0 ||
		    doc_tree_scalar(&value, NULL, (enum doc_type)doc.nodes[node].type,
				    doc_value(&doc, node), err) < 0)
			return -1;
	} else if (doc_tree_from(&doc, node, NULL, NULL, &value, err) < 0) {
		return -1;
	}
	*ret_value = value;
	value = DOC_TREE_INIT;
	return 0;
}
