/* SPDX-License-Identifier: MIT */
/*
 * Aliases written out, in the text: what "*name" means takes its place, as a block
 * where it can, else in flow style. Anchors stay, they do no harm.
 */
#include <string.h>

#include "internal.h"

/* How many values all aliases together may come to. */
#define ALIAS_NODES_MAX ((size_t)1 << 20)

/* Copies the value at node into tree, aliases within it too. */
static int copy_value(const struct doc *doc, uint32_t node, struct span key, unsigned depth,
		      size_t *count, struct doc_tree *tree, struct error *err)
{
	const struct doc_node *n = &doc->nodes[node];

	if (++*count > ALIAS_NODES_MAX || depth > DOC_DEPTH_MAX)
		return error_set(err, ERROR_LIMIT,
				 "the aliases come to more than %zu values or %d levels",
				 ALIAS_NODES_MAX, DOC_DEPTH_MAX);
	if (n->kind == DOC_ALIAS)
		return copy_value(doc, n->value, key, depth + 1, count, tree, err);
	if (n->kind == DOC_SCALAR)
		return doc_tree_add(tree, DOC_SCALAR, key, n->type, doc_value(doc, node), err);
	if (doc_tree_add(tree, n->kind, key, DOC_TYPE_NONE, SPAN_INIT, err) < 0)
		return -1;
	for (uint32_t child = doc_child(doc, node); child != DOC_NONE;
	     child = doc_sibling(doc, child))
		if (copy_value(doc, child, doc_key(doc, child), depth + 1, count, tree, err) < 0)
			return -1;
	doc_tree_close(tree);
	return 0;
}

int yaml_expand_aliases(const struct doc *doc, struct secret *ret_text, struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	size_t count = 0;

	if (doc_edit_begin(doc, doc->text.len + doc->text.len / 2, &edit, err) < 0)
		return -1;
	for (uint32_t node = 0; node < doc->len; node++) {
		AUTO(doc_tree) tree = DOC_TREE_INIT;

		if (doc->nodes[node].kind != DOC_ALIAS)
			continue;
		if (copy_value(doc, node, SPAN_INIT, 0, &count, &tree, err) < 0 ||
		    doc_edit_replace(&edit, node, &tree, err) < 0)
			return -1;
	}
	return doc_edit_finish(&edit, ret_text, err);
}
