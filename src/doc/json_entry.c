/* SPDX-License-Identifier: MIT */
/* Entries of JSON's maps and lists are added, replaced and taken out. */
#include <string.h>

#include "json.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The blanks before offset, as far as they go. */
static struct span blanks_before(const struct doc *doc, size_t offset)
{
	size_t start = offset;

	while (start > 0 && is_blank(doc->text.data[start - 1]))
		start--;
	return doc_text_slice(doc, start, offset);
}

/* The indentation of the line on which offset is. */
static struct span line_prefix(const struct doc *doc, size_t offset)
{
	const uint8_t *text = doc->text.data;
	size_t start = offset, end;

	while (start > 0 && text[start - 1] != '\n')
		start--;
	for (end = start; end < offset && (text[end] == ' ' || text[end] == '\t');)
		end++;
	return doc_text_slice(doc, start, end);
}

static uint32_t last_child(const struct doc *doc, uint32_t container)
{
	uint32_t last = DOC_NONE;

	for (uint32_t node = doc_child(doc, container); node != DOC_NONE;
	     node = doc_sibling(doc, node))
		last = node;
	return last;
}

/* Forgets the blanks at the end of what was written, and a comma before them. */
static void take_back_comma(struct secret *out)
{
	size_t len = out->len;

	while (len > 0 && is_blank(out->data[len - 1]))
		len--;
	if (len > 0 && out->data[len - 1] == ',')
		len--;
	secret_truncate(out, len);
}

int json_edit_remove(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const uint32_t next = doc_sibling(doc, node);
	size_t end = n->end;

	if (doc_edit_copy_to(edit, n->entry, err) < 0)
		return -1;
	if (next != DOC_NONE) {
		doc_edit_skip_to(edit, doc->nodes[next].entry);
		return 0;
	}
	take_back_comma(&edit->text);
	/* alone, on lines of its own: "{}" is left */
	if (doc_child(doc, n->parent) == node && blanks_before(doc, n->entry).len > 0)
		while (end < doc->text.len && is_blank(doc->text.data[end]))
			end++;
	doc_edit_skip_to(edit, end);
	return 0;
}

/* "key": VALUE, or VALUE in a list; further lines begin with prefix. */
static int write_entry(struct doc_edit *edit, bool is_map, struct span key,
		       const struct doc_tree *value, const struct json_layout *layout,
		       struct span prefix, struct error *err)
{
	if (is_map && (doc_json_string(&edit->text, key, 0, err) < 0 ||
		       secret_append_span(&edit->text, layout->colon, err) < 0))
		return -1;
	return json_emit_value(value, 0, layout, prefix, &edit->text, err);
}

/* The layout of what is put into container: on lines where its entries are. */
static struct json_layout layout_in(const struct doc *doc, uint32_t container)
{
	struct json_layout layout = *json_layout_of(doc);
	const uint32_t child = doc_child(doc, container);
	const struct span blanks =
		child == DOC_NONE ? SPAN_INIT : blanks_before(doc, doc->nodes[child].entry);

	if (child != DOC_NONE)
		layout.lines = blanks.len > 0 && memchr(blanks.data, '\n', blanks.len) != NULL;
	return layout;
}

bool doc_json_ends_alike(const struct doc *first, const struct doc *last)
{
	const uint32_t root = doc_root(last, 0), end = last_child(last, root);
	const struct json_layout a = layout_in(first, doc_root(first, 0));
	const struct json_layout b = layout_in(last, root);
	const struct span blanks =
		end == DOC_NONE ? SPAN_INIT : blanks_before(last, last->nodes[end].entry);

	return a.lines == b.lines && strcmp(a.newline, b.newline) == 0 &&
	       span_equal(a.unit, b.unit) && span_equal(a.colon, b.colon) &&
	       span_equal(a.comma, b.comma) && (a.lines || doc_child(last, root) != end) &&
	       blanks.len > 0 && memchr(blanks.data, '\n', blanks.len) != NULL;
}

/* Behind last, with the blanks that stand before it. */
static int append_behind(struct doc_edit *edit, uint32_t container, uint32_t last, struct span key,
			 const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct json_layout layout = layout_in(doc, container);
	const struct doc_node *n = &doc->nodes[last];
	const bool first = doc_child(doc, container) == last;

	if (doc_edit_copy_to(edit, n->end, err) < 0 ||
	    secret_append_text(&edit->text, ",", err) < 0)
		return -1;
	if (layout.lines || !first) {
		if (secret_append_span(&edit->text, blanks_before(doc, n->entry), err) < 0)
			return -1;
	} else if (secret_append_span(&edit->text, span_slice(layout.comma, 1, layout.comma.len),
				      err) < 0) {
		return -1;
	}
	return write_entry(edit, doc->nodes[container].kind == DOC_MAP, key, value, &layout,
			   line_prefix(doc, n->entry), err);
}

/* Into "{}" or "[]". */
static int append_first(struct doc_edit *edit, uint32_t container, struct span key,
			const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *c = &doc->nodes[container];
	const struct json_layout layout = layout_in(doc, container);
	const struct span outer = line_prefix(doc, c->entry);
	AUTO(secret) prefix = SECRET_INIT;

	if (secret_append_span(&prefix, outer, err) < 0 ||
	    secret_append_span(&prefix, layout.unit, err) < 0 ||
	    doc_edit_copy_to(edit, c->start + 1, err) < 0)
		return -1;
	doc_edit_skip_to(edit, c->end - 1);
	if (layout.lines && (secret_append_text(&edit->text, layout.newline, err) < 0 ||
			     secret_append_span(&edit->text, secret_span(&prefix), err) < 0))
		return -1;
	if (write_entry(edit, c->kind == DOC_MAP, key, value, &layout, secret_span(&prefix), err) <
	    0)
		return -1;
	if (!layout.lines)
		return 0;
	return secret_append_text(&edit->text, layout.newline, err) < 0
		       ? -1
		       : secret_append_span(&edit->text, outer, err);
}

/* Before the metadata, which come last. */
static int append_before(struct doc_edit *edit, uint32_t metadata, struct span key,
			 const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[metadata];
	const struct json_layout layout = layout_in(doc, n->parent);

	if (doc_edit_copy_to(edit, n->entry, err) < 0 ||
	    write_entry(edit, true, key, value, &layout, line_prefix(doc, n->entry), err) < 0 ||
	    secret_append_text(&edit->text, ",", err) < 0)
		return -1;
	if (doc_child(doc, n->parent) == metadata && !layout.lines)
		return secret_append_span(&edit->text,
					  span_slice(layout.comma, 1, layout.comma.len), err);
	return secret_append_span(&edit->text, blanks_before(doc, n->entry), err);
}

int json_edit_append(struct doc_edit *edit, uint32_t container, struct span key,
		     const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const uint32_t last = last_child(doc, container);

	if (last == DOC_NONE)
		return append_first(edit, container, key, value, err);
	if (doc->nodes[container].parent == 0 && doc->nodes[container].kind == DOC_MAP &&
	    span_equal_text(doc_key(doc, last), "sops"))
		return append_before(edit, last, key, value, err);
	return append_behind(edit, container, last, key, value, err);
}

int json_edit_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		      struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const struct json_layout layout = layout_in(doc, n->parent == 0 ? node : n->parent);

	if (doc_edit_copy_to(edit, n->start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	return json_emit_value(value, 0, &layout, line_prefix(doc, n->entry), &edit->text, err);
}

size_t json_metadata_place(const struct doc *doc)
{
	const uint32_t root = doc_root(doc, 0), last = last_child(doc, root);

	return last == DOC_NONE ? doc->nodes[root].start + 1 : doc->nodes[last].end;
}

int json_edit_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata, unsigned indent,
			   uint32_t *ret_changed, struct error *err)
{
	const struct doc *doc = edit->doc;
	const uint32_t root = doc_root(doc, 0), last = last_child(doc, root);
	const struct span key = SPAN_LITERAL("sops");

	(void)indent; /* the document has its own */
	*ret_changed = DOC_NONE;
	if (last != DOC_NONE)
		return append_behind(edit, root, last, key, metadata, err);
	/* right behind the bracket: what is between the brackets stays, and nothing tells of a line */
	if (doc_edit_copy_to(edit, doc->nodes[root].start + 1, err) < 0)
		return -1;
	return write_entry(edit, true, key, metadata, json_layout_of(doc), SPAN_INIT, err);
}

size_t json_column(const struct doc *doc, uint32_t container)
{
	return line_prefix(doc, doc->nodes[container].entry).len;
}
