/* SPDX-License-Identifier: MIT */
#include "doc/edit.h"

#include <assert.h>
#include <string.h>

#include "internal.h"
#include "yaml_spell.h"

int doc_edit_begin(const struct doc *doc, size_t expected_len, struct doc_edit *ret_edit,
		   struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;

	edit.doc = doc;
	if (secret_reserve(&edit.text, expected_len > 64 ? expected_len : 64, err) < 0)
		return -1;
	*ret_edit = edit;
	edit = DOC_EDIT_INIT;
	return 0;
}

void doc_edit_release(struct doc_edit *edit)
{
	secret_release(&edit->text);
	secret_release(&edit->trial);
	*edit = DOC_EDIT_INIT;
}

/* Where the metadata of the first document belongs, in the old text. */
static size_t metadata_place(const struct doc *doc)
{
	const struct doc_node *root = &doc->nodes[doc_root(doc, 0)];

	return root->style == YAML_STYLE_FLOW ? root->end - 1 : yaml_details(doc)->end;
}

int doc_edit_copy_to(struct doc_edit *edit, size_t offset, struct error *err)
{
	const size_t place = metadata_place(edit->doc);
	const size_t from = edit->cursor;

	assert(offset >= from && offset <= edit->doc->text.len);
	if (edit->metadata == SIZE_MAX && from <= place && place <= offset)
		edit->metadata = edit->text.len + (place - from);
	edit->cursor = offset;
	return secret_append_span(&edit->text, doc_text_slice(edit->doc, from, offset), err);
}

void doc_edit_skip_to(struct doc_edit *edit, size_t offset)
{
	assert(offset >= edit->cursor && offset <= edit->doc->text.len);
	edit->cursor = offset;
}

size_t doc_line_start(const struct doc *doc, size_t offset)
{
	const struct span text = secret_span(&doc->text);

	while (offset > yaml_details(doc)->begin && yaml_break_before(text, offset) == 0)
		offset--;
	return offset;
}

size_t doc_line_end(const struct doc *doc, size_t offset)
{
	const struct span text = secret_span(&doc->text);

	while (offset < text.len && yaml_break_at(text, offset) == 0)
		offset++;
	return offset;
}

/* Behind the line break at offset, if there is one. */
static size_t skip_break(const struct doc *doc, size_t offset)
{
	return offset + yaml_break_at(secret_span(&doc->text), offset);
}

/* Before the line break that ends at offset. */
static size_t skip_break_back(const struct doc *doc, size_t offset)
{
	return offset - yaml_break_before(secret_span(&doc->text), offset);
}

static bool ends_with_break(const struct span text)
{
	return yaml_break_before(text, text.len) > 0;
}

const char *doc_newline(const struct doc *doc)
{
	return yaml_details(doc)->crlf ? "\r\n" : "\n";
}

unsigned yaml_column(const struct doc *doc, uint32_t container)
{
	const size_t start = doc->nodes[container].start;

	if (doc->nodes[container].flags & YAML_NOT_WRITTEN)
		return 0;
	return (unsigned)(start - doc_line_start(doc, start));
}

static struct yaml_layout layout_of(const struct doc *doc)
{
	return (struct yaml_layout){ yaml_details(doc)->indent, doc_newline(doc) };
}

/* "key:" with its value, or "- VALUE", as lines at column. */
static int write_entry(struct secret *out, const struct doc_tree *value, bool in_list,
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
			i = doc_line_end(doc, i);
	}
	return false;
}

/* The metadata, if they are the last entry of this container; new entries go before them. */
static const struct doc_node *last_metadata(const struct doc *doc, uint32_t container)
{
	const struct doc_node *c = &doc->nodes[container];
	const uint32_t node =
		c->parent == 0 ? doc_find(doc, container, SPAN_LITERAL("sops")) : DOC_NONE;

	return node != DOC_NONE && doc->nodes[node].next == c->next ? &doc->nodes[node] : NULL;
}

/* An entry for a flow collection, to be put right before its closing bracket. */
static int write_flow_entry(struct secret *out, const struct doc *doc, uint32_t container,
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

/* Puts insert into what was written, at offset at. */
static int insert_at(struct secret *out, size_t at, struct span insert, struct error *err)
{
	if (secret_reserve(out, out->len + insert.len, err) < 0)
		return -1;
	memmove(out->data + at + insert.len, out->data + at, out->len - at);
	memcpy(out->data + at, insert.data, insert.len);
	out->len += insert.len;
	return 0;
}

/* The metadata as it goes to its place, which is at the start of a line or not. */
static int write_metadata(struct secret *out, const struct doc *doc,
			  const struct doc_tree *metadata, const struct yaml_layout *layout,
			  bool at_line_start, struct error *err)
{
	const uint32_t root = doc_root(doc, 0);
	const struct span key = SPAN_LITERAL("sops");

	if (doc->nodes[root].style == YAML_STYLE_FLOW)
		return write_flow_entry(out, doc, root, key, metadata, err);
	if (at_line_start)
		return write_entry(out, metadata, false, key, yaml_column(doc, root), layout, err);
	/* the text has no last line break, and will have none */
	if (secret_append_text(out, layout->newline, err) < 0 ||
	    write_entry(out, metadata, false, key, yaml_column(doc, root), layout, err) < 0)
		return -1;
	secret_truncate(out, out->len - strlen(layout->newline));
	return 0;
}

int yaml_metadata_sample(const struct doc *doc, size_t *ret_at, struct secret *ret_text,
			 struct error *err)
{
	const struct yaml_layout layout = { 4, doc_newline(doc) };
	const size_t at = metadata_place(doc);
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_tree_open_map(&tree, NULL, err) < 0 ||
	    doc_tree_scalar(&tree, "version", DOC_TYPE_STRING, SPAN_LITERAL("3"), err) < 0)
		return -1;
	doc_tree_close(&tree);
	*ret_at = at;
	return write_metadata(ret_text, doc, &tree, &layout,
			      at == yaml_details(doc)->begin ||
				      ends_with_break(doc_text_slice(doc, 0, at)),
			      err);
}

static bool is_blank_between(const struct doc *doc, size_t start, size_t end)
{
	for (size_t i = start; i < end; i++)
		if (doc->text.data[i] != ' ')
			return false;
	return true;
}

/* See ret_changed of doc_edit_add_metadata(). */
static int end_last_block(struct doc_edit *edit, uint32_t *ret_changed, struct error *err)
{
	const struct doc *doc = edit->doc;
	bool changed;

	*ret_changed = DOC_NONE;
	if (metadata_place(doc) < doc->text.len || ends_with_break(secret_span(&doc->text)))
		return 0;
	for (uint32_t node = doc->len - 1; node > 0; node--) {
		const struct doc_node *n = &doc->nodes[node];

		if (!yaml_is_block_scalar(n) || edit->cursor > n->start ||
		    !is_blank_between(doc, n->end, doc->text.len))
			continue;
		if (yaml_end_block(edit, n, &changed, err) < 0)
			return -1;
		*ret_changed = changed ? node : DOC_NONE;
		return 0;
	}
	return 0;
}

int doc_edit_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata, unsigned indent,
			  uint32_t *ret_changed, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct yaml_layout layout = { indent < 2 || indent > 9 ? 2 : indent,
					    doc_newline(doc) };
	AUTO(secret) entry = SECRET_INIT;
	struct span before;

	if (end_last_block(edit, ret_changed, err) < 0 ||
	    doc_edit_copy_to(edit, doc->text.len, err) < 0)
		return -1;
	assert(edit->metadata != SIZE_MAX);
	before = span_slice(secret_span(&edit->text), 0, edit->metadata);
	if (write_metadata(&entry, doc, metadata, &layout,
			   before.len == yaml_details(doc)->begin || ends_with_break(before),
			   err) < 0)
		return -1;
	return insert_at(&edit->text, edit->metadata, secret_span(&entry), err);
}

/* Is offset within a comment, or its end? */
static bool in_comment(const struct doc *doc, size_t offset)
{
	for (uint32_t i = 1; i < doc->len; i++)
		if (doc->nodes[i].kind == DOC_COMMENT && doc->nodes[i].start < offset &&
		    offset <= doc->nodes[i].end)
			return true;
	return false;
}

/* The end of a block entry's lines: blank ones behind it are not its own. */
static size_t entry_end(const struct doc *doc, const struct doc_node *n)
{
	size_t end = n->end, line;

	if (end > 0 && ends_with_break(doc_text_slice(doc, 0, end))) {
		/* a block scalar: its span ends at the start of a line */
		for (;;) {
			line = doc_line_start(doc, skip_break_back(doc, end));
			if (line <= n->start || skip_break(doc, line) != end)
				return end;
			end = line;
		}
	}
	return skip_break(doc, doc_line_end(doc, end));
}

/* Where an entry starts with the "?" that may stand before its key. */
static size_t flow_entry_start(const struct doc *doc, const struct doc_node *n)
{
	const uint8_t *text = doc->text.data;
	size_t at = n->entry;

	while (at > 0 && memchr(" \t\r\n", text[at - 1], 4) != NULL)
		at--;
	return at > 0 && text[at - 1] == '?' && !in_comment(doc, at) ? at - 1 : n->entry;
}

static int remove_from_flow(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const uint8_t *text = doc->text.data;
	const size_t entry = flow_entry_start(doc, n);
	size_t start = entry, end = n->end, after = n->end;

	while (after < doc->text.len && memchr(" \t\r\n", text[after], 4) != NULL)
		after++;
	if (text[after] == ',') {
		end = after + 1;
	} else {
		while (start > 0 && memchr(" \t\r\n", text[start - 1], 4) != NULL)
			start--;
		if (text[start - 1] == ',' && !in_comment(doc, start))
			start--;
		else
			start = entry;
		if (start == entry && doc_sibling(doc, node) != DOC_NONE)
			return error_set(err, ERROR_UNSUPPORTED,
					 "line %zu: cannot take this entry out",
					 doc_line(doc, node));
	}
	if (doc_edit_copy_to(edit, start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, end);
	return 0;
}

/* Has the document that holds node a marker "---" before it? */
static bool has_marker(const struct doc *doc, size_t offset)
{
	for (size_t line = doc_line_start(doc, offset);; line = doc_line_start(doc, line - 1)) {
		if (doc->text.len - line >= 3 && memcmp(doc->text.data + line, "---", 3) == 0)
			return true;
		if (line <= yaml_details(doc)->begin)
			return false;
	}
}

int doc_edit_remove(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const uint32_t first = doc_child(doc, n->parent);
	size_t start, end;

	if (n->flags & YAML_IN_FLOW)
		return remove_from_flow(edit, node, err);
	start = doc_line_start(doc, n->entry);
	end = entry_end(doc, n);
	if (doc->nodes[n->parent].kind != DOC_MAP || !is_blank_between(doc, start, n->entry))
		return error_set(err, ERROR_UNSUPPORTED, "line %zu: cannot take this entry out",
				 doc_line(doc, node));
	if (end == doc->text.len && !ends_with_break(secret_span(&doc->text)))
		start = skip_break_back(doc, start);
	/* a block scalar before it may have needed that line break */
	if (start < edit->cursor)
		start = edit->cursor;
	if (doc_edit_copy_to(edit, start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, end);
	if (first == node && doc_sibling(doc, node) == DOC_NONE &&
	    !(doc->nodes[n->parent].parent == 0 && has_marker(doc, start)))
		return yaml_write_indent(&edit->text, n->entry - doc_line_start(doc, n->entry),
					 err) < 0 ||
				       secret_append_text(&edit->text, "{}", err) < 0 ||
				       secret_append_text(&edit->text, doc_newline(doc), err) < 0
			       ? -1
			       : 0;
	return 0;
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
	const struct doc_node *metadata = last_metadata(doc, container);
	size_t end = c->start;

	if (c->flags & YAML_NOT_WRITTEN)
		return yaml_details(doc)->end;
	for (uint32_t i = container + 1; i < c->next; i++) {
		const struct doc_node *n = &doc->nodes[i];

		if (n == metadata)
			return doc_line_start(doc, n->entry);
		if (is_inside(doc, i, container) && n->end > end)
			end = n->end;
	}
	if (ends_with_break(doc_text_slice(doc, 0, end)))
		return end;
	return skip_break(doc, doc_line_end(doc, end));
}

/* The same for a flow collection: before its closing bracket, or before the metadata. */
static int append_to_flow(struct doc_edit *edit, uint32_t container, struct span key,
			  const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *metadata = last_metadata(doc, container);
	const struct doc_node *c = &doc->nodes[container];

	if (c->kind == DOC_MAP && doc->text.data[c->start] != '{')
		return error_set(err, ERROR_UNSUPPORTED,
				 "line %zu: a map without brackets of its own takes no other entry",
				 doc_line(doc, container));
	if (metadata == NULL)
		return doc_edit_copy_to(edit, doc->nodes[container].end - 1, err) < 0
			       ? -1
			       : write_flow_entry(&edit->text, doc, container, key, value, err);
	if (doc_edit_copy_to(edit, metadata->entry, err) < 0 ||
	    yaml_write_key(&edit->text, key, true, err) < 0 ||
	    secret_append_text(&edit->text, ": ", err) < 0 ||
	    yaml_emit_flow(value, 0, &edit->text, err) < 0)
		return -1;
	return secret_append_text(&edit->text, ", ", err);
}

int doc_edit_append(struct doc_edit *edit, uint32_t container, struct span key,
		    const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *c = &doc->nodes[container];
	const struct yaml_layout layout = layout_of(doc);
	const bool in_list = c->kind == DOC_LIST;
	size_t place;

	if (c->style == YAML_STYLE_FLOW)
		return append_to_flow(edit, container, key, value, err);
	place = append_place(doc, container);
	if (doc_edit_copy_to(edit, place, err) < 0)
		return -1;
	if (ends_with_break(secret_span(&edit->text)) || edit->text.len <= yaml_details(doc)->begin)
		return write_entry(&edit->text, value, in_list, key, yaml_column(doc, container),
				   &layout, err);
	if (secret_append_text(&edit->text, layout.newline, err) < 0 ||
	    write_entry(&edit->text, value, in_list, key, yaml_column(doc, container), &layout,
			err) < 0)
		return -1;
	secret_truncate(&edit->text, edit->text.len - strlen(layout.newline));
	return 0;
}

/* Can a block stand in the place of a value: is it a map's, and nothing behind it on its line? */
static bool has_own_lines(const struct doc *doc, const struct doc_node *n,
			  const struct doc_tree *value)
{
	return !(n->flags & YAML_IN_FLOW) && doc->nodes[n->parent].kind == DOC_MAP &&
	       value->nodes[0].kind != DOC_SCALAR && value->len > 1 &&
	       (ends_with_break(doc_text_slice(doc, 0, n->end)) ||
		is_blank_between(doc, n->end, doc_line_end(doc, n->end)));
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
	const size_t column = n->start - doc_line_start(doc, n->start);
	const size_t needed = yaml_column(doc, n->parent) + 1;

	if (doc_edit_copy_to(edit, n->start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, end);
	if (column < needed && yaml_write_indent(&edit->text, needed - column, err) < 0)
		return -1;
	return yaml_emit_flow(value, 0, &edit->text, err);
}

int doc_edit_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		     struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const struct yaml_layout layout = layout_of(doc);
	const uint8_t *text = doc->text.data;
	const bool block = has_own_lines(doc, n, value);
	size_t start = n->start, end = n->end;
	bool behind;

	if (yaml_check_place(doc, node, err) < 0)
		return -1;
	/* back to the colon or dash: a tag or anchor goes with the value */
	while (start > n->entry && memchr(" \t\r\n", text[start - 1], 4) != NULL)
		start--;
	if (ends_with_break(doc_text_slice(doc, 0, end)))
		end = skip_break_back(doc, end);
	/* not into a comment behind the key: the value stays on lines of its own */
	if (!block && in_comment(doc, start))
		return replace_on_own_line(edit, n, end, value, err);
	/* a block on lines of its own gives way to something on the line before it */
	behind = n->start == n->end || (n->style == YAML_STYLE_EMPTY && start < n->start &&
					doc_line_start(doc, n->start) > start);
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

int doc_edit_finish(struct doc_edit *edit, struct secret *ret_text, struct error *err)
{
	if (doc_edit_copy_to(edit, edit->doc->text.len, err) < 0)
		return -1;
	*ret_text = secret_move(&edit->text);
	return 0;
}
