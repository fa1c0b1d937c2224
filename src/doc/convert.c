/* SPDX-License-Identifier: MIT */
/* From a document to a tree, to be written in another format. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "yaml_number.h"

/* A float as YAML writes it: sops' spelling, but that -0 would be an integer (trap T11). */
static struct span spell_float(struct span canonical, char scratch[DOC_CANONICAL_MAX])
{
	char text[DOC_CANONICAL_MAX];
	struct span spelled;

	if (span_equal_text(canonical, "NaN"))
		return SPAN_LITERAL(".nan");
	if (span_ends_with(canonical, "Inf"))
		return canonical.data[0] == '-' ? SPAN_LITERAL("-.inf") : SPAN_LITERAL(".inf");
	if (span_equal_text(canonical, "-0"))
		return SPAN_LITERAL("-0.0");
	memcpy(text, canonical.data, canonical.len);
	text[canonical.len] = '\0';
	spelled = yaml_float_shown(strtod(text, NULL), FLOAT_OF_YAML, scratch);
	secret_wipe(text, sizeof(text));
	return spelled;
}

int doc_leaf_read(const struct doc *doc, uint32_t node, char scratch[DOC_CANONICAL_MAX],
		  enum doc_type *ret_type, struct span *ret_text, struct error *err)
{
	const struct doc_node *n = &doc->nodes[node];

	*ret_type = (enum doc_type)n->type;
	if (n->type == DOC_TYPE_NULL) {
		*ret_text = SPAN_INIT;
		return 0;
	}
	return doc_canonical(doc, node, scratch, ret_text, err);
}

struct builder {
	const struct doc *doc;
	doc_leaf_reader *read;
	const void *argument;
	struct doc_tree *tree;
};

static int add_leaf(const struct builder *b, uint32_t node, struct span key, struct error *err)
{
	char scratch[DOC_CANONICAL_MAX], again[DOC_CANONICAL_MAX];
	struct span text = SPAN_INIT;
	enum doc_type type = DOC_TYPE_NULL;
	int result = b->read ? b->read(b->argument, node, scratch, &type, &text, err)
			     : doc_leaf_read(b->doc, node, scratch, &type, &text, err);

	if (result == 0 && type == DOC_TYPE_FLOAT)
		text = spell_float(text, again);
	else if (result == 0 && type == DOC_TYPE_BOOL)
		text = text.data[0] == 'T' ? SPAN_LITERAL("true") : SPAN_LITERAL("false");
	if (result == 0)
		result = doc_tree_add(b->tree, type == DOC_TYPE_COMMENT ? DOC_COMMENT : DOC_SCALAR,
				      type == DOC_TYPE_COMMENT ? SPAN_INIT : key, type, text, err);
	secret_wipe(scratch, sizeof(scratch));
	secret_wipe(again, sizeof(again));
	return result;
}

static bool is_metadata(const struct doc *doc, uint32_t node)
{
	const uint32_t parent = doc->nodes[node].parent;

	return doc->nodes[node].kind != DOC_COMMENT && doc->nodes[parent].kind == DOC_MAP &&
	       doc->nodes[parent].parent == 0 && doc_is_reserved(doc->format, doc_key(doc, node));
}

/* The comments above the first document's first key, which stand before its root. */
static int add_head(const struct builder *b, uint32_t root, struct error *err)
{
	for (uint32_t node = 1; node < root && root == doc_root(b->doc, 0); node++)
		if (b->doc->nodes[node].kind == DOC_COMMENT &&
		    add_leaf(b, node, SPAN_INIT, err) < 0)
			return -1;
	return 0;
}

static int add_node(const struct builder *b, uint32_t node, struct span key, struct error *err)
{
	const struct doc_node *n = &b->doc->nodes[node];

	if (n->kind != DOC_MAP && n->kind != DOC_LIST)
		return add_leaf(b, node, key, err);
	if (doc_tree_add(b->tree, (enum doc_kind)n->kind, key, DOC_TYPE_NONE, SPAN_INIT, err) < 0)
		return -1;
	if (n->parent == 0 && add_head(b, node, err) < 0)
		return -1;
	for (uint32_t child = node + 1; child < n->next; child = b->doc->nodes[child].next) {
		if (b->read && is_metadata(b->doc, child))
			continue;
		if (add_node(b, child, n->kind == DOC_MAP ? doc_key(b->doc, child) : SPAN_INIT,
			     err) < 0)
			return -1;
	}
	doc_tree_close(b->tree);
	return 0;
}

int doc_tree_from(const struct doc *doc, uint32_t node, doc_leaf_reader *read, const void *argument,
		  struct doc_tree *ret_tree, struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	const struct builder b = { doc, read, argument, &tree };

	if (add_node(&b, node, SPAN_INIT, err) < 0)
		return -1;
	*ret_tree = tree;
	tree = DOC_TREE_INIT;
	return 0;
}

int doc_convert(enum doc_format from, struct secret *text, enum doc_format to, unsigned indent,
		struct secret *ret_text, size_t *ret_documents, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) out = SECRET_INIT;
	size_t documents;

	if (doc_parse(from, text, DOC_CHECK_MERGES, &doc, err) < 0)
		return -1;
	if (doc_find_metadata(&doc, doc_root(&doc, 0)) != DOC_NONE)
		return error_set(err, ERROR_SEALED,
				 "it has a top-level key \"sops\": it is sealed already, or uses "
				 "the name that sops keeps for itself");
	if (doc_tree_from(&doc, doc_root(&doc, 0), NULL, NULL, &tree, err) < 0)
		return -1;
	documents = doc_documents(&doc);
	doc_release(&doc);
	if (doc_tree_emit(to, &tree, indent, &out, err) < 0)
		return -1;
	*ret_text = secret_move(&out);
	*ret_documents = documents;
	return 0;
}
