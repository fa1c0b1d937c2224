/* SPDX-License-Identifier: MIT */
#include "sops/rules.h"

#include <stdlib.h>
#include <string.h>

#include "util/text.h"

/* Keys that a rule can name and that are not age's. */
static const char *const foreign_keys[] = {
	"pgp", "kms", "gcp_kms", "hckms", "azure_keyvault", "hc_vault_transit_uri", "hc_vault"
};

struct rules {
	const struct doc *doc;
	const char *name;
	const char *target;
	struct sops_policy *policy;
	bool but_keys; /* the rule's keys are not wanted */
};

/* Where in the rules file the error is. */
static int at_line(const struct rules *r, uint32_t node, struct error *err)
{
	return error_wrap(err, "\"%s\", line %zu", text_printable_text(r->name).text,
			  doc_line(r->doc, node));
}

static int malformed(const struct rules *r, uint32_t node, const char *why, struct error *err)
{
	(void)error_set(err, ERROR_CONFIG, "\"%s\" %s", text_printable(doc_key(r->doc, node)).text,
			why);
	return at_line(r, node, err);
}

static bool is_absent(const struct rules *r, uint32_t node)
{
	return node == DOC_NONE || r->doc->nodes[node].type == DOC_TYPE_NULL;
}

static uint32_t find(const struct rules *r, uint32_t map, const char *key)
{
	return doc_find_merged(r->doc, map, span_of_text(key));
}

/* The text of map's entry key; empty where there is none. */
static int find_text(const struct rules *r, uint32_t map, const char *key, struct span *ret_text,
		     struct error *err)
{
	const uint32_t node = find(r, map, key);

	*ret_text = SPAN_INIT;
	if (is_absent(r, node))
		return 0;
	if (r->doc->nodes[node].kind != DOC_SCALAR)
		return malformed(r, node, "is no text", err);
	*ret_text = doc_value(r->doc, node);
	return 0;
}

/* Recipients with commas between them; what is empty is passed over (trap T32). */
static int add_recipients(const struct rules *r, uint32_t node, struct error *err)
{
	struct sops_groups *groups = &r->policy->groups;

	if (r->doc->nodes[node].kind != DOC_SCALAR)
		return malformed(r, node, "is no text", err);
	if (groups->len == 0 && sops_groups_open(groups, err) < 0)
		return -1;
	if (sops_groups_add_list(groups, 0, SOPS_KEY_AGE, doc_value(r->doc, node), false, err) < 0)
		return at_line(r, node, err);
	return 0;
}

/* "age": a text, or a list of texts. */
static int add_age(const struct rules *r, uint32_t map, struct error *err)
{
	const uint32_t node = find(r, map, "age");

	if (is_absent(r, node))
		return 0;
	if (r->doc->nodes[node].kind == DOC_SCALAR)
		return add_recipients(r, node, err);
	if (r->doc->nodes[node].kind != DOC_LIST)
		return malformed(r, node, "is neither a text nor a list of texts", err);
	for (uint32_t i = doc_child(r->doc, node); i != DOC_NONE; i = doc_sibling(r->doc, i))
		if (r->doc->nodes[i].kind != DOC_SCALAR)
			return malformed(r, node, "holds an entry that is no text", err);
		else if (add_recipients(r, i, err) < 0)
			return -1;
	return 0;
}

/* Leaving out a key that the rule names would lock its owner out. */
static int refuse_foreign(const struct rules *r, uint32_t map, struct error *err)
{
	for (size_t i = 0; i < sizeof(foreign_keys) / sizeof(*foreign_keys); i++) {
		const uint32_t node = find(r, map, foreign_keys[i]);

		if (is_absent(r, node) ||
		    (r->doc->nodes[node].kind == DOC_SCALAR && doc_value(r->doc, node).len == 0) ||
		    (r->doc->nodes[node].kind != DOC_SCALAR && doc_child(r->doc, node) == DOC_NONE))
			continue;
		(void)error_set(err, ERROR_UNSUPPORTED,
				"the rule names \"%s\" keys, and this version seals to age and SSH "
				"keys only",
				foreign_keys[i]);
		return at_line(r, node, err);
	}
	return 0;
}

static int add_group(const struct rules *r, uint32_t group, struct error *err);

/* The groups that a key group takes in. Nesting is the document's, which is limited. */
static int add_merged_groups(const struct rules *r, uint32_t merge, struct error *err)
{
	if (is_absent(r, merge))
		return 0;
	if (r->doc->nodes[merge].kind != DOC_LIST)
		return malformed(r, merge, "is no list", err);
	for (uint32_t i = doc_child(r->doc, merge); i != DOC_NONE; i = doc_sibling(r->doc, i))
		if (r->doc->nodes[i].kind != DOC_MAP)
			return malformed(r, merge, "holds an entry that is no map", err);
		else if (add_group(r, i, err) < 0)
			return -1;
	return 0;
}

static int add_group(const struct rules *r, uint32_t group, struct error *err)
{
	return add_merged_groups(r, find(r, group, "merge"), err) < 0 ||
			       refuse_foreign(r, group, err) < 0 || add_age(r, group, err) < 0
		       ? -1
		       : 0;
}

static int add_keys(const struct rules *r, uint32_t rule, struct error *err)
{
	const uint32_t groups = find(r, rule, "key_groups");
	uint32_t first;

	if (is_absent(r, groups))
		return refuse_foreign(r, rule, err) < 0 ? -1 : add_age(r, rule, err);
	if (r->doc->nodes[groups].kind != DOC_LIST)
		return malformed(r, groups, "is no list", err);
	first = doc_child(r->doc, groups);
	if (first == DOC_NONE) /* as if it were not there */
		return refuse_foreign(r, rule, err) < 0 ? -1 : add_age(r, rule, err);
	if (doc_sibling(r->doc, first) != DOC_NONE) {
		(void)error_set(err, ERROR_UNSUPPORTED,
				"the rule has several key groups (Shamir), which this version "
				"cannot seal to");
		return at_line(r, groups, err);
	}
	if (r->doc->nodes[first].kind != DOC_MAP)
		return malformed(r, groups, "holds an entry that is no map", err);
	return add_group(r, first, err);
}

static int read_selectors(const struct rules *r, uint32_t rule, struct error *err)
{
	for (unsigned kind = 0; kind < SOPS_SELECTORS; kind++) {
		struct span text;

		if (find_text(r, rule, sops_selector_names[kind], &text, err) < 0)
			return -1;
		if (sops_selector_set(&r->policy->selector, (enum sops_selector_kind)kind, text,
				      err) < 0) {
			if (err->kind == ERROR_CONFLICT)
				err->kind = ERROR_CONFIG;
			return at_line(r, rule, err);
		}
	}
	return 0;
}

static int read_mac_only(const struct rules *r, uint32_t rule, struct error *err)
{
	const uint32_t node = find(r, rule, "mac_only_encrypted");
	char scratch[DOC_CANONICAL_MAX];
	struct span value;

	if (is_absent(r, node))
		return 0;
	if (r->doc->nodes[node].type != DOC_TYPE_BOOL)
		return malformed(r, node, "is neither true nor false", err);
	if (doc_canonical(r->doc, node, scratch, &value, err) < 0)
		return -1;
	r->policy->mac_only_encrypted = span_equal_text(value, "True");
	return 0;
}

static int matches(const struct rules *r, uint32_t rule, bool *ret_matches, struct error *err)
{
	struct sops_regex *regex = NULL;
	AUTO_FREE char *pattern = NULL;
	struct span text;
	int result;

	if (find_text(r, rule, "path_regex", &text, err) < 0)
		return -1;
	*ret_matches = text.len == 0;
	if (*ret_matches)
		return 0;
	if (memchr(text.data, 0, text.len))
		return malformed(r, find(r, rule, "path_regex"), "holds a NUL", err);
	pattern = strndup((const char *)text.data, text.len);
	if (!pattern)
		return error_memory(err);
	result = sops_regex_new(pattern, "path_regex", &regex, err);
	if (result == 0)
		result = sops_regex_match(regex, span_of_text(r->target), ret_matches, err);
	sops_regex_free(regex);
	return result < 0 ? at_line(r, find(r, rule, "path_regex"), err) : 0;
}

static int find_rule(const struct rules *r, uint32_t rules, uint32_t *ret_rule, struct error *err)
{
	for (uint32_t rule = doc_child(r->doc, rules); rule != DOC_NONE;
	     rule = doc_sibling(r->doc, rule)) {
		bool found;

		if (r->doc->nodes[rule].kind != DOC_MAP)
			return malformed(r, rules, "holds an entry that is no map", err);
		if (matches(r, rule, &found, err) < 0)
			return -1;
		if (found) {
			*ret_rule = rule;
			return 0;
		}
	}
	(void)error_set(err, ERROR_NO_RULE, "no matching creation rules found in \"%s\" for \"%s\"",
			text_printable_text(r->name).text, text_printable_text(r->target).text);
	return error_hint(err, "add a rule whose path_regex matches it");
}

/* stores: {yaml: {indent: N}}; 0 is the default. */
static int read_indent(const struct rules *r, uint32_t root, struct error *err)
{
	uint32_t node = find(r, root, "stores");
	struct span text;

	if (!is_absent(r, node) && r->doc->nodes[node].kind == DOC_MAP)
		node = find(r, node, "yaml");
	if (!is_absent(r, node) && r->doc->nodes[node].kind == DOC_MAP)
		node = find(r, node, "indent");
	if (is_absent(r, node) || r->doc->nodes[node].kind != DOC_SCALAR)
		return 0;
	text = doc_value(r->doc, node);
	if (text.len != 1 || text.data[0] < '0' || text.data[0] > '9')
		return malformed(r, node, "is no number from 0 to 9", err);
	if (text.data[0] != '0')
		r->policy->indent = (unsigned)(text.data[0] - '0');
	return 0;
}

static int read_all(const struct rules *r, bool *ret_found, struct error *err)
{
	const uint32_t root = doc_root(r->doc, 0);
	uint32_t rules, rule = DOC_NONE;

	*ret_found = false;
	if (root == DOC_NONE || r->doc->nodes[root].kind != DOC_MAP)
		return 0;
	if (read_indent(r, root, err) < 0)
		return -1;
	rules = find(r, root, "creation_rules");
	if (is_absent(r, rules))
		return 0;
	if (r->doc->nodes[rules].kind != DOC_LIST)
		return malformed(r, rules, "is no list", err);
	if (find_rule(r, rules, &rule, err) < 0 || read_selectors(r, rule, err) < 0 ||
	    read_mac_only(r, rule, err) < 0)
		return -1;
	*ret_found = true;
	return r->but_keys ? 0 : add_keys(r, rule, err);
}

static int read_policy(struct secret *text, const char *name, const char *target, bool but_keys,
		       struct sops_policy *ret_policy, bool *ret_found, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	const struct rules r = { &doc, name, target, &policy, but_keys };
	struct error reason = ERROR_INIT;

	*ret_found = false;
	if (doc_parse(DOC_YAML, text, 0, &doc, &reason) < 0) {
		if (reason.kind != ERROR_EMPTY) {
			*err = reason;
			if (err->kind == ERROR_FORMAT)
				err->kind = ERROR_CONFIG;
			return error_wrap(err, "\"%s\"", text_printable_text(name).text);
		}
	} else if (read_all(&r, ret_found, err) < 0) {
		return -1;
	}
	*ret_policy = policy;
	policy = SOPS_POLICY_INIT;
	return 0;
}

int sops_rules_policy(struct secret *text, const char *name, const char *target,
		      struct sops_policy *ret_policy, bool *ret_found, struct error *err)
{
	return read_policy(text, name, target, false, ret_policy, ret_found, err);
}

int sops_rules_policy_but_keys(struct secret *text, const char *name, const char *target,
			       struct sops_policy *ret_policy, bool *ret_found, struct error *err)
{
	return read_policy(text, name, target, true, ret_policy, ret_found, err);
}
