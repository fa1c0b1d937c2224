/* SPDX-License-Identifier: MIT */
/* Entries of maps and lists are taken out, with what is theirs around them. */
#include <string.h>

#include "yaml_edit.h"

/* The start of the blanks and line breaks that end at offset at. */
static size_t blanks_start(const struct doc *doc, size_t at)
{
	while (at > 0 && memchr(" \t\r\n", doc->text.data[at - 1], 4) != NULL)
		at--;
	return at;
}

/* Where an entry starts with the "?" that may stand before its key. */
static size_t flow_entry_start(const struct doc *doc, const struct doc_node *n)
{
	const size_t at = blanks_start(doc, n->entry);

	return at > 0 && doc->text.data[at - 1] == '?' && !yaml_in_comment(doc, at) ? at - 1
										    : n->entry;
}

/* Stands a comment between an entry's key and the "?" before it? */
static bool has_comment_behind_mark(const struct doc *doc, uint32_t node)
{
	size_t at = blanks_start(doc, doc->nodes[node].entry);
	bool any = false;

	for (const struct doc_node *c = &doc->nodes[node - 1];
	     c->kind == DOC_COMMENT && c->start < at && at <= c->end; c--) {
		at = blanks_start(doc, c->start);
		any = true;
	}
	return any && at > 0 && doc->text.data[at - 1] == '?';
}

/* Behind blanks, line breaks and comments. */
static size_t next_mark(const struct doc *doc, size_t at)
{
	for (;;) {
		while (at < doc->text.len && memchr(" \t\r\n", doc->text.data[at], 4) != NULL)
			at++;
		if (at == doc->text.len || doc->text.data[at] != '#')
			return at;
		at = yaml_next_break(doc, at);
	}
}

/* What goes with an entry of a flow collection: the comma behind it with the comments up to it, or that before it. */
static void flow_entry_range(const struct doc *doc, uint32_t node, size_t *ret_start,
			     size_t *ret_end)
{
	const struct doc_node *n = &doc->nodes[node];
	const uint8_t *text = doc->text.data;
	const size_t start = flow_entry_start(doc, n), after = next_mark(doc, n->end);
	const size_t before = blanks_start(doc, start);

	*ret_start = start;
	*ret_end = n->end;
	if (text[after] == ',') {
		*ret_end = after + 1;
		/* not two blanks in the place of one */
		if (text[*ret_end] == ' ' && start > 0 && text[start - 1] == ' ')
			++*ret_end;
	} else if (text[before - 1] == ',' && !yaml_in_comment(doc, before)) {
		*ret_start = before - 1;
	}
}

static int remove_from_flow(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc *doc = edit->doc;
	size_t start, end;

	flow_entry_range(doc, node, &start, &end);
	if (has_comment_behind_mark(doc, node))
		return error_set(err, ERROR_UNSUPPORTED,
				 "line %zu: cannot take out an entry whose key stands behind "
				 "\"?\" and a comment",
				 doc_line(doc, node));
	if (doc_edit_copy_to(edit, start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, end);
	return 0;
}

/* Has the document that holds node a marker "---" before it? */
static bool has_marker(const struct doc *doc, size_t offset)
{
	for (size_t line = yaml_line_start(doc, offset);; line = yaml_line_start(doc, line - 1)) {
		if (doc->text.len - line >= 3 && memcmp(doc->text.data + line, "---", 3) == 0)
			return true;
		if (line <= yaml_details(doc)->begin)
			return false;
	}
}

/* The dash of a block list's item, before its comments, anchor, tag or text; false: something else is there. */
static bool find_dash(const struct doc *doc, uint32_t node, size_t *ret_at)
{
	const uint8_t *text = doc->text.data;
	size_t at = doc->nodes[node].entry;

	for (;;) {
		const struct doc_node *comment = &doc->nodes[--node];

		at = blanks_start(doc, at);
		if (comment->kind != DOC_COMMENT || at <= comment->start || at > comment->end)
			break;
		at = comment->start;
	}
	*ret_at = at - 1;
	return at > 0 && text[at - 1] == '-';
}

/* Where a block map's entry starts: with the "?" that may stand before its key, in the map's column. */
static size_t block_entry_start(const struct doc *doc, const struct doc_node *n)
{
	const size_t start = flow_entry_start(doc, n);

	return start - yaml_line_start(doc, start) == yaml_column(doc, n->parent) ? start
										  : n->entry;
}

/*
 * The first entry of a block that begins on the line of the dash before it: what follows, an entry or a
 * comment, moves up into its place.
 */
static int remove_behind_dash(struct doc_edit *edit, const struct doc_node *n, size_t start,
			      struct error *err)
{
	const struct doc *doc = edit->doc;
	size_t end = yaml_entry_end(doc, n);

	while (end < doc->text.len && memchr(" \t\r\n", doc->text.data[end], 4) != NULL)
		end++;
	if (doc_edit_copy_to(edit, start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, end);
	return 0;
}

/* The only entry of a block: the container is empty then. */
static int empty_block(struct doc_edit *edit, uint32_t container, struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_tree_add(&tree, (enum doc_kind)edit->doc->nodes[container].kind, SPAN_INIT,
			 DOC_TYPE_NONE, SPAN_INIT, err) < 0)
		return -1;
	doc_tree_close(&tree);
	return yaml_replace(edit, container, &tree, err);
}

/* Whole lines, with the line break behind them. */
static int remove_lines(struct doc_edit *edit, size_t start, size_t end, struct error *err)
{
	const struct doc *doc = edit->doc;

	if (end == doc->text.len && !yaml_ends_with_break(secret_span(&doc->text)))
		start = yaml_skip_break_back(doc, start);
	/* a block scalar before it may have needed that line break */
	if (start < edit->cursor)
		start = edit->cursor;
	if (doc_edit_copy_to(edit, start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, end);
	return 0;
}

static int write_empty_root(struct doc_edit *edit, const struct doc_node *n, struct error *err)
{
	const struct doc *doc = edit->doc;

	/* the line break before a text's last line, which had none, went with that line */
	if (edit->text.len > 0 && !yaml_ends_with_break(secret_span(&edit->text)) &&
	    secret_append_text(&edit->text, yaml_newline(doc), err) < 0)
		return -1;
	if (yaml_write_indent(&edit->text, n->entry - yaml_line_start(doc, n->entry), err) < 0 ||
	    secret_append_text(&edit->text, "{}", err) < 0)
		return -1;
	return secret_append_text(&edit->text, yaml_newline(doc), err);
}

/*
 * Is an empty map to be written in the place of a document's only entry? sops gives metadata to a document that
 * is empty, too, and prints "{}" when it takes them out; a first one without a marker would be none at all. What
 * was empty for us has them under a key in quotes.
 */
static bool leaves_empty_map(const struct doc *doc, const struct doc_node *n, size_t line)
{
	if (n->parent == doc_root(doc, 0))
		return !has_marker(doc, line);
	return doc->text.data[n->entry] != '"';
}

int yaml_remove(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const bool in_list = doc->nodes[n->parent].kind == DOC_LIST;
	const bool is_root = doc->nodes[n->parent].parent == 0;
	const bool alone = doc_child(doc, n->parent) == node && doc_sibling(doc, node) == DOC_NONE;
	size_t start = n->entry, line;

	if (n->flags & YAML_IN_FLOW)
		return remove_from_flow(edit, node, err);
	if (alone && !is_root)
		return empty_block(edit, n->parent, err);
	if (!in_list)
		start = block_entry_start(doc, n);
	else if (!find_dash(doc, node, &start))
		return error_set(err, ERROR_UNSUPPORTED, "line %zu: cannot take this entry out",
				 doc_line(doc, node));
	line = yaml_line_start(doc, start);
	if (!yaml_is_blank_between(doc, line, start))
		return remove_behind_dash(edit, n, start, err);
	if (remove_lines(edit, line, yaml_entry_end(doc, n), err) < 0)
		return -1;
	return alone && leaves_empty_map(doc, n, line) ? write_empty_root(edit, n, err) : 0;
}
