/* SPDX-License-Identifier: MIT */
/* Entries of maps and lists are added and replaced. */
#include <string.h>

#include "yaml_edit.h"

bool yaml_entry_lines(const struct doc *doc, uint32_t node, size_t *ret_start, size_t *ret_end)
{
	const struct doc_node *n = &doc->nodes[node];

	*ret_start = yaml_line_start(doc, n->entry);
	*ret_end = yaml_entry_end(doc, n);
	return !(n->flags & YAML_IN_FLOW) && *ret_start == n->entry;
}

static bool is_inside(const struct doc *doc, uint32_t node, uint32_t container)
{
	while (node != DOC_NONE && node != container)
		node = doc->nodes[node].parent;
	return node == container;
}

/* Where a new entry of a block container goes: behind its last line, before the metadata. */
static size_t append_place(const struct doc *doc, uint32_t container)
{
	const struct doc_node *c = &doc->nodes[container];
	const struct doc_node *metadata = yaml_last_metadata(doc, container);
	size_t end = c->start;

	if (c->flags & YAML_NOT_WRITTEN)
		return yaml_document_end(doc, container);
	for (uint32_t i = container + 1; i < c->next; i++) {
		const struct doc_node *n = &doc->nodes[i];

		if (n == metadata)
			return yaml_line_start(doc, n->entry);
		if (is_inside(doc, i, container) && n->end > end)
			end = n->end;
	}
	if (yaml_ends_with_break(doc_text_slice(doc, 0, end)))
		return end;
	return yaml_skip_break(doc, yaml_next_break(doc, end));
}

/* The same for a flow collection: before its closing bracket, or before the metadata. */
static int append_to_flow(struct doc_edit *edit, uint32_t container, struct span key,
			  const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *metadata = yaml_last_metadata(doc, container);
	const struct doc_node *c = &doc->nodes[container];

	if (c->kind == DOC_MAP && doc->text.data[c->start] != '{')
		return error_set(err, ERROR_UNSUPPORTED,
				 "line %zu: a map without brackets of its own takes no other entry",
				 doc_line(doc, container));
	if (metadata == NULL)
		return doc_edit_copy_to(edit, doc->nodes[container].end - 1, err) < 0
			       ? -1
			       : yaml_write_flow_entry(&edit->text, doc, container, key, value,
						       err);
	if (doc_edit_copy_to(edit, metadata->entry, err) < 0 ||
	    yaml_write_key(&edit->text, key, true, err) < 0 ||
	    secret_append_text(&edit->text, ": ", err) < 0 ||
	    yaml_emit_flow(value, 0, &edit->text, err) < 0)
		return -1;
	return secret_append_text(&edit->text, ", ", err);
}

int yaml_append(struct doc_edit *edit, uint32_t container, struct span key,
		const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *c = &doc->nodes[container];
	const struct yaml_layout layout = yaml_layout_of(doc, container);
	const bool in_list = c->kind == DOC_LIST;
	size_t place;

	if (c->style == YAML_STYLE_FLOW)
		return append_to_flow(edit, container, key, value, err);
	place = append_place(doc, container);
	if (doc_edit_copy_to(edit, place, err) < 0)
		return -1;
	if (yaml_ends_with_break(secret_span(&edit->text)) ||
	    edit->text.len <= yaml_details(doc)->begin)
		return yaml_write_entry(&edit->text, value, in_list, key,
					yaml_column(doc, container), &layout, err);
	if (secret_append_text(&edit->text, layout.newline, err) < 0 ||
	    yaml_write_entry(&edit->text, value, in_list, key, yaml_column(doc, container), &layout,
			     err) < 0)
		return -1;
	secret_truncate(&edit->text, edit->text.len - strlen(layout.newline));
	return 0;
}

/* Can a block stand in the place of a value: is it a map's, and nothing behind it on its line? */
static bool has_own_lines(const struct doc *doc, const struct doc_node *n, size_t end,
			  const struct doc_tree *value)
{
	return !(n->flags & YAML_IN_FLOW) && doc->nodes[n->parent].kind == DOC_MAP &&
	       value->nodes[0].kind != DOC_SCALAR && value->len > 1 &&
	       (yaml_ends_with_break(doc_text_slice(doc, 0, end)) ||
		yaml_is_blank_between(doc, end, yaml_next_break(doc, end)));
}

/* The end of n's text: of a block with the comment behind its last entry, which is that entry's. */
static size_t text_end(const struct doc *doc, const struct doc_node *n)
{
	size_t at = n->end;

	if ((n->kind != DOC_MAP && n->kind != DOC_LIST) || n->style == YAML_STYLE_FLOW ||
	    yaml_ends_with_break(doc_text_slice(doc, 0, at)))
		return at;
	while (at < doc->text.len && (doc->text.data[at] == ' ' || doc->text.data[at] == '\t'))
		at++;
	return at < doc->text.len && doc->text.data[at] == '#' ? yaml_next_break(doc, at) : n->end;
}

int yaml_check_place(const struct doc *doc, uint32_t node, struct error *err)
{
	const struct doc_node *n = &doc->nodes[node];

	if (n->kind != DOC_SCALAR || !(n->flags & YAML_NO_COLON))
		return 0;
	error_set(err, ERROR_UNSUPPORTED,
		  "line %zu: a key without a colon has no place for a value", doc_line(doc, node));
	return error_hint(err, "write the colon behind the key");
}

/* In flow style in the place of n, further in than the key above it. */
static int replace_on_own_line(struct doc_edit *edit, const struct doc_node *n, size_t end,
			       const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const size_t column = n->start - yaml_line_start(doc, n->start);
	const size_t needed = yaml_column(doc, n->parent) + 1;

	if (doc_edit_copy_to(edit, n->start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, end);
	if (column < needed && yaml_write_indent(&edit->text, needed - column, err) < 0)
		return -1;
	return yaml_emit_flow(value, 0, &edit->text, err);
}

int yaml_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		 struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const struct yaml_layout layout =
		yaml_layout_of(doc, n->kind == DOC_MAP ? node : n->parent);
	const uint8_t *text = doc->text.data;
	size_t start = n->start, end = text_end(doc, n);
	const bool block = has_own_lines(doc, n, end, value);
	bool behind;

	if (yaml_check_place(doc, node, err) < 0)
		return -1;
	/* back to the colon or dash: a tag or anchor goes with the value */
	while (start > n->entry && memchr(" \t\r\n", text[start - 1], 4) != NULL)
		start--;
	if (yaml_ends_with_break(doc_text_slice(doc, 0, end)))
		end = yaml_skip_break_back(doc, end);
	/* not into a comment behind the key: the value stays on lines of its own */
	if (!block && yaml_in_comment(doc, start))
		return replace_on_own_line(edit, n, end, value, err);
	/* a block on lines of its own gives way to something on the line before it */
	behind = n->start == n->end || (n->style == YAML_STYLE_EMPTY && start < n->start &&
					yaml_line_start(doc, n->start) > start);
	if (doc_edit_copy_to(edit, block || behind ? start : n->start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, end);
	if (!block) {
		if (behind && secret_append_text(&edit->text, " ", err) < 0)
			return -1;
		return yaml_emit_flow(value, 0, &edit->text, err);
	}
	if (yaml_emit_entry(value, 0, &layout, yaml_column(doc, n->parent), false, &edit->text,
			    err) < 0)
		return -1;
	secret_truncate(&edit->text, edit->text.len - strlen(layout.newline));
	return 0;
}
