/* SPDX-License-Identifier: MIT */
/* Lines, columns and single entries: what YAML's edits have in common. */
#include <string.h>

#include "yaml_edit.h"

size_t yaml_line_start(const struct doc *doc, size_t offset)
{
	const struct span text = secret_span(&doc->text);

	while (offset > yaml_details(doc)->begin && yaml_break_before(text, offset) == 0)
		offset--;
	return offset;
}

size_t yaml_next_break(const struct doc *doc, size_t offset)
{
	const struct span text = secret_span(&doc->text);

	while (offset < text.len && yaml_break_at(text, offset) == 0)
		offset++;
	return offset;
}

/* Behind the line break at offset, if there is one. */
size_t yaml_skip_break(const struct doc *doc, size_t offset)
{
	return offset + yaml_break_at(secret_span(&doc->text), offset);
}

/* Before the line break that ends at offset. */
size_t yaml_skip_break_back(const struct doc *doc, size_t offset)
{
	return offset - yaml_break_before(secret_span(&doc->text), offset);
}

bool yaml_ends_with_break(const struct span text)
{
	return yaml_break_before(text, text.len) > 0;
}

const char *yaml_newline(const struct doc *doc)
{
	return yaml_details(doc)->crlf ? "\r\n" : "\n";
}

unsigned yaml_column(const struct doc *doc, uint32_t container)
{
	const size_t start = doc->nodes[container].start;

	if (doc->nodes[container].flags & YAML_NOT_WRITTEN)
		return 0;
	return (unsigned)(start - yaml_line_start(doc, start));
}

struct yaml_layout yaml_layout_of(const struct doc *doc, uint32_t container)
{
	const uint32_t parent = doc->nodes[container].parent;
	struct yaml_layout layout = { yaml_details(doc)->indent, yaml_newline(doc) };

	if (doc->nodes[container].kind == DOC_MAP && doc->nodes[parent].kind == DOC_MAP &&
	    doc->nodes[container].style != YAML_STYLE_FLOW) {
		const unsigned own = yaml_column(doc, container), above = yaml_column(doc, parent);

		if (own >= above + 2 && own <= above + 9)
			layout.indent = own - above;
	}
	return layout;
}

/* "key:" with its value, or "- VALUE", as lines at column. */
int yaml_write_entry(struct secret *out, const struct doc_tree *value, bool in_list,
		     struct span key, unsigned column, const struct yaml_layout *layout,
		     struct error *err)
{
	if (yaml_write_indent(out, column, err) < 0)
		return -1;
	if (!in_list && yaml_write_key(out, key, false, err) < 0)
		return -1;
	if (!in_list && key.len > 128 &&
	    (secret_append_text(out, layout->newline, err) < 0 ||
	     yaml_write_indent(out, column, err) < 0))
		return -1;
	if (secret_append_text(out, in_list ? "-" : ":", err) < 0)
		return -1;
	return yaml_emit_entry(value, 0, layout, column, in_list, out, err);
}

bool yaml_is_blank_between(const struct doc *doc, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (doc->text.data[i] != ' ')
			return false;
	return true;
}

/* Is offset within a comment, or its end? */
bool yaml_in_comment(const struct doc *doc, size_t offset)
{
	for (uint32_t i = 1; i < doc->len; i++)
		if (doc->nodes[i].kind == DOC_COMMENT && doc->nodes[i].start < offset &&
		    offset <= doc->nodes[i].end)
			return true;
	return false;
}

/* The metadata, if they are the last entry of this container; new entries go before them. */
const struct doc_node *yaml_last_metadata(const struct doc *doc, uint32_t container)
{
	const struct doc_node *c = &doc->nodes[container];
	const uint32_t node =
		c->parent == 0 ? doc_find(doc, container, SPAN_LITERAL("sops")) : DOC_NONE;

	return node != DOC_NONE && doc->nodes[node].next == c->next ? &doc->nodes[node] : NULL;
}

/* Does a comma stand between the last child and the closing bracket? */
static bool has_last_comma(const struct doc *doc, uint32_t container)
{
	const uint8_t *text = doc->text.data;
	const size_t end = doc->nodes[container].end - 1;
	uint32_t last = DOC_NONE;

	for (uint32_t node = doc_child(doc, container); node != DOC_NONE;
	     node = doc_sibling(doc, node))
		last = node;
	if (last == DOC_NONE)
		return false;
	for (size_t i = doc->nodes[last].end; i < end; i++) {
		if (text[i] == ',')
			return true;
		if (text[i] == '#')
			i = yaml_next_break(doc, i);
	}
	return false;
}

/* An entry for a flow collection, to be put right before its closing bracket. */
int yaml_write_flow_entry(struct secret *out, const struct doc *doc, uint32_t container,
			  struct span key, const struct doc_tree *value, struct error *err)
{
	const bool comma = has_last_comma(doc, container);
	const bool empty = doc_child(doc, container) == DOC_NONE;

	if (!comma && !empty && secret_append_text(out, ", ", err) < 0)
		return -1;
	if (doc->nodes[container].kind == DOC_MAP &&
	    (yaml_write_key(out, key, true, err) < 0 || secret_append_text(out, ": ", err) < 0))
		return -1;
	if (yaml_emit_flow(value, 0, out, err) < 0)
		return -1;
	/* a comma behind says that the one before was there already */
	return comma ? secret_append_text(out, ",", err) : 0;
}

/* The end of a block entry's lines: blank ones behind it are not its own. */
size_t yaml_entry_end(const struct doc *doc, const struct doc_node *n)
{
	size_t end = n->end, line;

	if (end > 0 && yaml_ends_with_break(doc_text_slice(doc, 0, end))) {
		/* a block scalar: its span ends at the start of a line */
		for (;;) {
			line = yaml_line_start(doc, yaml_skip_break_back(doc, end));
			if (line <= n->start || yaml_skip_break(doc, line) != end)
				return end;
			end = line;
		}
	}
	return yaml_skip_break(doc, yaml_next_break(doc, end));
}
