/* SPDX-License-Identifier: MIT */
#include "openclaw/request.h"

#include <ctype.h>
#include <string.h>

#include "doc/doc.h"
#include "util/text.h"

#define REQUEST_VERSION "1"

static bool request_is_scalar(const struct doc *doc, uint32_t node, enum doc_type type)
{
	return node != DOC_NONE && doc->nodes[node].kind == DOC_SCALAR &&
	       doc->nodes[node].type == type;
}

static int request_check_version(const struct doc *doc, uint32_t root, struct error *err)
{
	const uint32_t node = doc_find(doc, root, SPAN_LITERAL("protocolVersion"));

	if (!request_is_scalar(doc, node, DOC_TYPE_INT))
		return error_set(err, ERROR_FORMAT,
				 "the request has no number \"protocolVersion\"");
	if (!span_equal_text(doc_value(doc, node), REQUEST_VERSION))
		return error_set(err, ERROR_UNSUPPORTED,
				 "the request is of protocol version %s; this is version %s",
				 text_printable(doc_value(doc, node)).text, REQUEST_VERSION);
	return 0;
}

/* OpenClaw's grammar, which leaves no way out of a directory. */
static bool request_is_id(struct span id)
{
	struct span rest = id, part;

	if (id.len == 0 || id.len > REQUEST_ID_MAX || !isalnum(id.data[0]))
		return false;
	for (size_t i = 0; i < id.len; i++)
		if (!isalnum(id.data[i]) && (id.data[i] == 0 || !strchr("._:/#-", id.data[i])))
			return false;
	while (span_take_until(&rest, '/', &part))
		if (span_equal_text(part, ".") || span_equal_text(part, ".."))
			return false;
	return true;
}

static bool request_has(const struct names *ids, struct span id)
{
	for (size_t i = 0; i < ids->len; i++)
		if (span_equal_text(id, ids->items[i]))
			return true;
	return false;
}

static int request_add(const struct doc *doc, uint32_t node, struct names *ids, struct error *err)
{
	const struct span id = doc_value(doc, node);

	if (ids->len == REQUEST_IDS_MAX)
		return error_set(err, ERROR_LIMIT, "the request has more than %d ids",
				 REQUEST_IDS_MAX);
	if (!request_is_scalar(doc, node, DOC_TYPE_STRING) || !request_is_id(id))
		return error_set(err, ERROR_FORMAT, "id number %zu of the request is none",
				 ids->len + 1);
	if (request_has(ids, id))
		return error_set(err, ERROR_FORMAT, "id \"%s\" is in the request twice",
				 text_printable(id).text);
	return names_add(ids, id, err);
}

static int request_read_ids(const struct doc *doc, uint32_t root, struct names *ids,
			    struct error *err)
{
	const uint32_t list = doc_find(doc, root, SPAN_LITERAL("ids"));

	if (list == DOC_NONE || doc->nodes[list].kind != DOC_LIST)
		return error_set(err, ERROR_FORMAT, "the request has no list \"ids\"");
	for (uint32_t node = doc_child(doc, list); node != DOC_NONE; node = doc_sibling(doc, node))
		if (request_add(doc, node, ids, err) < 0)
			return -1;
	return 0;
}

int request_parse(struct secret *text, struct names *ret_ids, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(names) ids = NAMES_INIT;
	uint32_t root;

	if (text->len > REQUEST_MAX)
		return error_set(err, ERROR_LIMIT, "the request is larger than %zu KiB",
				 REQUEST_MAX >> 10);
	if (doc_parse(DOC_JSON, text, 0, &doc, err) < 0)
		return error_wrap(err, "the request");
	root = doc_root(&doc, 0);
	if (request_check_version(&doc, root, err) < 0 ||
	    request_read_ids(&doc, root, &ids, err) < 0)
		return -1;
	*ret_ids = ids;
	ids = NAMES_INIT;
	return 0;
}
