/* SPDX-License-Identifier: MIT */
#include "keyring/rules.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/doc.h"
#include "keyring/keyring.h"
#include "util/text.h"

static void rule_release(struct keyring_rule *rule)
{
	free(rule->pattern);
	buf_release(&rule->recipients);
}

void keyring_rules_release(struct keyring_rules *rules)
{
	for (size_t i = 0; i < rules->len; i++)
		rule_release(&rules->items[i]);
	free(rules->items);
	secret_release(&rules->text);
	*rules = KEYRING_RULES_INIT;
}

static int take_scalar(const struct doc *doc, uint32_t node, struct buf *lines, struct error *err)
{
	struct span rest = doc_value(doc, node), part;

	while (span_take_until(&rest, ',', &part)) {
		part = span_trim(part);
		if (part.len > 0 &&
		    (buf_append_span(lines, part, err) || buf_append_text(lines, "\n", err)))
			return -1;
	}
	return 0;
}

/* As sops finds it: also where a merge key brings it in. */
static uint32_t find(const struct doc *doc, uint32_t map, const char *key)
{
	return doc_find_merged(doc, map, span_of_text(key));
}

/* The value of an "age" key: a text with commas, or a list of such. */
static int take_recipients(const struct doc *doc, uint32_t node, struct buf *lines,
			   struct error *err)
{
	if (node == DOC_NONE)
		return 0;
	if (doc->nodes[node].kind == DOC_SCALAR)
		return doc->nodes[node].type == DOC_TYPE_NULL ? 0
							      : take_scalar(doc, node, lines, err);
	if (doc->nodes[node].kind != DOC_LIST)
		return error_set(err, ERROR_CONFIG,
				 "line %zu: \"age\" is neither a text nor a list",
				 doc_line(doc, node));
	for (uint32_t item = doc_child(doc, node); item != DOC_NONE;
	     item = doc_sibling(doc, item)) {
		if (doc->nodes[item].kind != DOC_SCALAR)
			return error_set(err, ERROR_CONFIG, "line %zu: a list in the list \"age\"",
					 doc_line(doc, item));
		if (take_scalar(doc, item, lines, err))
			return -1;
	}
	return 0;
}

static struct span scalar_text(const struct doc *doc, uint32_t node)
{
	return node != DOC_NONE && doc->nodes[node].kind == DOC_SCALAR &&
			       doc->nodes[node].type != DOC_TYPE_NULL
		       ? doc_value(doc, node)
		       : SPAN_INIT;
}

static bool is_filled(const struct doc *doc, uint32_t node)
{
	return scalar_text(doc, node).len > 0 ||
	       (doc->nodes[node].kind != DOC_SCALAR && doc_child(doc, node) != DOC_NONE);
}

/* Keys of other kinds: what is there and not empty counts. */
static size_t count_others(const struct doc *doc, uint32_t map)
{
	static const char *const kinds[] = { "pgp",
					     "kms",
					     "gcp_kms",
					     "hckms",
					     "hc_vault",
					     "azure_keyvault",
					     "hc_vault_transit_uri" };
	size_t count = 0;

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		const uint32_t item = find(doc, map, kinds[i]);

		count += item != DOC_NONE && is_filled(doc, item);
	}
	return count;
}

/* A list of key groups, and what they merge in. */
static int take_groups(const struct doc *doc, uint32_t groups, struct keyring_rule *rule,
		       unsigned depth, struct error *err)
{
	if (groups == DOC_NONE || doc->nodes[groups].kind != DOC_LIST || depth == DOC_DEPTH_MAX)
		return 0;
	for (uint32_t group = doc_child(doc, groups); group != DOC_NONE;
	     group = doc_sibling(doc, group)) {
		if (doc->nodes[group].kind != DOC_MAP)
			continue;
		rule->others += count_others(doc, group);
		if (take_recipients(doc, find(doc, group, "age"), &rule->recipients, err) ||
		    take_groups(doc, find(doc, group, "merge"), rule, depth + 1, err))
			return -1;
	}
	return 0;
}

static int take_rule(const struct doc *doc, uint32_t map, struct keyring_rule *rule,
		     struct error *err)
{
	uint32_t groups = find(doc, map, "key_groups");
	uint32_t pattern = find(doc, map, "path_regex");
	struct span text = scalar_text(doc, pattern);

	rule->pattern = text.len > 0 ? strndup((const char *)text.data, text.len) : strdup("");
	if (!rule->pattern)
		return error_memory(err);
	if (groups != DOC_NONE) /* as in sops: then the other fields do not count */
		return take_groups(doc, groups, rule, 0, err);
	rule->others = count_others(doc, map);
	return take_recipients(doc, find(doc, map, "age"), &rule->recipients, err);
}

static int append_rule(struct keyring_rules *rules, struct error *err)
{
	if (rules->len == KEYRING_RULES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d creation rules",
				 KEYRING_RULES_MAX);
	if (rules->len == rules->cap) {
		size_t cap = rules->cap ? 2 * rules->cap : 8;
		struct keyring_rule *items = realloc(rules->items, cap * sizeof *items);

		if (!items)
			return error_memory(err);
		rules->items = items;
		rules->cap = cap;
	}
	rules->items[rules->len++] = (struct keyring_rule){ .recipients = BUF_INIT };
	return 0;
}

static int take_rules(const struct doc *doc, struct keyring_rules *rules, struct error *err)
{
	uint32_t root = doc_root(doc, 0), list;

	list = root == DOC_NONE ? DOC_NONE : find(doc, root, "creation_rules");
	if (list == DOC_NONE || doc->nodes[list].type == DOC_TYPE_NULL)
		return 0;
	if (doc->nodes[list].kind != DOC_LIST)
		return error_set(err, ERROR_CONFIG, "line %zu: \"creation_rules\" is no list",
				 doc_line(doc, list));
	for (uint32_t item = doc_child(doc, list); item != DOC_NONE;
	     item = doc_sibling(doc, item)) {
		if (doc->nodes[item].kind != DOC_MAP)
			return error_set(err, ERROR_CONFIG, "line %zu: a creation rule is no map",
					 doc_line(doc, item));
		if (append_rule(rules, err) ||
		    take_rule(doc, item, &rules->items[rules->len - 1], err))
			return -1;
	}
	return 0;
}

int keyring_rules_parse(struct secret *text, struct keyring_rules *ret_rules, struct error *err)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	AUTO(secret) copy = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error parse = ERROR_INIT;

	if (secret_append_span(&copy, secret_span(text), err))
		return -1;
	if (doc_parse(DOC_YAML, &copy, 0, &doc, &parse)) {
		if (parse.kind != ERROR_EMPTY && parse.kind != ERROR_COMMENTS) {
			*err = parse;
			if (err->kind == ERROR_FORMAT || err->kind == ERROR_TYPE)
				err->kind = ERROR_CONFIG;
			return -1;
		}
	} else if (take_rules(&doc, &rules, err)) {
		return -1;
	}
	rules.text = secret_move(text);
	*ret_rules = rules;
	rules = KEYRING_RULES_INIT;
	return 0;
}

struct text_shown keyring_rule_shown(const struct keyring_rule *rule)
{
	struct text_shown shown =
		text_printable_text(rule->pattern[0] ? rule->pattern : "all files");
	size_t len = 0;

	/* nothing steers a terminal in there any more; "\\." is what a person wrote as "\." */
	for (size_t i = 0; shown.text[i]; i++) {
		if (shown.text[i] == '\\' &&
		    (shown.text[i + 1] == '\\' || shown.text[i + 1] == '"'))
			i++;
		shown.text[len++] = shown.text[i];
	}
	shown.text[len] = '\0';
	return shown;
}

static int no_such_rule(const struct keyring_rules *rules, const char *chosen, struct error *err)
{
	char known[ERROR_HINT_MAX] = "";
	size_t len = 0;

	error_set(err, ERROR_NOT_FOUND, "no creation rule \"%s\"",
		  text_printable_text(chosen).text);
	for (size_t i = 0; i < rules->len && len < sizeof known; i++) {
		int more = snprintf(known + len, sizeof known - len, "%s%zu (%s)", i ? ", " : "",
				    i + 1, keyring_rule_shown(&rules->items[i]).text);

		len += more > 0 ? (size_t)more : 0;
	}
	return error_hint(err, "%s%s", known[0] ? "there are " : "there is none", known);
}

int keyring_rules_choose(const struct keyring_rules *rules, const char *chosen, size_t *ret_index,
			 struct error *err)
{
	char *end;
	unsigned long number = strtoul(chosen, &end, 10);

	if (*chosen >= '1' && *chosen <= '9' && *end == '\0' && number <= rules->len) {
		*ret_index = number - 1;
		return 0;
	}
	for (size_t i = 0; i < rules->len; i++) {
		if (strcmp(rules->items[i].pattern, chosen) == 0) {
			*ret_index = i;
			return 0;
		}
	}
	return no_such_rule(rules, chosen, err);
}

static bool rule_has(const struct keyring_rule *rule, const struct age_recipient *key)
{
	struct span rest = buf_span(&rule->recipients), line;

	while (span_take_line(&rest, &line)) {
		if (keyring_is_key(key, line))
			return true;
	}
	return false;
}

bool keyring_rule_has_all(const struct keyring_rule *rule, const struct age_recipients *own)
{
	for (size_t i = 0; i < own->len; i++) {
		if (!rule_has(rule, &own->items[i]))
			return false;
	}
	return true;
}

bool keyring_rule_has_any(const struct keyring_rule *rule, const struct age_recipients *own)
{
	for (size_t i = 0; i < own->len; i++) {
		if (rule_has(rule, &own->items[i]))
			return true;
	}
	return false;
}
