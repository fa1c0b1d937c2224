/* SPDX-License-Identifier: MIT */
/* Keys and sections are added and taken out, and the metadata. */
#include <assert.h>
#include <string.h>

#include "ini.h"
#include "internal.h"

/* Does the key that was last written in section stand right before its "="? */
static bool is_tight(const struct doc *doc, uint32_t section)
{
	bool tight = false;

	for (uint32_t i = doc_child(doc, section); i != DOC_NONE; i = doc_sibling(doc, i)) {
		const struct doc_node *n = &doc->nodes[i];
		size_t at = n->entry;

		while (at < n->start && doc->text.data[at] != '=' && doc->text.data[at] != ':')
			at++;
		tight = at > n->entry && at < n->start && doc->text.data[at - 1] != ' ';
	}
	return tight;
}

/* Would a line at offset be taken for the rest of the one before? */
static bool goes_on(const struct doc *doc, size_t offset)
{
	const size_t begin = flat_details(doc)->begin;
	const size_t end = ini_trim_right(secret_span(&doc->text), begin, offset);

	return end > begin && doc->text.data[end - 1] == '\\';
}

static int append_key(struct doc_edit *edit, uint32_t section, struct span key,
		      const struct doc_tree *value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const char *newline = flat_details(doc)->newline;
	const size_t place =
		doc->nodes[section].end; /* behind the last key's line, or the header */
	const size_t at = edit->text.len;

	if (value->nodes[0].kind != DOC_SCALAR)
		return flat_refuse_container("INI, in a section,", key, err);
	if ((goes_on(doc, place) && secret_append_text(&edit->text, newline, err) < 0) ||
	    ini_write_key(&edit->text, key, err) < 0 ||
	    secret_append_text(&edit->text, is_tight(doc, section) ? "=" : " = ", err) < 0 ||
	    ini_emit_value(value, 0, &edit->text, err) < 0 ||
	    secret_append_text(&edit->text, newline, err) < 0)
		return -1;
	return flat_insert_lines(edit, place, at, err);
}

/* Behind the last section's last line: comments that follow stay at the end. */
static size_t new_section_place(const struct doc *doc)
{
	size_t place = flat_details(doc)->begin;

	for (uint32_t i = doc_child(doc, 1); i != DOC_NONE; i = doc_sibling(doc, i))
		if (doc->nodes[i].value_len == 0) /* not the metadata */
			place = doc->nodes[i].end;
	return place;
}

static int append_section(struct doc_edit *edit, struct span name, const struct doc_tree *value,
			  struct error *err)
{
	const struct doc *doc = edit->doc;
	const char *newline = flat_details(doc)->newline;
	const size_t place = new_section_place(doc), at = edit->text.len;

	if (value->nodes[0].kind != DOC_MAP)
		return error_set(err, ERROR_DUMP, "a value of INI stands in a section");
	if ((place > flat_details(doc)->begin &&
	     secret_append_text(&edit->text, newline, err) < 0) ||
	    ini_write_header(&edit->text, name, err) < 0 ||
	    secret_append_text(&edit->text, newline, err) < 0 ||
	    ini_emit_entries(value, 0, newline, &edit->text, err) < 0)
		return -1;
	return flat_insert_lines(edit, place, at, err);
}

int ini_append(struct doc_edit *edit, uint32_t container, struct span key,
	       const struct doc_tree *value, struct error *err)
{
	assert(container > 0);
	return container == 1 ? append_section(edit, key, value, err)
			      : append_key(edit, container, key, value, err);
}

/* A comment's lines; one behind a value or header goes with that. */
static int remove_comment(struct doc_edit *edit, const struct doc_node *n, struct error *err)
{
	const struct flat_piece *pieces = flat_details(edit->doc)->pieces + n->key;
	const uint32_t len = n->key_len - (n->flags & (INI_BEHIND | INI_HEADER) ? 1 : 0);

	for (uint32_t i = 0; i < len; i++)
		if (flat_remove_lines(edit, pieces[i].start, pieces[i].end, err) < 0)
			return -1;
	return 0;
}

/* With the comment that belongs to it. */
static int remove_key(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const struct doc_node *comment = node + 1 < doc->len ? n + 1 : n;

	if (comment->kind == DOC_COMMENT && comment->parent == n->parent &&
	    remove_comment(edit, comment, err) < 0)
		return -1;
	return flat_remove_lines(edit, n->entry, n->end, err);
}

static int remove_section(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];

	if (node == doc_find_metadata(edit->doc, 1)) {
		const struct flat_piece *piece = &flat_details(edit->doc)->pieces[n->value];

		return flat_patch(edit, piece->start, piece->end, edit->text.len, err);
	}
	for (uint32_t i = node + 1; i < n->next; i++) {
		const struct doc_node *child = &edit->doc->nodes[i];

		if (child->kind == DOC_COMMENT
			    ? remove_comment(edit, child, err) < 0
			    : flat_remove_lines(edit, child->entry, child->end, err) < 0)
			return -1;
	}
	return n->flags & INI_IMPLICIT ? 0 : flat_remove_lines(edit, n->entry, n->entry, err);
}

int ini_remove(struct doc_edit *edit, uint32_t node, struct error *err)
{
	return edit->doc->nodes[node].kind == DOC_MAP ? remove_section(edit, node, err)
						      : remove_key(edit, node, err);
}

int ini_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata, unsigned indent,
		     uint32_t *ret_changed, struct error *err)
{
	const struct doc *doc = edit->doc;
	const char *newline = flat_details(doc)->newline;
	const size_t at = edit->text.len;

	(void)indent;
	*ret_changed = DOC_NONE;
	if ((doc->text.len > flat_details(doc)->begin &&
	     secret_append_text(&edit->text, newline, err) < 0) ||
	    ini_emit_metadata(metadata, 0, newline, &edit->text, err) < 0)
		return -1;
	return flat_insert_lines(edit, doc->text.len, at, err);
}
