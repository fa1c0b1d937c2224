/* SPDX-License-Identifier: MIT */
#include "sops/rules.h"

#include <stdlib.h>
#include <string.h>

#include "rules_internal.h"
#include "sops/selection.h"
#include "util/text.h"

/* Where in the rules file the error is. */
int rules_at_line(const struct rules *r, uint32_t node, struct error *err)
{
	return error_wrap(err, "\"%s\", line %zu", text_printable_text(r->name).text,
			  doc_line(r->doc, node));
}

int rules_malformed(const struct rules *r, uint32_t node, const char *why, struct error *err)
{
	(void)error_set(err, ERROR_CONFIG, "\"%s\" %s", text_printable(doc_key(r->doc, node)).text,
			why);
	return rules_at_line(r, node, err);
}

bool rules_is_absent(const struct rules *r, uint32_t node)
{
	return node == DOC_NONE || r->doc->nodes[node].type == DOC_TYPE_NULL;
}

uint32_t rules_find(const struct rules *r, uint32_t map, const char *key)
{
	return doc_find_merged(r->doc, map, span_of_text(key));
}

/* The text of map's entry key; empty where there is none. */
int rules_find_text(const struct rules *r, uint32_t map, const char *key, struct span *ret_text,
		    struct error *err)
{
	const uint32_t node = rules_find(r, map, key);

	*ret_text = SPAN_INIT;
	if (rules_is_absent(r, node))
		return 0;
	if (r->doc->nodes[node].kind != DOC_SCALAR)
		return rules_malformed(r, node, "is no text", err);
	*ret_text = doc_value(r->doc, node);
	return 0;
}

/* Is its pattern one? Told here, where the line is known. */
static int check_selector(const struct rules *r, uint32_t rule, struct error *err)
{
	AUTO(sops_selection) selection = SOPS_SELECTION_INIT;

	if (sops_selection_init(&selection, &r->policy->selector, err) == 0)
		return 0;
	return rules_at_line(r, rules_find(r, rule, sops_selector_names[r->policy->selector.kind]),
			     err);
}

static int read_selectors(const struct rules *r, uint32_t rule, struct error *err)
{
	for (unsigned kind = 0; kind < SOPS_SELECTORS; kind++) {
		struct span text;

		if (rules_find_text(r, rule, sops_selector_names[kind], &text, err) < 0)
			return -1;
		if (sops_selector_set(&r->policy->selector, (enum sops_selector_kind)kind, text,
				      err) < 0) {
			if (err->kind == ERROR_CONFLICT)
				err->kind = ERROR_CONFIG;
			return rules_at_line(r, rule, err);
		}
	}
	return check_selector(r, rule, err);
}

/* YAML 1.1's booleans are strings, but not to sops where it wants a boolean. */
static bool is_old_bool(struct span text, bool *ret_on)
{
	static const char *const words[2][4] = { { "n", "N", "no", "off" },
						 { "y", "Y", "yes", "on" } };

	for (size_t i = 0; i < 8; i++) {
		*ret_on = i >= 4;
		if (span_equal_text(text, words[i / 4][i % 4]))
			return true;
	}
	return false;
}

static int read_mac_only(const struct rules *r, uint32_t rule, struct error *err)
{
	const uint32_t node = rules_find(r, rule, "mac_only_encrypted");
	char scratch[DOC_CANONICAL_MAX];
	struct span value;

	if (rules_is_absent(r, node))
		return 0;
	if (r->doc->nodes[node].type == DOC_TYPE_STRING &&
	    is_old_bool(doc_value(r->doc, node), &r->policy->mac_only_encrypted))
		return 0;
	if (r->doc->nodes[node].type != DOC_TYPE_BOOL)
		return rules_malformed(r, node, "is neither true nor false", err);
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

	if (rules_find_text(r, rule, "path_regex", &text, err) < 0)
		return -1;
	*ret_matches = text.len == 0;
	if (*ret_matches)
		return 0;
	if (memchr(text.data, 0, text.len))
		return rules_malformed(r, rules_find(r, rule, "path_regex"), "holds a NUL", err);
	pattern = strndup((const char *)text.data, text.len);
	if (!pattern)
		return error_memory(err);
	result = sops_regex_new(pattern, "path_regex", &regex, err);
	if (result == 0)
		result = sops_regex_match(regex, span_of_text(r->target), ret_matches, err);
	sops_regex_free(regex);
	r->policy->by_path = result == 0 && *ret_matches;
	return result < 0 ? rules_at_line(r, rules_find(r, rule, "path_regex"), err) : 0;
}

static int find_rule(const struct rules *r, uint32_t rules, uint32_t *ret_rule, struct error *err)
{
	for (uint32_t rule = doc_child(r->doc, rules); rule != DOC_NONE;
	     rule = doc_sibling(r->doc, rule)) {
		bool found;

		if (r->doc->nodes[rule].kind != DOC_MAP)
			return rules_malformed(r, rules, "holds an entry that is no map", err);
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

/* A whole number from least to most; *ret_number stays where there is none. */
static int read_number(const struct rules *r, uint32_t node, long least, long most, int *ret_number,
		       struct error *err)
{
	char digits[8] = "";
	struct span text;
	char *end;
	long number;

	if (rules_is_absent(r, node))
		return 0;
	text = doc_value(r->doc, node);
	if (r->doc->nodes[node].type == DOC_TYPE_INT && text.len < sizeof(digits)) {
		memcpy(digits, text.data, text.len);
		number = strtol(digits, &end, 10);
		if (*end == '\0' && number >= least && number <= most) {
			*ret_number = (int)number;
			return 0;
		}
	}
	(void)error_set(err, ERROR_CONFIG, "\"%s\" is no number from %ld to %ld",
			text_printable(doc_key(r->doc, node)).text, least, most);
	return rules_at_line(r, node, err);
}

static uint32_t find_in_map(const struct rules *r, uint32_t map, const char *key)
{
	return rules_is_absent(r, map) || r->doc->nodes[map].kind != DOC_MAP
		       ? DOC_NONE
		       : rules_find(r, map, key);
}

static uint32_t find_indent(const struct rules *r, uint32_t root, const char *store)
{
	const uint32_t stores = rules_find(r, root, "stores");

	return find_in_map(r, find_in_map(r, stores, store), "indent");
}

/* What sops' writer of YAML takes; with more it indents by 2. */
#define YAML_INDENT_MAX 9
#define NUMBER_MAX 9999999

/* stores: {yaml: {indent: N}, json: {…}, json_binary: {…}}; 0 is YAML's default. */
static int read_indents(const struct rules *r, uint32_t root, struct error *err)
{
	struct sops_policy *policy = r->policy;
	int indent = 0;

	if (read_number(r, find_indent(r, root, "yaml"), 0, NUMBER_MAX, &indent, err) < 0 ||
	    read_number(r, find_indent(r, root, "json"), -1, SOPS_JSON_INDENT_MAX,
			&policy->json_indent, err) < 0 ||
	    read_number(r, find_indent(r, root, "json_binary"), -1, SOPS_JSON_INDENT_MAX,
			&policy->binary_indent, err) < 0)
		return -1;
	if (indent > 0)
		policy->indent = indent > YAML_INDENT_MAX ? 2 : (unsigned)indent;
	return 0;
}

static int read_threshold(const struct rules *r, uint32_t rule, struct error *err)
{
	int threshold = 0;

	if (read_number(r, rules_find(r, rule, "shamir_threshold"), 0, SOPS_GROUPS_MAX, &threshold,
			err) < 0)
		return -1;
	r->policy->groups.threshold = (unsigned)threshold;
	return 0;
}

static int check_rules(const struct rules *r, uint32_t rules, struct error *err)
{
	for (uint32_t i = doc_child(r->doc, rules); i != DOC_NONE; i = doc_sibling(r->doc, i))
		if (r->doc->nodes[i].kind == DOC_MAP && rules_check_groups(r, i, err) < 0)
			return -1;
	return 0;
}

static int read_all(const struct rules *r, bool *ret_found, struct error *err)
{
	const uint32_t root = doc_root(r->doc, 0);
	uint32_t rules, rule = DOC_NONE;

	*ret_found = false;
	if (root == DOC_NONE || r->doc->nodes[root].kind != DOC_MAP)
		return 0;
	if (read_indents(r, root, err) < 0)
		return -1;
	if (!r->target)
		return 0;
	rules = rules_find(r, root, "creation_rules");
	if (rules_is_absent(r, rules))
		return 0;
	if (r->doc->nodes[rules].kind != DOC_LIST)
		return rules_malformed(r, rules, "is no list", err);
	if ((!r->but_keys && check_rules(r, rules, err) < 0) ||
	    find_rule(r, rules, &rule, err) < 0 || read_selectors(r, rule, err) < 0 ||
	    read_mac_only(r, rule, err) < 0 || read_threshold(r, rule, err) < 0)
		return -1;
	*ret_found = true;
	return r->but_keys ? 0 : rules_add_keys(r, rule, err);
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
		if (reason.kind != ERROR_EMPTY && reason.kind != ERROR_COMMENTS) {
			*err = reason;
			if (err->kind == ERROR_FORMAT || err->kind == ERROR_TYPE)
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

int sops_rules_layout(struct secret *text, const char *name, struct sops_policy *ret_policy,
		      struct error *err)
{
	bool found;

	return read_policy(text, name, NULL, true, ret_policy, &found, err);
}
