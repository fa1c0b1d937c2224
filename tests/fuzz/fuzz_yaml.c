/* SPDX-License-Identifier: MIT */
/*
 * YAML is parsed, its comments are placed, in both ways alike, and every value's texts agree with
 * each other.
 */
#include <assert.h>
#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/doc/internal.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return sodium_init() < 0 ? -1 : 0;
}

static void check_tree(const struct doc *doc)
{
	for (uint32_t i = 1; i < doc->len; i++) {
		const struct doc_node *n = &doc->nodes[i];

		assert(n->next > i && n->next <= doc->len);
		assert(n->start <= n->end && n->end <= doc->text.len);
		assert(n->kind == DOC_COMMENT ||
		       (n->parent < i && doc->nodes[n->parent].next >= n->next));
	}
}

static void check_value(const struct doc *doc, uint32_t node)
{
	char scratch[DOC_CANONICAL_MAX], other[DOC_CANONICAL_MAX], third[DOC_CANONICAL_MAX];
	struct span canonical, plain, again;
	struct error err = ERROR_INIT;
	int status = doc_canonical(doc, node, scratch, &canonical, &err);

	assert((status < 0) == (err.kind != ERROR_NONE));
	if (status < 0 || doc->nodes[node].type == DOC_TYPE_NULL)
		return;
	assert(doc_plain(doc, node, other, &plain, &err) == 0);
	assert(doc_canonical_plain(doc->nodes[node].type, plain, third, &again, &err) == 0);
	assert(span_equal(canonical, again));
}

/* Where the short way places comments, the scan finds the same containers and the same order. */
static void check_comments(struct doc *doc)
{
	uint32_t *parents = calloc(doc->len, sizeof(*parents));
	uint32_t *order = calloc((size_t)2 * doc->len, sizeof(*order));
	struct error err = ERROR_INIT;
	const bool plain = yaml_place_plain_comments(doc);

	assert(parents != NULL && order != NULL);
	for (uint32_t i = 0; i < doc->len; i++)
		parents[i] = doc->nodes[i].parent;
	doc_order(doc, order);
	assert(yaml_scan_comments(doc, &err) == 0);
	doc_order(doc, order + doc->len);
	for (uint32_t i = 0; i < doc->len && plain; i++)
		assert(parents[i] == doc->nodes[i].parent && order[i] == order[doc->len + i]);
	free(parents);
	free(order);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	for (unsigned flags = 0; flags <= DOC_KEEP_ALIASES; flags++) {
		struct secret text = SECRET_INIT;
		struct doc doc = DOC_INIT;
		struct error err = ERROR_INIT;
		int status = secret_append(&text, data, len, &err);

		if (status == 0)
			status = doc_parse(DOC_YAML, &text, flags, &doc, &err);
		assert((status < 0) == (err.kind != ERROR_NONE));
		assert(err.kind != ERROR_BUG);
		if (status == 0) {
			check_tree(&doc);
			for (uint32_t i = 0; i < doc.len; i++)
				if (doc.nodes[i].kind == DOC_SCALAR ||
				    doc.nodes[i].kind == DOC_COMMENT)
					check_value(&doc, i);
			if (flags == 0)
				check_comments(&doc);
		}
		doc_release(&doc);
		secret_release(&text);
	}
	assert(secret_live() == 0);
	return 0;
}
