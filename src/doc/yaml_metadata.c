/* SPDX-License-Identifier: MIT */
/* The metadata go to the end of the first document. */
#include <assert.h>
#include <string.h>

#include "yaml_edit.h"
#include "yaml_spell.h"

/* Where the metadata of the first document belongs, in the old text. */
size_t yaml_metadata_place(const struct doc *doc)
{
	const struct doc_node *root = &doc->nodes[doc_root(doc, 0)];

	return root->style == YAML_STYLE_FLOW ? root->end - 1 : yaml_details(doc)->end;
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
		return yaml_write_flow_entry(out, doc, root, key, metadata, err);
	if (at_line_start)
		return yaml_write_entry(out, metadata, false, key, yaml_column(doc, root), layout,
					err);
	/* the text has no last line break, and will have none */
	if (secret_append_text(out, layout->newline, err) < 0 ||
	    yaml_write_entry(out, metadata, false, key, yaml_column(doc, root), layout, err) < 0)
		return -1;
	secret_truncate(out, out->len - strlen(layout->newline));
	return 0;
}

int yaml_metadata_sample(const struct doc *doc, size_t *ret_at, struct secret *ret_text,
			 struct error *err)
{
	const struct yaml_layout layout = { 4, yaml_newline(doc) };
	const size_t at = yaml_metadata_place(doc);
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_tree_open_map(&tree, NULL, err) < 0 ||
	    doc_tree_scalar(&tree, "version", DOC_TYPE_STRING, SPAN_LITERAL("3"), err) < 0)
		return -1;
	doc_tree_close(&tree);
	*ret_at = at;
	return write_metadata(ret_text, doc, &tree, &layout,
			      at == yaml_details(doc)->begin ||
				      yaml_ends_with_break(doc_text_slice(doc, 0, at)),
			      err);
}

/* See ret_changed of yaml_add_metadata(). */
static int end_last_block(struct doc_edit *edit, uint32_t *ret_changed, struct error *err)
{
	const struct doc *doc = edit->doc;
	bool changed;

	*ret_changed = DOC_NONE;
	if (yaml_metadata_place(doc) < doc->text.len ||
	    yaml_ends_with_break(secret_span(&doc->text)))
		return 0;
	for (uint32_t node = doc->len - 1; node > 0; node--) {
		const struct doc_node *n = &doc->nodes[node];

		if (!yaml_is_block_scalar(n) || edit->cursor > n->start ||
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
	at_line_start = before.len == yaml_details(doc)->begin || yaml_ends_with_break(before);
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
	if (write_metadata(&entry, doc, metadata, &layout,
			   before.len == yaml_details(doc)->begin || yaml_ends_with_break(before),
			   err) < 0)
		return -1;
	return insert_at(&edit->text, edit->metadata, secret_span(&entry), err);
}
