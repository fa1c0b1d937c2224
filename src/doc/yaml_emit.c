/* SPDX-License-Identifier: MIT */
/*
 * Writes a tree as sops writes YAML: block style, strings quoted by go-yaml's
 * rules, literal blocks for what has several lines.
 */
#include <string.h>

#include "yaml_spell.h"

static struct span tree_key(const struct doc_tree *tree, uint32_t node)
{
	return span_slice(secret_span(&tree->bytes), tree->nodes[node].key,
			  tree->nodes[node].key_len);
}

static struct span tree_value(const struct doc_tree *tree, uint32_t node)
{
	return span_slice(secret_span(&tree->bytes), tree->nodes[node].value,
			  tree->nodes[node].value_len);
}

/* A string on one line. */
static int write_string(struct secret *out, struct span text, bool in_flow, struct error *err)
{
	enum yaml_style style = yaml_string_style(text);

	if (style == YAML_STYLE_PLAIN && in_flow && !yaml_can_be_plain(text, true, false))
		style = YAML_STYLE_DOUBLE;
	if (style == YAML_STYLE_PLAIN)
		return secret_append_span(out, text, err);
	return style == YAML_STYLE_SINGLE ? yaml_write_single(out, text, err)
					  : yaml_write_double(out, text, err);
}

/* A scalar that is no literal block. */
static int write_scalar(const struct doc_tree *tree, uint32_t node, bool in_flow,
			struct secret *out, struct error *err)
{
	const struct span text = tree_value(tree, node);
	const uint8_t type = tree->nodes[node].type;

	if (type == DOC_TYPE_STRING)
		return write_string(out, text, in_flow, err);
	return type == DOC_TYPE_NULL && text.len == 0 ? secret_append_text(out, "null", err)
						      : secret_append_span(out, text, err);
}

int yaml_write_key(struct secret *out, struct span key, bool in_flow, struct error *err)
{
	/* more than 128 characters need a mark in sops' own spelling; parsers stop at 1024 */
	if (key.len > 128 && !in_flow) {
		if (secret_append_text(out, "? ", err) < 0)
			return -1;
	}
	return write_string(out, key, in_flow, err);
}

static int emit_flow(const struct doc_tree *tree, uint32_t node, bool with_key, struct secret *out,
		     struct error *err)
{
	const struct doc_tree_node *n = &tree->nodes[node];
	const bool is_map = n->kind == DOC_MAP;
	bool filled = false;

	if (with_key && (yaml_write_key(out, tree_key(tree, node), true, err) < 0 ||
			 secret_append_text(out, ": ", err) < 0))
		return -1;
	if (n->kind == DOC_SCALAR)
		return write_scalar(tree, node, true, out, err);
	if (secret_append_text(out, is_map ? "{" : "[", err) < 0)
		return -1;
	for (uint32_t child = node + 1; child < n->next; child = tree->nodes[child].next) {
		if (tree->nodes[child].kind == DOC_COMMENT)
			continue;
		if ((filled && secret_append_text(out, ", ", err) < 0) ||
		    emit_flow(tree, child, is_map, out, err) < 0)
			return -1;
		filled = true;
	}
	return secret_append_text(out, is_map ? "}" : "]", err);
}

int yaml_emit_flow(const struct doc_tree *tree, uint32_t node, struct secret *out,
		   struct error *err)
{
	return emit_flow(tree, node, false, out, err);
}

static int emit_entries(const struct doc_tree *tree, uint32_t node,
			const struct yaml_layout *layout, unsigned column, bool first_inline,
			struct secret *out, struct error *err);

/* The column of lines nested under an entry at column: the next multiple of the indentation. */
static unsigned deeper(const struct yaml_layout *layout, unsigned column, unsigned base)
{
	return base + ((column - base) / layout->indent + 1) * layout->indent;
}

/* Comments alone would leave a null. */
static bool is_empty(const struct doc_tree *tree, uint32_t node)
{
	uint32_t child = node + 1;

	while (child < tree->nodes[node].next && tree->nodes[child].kind == DOC_COMMENT)
		child++;
	return child == tree->nodes[node].next;
}

static int emit_comment(struct span text, const struct yaml_layout *layout, struct secret *out,
			struct error *err)
{
	if (yaml_line_end(text, 0) < text.len)
		return error_set(err, ERROR_DUMP, "a comment of several lines");
	if (secret_append_text(out, "#", err) < 0 || secret_append_span(out, text, err) < 0)
		return -1;
	return secret_append_text(out, layout->newline, err);
}

/* What follows "key:" or "-" (whose column is column), up to and with the line break. */
static int emit_value(const struct doc_tree *tree, uint32_t node, const struct yaml_layout *layout,
		      unsigned column, bool in_list, struct secret *out, struct error *err)
{
	const struct doc_tree_node *n = &tree->nodes[node];
	const unsigned nested = deeper(layout, column, 0);

	if (n->kind == DOC_SCALAR) {
		const struct span text = tree_value(tree, node);

		if (secret_append_text(out, " ", err) < 0)
			return -1;
		if (n->type == DOC_TYPE_STRING && yaml_string_style(text) == YAML_STYLE_LITERAL) {
			const unsigned at = in_list ? column + 2 : nested;

			if (yaml_write_literal(out, text, at, at - column, layout->newline, err) <
			    0)
				return -1;
		} else if (write_scalar(tree, node, false, out, err) < 0) {
			return -1;
		}
		return secret_append_text(out, layout->newline, err);
	}
	if (is_empty(tree, node))
		return secret_append_text(out, n->kind == DOC_MAP ? " {}" : " []", err) < 0
			       ? -1
			       : secret_append_text(out, layout->newline, err);
	if (in_list) {
		if (secret_append_text(out, " ", err) < 0)
			return -1;
		return emit_entries(tree, node, layout, column + 2, true, out, err);
	}
	if (secret_append_text(out, layout->newline, err) < 0)
		return -1;
	return emit_entries(tree, node, layout, nested, false, out, err);
}

/* The entries of a container, each on lines of its own from column on. */
static int emit_entries(const struct doc_tree *tree, uint32_t node,
			const struct yaml_layout *layout, unsigned column, bool first_inline,
			struct secret *out, struct error *err)
{
	const struct doc_tree_node *n = &tree->nodes[node];

	for (uint32_t child = node + 1; child < n->next; child = tree->nodes[child].next) {
		const struct span key = tree_key(tree, child);

		if (!(first_inline && child == node + 1) && yaml_write_indent(out, column, err) < 0)
			return -1;
		if (tree->nodes[child].kind == DOC_COMMENT) {
			if (emit_comment(tree_value(tree, child), layout, out, err) < 0)
				return -1;
			continue;
		}
		if (n->kind == DOC_LIST) {
			if (secret_append_text(out, "-", err) < 0)
				return -1;
		} else {
			if (yaml_write_key(out, key, false, err) < 0)
				return -1;
			if (key.len > 128 && (secret_append_text(out, layout->newline, err) < 0 ||
					      yaml_write_indent(out, column, err) < 0))
				return -1;
			if (secret_append_text(out, ":", err) < 0)
				return -1;
		}
		if (emit_value(tree, child, layout, column, n->kind == DOC_LIST, out, err) < 0)
			return -1;
	}
	return 0;
}

int yaml_emit_block(const struct doc_tree *tree, uint32_t node, const struct yaml_layout *layout,
		    unsigned base, struct secret *out, struct error *err)
{
	const struct doc_tree_node *n = &tree->nodes[node];

	if (n->kind == DOC_SCALAR || n->next == node + 1 || is_empty(tree, node))
		return emit_flow(tree, node, false, out, err) < 0
			       ? -1
			       : secret_append_text(out, layout->newline, err);
	return emit_entries(tree, node, layout, base, false, out, err);
}

int yaml_emit_entry(const struct doc_tree *tree, uint32_t node, const struct yaml_layout *layout,
		    unsigned column, bool in_list, struct secret *out, struct error *err)
{
	return emit_value(tree, node, layout, column, in_list, out, err);
}
