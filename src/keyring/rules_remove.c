/* SPDX-License-Identifier: MIT */
#include "keyring/rules_text.h"

#include <string.h>

#include "keyring/keyring.h"
#include "util/text.h"

static bool is_alias(const struct edit *edit, uint32_t node)
{
	const struct doc_node *n = &edit->doc.nodes[node];
	struct span text = span_slice(edit_text(edit), n->start, n->end - n->start);

	return n->kind == DOC_ALIAS && text.len > 1 && text.data[0] == '*' &&
	       span_equal_text(span_slice(text, 1, text.len), edit->name);
}

/* Is the node an item of a list of which nothing stays? */
static bool item_goes(const struct edit *edit, uint32_t node)
{
	const struct doc_node *n = &edit->doc.nodes[node];
	size_t all, own, anchor;

	if (edit->doc.nodes[n->parent].kind != DOC_LIST)
		return false;
	if (n->kind != DOC_SCALAR)
		return is_alias(edit, node);
	edit_count_parts(edit, node, &all, &own);
	return (all > 0 && own == all) || edit_find_anchor(edit, node, &anchor);
}

/* An item in block style goes with its line. */
static int remove_line(struct edit *edit, uint32_t node, size_t dash, struct error *err)
{
	struct span text = edit_text(edit);
	size_t line = edit_line_start(text, dash);

	for (size_t i = line; i < dash; i++) {
		if (!edit_is_blank(text.data[i]))
			return edit_cannot(edit, node, "there is more than an item on the line",
					   err);
	}
	return patches_add(&edit->patches, line,
			   edit_next_line(text, edit->doc.nodes[node].end) - line, SPAN_INIT, err);
}

/* Neighbours in brackets go together, with the comma behind the last, or else before the first. */
static int remove_from_flow(struct edit *edit, uint32_t node, struct error *err)
{
	const struct patch *last =
		edit->patches.len > 0 ? &edit->patches.items[edit->patches.len - 1] : NULL;
	struct span text = edit_text(edit);
	size_t start = edit->doc.nodes[node].entry, end = edit->doc.nodes[node].end, at;

	if (last && last->at + last->cut > start)
		return 0; /* it went with the one before */
	for (uint32_t i = node; i != DOC_NONE && item_goes(edit, i); i = doc_sibling(&edit->doc, i))
		end = edit->doc.nodes[i].end;
	for (at = end; at < text.len && edit_is_blank(text.data[at]);)
		at++;
	if (at < text.len && text.data[at] == ',') {
		for (end = at + 1;
		     end < text.len && (text.data[end] == ' ' || text.data[end] == '\t');)
			end++;
		return patches_add(&edit->patches, start, end - start, SPAN_INIT, err);
	}
	for (at = start; at > 0 && edit_is_blank(text.data[at - 1]);)
		at--;
	if (at > 0 && text.data[at - 1] == ',')
		start = at - 1;
	return patches_add(&edit->patches, start, end - start, SPAN_INIT, err);
}

/* The text of a scalar, without its quotes or the line that starts a block. */
static struct span inner_text(const struct edit *edit, uint32_t node)
{
	const struct doc_node *n = &edit->doc.nodes[node];
	struct span inner = span_slice(edit_text(edit), n->start, n->end - n->start), header;

	if (inner.len > 1 && (inner.data[0] == '"' || inner.data[0] == '\''))
		return span_slice(inner, 1, inner.len - 2);
	if (inner.len > 0 && (inner.data[0] == '|' || inner.data[0] == '>'))
		(void)span_take_line(&inner, &header);
	return inner;
}

/*
 * Some of a scalar's parts go, each with one comma: the first ones with the comma and the
 * blanks behind them, the others with the comma before.
 */
static int remove_parts(struct edit *edit, uint32_t node, struct error *err)
{
	struct span text = edit_text(edit), rest = inner_text(edit, node), part;
	size_t end = (size_t)(rest.data - text.data) + rest.len;
	bool is_first = true;

	while (span_take_until(&rest, ',', &part)) {
		size_t at = (size_t)(part.data - text.data), after = at + part.len;
		struct span key = span_trim(part);

		if (!keyring_is_own(edit->own, key)) {
			is_first = is_first && key.len == 0;
			continue;
		}
		if (is_first) {
			at = (size_t)(key.data - text.data);
			after += after < end;
			while (after < end && edit_is_blank(text.data[after]))
				after++;
		} else {
			at--;
			after = (size_t)(key.data - text.data) + key.len;
		}
		if (patches_add(&edit->patches, at, after - at, SPAN_INIT, err))
			return -1;
	}
	return 0;
}

static int remove_node(struct edit *edit, uint32_t node, struct error *err)
{
	const struct doc_node *n = &edit->doc.nodes[node];
	size_t all, own, at;

	if (n->kind == DOC_COMMENT)
		return 0;
	if (item_goes(edit, node))
		return edit_find_dash(edit, node, &at) ? remove_line(edit, node, at, err)
						       : remove_from_flow(edit, node, err);
	if (is_alias(edit, node))
		return edit_cannot(edit, node, "an alias that is no item of a list", err);
	if (edit_find_anchor(edit, node, &at))
		return edit_cannot(edit, node, "an anchor that is not at a text in a list", err);
	if (n->kind != DOC_SCALAR)
		return 0;
	edit_count_parts(edit, node, &all, &own);
	if (own == 0)
		return 0;
	if (own == all && !span_equal_text(doc_key(&edit->doc, node), "age"))
		return edit_cannot(edit, node, "a recipient that is no item of a list", err);
	return remove_parts(edit, node, err);
}

/* The list below "keys:" whose last item goes: then the key goes with it, unless there is a comment in it. */
static bool list_goes(const struct edit *edit, uint32_t node, size_t *ret_start, size_t *ret_end)
{
	const struct doc *doc = &edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	uint32_t i = doc_child(doc, node);

	if (n->kind != DOC_LIST || n->parent != doc_root(doc, 0) || i == DOC_NONE ||
	    !span_equal_text(doc_key(doc, node), "keys"))
		return false;
	for (; i != DOC_NONE; i = doc_sibling(doc, i))
		if (!item_goes(edit, i))
			return false;
	if (!doc_entry_lines(doc, node, ret_start, ret_end))
		return false;
	for (i = 1; i < doc->len; i++)
		if (doc->nodes[i].kind == DOC_COMMENT && doc->nodes[i].start >= *ret_start &&
		    doc->nodes[i].start < *ret_end)
			return false;
	return true;
}

/* Every place where the name is. */
static int remove_all(struct edit *edit, struct error *err)
{
	size_t start, end;

	for (uint32_t node = 1; node < edit->doc.len; node++) {
		if (list_goes(edit, node, &start, &end)) {
			if (patches_add(&edit->patches, start, end - start, SPAN_INIT, err))
				return -1;
			node = edit->doc.nodes[node].next - 1;
		} else if (remove_node(edit, node, err)) {
			return -1;
		}
	}
	return 0;
}

/*
 * What the rules lose: the name's keys, and what the anchor of that name stands for, which is
 * another key where keys/ and .sops.yaml have drifted apart.
 */
static int collect_gone(const struct edit *edit, struct age_recipients *gone, struct error *err)
{
	size_t anchor;

	for (size_t i = 0; i < edit->own->len; i++) {
		if (age_recipients_add(gone, span_of_text(edit->own->items[i].text), err))
			return -1;
	}
	for (uint32_t node = 1; node < edit->doc.len; node++) {
		struct span rest, part;

		if (edit->doc.nodes[node].kind != DOC_SCALAR ||
		    !edit_find_anchor(edit, node, &anchor))
			continue;
		rest = doc_value(&edit->doc, node);
		while (span_take_until(&rest, ',', &part)) {
			struct error unknown = ERROR_INIT;

			if (age_recipients_add(gone, part, &unknown) &&
			    unknown.kind == ERROR_SYSTEM) {
				*err = unknown;
				return -1;
			}
		}
	}
	return 0;
}

static int check_removed(const struct edit *edit, const struct age_recipients *gone,
			 const struct keyring_rules *before, const struct keyring_rules *after,
			 struct error *err)
{
	for (size_t i = 0; i < after->len; i++) {
		const struct keyring_rule *rule = &after->items[i];

		if (!edit_same_rule(&before->items[i], rule, gone, NULL) ||
		    keyring_rule_has_any(rule, edit->own))
			return edit_failed(edit, edit_rule(edit, i), err);
		if (rule->recipients.len > 0 || rule->others > 0 ||
		    before->items[i].recipients.len == 0)
			continue;
		error_set(err, ERROR_DENIED, "%s is the last recipient of rule %zu (%s)",
			  edit->name, i + 1, keyring_rule_shown(rule).text);
		return error_hint(err, "add another one first, or remove the rule");
	}
	return 0;
}

int keyring_rules_remove(const struct keyring_rules *rules, const char *name,
			 const struct age_recipients *own, struct secret *ret_text,
			 struct error *err)
{
	AUTO(edit) edit = EDIT_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(keyring_rules) after = KEYRING_RULES_INIT;
	AUTO(age_recipients) gone = AGE_RECIPIENTS_INIT;
	bool is_empty;

	if (edit_begin(rules, name, own, &edit, &is_empty, err) || collect_gone(&edit, &gone, err))
		return -1;
	edit.removing = true;
	if (remove_all(&edit, err) ||
	    patches_apply(&edit.patches, secret_span(&rules->text), &text, err) ||
	    edit_read_again(&edit, rules, &text, &after, err) ||
	    check_removed(&edit, &gone, rules, &after, err))
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}
