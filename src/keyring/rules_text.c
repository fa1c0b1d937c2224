/* SPDX-License-Identifier: MIT */
#include "keyring/rules_text.h"

#include <string.h>

#include "keyring/keyring.h"

void edit_release(struct edit *edit)
{
	doc_release(&edit->doc);
	patches_release(&edit->patches);
	buf_release(&edit->value);
}

struct span edit_text(const struct edit *edit)
{
	return secret_span(&edit->doc.text);
}

int edit_cannot(const struct edit *edit, uint32_t node, const char *why, struct error *err)
{
	const struct span value = buf_span(&edit->value);

	error_set(err, ERROR_CONFIG, "line %zu is written in a way that is not edited here: %s",
		  edit->doc.len > 0 ? doc_line(&edit->doc, node) : 1, why);
	if (edit->removing)
		return error_hint(err, "by hand, take out &%s, each *%s%s%.*s", edit->name,
				  edit->name, value.len > 0 ? " and " : "", SPAN_PRINT(value));
	return error_hint(err,
			  "by hand, write \"- &%s %.*s\" below \"keys:\", and *%s into the "
			  "rule's \"age\"",
			  edit->name, SPAN_PRINT(value), edit->name);
}

int edit_failed(const struct edit *edit, uint32_t rule, struct error *err)
{
	return edit_cannot(edit, rule == DOC_NONE ? 0 : rule,
			   rule == DOC_NONE ? "nothing that can be read came of it"
					    : "its recipients would not be the ones that are meant",
			   err);
}

uint32_t edit_rule(const struct edit *edit, size_t index)
{
	uint32_t root = doc_root(&edit->doc, 0), list, rule;

	list = root == DOC_NONE ? DOC_NONE
				: doc_find(&edit->doc, root, span_of_text("creation_rules"));
	rule = list == DOC_NONE ? DOC_NONE : doc_child(&edit->doc, list);
	while (index-- > 0 && rule != DOC_NONE)
		rule = doc_sibling(&edit->doc, rule);
	return rule;
}

size_t edit_line_start(struct span text, size_t at)
{
	const size_t first = span_starts_with(text, "\xef\xbb\xbf") ? 3 : 0;

	while (at > first && text.data[at - 1] != '\n')
		at--;
	return at;
}

size_t edit_next_line(struct span text, size_t at)
{
	while (at < text.len && text.data[at] != '\n')
		at++;
	return at < text.len ? at + 1 : at;
}

bool edit_is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Behind a map's key and its colon; at, where there is no such thing. */
static size_t skip_key(struct span text, size_t at)
{
	const size_t start = at;
	const uint8_t quote = at < text.len ? text.data[at] : 0;

	if (quote == '"' || quote == '\'') {
		for (at++; at < text.len && text.data[at] != quote; at++)
			at += quote == '"' && text.data[at] == '\\';
	}
	while (at < text.len && text.data[at] != ':')
		at++;
	return at < text.len ? at + 1 : start;
}

static size_t skip_word(struct span text, size_t at)
{
	while (at < text.len && !edit_is_blank(text.data[at]))
		at++;
	return at;
}

bool edit_find_anchor(const struct edit *edit, uint32_t node, size_t *ret_at)
{
	const struct doc_node *n = &edit->doc.nodes[node];
	struct span text = span_slice(edit_text(edit), 0, n->start);
	size_t at = n->entry, end;

	if (edit->doc.nodes[n->parent].kind == DOC_MAP)
		at = skip_key(text, at);
	for (; at < text.len; at = end) {
		end = at + 1;
		if (text.data[at] == '#')
			end = edit_next_line(text, at);
		else if (!edit_is_blank(text.data[at]))
			end = skip_word(text, at);
		if (text.data[at] == '&' &&
		    span_equal_text(span_slice(text, at + 1, end - at - 1), edit->name)) {
			*ret_at = at;
			return true;
		}
	}
	return false;
}

void edit_count_parts(const struct edit *edit, uint32_t node, size_t *ret_all, size_t *ret_own)
{
	struct span rest = doc_value(&edit->doc, node), part;

	*ret_all = *ret_own = 0;
	while (span_take_until(&rest, ',', &part)) {
		part = span_trim(part);
		*ret_all += part.len > 0;
		*ret_own += part.len > 0 && keyring_is_own(edit->own, part);
	}
}

int edit_begin(const struct keyring_rules *rules, const char *name,
	       const struct age_recipients *own, struct edit *ret_edit, bool *ret_empty,
	       struct error *err)
{
	AUTO(edit) edit = EDIT_INIT;
	AUTO(secret) copy = SECRET_INIT;
	struct error parse = ERROR_INIT;

	edit.name = name;
	edit.own = own;
	if (keyring_recipients_text(own, rules->person, &edit.value, err))
		return -1;
	if (secret_append_span(&copy, secret_span(&rules->text), err))
		return -1;
	*ret_empty = false;
	if (doc_parse(DOC_YAML, &copy, DOC_KEEP_ALIASES, &edit.doc, &parse)) {
		if (parse.kind != ERROR_EMPTY && parse.kind != ERROR_COMMENTS) {
			*err = parse;
			return -1;
		}
		*ret_empty = true;
	}
	*ret_edit = edit;
	edit = EDIT_INIT;
	return 0;
}

bool edit_find_dash(const struct edit *edit, uint32_t node, size_t *ret_at)
{
	struct span text = edit_text(edit);
	size_t at = edit->doc.nodes[node].entry;

	while (at > 0 && (text.data[at - 1] == ' ' || text.data[at - 1] == '\t'))
		at--;
	if (at == 0 || at == edit->doc.nodes[node].entry || text.data[--at] != '-')
		return false;
	*ret_at = at;
	return at == 0 || edit_is_blank(text.data[at - 1]);
}

/* Is each line one of the rule's, or one of or_own? */
static bool covers(const struct buf *lines, const struct age_recipients *or_own,
		   const struct keyring_rule *in)
{
	struct span rest = buf_span(lines), line;

	while (span_take_line(&rest, &line)) {
		struct span others = buf_span(&in->recipients), other;
		bool found = or_own && keyring_is_own(or_own, line);

		while (!found && span_take_line(&others, &other))
			found = span_equal(line, other);
		if (!found)
			return false;
	}
	return true;
}

bool edit_same_rule(const struct keyring_rule *before, const struct keyring_rule *after,
		    const struct age_recipients *less, const struct age_recipients *more)
{
	return strcmp(before->pattern, after->pattern) == 0 && before->others == after->others &&
	       covers(&before->recipients, less, after) && covers(&after->recipients, more, before);
}

int edit_read_again(const struct edit *edit, const struct keyring_rules *rules, struct secret *text,
		    struct keyring_rules *ret_after, struct error *err)
{
	AUTO(secret) copy = SECRET_INIT;
	AUTO(keyring_rules) after = KEYRING_RULES_INIT;
	struct error parse = ERROR_INIT;

	if (secret_append_span(&copy, secret_span(text), err))
		return -1;
	if (keyring_rules_parse(&copy, &after, &parse)) {
		if (parse.kind != ERROR_SYSTEM)
			return edit_failed(edit, DOC_NONE, err);
		*err = parse;
		return -1;
	}
	if (after.len != rules->len)
		return edit_failed(edit, DOC_NONE, err);
	*ret_after = after;
	after = KEYRING_RULES_INIT;
	return 0;
}
