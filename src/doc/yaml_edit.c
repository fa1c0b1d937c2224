/* SPDX-License-Identifier: MIT */
/* A leaf is sealed, opened or set in its place. */
#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "yaml_edit.h"
#include "yaml_spell.h"

/* "&a:b" is an anchor and a text: a sealed one would be read as part of the anchor. */
bool yaml_touches_anchor(const struct doc *doc, const struct doc_node *n)
{
	const uint8_t before = n->start > n->entry ? doc->text.data[n->start - 1] : ' ';

	return isalnum(before) || before == '_' || before == '-';
}

/* Where a tag of n starts that a sealed text would not fit: "!!int" and its kin. */
static size_t tag_start(const struct doc *doc, const struct doc_node *n)
{
	const uint8_t *text = doc->text.data;
	size_t at = n->start;

	for (size_t i = n->start; i > n->entry; i--)
		if (text[i - 1] == '!' && (i - 1 == n->entry || memchr(" \t\r\n", text[i - 2], 4)))
			return i - 1;
	return at;
}

/*
 * Copies up to n's text, with a blank where there is nothing yet; strip takes out its tag and
 * the blanks behind it.
 */
static int copy_to_content(struct doc_edit *edit, const struct doc_node *n, bool strip,
			   struct error *err)
{
	const uint8_t *text = edit->doc->text.data;
	size_t tag;

	if (!strip) {
		if (doc_edit_copy_to(edit, n->start, err) < 0)
			return -1;
		return n->start < n->end && !yaml_touches_anchor(edit->doc, n)
			       ? 0
			       : secret_append_text(&edit->text, " ", err);
	}
	tag = tag_start(edit->doc, n);
	/* a comment of its own was edited since: the tag is written already */
	if (tag < edit->cursor) {
		error_set(err, ERROR_UNSUPPORTED,
			  "line %zu: a comment stands between a tag and its value",
			  doc_line(edit->doc, (uint32_t)(n - edit->doc->nodes)));
		return error_hint(err, "put the comment before the key or behind the value");
	}
	if (doc_edit_copy_to(edit, tag, err) < 0)
		return -1;
	while (tag < n->start && memchr(" \t\r\n", text[tag], 4) == NULL)
		tag++;
	while (tag < n->start && (text[tag] == ' ' || text[tag] == '\t'))
		tag++;
	doc_edit_skip_to(edit, tag);
	if (doc_edit_copy_to(edit, n->start, err) < 0)
		return -1;
	return yaml_touches_anchor(edit->doc, n) ? secret_append_text(&edit->text, " ", err) : 0;
}

/* Is value a sealed text, to be replaced by another? (A block scalar's ends with a line break.) */
bool yaml_looks_sealed(struct span value)
{
	value = yaml_without_last_breaks(value);
	return span_starts_with(value, "ENC[") && span_ends_with(value, "]") &&
	       memmem(value.data, value.len, ",type:", 6) != NULL;
}

/* Will opening give back what stands at node now? */
static int try_inverse(struct doc_edit *edit, uint32_t node, enum yaml_spelling spelling,
		       bool *ret_exact, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	char scratch[DOC_CANONICAL_MAX];
	struct span plain;
	int status;

	if (n->flags & YAML_TAG_TYPED || yaml_touches_anchor(doc, n)) {
		*ret_exact = false;
		return 0;
	}
	if (doc_plain(doc, node, scratch, &plain, err) < 0)
		return -1;
	secret_truncate(&edit->trial, 0);
	if (yaml_is_block_scalar(n)) {
		status = yaml_block_inverse(&edit->trial, doc, n, plain, ret_exact, err);
	} else {
		status = yaml_write_opened(&edit->trial, doc, n, spelling, n->type, plain, err);
		*ret_exact = span_equal(secret_span(&edit->trial), yaml_node_text(doc, n));
	}
	if (n->type != DOC_TYPE_STRING)
		secret_wipe(scratch, sizeof(scratch));
	return status;
}

/* Does a blank line with a tab follow? It may stand behind a plain scalar, and no other. */
bool yaml_has_tab_behind(const struct doc *doc, const struct doc_node *n)
{
	const struct span text = secret_span(&doc->text);
	bool line_began = false;

	if (n->style != YAML_STYLE_PLAIN || n->flags & YAML_IN_FLOW)
		return false;
	for (size_t at = n->end; at < text.len; at++) {
		if (yaml_break_at(text, at) > 0) {
			at += yaml_break_at(text, at) - 1;
			line_began = true;
		} else if (text.data[at] == '\t' && line_began) {
			return true;
		} else if (text.data[at] != ' ' && text.data[at] != '\t') {
			return false;
		}
	}
	return false;
}

static int seal_comment(struct doc_edit *edit, const struct doc_node *n, struct span sealed,
			struct error *err)
{
	if (doc_edit_copy_to(edit, n->start + 1, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	return secret_append_span(&edit->text, sealed, err);
}

int yaml_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
	      struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];
	const enum yaml_spelling spelling = yaml_spelling_for(edit->doc, node);
	bool exact = true;

	assert(n->kind == DOC_SCALAR || n->kind == DOC_COMMENT);
	if (n->kind == DOC_COMMENT) {
		*ret_exact = true;
		return seal_comment(edit, n, sealed, err);
	}
	if (!yaml_looks_sealed(doc_value(edit->doc, node)) &&
	    try_inverse(edit, node, spelling, &exact, err) < 0)
		return -1;
	if ((spelling != YAML_BARE || !exact) && yaml_has_tab_behind(edit->doc, n))
		return error_set(err, ERROR_UNSUPPORTED,
				 "line %zu: behind this value is a line of blanks with a tab",
				 doc_line(edit->doc, node));
	if (yaml_is_block_scalar(n)) {
		if (yaml_seal_block(edit, n, sealed, err) < 0)
			return -1;
	} else {
		if (copy_to_content(edit, n, n->flags & YAML_TAG_TYPED, err) < 0)
			return -1;
		doc_edit_skip_to(edit, n->end);
		if (yaml_write_sealed(&edit->text, spelling, sealed, err) < 0)
			return -1;
	}
	*ret_exact = exact;
	return 0;
}

/* A comment within metadata that were taken out gets a line of its own behind what was before them. */
static int keep_comment(struct doc_edit *edit, struct span plain, struct error *err)
{
	const struct span text = secret_span(&edit->text);

	/* in a flow collection, or where a line break more would change a value, it goes, too */
	if (text.len > yaml_details(edit->doc)->begin && yaml_break_before(text, text.len) == 0)
		return 0;
	if (secret_append_text(&edit->text, "#", err) < 0 ||
	    secret_append_span(&edit->text, plain, err) < 0)
		return -1;
	return secret_append_text(&edit->text, yaml_newline(edit->doc), err);
}

/* A comment, where the text has one; and sops' sealed comments that are elements of a list. */
static int open_comment(struct doc_edit *edit, uint32_t node, struct span plain, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	size_t start = n->start;

	if (yaml_line_end(plain, 0) < plain.len)
		return error_set(err, ERROR_FORMAT, "line %zu: a sealed comment of several lines",
				 doc_line(doc, node));
	if (n->kind == DOC_COMMENT && n->start < edit->cursor)
		return keep_comment(edit, plain, err);
	if (n->kind == DOC_SCALAR) {
		while (start > 0 &&
		       (doc->text.data[start - 1] == ' ' || doc->text.data[start - 1] == '\t'))
			start--;
		if (start == 0 || doc->text.data[start - 1] != '-')
			return error_set(err, ERROR_FORMAT,
					 "line %zu: a comment in a value's place",
					 doc_line(doc, node));
		start--;
	} else if (node + 1 < doc->len && doc->nodes[node + 1].start < n->start &&
		   yaml_is_block_scalar(&doc->nodes[node + 1]) &&
		   edit->cursor <= doc->nodes[node + 1].start) {
		/* in the header of a block scalar, which may have to be changed yet */
		edit->header = edit->text.len + (doc->nodes[node + 1].start - edit->cursor);
	}
	if (doc_edit_copy_to(edit, start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	if (secret_append_text(&edit->text, "#", err) < 0)
		return -1;
	return secret_append_span(&edit->text, plain, err);
}

/*
 * libyaml lets a comment follow a closing quote at once. Behind what was written from offset start
 * on without quotes that # would be a part of the value.
 */
static int set_comment_apart(struct doc_edit *edit, const struct doc_node *n, size_t start,
			     struct error *err)
{
	const uint8_t first = edit->text.len > start ? edit->text.data[start] : '\0';

	if (first == '"' || first == '\'' || n->end >= edit->doc->text.len ||
	    edit->doc->text.data[n->end] != '#')
		return 0;
	return secret_append_text(&edit->text, " ", err);
}

int yaml_open(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
	      struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];
	size_t start;

	assert(n->kind == DOC_SCALAR || n->kind == DOC_COMMENT);
	if (n->kind == DOC_COMMENT || type == DOC_TYPE_COMMENT)
		return open_comment(edit, node, plain, err);
	if (yaml_is_block_scalar(n))
		return yaml_open_block(edit, n, type, plain, true, err);
	if (copy_to_content(edit, n, type != DOC_TYPE_STRING && n->flags & YAML_TAG_STRING, err) <
	    0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	start = edit->text.len;
	if (yaml_write_opened(&edit->text, edit->doc, n, yaml_spelling_for(edit->doc, node), type,
			      plain, err) < 0)
		return -1;
	return set_comment_apart(edit, n, start, err);
}

/* The style of a new string: that of the old one, if it can be. */
static enum yaml_style set_style(const struct doc *doc, const struct doc_node *n, struct span value)
{
	if (n->style == YAML_STYLE_DOUBLE)
		return YAML_STYLE_DOUBLE;
	if (n->style == YAML_STYLE_SINGLE)
		return yaml_can_be_single(value) ? YAML_STYLE_SINGLE : YAML_STYLE_DOUBLE;
	return yaml_opened_style(doc, n, YAML_BARE, value);
}

int yaml_set(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span value,
	     struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const bool strip = n->flags & (type == DOC_TYPE_STRING ? YAML_TAG_TYPED
							       : YAML_TAG_TYPED | YAML_TAG_STRING);
	size_t start;

	if (yaml_check_place(doc, node, err) < 0)
		return -1;
	if (n->kind != DOC_SCALAR || (type == DOC_TYPE_NULL && yaml_is_block_scalar(n))) {
		AUTO(doc_tree) tree = DOC_TREE_INIT;

		if (doc_tree_scalar(&tree, NULL, type, value, err) < 0)
			return -1;
		return yaml_replace(edit, node, &tree, err);
	}
	if (yaml_is_block_scalar(n))
		return yaml_open_block(edit, n, type, value, false, err);
	if (copy_to_content(edit, n, strip, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	start = edit->text.len;
	if (type == DOC_TYPE_STRING) {
		if (yaml_write_string(&edit->text, doc, n, set_style(doc, n, value), value, err) <
		    0)
			return -1;
	} else if ((type == DOC_TYPE_NULL ? secret_append_text(&edit->text, "null", err)
					  : secret_append_span(&edit->text, value, err)) < 0) {
		return -1;
	}
	return set_comment_apart(edit, n, start, err);
}
