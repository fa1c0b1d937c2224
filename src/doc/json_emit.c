/* SPDX-License-Identifier: MIT */
/* Writes a tree as JSON: as sops does, or in the layout of a document. */
#include "json.h"

static int new_line(const struct json_layout *layout, struct span prefix, size_t levels,
		    struct secret *out, struct error *err)
{
	if (secret_append_text(out, layout->newline, err) < 0 ||
	    secret_append_span(out, prefix, err) < 0)
		return -1;
	for (; levels > 0; levels--)
		if (secret_append_span(out, layout->unit, err) < 0)
			return -1;
	return 0;
}

static struct span tree_bytes(const struct doc_tree *tree, uint32_t at, uint32_t len)
{
	return span_slice(secret_span(&tree->bytes), at, len);
}

static int emit(const struct doc_tree *tree, uint32_t node, const struct json_layout *layout,
		struct span prefix, size_t level, struct secret *out, struct error *err)
{
	const struct doc_tree_node *n = &tree->nodes[node];
	const bool is_map = n->kind == DOC_MAP;
	bool filled = false;

	if (n->kind == DOC_SCALAR)
		return json_write_scalar(out, (enum doc_type)n->type,
					 tree_bytes(tree, n->value, n->value_len), err);
	if (secret_append_text(out, is_map ? "{" : "[", err) < 0)
		return -1;
	for (uint32_t child = node + 1; child < n->next; child = tree->nodes[child].next) {
		const struct doc_tree_node *c = &tree->nodes[child];

		if (c->kind == DOC_COMMENT)
			continue;
		if (filled &&
		    secret_append_span(out, layout->lines ? SPAN_LITERAL(",") : layout->comma,
				       err) < 0)
			return -1;
		filled = true;
		if (layout->lines && new_line(layout, prefix, level + 1, out, err) < 0)
			return -1;
		if (is_map &&
		    (doc_json_string(out, tree_bytes(tree, c->key, c->key_len), 0, err) < 0 ||
		     secret_append_span(out, layout->colon, err) < 0))
			return -1;
		if (emit(tree, child, layout, prefix, level + 1, out, err) < 0)
			return -1;
	}
	if (layout->lines && filled && new_line(layout, prefix, level, out, err) < 0)
		return -1;
	return secret_append_text(out, is_map ? "}" : "]", err);
}

int json_emit_value(const struct doc_tree *tree, uint32_t node, const struct json_layout *layout,
		    struct span prefix, struct secret *out, struct error *err)
{
	return emit(tree, node, layout, prefix, 0, out, err);
}

int json_emit_single(const struct doc_tree *tree, unsigned indent, struct secret *out,
		     struct error *err)
{
	const struct json_layout layout = json_layout_default(indent);

	return emit(tree, 0, &layout, SPAN_INIT, 0, out, err);
}

int json_emit_compact(const struct doc_tree *tree, unsigned indent, struct secret *out,
		      struct error *err)
{
	const struct json_layout layout = { .lines = false,
					    .newline = "",
					    .colon = SPAN_LITERAL(":"),
					    .comma = SPAN_LITERAL(",") };

	(void)indent;
	return emit(tree, 0, &layout, SPAN_INIT, 0, out, err);
}

int json_emit(const struct doc_tree *tree, unsigned indent, struct secret *out, struct error *err)
{
	const struct json_layout layout = json_layout_default(indent);

	return emit(tree, 0, &layout, SPAN_INIT, 0, out, err) < 0
		       ? -1
		       : secret_append_text(out, "\n", err);
}
