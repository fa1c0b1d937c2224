/* SPDX-License-Identifier: MIT */
/*
 * What was sealed before and did not change goes back as it was spelled: sops writes all sealed texts plain,
 * and comments of a list as its elements, which is not how they would be sealed for the first time.
 */
#include "yaml_edit.h"
#include "yaml_spell.h"

/* Does a scalar between list and comment, in the order of the text, end behind the comment? */
static bool is_within_element(const struct doc *doc, uint32_t list, uint32_t comment)
{
	uint32_t node = comment - 1;

	while (node > list && doc->nodes[node].kind == DOC_COMMENT)
		node--;
	for (; node > list; node = doc->nodes[node].parent)
		if (doc->nodes[node].end > doc->nodes[comment].start)
			return true;
	return false;
}

/* Do only blank lines and comments stand between the comment and the first element, no anchor or tag? */
static bool is_right_before(const struct doc *doc, uint32_t comment, uint32_t list)
{
	const struct span text = secret_span(&doc->text);
	size_t at = yaml_line_end(text, doc->nodes[comment].end);

	while (at < doc->nodes[list].start) {
		at += yaml_break_at(text, at);
		at += yaml_count_blanks(text, at);
		if (at >= doc->nodes[list].start)
			break;
		if (text.data[at] != '#' && yaml_break_at(text, at) == 0)
			return false;
		at = yaml_line_end(text, at);
	}
	return at == doc->nodes[list].start;
}

/* Is nothing before offset on its line but blanks and the dashes of lists around? */
static bool is_first_on_line(const struct doc *doc, size_t offset)
{
	for (size_t at = yaml_line_start(doc, offset); at < offset; at++)
		if (doc->text.data[at] != ' ' && doc->text.data[at] != '-')
			return false;
	return true;
}

/* Could an element of its list stand where this comment does? */
static bool is_element(const struct doc *doc, uint32_t comment)
{
	const struct doc_node *n = &doc->nodes[comment];
	const uint32_t list = n->parent;
	uint32_t behind = comment + 1;

	if (doc->nodes[list].kind != DOC_LIST || doc->nodes[list].style == YAML_STYLE_FLOW ||
	    n->start - yaml_line_start(doc, n->start) != yaml_column(doc, list) ||
	    !is_first_on_line(doc, n->start))
		return false;
	while (behind < doc->nodes[list].next && doc->nodes[behind].kind == DOC_COMMENT)
		behind++;
	if (comment < list)
		return behind == list && is_right_before(doc, comment, list);
	return (behind >= doc->nodes[list].next || doc->nodes[behind].parent == list) &&
	       !is_within_element(doc, list, comment);
}

static int seal_element(struct doc_edit *edit, const struct doc_node *n, struct span sealed,
			struct error *err)
{
	if (doc_edit_copy_to(edit, n->start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	if (secret_append_text(&edit->text, "- ", err) < 0)
		return -1;
	return secret_append_span(&edit->text, sealed, err);
}

/*
 * How much of a block scalar's text is the literal block that a plain sealed text opens as; 0: it is another.
 * What is behind are line breaks, which stay.
 */
static int measure_literal(struct doc_edit *edit, const struct doc_node *n, struct span plain,
			   size_t *ret_len, struct error *err)
{
	const struct span text = yaml_node_text(edit->doc, n);
	const size_t breaks = plain.len - yaml_without_last_breaks(plain).len;
	struct span rest;

	*ret_len = 0;
	if (yaml_string_style(plain) != YAML_STYLE_LITERAL || !yaml_can_be_block(plain, true))
		return 0;
	secret_truncate(&edit->trial, 0);
	if (yaml_write_string(&edit->trial, edit->doc, n, YAML_STYLE_LITERAL, plain, err) < 0)
		return -1;
	if (!span_equal(span_slice(text, 0, edit->trial.len), secret_span(&edit->trial)))
		return 0;
	rest = span_slice(text, edit->trial.len, text.len);
	if (breaks == 0 || (breaks == 1 && rest.len > 0) ||
	    (rest.len > 0 && yaml_break_at(rest, 0) == rest.len))
		*ret_len = edit->trial.len;
	return 0;
}

/* How much of node's text opening a sealed text of that spelling would give back; 0: it gives another. */
static int measure(struct doc_edit *edit, const struct doc_node *n, enum yaml_spelling spelling,
		   struct span plain, size_t *ret_len, struct error *err)
{
	const struct span text = yaml_node_text(edit->doc, n);

	if (yaml_is_block_scalar(n) && spelling == YAML_BARE)
		return measure_literal(edit, n, plain, ret_len, err);
	*ret_len = 0;
	if (yaml_is_block_scalar(n))
		return 0;
	secret_truncate(&edit->trial, 0);
	if (yaml_write_opened(&edit->trial, edit->doc, n, spelling, DOC_TYPE_STRING, plain, err) <
	    0)
		return -1;
	if (span_equal(secret_span(&edit->trial), text))
		*ret_len = text.len;
	return 0;
}

/* Can the spelling of the one be that of the other at all? */
static bool are_alike(const struct doc *doc, const struct doc_node *n,
		      const struct doc_node *former)
{
	const uint8_t tags = YAML_TAG_STRING | YAML_TAG_TYPED | YAML_TAG_BINARY;

	return n->kind == DOC_SCALAR && former->kind == DOC_SCALAR && n->type == DOC_TYPE_STRING &&
	       !yaml_is_block_scalar(former) && ((n->flags ^ former->flags) & YAML_IN_FLOW) == 0 &&
	       ((n->flags | former->flags) & tags) == 0 && n->start < n->end &&
	       !yaml_touches_anchor(doc, n);
}

/* Would what follows n on its lines be read otherwise behind a sealed text of that spelling? */
static bool is_held_off(const struct doc *doc, const struct doc_node *n,
			enum yaml_spelling spelling)
{
	if (spelling != YAML_BARE)
		return yaml_has_tab_behind(doc, n);
	return n->end < doc->text.len && doc->text.data[n->end] == '#' && !yaml_is_block_scalar(n);
}

int yaml_seal_as(struct doc_edit *edit, uint32_t node, struct span sealed,
		 const struct doc_former *former, bool *ret_done, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node], *f = &former->doc->nodes[former->node];
	enum yaml_spelling spelling;
	size_t len;

	if (n->kind == DOC_COMMENT) {
		*ret_done = f->kind == DOC_SCALAR && is_element(doc, node);
		return *ret_done ? seal_element(edit, n, sealed, err) : 0;
	}
	if (!are_alike(doc, n, f))
		return 0;
	spelling = yaml_spelling_for(former->doc, former->node);
	if (is_held_off(doc, n, spelling))
		return 0;
	if (measure(edit, n, spelling, doc_value(doc, node), &len, err) < 0)
		return -1;
	if (len == 0)
		return 0;
	if (doc_edit_copy_to(edit, n->start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->start + len);
	*ret_done = true;
	return yaml_write_sealed(&edit->text, spelling, sealed, err);
}
