/* SPDX-License-Identifier: MIT */
/* The metadata go to the end of each document. */
#include <assert.h>
#include <string.h>

#include "yaml_edit.h"
#include "yaml_spell.h"

size_t yaml_metadata_place(const struct doc *doc, uint32_t root)
{
	const struct doc_node *n = &doc->nodes[root];

	return n->style == YAML_STYLE_FLOW ? n->end - 1 : yaml_document_end(doc, root);
}

size_t yaml_first_metadata_place(const struct doc *doc)
{
	return yaml_metadata_place(doc, doc_root(doc, 0));
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

/* As lines. In a later document that was empty the key is quoted, which sops does not do: then nothing is left of it. */
static int write_lines(struct secret *out, const struct doc *doc, uint32_t root,
		       const struct doc_tree *metadata, const struct yaml_layout *layout,
		       struct error *err)
{
	if (doc->nodes[root].flags & YAML_NOT_WRITTEN && root != doc_root(doc, 0))
		return secret_append_text(out, "\"sops\":", err) < 0
			       ? -1
			       : yaml_emit_entry(metadata, 0, layout, 0, false, out, err);
	return yaml_write_entry(out, metadata, false, SPAN_LITERAL("sops"), yaml_column(doc, root),
				layout, err);
}

/* The metadata as it goes to its place, which is at the start of a line or not. */
static int write_metadata(struct secret *out, const struct doc *doc, uint32_t root,
			  const struct doc_tree *metadata, const struct yaml_layout *layout,
			  bool at_line_start, struct error *err)
{
	if (doc->nodes[root].style == YAML_STYLE_FLOW)
		return yaml_write_flow_entry(out, doc, root, SPAN_LITERAL("sops"), metadata, err);
	if (at_line_start)
		return write_lines(out, doc, root, metadata, layout, err);
	/* the text has no last line break, and will have none */
	if (secret_append_text(out, layout->newline, err) < 0 ||
	    write_lines(out, doc, root, metadata, layout, err) < 0)
		return -1;
	secret_truncate(out, out->len - strlen(layout->newline));
	return 0;
}

/* Is what stands before offset at all of the text, or whole lines? */
static bool is_line_start(const struct doc *doc, struct span before)
{
	return before.len == yaml_details(doc)->begin || yaml_ends_with_break(before);
}

int yaml_metadata_sample(const struct doc *doc, uint32_t root, struct secret *text,
			 struct error *err)
{
	const struct yaml_layout layout = { 4, yaml_newline(doc) };
	const struct span before = doc_text_slice(doc, 0, yaml_metadata_place(doc, root));
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_tree_open_map(&tree, NULL, err) < 0 ||
	    doc_tree_scalar(&tree, "version", DOC_TYPE_STRING, SPAN_LITERAL("3"), err) < 0)
		return -1;
	doc_tree_close(&tree);
	return write_metadata(text, doc, root, &tree, &layout, is_line_start(doc, before), err);
}

/* See ret_changed of yaml_add_metadata(). */
static int end_last_block(struct doc_edit *edit, uint32_t *ret_changed, struct error *err)
{
	const struct doc *doc = edit->doc;
	bool changed;

	*ret_changed = DOC_NONE;
	if (yaml_ends_with_break(secret_span(&doc->text)))
		return 0;
	for (uint32_t node = doc->len - 1; node > 0; node--) {
		const struct doc_node *n = &doc->nodes[node];

		if (!yaml_is_block_scalar(n) || edit->cursor > n->start ||
		    yaml_looks_sealed(doc_value(doc, node)) ||
		    !yaml_is_blank_between(doc, n->end, doc->text.len))
			continue;
		if (yaml_end_block(edit, n, &changed, err) < 0)
			return -1;
		*ret_changed = changed ? node : DOC_NONE;
		return 0;
	}
	return 0;
}

/* Does every line of lines end as those of doc do? */
static bool has_breaks_of(const struct doc *doc, struct span lines)
{
	bool same = true;

	for (size_t i = 0; i < lines.len && same; i++)
		if (lines.data[i] == '\n')
			same = (i > 0 && lines.data[i - 1] == '\r') == yaml_details(doc)->crlf;
	return same;
}

int yaml_add_lines(struct doc_edit *edit, struct span lines, bool *ret_done, uint32_t *ret_changed,
		   struct error *err)
{
	const struct doc *doc = edit->doc;
	const uint32_t root = doc_root(doc, 0);
	const char *newline = yaml_newline(doc);
	AUTO(secret) entry = SECRET_INIT;
	struct span before;
	bool at_line_start;

	if (doc->nodes[root].style == YAML_STYLE_FLOW || yaml_column(doc, root) != 0 ||
	    !has_breaks_of(doc, lines))
		return 0;
	if (end_last_block(edit, ret_changed, err) < 0 ||
	    doc_edit_copy_to(edit, doc->text.len, err) < 0)
		return -1;
	before = span_slice(secret_span(&edit->text), 0, edit->metadata);
	at_line_start = is_line_start(doc, before);
	if ((!at_line_start && secret_append_text(&entry, newline, err) < 0) ||
	    secret_append_span(&entry, lines, err) < 0)
		return -1;
	/* with a line break at its end, unless the text itself has none */
	if (at_line_start && !yaml_ends_with_break(lines) &&
	    secret_append_text(&entry, newline, err) < 0)
		return -1;
	if (!at_line_start && yaml_ends_with_break(lines))
		secret_truncate(&entry, entry.len - strlen(newline));
	*ret_done = true;
	return insert_at(&edit->text, edit->metadata, secret_span(&entry), err);
}

int yaml_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata, unsigned indent,
		      uint32_t *ret_changed, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct yaml_layout layout = { indent < 2 || indent > 9 ? 2 : indent,
					    yaml_newline(doc) };
	AUTO(secret) entry = SECRET_INIT;
	struct span before;

	if (end_last_block(edit, ret_changed, err) < 0 ||
	    doc_edit_copy_to(edit, doc->text.len, err) < 0)
		return -1;
	assert(edit->metadata != SIZE_MAX);
	before = span_slice(secret_span(&edit->text), 0, edit->metadata);
	if (write_metadata(&entry, doc, doc_root(doc, 0), metadata, &layout,
			   is_line_start(doc, before), err) < 0)
		return -1;
	return insert_at(&edit->text, edit->metadata, secret_span(&entry), err);
}

int yaml_add_copy(struct doc_edit *edit, uint32_t root, const struct doc_tree *metadata,
		  unsigned indent, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct yaml_layout layout = { indent < 2 || indent > 9 ? 2 : indent,
					    yaml_newline(doc) };
	uint32_t changed;

	if (doc_sibling(doc, root) == DOC_NONE && end_last_block(edit, &changed, err) < 0)
		return -1;
	if (doc_edit_copy_to(edit, yaml_metadata_place(doc, root), err) < 0)
		return -1;
	return write_metadata(&edit->text, doc, root, metadata, &layout,
			      is_line_start(doc, secret_span(&edit->text)), err);
}
