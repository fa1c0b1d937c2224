/* SPDX-License-Identifier: MIT */
#include "keyring/rules_text.h"

#include <string.h>

static const char *newline(struct span text)
{
	const uint8_t *first = text.len ? memchr(text.data, '\n', text.len) : NULL;

	return first && first > text.data && first[-1] == '\r' ? "\r\n" : "\n";
}

/* Behind all that is written of a node, children included, without the blanks that follow. */
static size_t end_of_tree(const struct edit *edit, uint32_t node)
{
	struct span text = edit_text(edit);
	size_t end = edit->doc.nodes[node].entry + 1;

	for (uint32_t i = node; i < edit->doc.nodes[node].next; i++) {
		const struct doc_node *n = &edit->doc.nodes[i];

		if ((n->kind == DOC_SCALAR || n->kind == DOC_ALIAS) && n->end > end)
			end = n->end;
	}
	while (end > 0 && edit_is_blank(text.data[end - 1]))
		end--;
	return end;
}

/* Finds the anchor; one that stands for another key is refused. */
static int locate_anchor(struct edit *edit, struct error *err)
{
	for (uint32_t node = 1; node < edit->doc.len; node++) {
		size_t all = 0, own = 0;

		if (edit->doc.nodes[node].kind == DOC_COMMENT ||
		    !edit_find_anchor(edit, node, &edit->anchor))
			continue;
		if (edit->doc.nodes[node].kind == DOC_SCALAR)
			edit_count_parts(edit, node, &all, &own);
		if (own == edit->own->len && all == own)
			return 0;
		error_set(err, ERROR_DENIED, "line %zu: the anchor &%s is there for another key",
			  doc_line(&edit->doc, node), edit->name);
		return error_hint(err,
				  "run \"bootseal keys remove %s\" first, or take another name",
				  edit->name);
	}
	return 0;
}

/* "- item" on a line of its own at the column, put at the offset where a line starts, or behind the text. */
static int insert_line(struct edit *edit, size_t at, size_t column, const char *lead,
		       struct span item, struct error *err)
{
	AUTO(buf) line = BUF_INIT;
	struct span text = edit_text(edit);
	bool is_behind = edit_line_start(text, at) != at;

	return buf_printf(&line, err, "%s%*s%s%.*s%s", is_behind ? newline(text) : "", (int)column,
			  "", lead, SPAN_PRINT(item), is_behind ? "" : newline(text)) ||
			       patches_add(&edit->patches, at, 0, buf_span(&line), err)
		       ? -1
		       : 0;
}

static size_t column_of(const struct edit *edit, uint32_t node)
{
	size_t entry = edit->doc.nodes[node].entry;

	return entry - edit_line_start(edit_text(edit), entry);
}

/* Right behind the last item, before its comment; or behind the bracket. */
static int append_to_flow(struct edit *edit, uint32_t list, uint32_t last, struct span item,
			  struct error *err)
{
	AUTO(buf) more = BUF_INIT;
	struct span text = edit_text(edit);
	size_t start = edit->doc.nodes[list].start;

	if (start >= text.len || text.data[start] != '[')
		return edit_cannot(edit, list, "a list without an item that starts with a dash",
				   err);
	return buf_printf(&more, err, "%s%.*s", last == DOC_NONE ? "" : ", ", SPAN_PRINT(item)) ||
			       patches_add(&edit->patches,
					   last == DOC_NONE ? start + 1 : end_of_tree(edit, last),
					   0, buf_span(&more), err)
		       ? -1
		       : 0;
}

static int append_to_list(struct edit *edit, uint32_t list, struct span item, struct error *err)
{
	struct span text = edit_text(edit);
	uint32_t last = DOC_NONE;
	size_t dash;

	for (uint32_t i = doc_child(&edit->doc, list); i != DOC_NONE;
	     i = doc_sibling(&edit->doc, i))
		last = i;
	if (last == DOC_NONE || !edit_find_dash(edit, last, &dash))
		return append_to_flow(edit, list, last, item, err);
	return insert_line(edit, edit_next_line(text, end_of_tree(edit, last)),
			   dash - edit_line_start(text, dash), "- ", item, err);
}

/* The value of a key that should hold a list: a list, nothing yet, or a text with commas. */
static int append_to_value(struct edit *edit, uint32_t node, struct span item, struct error *err)
{
	const struct doc_node *n = &edit->doc.nodes[node];
	struct span text = edit_text(edit);
	size_t at = n->end, all, own;

	if (n->kind == DOC_LIST)
		return append_to_list(edit, node, item, err);
	if (n->kind != DOC_SCALAR)
		return edit_cannot(edit, node, "an alias where a list of its own should be", err);
	if (n->type == DOC_TYPE_NULL) {
		/* "age:" or "age: ~" */
		if (n->end > n->start &&
		    patches_add(&edit->patches, n->start, n->end - n->start, SPAN_INIT, err))
			return -1;
		return insert_line(edit, edit_next_line(text, n->entry), column_of(edit, node) + 2,
				   "- ", item, err);
	}
	while (at > n->start && edit_is_blank(text.data[at - 1]))
		at--;
	if (at > n->start && (text.data[at - 1] == '"' || text.data[at - 1] == '\''))
		at--;
	edit_count_parts(edit, node, &all, &own);
	if (all > 0 && patches_add(&edit->patches, at, 0, span_of_text(","), err))
		return -1;
	return patches_add(&edit->patches, at, 0, buf_span(&edit->value), err);
}

static int add_anchor(struct edit *edit, struct error *err)
{
	AUTO(buf) item = BUF_INIT;
	uint32_t root = doc_root(&edit->doc, 0), first = doc_child(&edit->doc, root);
	uint32_t keys = doc_find(&edit->doc, root, span_of_text("keys"));
	struct span text = edit_text(edit);
	size_t top;

	if (buf_printf(&item, err, "&%s %.*s", edit->name, SPAN_PRINT(buf_span(&edit->value))))
		return -1;
	if (keys != DOC_NONE) {
		edit->anchor = edit->doc.nodes[keys].entry;
		if (edit->doc.nodes[keys].kind != DOC_LIST &&
		    edit->doc.nodes[keys].type != DOC_TYPE_NULL)
			return edit_cannot(edit, keys, "\"keys\" is no list", err);
		return append_to_value(edit, keys, buf_span(&item), err);
	}
	if (first == DOC_NONE || text.data[edit->doc.nodes[root].start] == '{')
		return edit_cannot(edit, root, "the whole is in braces, and without \"keys\"", err);
	edit->anchor = top = edit_line_start(text, edit->doc.nodes[first].entry);
	return insert_line(edit, top, 0, "", span_of_text("keys:"), err) ||
			       insert_line(edit, top, 2, "- ", buf_span(&item), err)
		       ? -1
		       : 0;
}

/* "keys:" in a file in which there is nothing yet, or only comments. */
static int add_first(struct edit *edit, struct span text, struct error *err)
{
	AUTO(buf) keys = BUF_INIT;
	const char *end = newline(text);

	return buf_printf(&keys, err, "%skeys:%s  - &%s %.*s%s",
			  edit_line_start(text, text.len) == text.len ? "" : end, end, edit->name,
			  SPAN_PRINT(buf_span(&edit->value)), end) ||
			       patches_add(&edit->patches, text.len, 0, buf_span(&keys), err)
		       ? -1
		       : 0;
}

/* The map of a rule whose "age" counts: the rule, or its only key group. */
static int find_age_map(struct edit *edit, uint32_t rule, uint32_t *ret_map, struct error *err)
{
	uint32_t groups, group;

	if (edit->doc.nodes[rule].kind != DOC_MAP)
		return edit_cannot(edit, rule, "an alias where a rule should be", err);
	groups = doc_find(&edit->doc, rule, span_of_text("key_groups"));
	*ret_map = rule;
	if (groups == DOC_NONE)
		return 0;
	group = edit->doc.nodes[groups].kind == DOC_LIST ? doc_child(&edit->doc, groups) : DOC_NONE;
	if (group == DOC_NONE || edit->doc.nodes[group].kind != DOC_MAP)
		return edit_cannot(edit, groups, "key groups that are not written out", err);
	if (doc_sibling(&edit->doc, group) != DOC_NONE)
		return edit_cannot(edit, groups, "the rule has more than one key group", err);
	*ret_map = group;
	return 0;
}

/* "age:" and its first item, behind what the map holds. */
static int add_age_key(struct edit *edit, uint32_t map, struct span item, struct error *err)
{
	uint32_t first = doc_child(&edit->doc, map), last = first;
	size_t at, column;

	for (uint32_t i = first; i != DOC_NONE; i = doc_sibling(&edit->doc, i))
		last = i;
	if (doc_find_merge(&edit->doc, map) != DOC_NONE)
		return edit_cannot(edit, map, "it may take its recipients from a merge key (<<)",
				   err);
	if (first == DOC_NONE || edit_text(edit).data[edit->doc.nodes[map].start] == '{')
		return edit_cannot(edit, map, "it is in braces, and without \"age\"", err);
	column = column_of(edit, first);
	at = edit_next_line(edit_text(edit), end_of_tree(edit, last));
	return insert_line(edit, at, column, "", span_of_text("age:"), err) ||
			       insert_line(edit, at, column + 2, "- ", item, err)
		       ? -1
		       : 0;
}

static int grant(struct edit *edit, size_t index, struct error *err)
{
	AUTO(buf) item = BUF_INIT;
	uint32_t rule = edit_rule(edit, index), map = DOC_NONE, age;

	if (rule == DOC_NONE)
		return edit_cannot(edit, doc_root(&edit->doc, 0), "its rules are not written out",
				   err);
	if (find_age_map(edit, rule, &map, err))
		return -1;
	age = doc_find(&edit->doc, map, span_of_text("age"));
	/* an alias has to come behind its anchor */
	if (edit->anchor < edit->doc.nodes[map].entry
		    ? buf_printf(&item, err, "*%s", edit->name)
		    : buf_append_span(&item, buf_span(&edit->value), err))
		return -1;
	return age == DOC_NONE ? add_age_key(edit, map, buf_span(&item), err)
			       : append_to_value(edit, age, buf_span(&item), err);
}

static bool is_chosen(const size_t *indices, size_t indices_len, size_t index)
{
	for (size_t i = 0; i < indices_len; i++) {
		if (indices[i] == index)
			return true;
	}
	return false;
}

int keyring_rules_add(const struct keyring_rules *rules, const char *name,
		      const struct age_recipients *own, const size_t *indices, size_t indices_len,
		      struct secret *ret_text, struct error *err)
{
	AUTO(edit) edit = EDIT_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(keyring_rules) after = KEYRING_RULES_INIT;
	bool is_empty;

	if (edit_begin(rules, name, own, &edit, &is_empty, err))
		return -1;
	if (is_empty ? add_first(&edit, secret_span(&rules->text), err)
		     : locate_anchor(&edit, err) ||
			       (edit.anchor == SIZE_MAX && add_anchor(&edit, err)))
		return -1;
	for (size_t i = 0; i < indices_len; i++) {
		if (!is_chosen(indices, i, indices[i]) &&
		    !keyring_rule_has_all(&rules->items[indices[i]], own) &&
		    grant(&edit, indices[i], err))
			return -1;
	}
	if (patches_apply(&edit.patches, secret_span(&rules->text), &text, err) ||
	    edit_read_again(&edit, rules, &text, &after, err))
		return -1;
	for (size_t i = 0; i < after.len; i++) {
		bool granted = is_chosen(indices, indices_len, i);

		if (!edit_same_rule(&rules->items[i], &after.items[i], NULL,
				    granted ? own : NULL) ||
		    (granted && !keyring_rule_has_all(&after.items[i], own)))
			return edit_failed(&edit, edit_rule(&edit, i), err);
	}
	*ret_text = secret_move(&text);
	return 0;
}
