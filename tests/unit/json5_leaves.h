/* SPDX-License-Identifier: MIT */
/*
 * What a document of JSON5 holds, a line for each scalar and each empty container: its path as a JSON list, a tab,
 * and the value as JSON; of a number "n" and its text as a JSON string.
 */
#ifndef TESTS_JSON5_LEAVES_H
#define TESTS_JSON5_LEAVES_H

#include <stdio.h>

#include "doc/json.h"
#include "doc/json5.h"

static inline int json5_put_path(const struct doc *doc, uint32_t node, struct secret *out,
				 struct error *err)
{
	const uint32_t parent = doc->nodes[node].parent;
	char index[16];
	unsigned at = 0;

	if (doc->nodes[parent].kind == DOC_STREAM)
		return 0;
	if (json5_put_path(doc, parent, out, err) < 0 ||
	    (doc->nodes[doc->nodes[parent].parent].kind != DOC_STREAM &&
	     secret_append_text(out, ",", err) < 0))
		return -1;
	if (doc->nodes[parent].kind == DOC_MAP)
		return doc_json_string(out, doc_key(doc, node), 0, err);
	for (uint32_t i = doc_child(doc, parent); i != node; i = doc_sibling(doc, i))
		at++;
	(void)snprintf(index, sizeof(index), "%u", at);
	return secret_append_text(out, index, err);
}

static inline int json5_put_value(const struct doc *doc, uint32_t node, struct secret *out,
				  struct error *err)
{
	const struct doc_node *n = &doc->nodes[node];
	const bool is_number = n->type == DOC_TYPE_INT || n->type == DOC_TYPE_FLOAT;

	if (n->kind != DOC_SCALAR)
		return secret_append_text(out, n->kind == DOC_MAP ? "{}" : "[]", err);
	if (n->type != DOC_TYPE_STRING && !is_number)
		return secret_append_span(out, doc_value(doc, node), err);
	if (is_number && secret_append_text(out, "n", err) < 0)
		return -1;
	return doc_json_string(out, doc_value(doc, node), 0, err);
}

static inline int json5_list(const struct doc *doc, struct secret *out, struct error *err)
{
	for (uint32_t node = 1; node < doc->len; node++) {
		if (doc->nodes[node].kind != DOC_SCALAR && doc_child(doc, node) != DOC_NONE)
			continue;
		if (secret_append_text(out, "[", err) < 0 ||
		    json5_put_path(doc, node, out, err) < 0 ||
		    secret_append_text(out, "]\t", err) < 0 ||
		    json5_put_value(doc, node, out, err) < 0 ||
		    secret_append_text(out, "\n", err) < 0)
			return -1;
	}
	return 0;
}

#endif
