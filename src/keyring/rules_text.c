/* SPDX-License-Identifier: MIT */
#include "keyring/rules_text.h"

#include <string.h>

#include "age/convert.h"
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

int edit_cannot(const struct edit *edit, uint32_t node, struct error *err)
{
	error_set(err, ERROR_CONFIG, "line %zu is written in a way that is not edited here",
		  doc_line(&edit->doc, node));
	return error_hint(err, "edit it by hand; %s is %.*s", edit->name,
			  SPAN_PRINT(buf_span(&edit->value)));
}

int edit_not_understood(const struct edit *edit, struct error *err)
{
	error_set(err, ERROR_CONFIG, "it is written in a way that is not edited here");
	return error_hint(err, "edit it by hand; %s is %.*s", edit->name,
			  SPAN_PRINT(buf_span(&edit->value)));
}

size_t edit_line_start(struct span text, size_t at)
{
	while (at > 0 && text.data[at - 1] != '\n')
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

bool edit_find_anchor(const struct edit *edit, uint32_t node, size_t *ret_at)
{
	const struct doc_node *n = &edit->doc.nodes[node];
	size_t len = strlen(edit->name);
	struct span text = span_slice(edit_text(edit), 0, n->start);

	for (size_t at = n->entry; at + len < text.len; at++) {
		size_t end = at + 1 + len;

		if (text.data[at] == '&' && memcmp(text.data + at + 1, edit->name, len) == 0 &&
		    (end == text.len || edit_is_blank(text.data[end]))) {
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
	char text[AGE_X25519_TEXT_MAX];
	struct error parse = ERROR_INIT;

	edit.name = name;
	edit.own = own;
	for (size_t i = 0; i < own->len; i++) {
		age_x25519_text(own->items[i].point, text);
		if (buf_printf(&edit.value, err, "%s%s", i ? "," : "", text))
			return -1;
	}
	if (secret_append_span(&copy, secret_span(&rules->text), err))
		return -1;
	*ret_empty = false;
	if (doc_parse(DOC_YAML, &copy, DOC_KEEP_ALIASES, &edit.doc, &parse)) {
		if (parse.kind != ERROR_EMPTY) {
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
			return edit_not_understood(edit, err);
		*err = parse;
		return -1;
	}
	if (after.len != rules->len)
		return edit_not_understood(edit, err);
	*ret_after = after;
	after = KEYRING_RULES_INIT;
	return 0;
}
