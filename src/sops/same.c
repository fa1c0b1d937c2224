/* SPDX-License-Identifier: MIT */
#include "sops/same.h"

#include "sops/lookup.h"

/* Is node a document's top-level entry "sops"? */
static bool is_metadata(const struct doc *doc, uint32_t node)
{
	const struct doc_node *parent = &doc->nodes[doc->nodes[node].parent];

	return parent->kind == DOC_MAP && parent->parent == 0 &&
	       doc_is_reserved(doc->format, doc_key(doc, node));
}

/* The next value or container from node on; file NULL: of a plaintext document. */
static uint32_t next_value(const struct sops_file *file, const struct doc *doc, uint32_t node)
{
	while (node < doc->len) {
		const struct sops_leaf *leaf = file ? sops_file_leaf(file, node) : NULL;

		if (doc->nodes[node].kind == DOC_COMMENT ||
		    (leaf && leaf->type == DOC_TYPE_COMMENT))
			node++;
		else if (file && is_metadata(doc, node))
			node = doc->nodes[node].next;
		else
			break;
	}
	return node;
}

static size_t depth_of(const struct doc *doc, uint32_t node)
{
	size_t depth = 0;

	for (; node != 0; node = doc->nodes[node].parent)
		depth++;
	return depth;
}

static bool is_same_place(const struct doc *a, uint32_t x, const struct doc *b, uint32_t y)
{
	const struct doc_node *n = &a->nodes[x], *m = &b->nodes[y];
	const bool in_map = a->nodes[n->parent].kind == DOC_MAP;

	return n->kind == m->kind && depth_of(a, x) == depth_of(b, y) &&
	       in_map == (b->nodes[m->parent].kind == DOC_MAP) &&
	       (!in_map || span_equal(doc_key(a, x), doc_key(b, y)));
}

/* The MAC knows numbers by their digits alone: 1 and 1.0 are the same. */
static bool is_same_type(enum doc_type a, enum doc_type b)
{
	return a == b || ((a == DOC_TYPE_INT || a == DOC_TYPE_FLOAT) &&
			  (b == DOC_TYPE_INT || b == DOC_TYPE_FLOAT));
}

int sops_same_scalar(const struct doc *a, uint32_t x, const struct doc *b, uint32_t y,
		     bool *ret_same, struct error *err)
{
	char scratch[DOC_CANONICAL_MAX], other[DOC_CANONICAL_MAX];
	struct span text = SPAN_INIT, other_text = SPAN_INIT;
	int result = 0;

	*ret_same = is_same_type((enum doc_type)a->nodes[x].type, (enum doc_type)b->nodes[y].type);
	if (!*ret_same || a->nodes[x].type == DOC_TYPE_NULL)
		return 0;
	if (doc_canonical(a, x, scratch, &text, err) < 0 ||
	    doc_canonical(b, y, other, &other_text, err) < 0)
		result = -1;
	*ret_same = result == 0 && span_equal(text, other_text);
	secret_wipe(scratch, sizeof(scratch));
	secret_wipe(other, sizeof(other));
	return result;
}

int sops_same_readable(const struct sops_file *file, const struct doc *plain, bool *ret_same,
		       struct error *err)
{
	const struct doc *doc = &file->doc;
	uint32_t x = next_value(file, doc, 1), y = next_value(NULL, plain, 1);
	bool same = true;

	while (same && x < doc->len && y < plain->len) {
		same = is_same_place(doc, x, plain, y);
		if (same && doc->nodes[x].kind == DOC_SCALAR && !sops_file_leaf(file, x) &&
		    sops_same_scalar(doc, x, plain, y, &same, err) < 0)
			return -1;
		x = next_value(file, doc, x + 1);
		y = next_value(NULL, plain, y + 1);
	}
	*ret_same = same && x >= doc->len && y >= plain->len;
	return 0;
}
