/* SPDX-License-Identifier: MIT */
/*
 * The keys that a creation rule names. All kinds are read, also those that nothing here seals to: who
 * seals says so. A key is written as sops shows it (ToString), so that rules and files can be compared.
 */
#include <stdlib.h>
#include <string.h>

#include "rules_internal.h"
#include "sops/group.h"
#include "util/text.h"

/* In the order in which sops puts the keys of a rule without groups into their one group. */
static const struct {
	const char *name; /* in a rule */
	enum sops_key_kind kind;
} flat_kinds[] = {
	{ "age", SOPS_KEY_AGE },
	{ "pgp", SOPS_KEY_PGP },
	{ "kms", SOPS_KEY_KMS },
	{ "gcp_kms", SOPS_KEY_GCP_KMS },
	{ "hckms", SOPS_KEY_HCKMS },
	{ "azure_keyvault", SOPS_KEY_AZURE_KV },
	{ "hc_vault_transit_uri", SOPS_KEY_HC_VAULT },
};

static size_t last_group(const struct rules *r)
{
	return r->policy->groups.len - 1;
}

static int add_text(const struct rules *r, uint32_t node, enum sops_key_kind kind, struct span text,
		    struct error *err)
{
	if (sops_groups_add(&r->policy->groups, last_group(r), kind, text, err) == 0)
		return 0;
	if (err->kind == ERROR_FORMAT)
		err->kind = ERROR_CONFIG;
	return rules_at_line(r, node, err);
}

/* ARN, or "ARN+ROLE", without blanks, and "||PROFILE" where there is one. */
static int add_arn(const struct rules *r, uint32_t node, struct span arn, struct span profile,
		   struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	for (size_t i = 0; i < arn.len; i++)
		if (arn.data[i] != ' ' && buf_append(&text, &arn.data[i], 1, err) < 0)
			return -1;
	if (profile.len > 0 &&
	    (buf_append_text(&text, "||", err) < 0 || buf_append_span(&text, profile, err) < 0))
		return -1;
	return add_text(r, node, SOPS_KEY_KMS, buf_span(&text), err);
}

/* "URL/keys/NAME" may lack its version, which sops looks up, and we do not. */
static int add_azure(const struct rules *r, uint32_t node, struct span url, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	size_t slashes = 0;

	for (size_t i = 0; i < url.len; i++)
		slashes += url.data[i] == '/';
	if (buf_append_span(&text, url, err) < 0 ||
	    (slashes == 4 && buf_append_text(&text, "/", err) < 0))
		return -1;
	return add_text(r, node, SOPS_KEY_AZURE_KV, buf_span(&text), err);
}

/* One key. What is empty is passed over (trap T32). */
static int add_key(const struct rules *r, uint32_t node, enum sops_key_kind kind, struct span text,
		   struct span profile, struct error *err)
{
	text = span_trim(text);
	if (text.len == 0)
		return 0;
	if (kind == SOPS_KEY_KMS)
		return add_arn(r, node, text, profile, err);
	if (kind == SOPS_KEY_AZURE_KV)
		return add_azure(r, node, text, err);
	return add_text(r, node, kind, text, err);
}

/* Keys with commas between them. */
static int add_list(const struct rules *r, uint32_t node, enum sops_key_kind kind,
		    struct span profile, struct error *err)
{
	struct span list = doc_value(r->doc, node), part;

	while (span_take_until(&list, ',', &part))
		if (add_key(r, node, kind, part, profile, err) < 0)
			return -1;
	return 0;
}

/* sops takes an empty part of a list for a recipient, and seals nothing: it would not read these rules. */
static int check_entry(const struct rules *r, uint32_t list, uint32_t entry, struct error *err)
{
	const struct span text = span_trim(doc_value(r->doc, entry));
	bool separated = true;

	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == ',' && separated)
			break;
		separated = text.data[i] == ',' || (separated && text.data[i] == ' ');
	}
	return separated ? rules_malformed(r, list, "holds an empty recipient", err) : 0;
}

/* A list of texts. In a group, sops passes over those that are quite empty. */
static int add_texts_of_list(const struct rules *r, uint32_t list, enum sops_key_kind kind,
			     struct span profile, bool in_group, struct error *err)
{
	for (uint32_t i = doc_child(r->doc, list); i != DOC_NONE; i = doc_sibling(r->doc, i)) {
		if (r->doc->nodes[i].kind != DOC_SCALAR)
			return rules_malformed(r, list, "holds an entry that is no text", err);
		if (in_group && (rules_is_absent(r, i) || doc_value(r->doc, i).len == 0))
			continue;
		if ((kind == SOPS_KEY_AGE && check_entry(r, list, i, err) < 0) ||
		    add_list(r, i, kind, profile, err) < 0)
			return -1;
	}
	return 0;
}

/* A text, or a list of texts, each of which may hold several keys. */
static int add_texts(const struct rules *r, uint32_t node, enum sops_key_kind kind,
		     struct span profile, struct error *err)
{
	if (rules_is_absent(r, node))
		return 0;
	if (r->doc->nodes[node].kind == DOC_SCALAR)
		return add_list(r, node, kind, profile, err);
	if (r->doc->nodes[node].kind != DOC_LIST)
		return rules_malformed(r, node, "is neither a text nor a list of texts", err);
	return add_texts_of_list(r, node, kind, profile, false, err);
}

/* The same in a group, where sops takes lists alone. */
static int add_group_texts(const struct rules *r, uint32_t list, enum sops_key_kind kind,
			   struct error *err)
{
	const struct span none = SPAN_INIT;

	if (rules_is_absent(r, list))
		return 0;
	if (r->doc->nodes[list].kind != DOC_LIST)
		return rules_malformed(r, list, "is no list", err);
	return add_texts_of_list(r, list, kind, none, true, err);
}

/* Who seals refuses such a group (see there); who only compares does not. */
static void note_empty_group(const struct rules *r, uint32_t node)
{
	if (r->policy->groups.items[last_group(r)].len == 0 && r->policy->empty_line == 0)
		r->policy->empty_line = doc_line(r->doc, node);
}

static int add_flat(const struct rules *r, uint32_t rule, struct error *err)
{
	struct span profile;

	if (sops_groups_open(&r->policy->groups, err) < 0 ||
	    rules_find_text(r, rule, "aws_profile", &profile, err) < 0)
		return -1;
	for (size_t i = 0; i < sizeof(flat_kinds) / sizeof(*flat_kinds); i++)
		if (add_texts(r, rules_find(r, rule, flat_kinds[i].name), flat_kinds[i].kind,
			      profile, err) < 0)
			return -1;
	note_empty_group(r, rule);
	return 0;
}

static int compare_keys(const void *a, const void *b, void *doc)
{
	const struct span x = doc_key(doc, *(const uint32_t *)a),
			  y = doc_key(doc, *(const uint32_t *)b);
	const size_t least = x.len < y.len ? x.len : y.len;
	const int order = least > 0 ? memcmp(x.data, y.data, least) : 0;

	return order ? order : x.len < y.len ? -1 : x.len > y.len;
}

#define CONTEXT_MAX 64

/* "key:value,key:value", sorted. */
static int append_context(const struct rules *r, uint32_t map, struct buf *text, struct error *err)
{
	uint32_t entries[CONTEXT_MAX];
	size_t len = 0;

	if (rules_is_absent(r, map))
		return 0;
	if (r->doc->nodes[map].kind != DOC_MAP)
		return rules_malformed(r, map, "is no map", err);
	for (uint32_t i = doc_child(r->doc, map); i != DOC_NONE; i = doc_sibling(r->doc, i)) {
		if (len == CONTEXT_MAX || r->doc->nodes[i].kind != DOC_SCALAR)
			return rules_malformed(r, map, "is no map of a few texts", err);
		entries[len++] = i;
	}
	qsort_r(entries, len, sizeof(*entries), compare_keys, (void *)(uintptr_t)r->doc);
	for (size_t i = 0; i < len; i++)
		if ((i > 0 && buf_append_text(text, ",", err) < 0) ||
		    buf_append_span(text, doc_key(r->doc, entries[i]), err) < 0 ||
		    buf_append_text(text, ":", err) < 0 ||
		    buf_append_span(text, doc_value(r->doc, entries[i]), err) < 0)
			return -1;
	return 0;
}

/* {arn, role, context, aws_profile}: "ARN+ROLE|CONTEXT|PROFILE", without what is not there. */
static int add_kms_entry(const struct rules *r, uint32_t entry, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(buf) context = BUF_INIT;
	struct span arn, role, profile;

	if (rules_find_text(r, entry, "arn", &arn, err) < 0 ||
	    rules_find_text(r, entry, "role", &role, err) < 0 ||
	    rules_find_text(r, entry, "aws_profile", &profile, err) < 0 ||
	    append_context(r, rules_find(r, entry, "context"), &context, err) < 0 ||
	    buf_append_span(&text, arn, err) < 0)
		return -1;
	if (role.len > 0 &&
	    (buf_append_text(&text, "+", err) < 0 || buf_append_span(&text, role, err) < 0))
		return -1;
	if ((context.len > 0 || profile.len > 0) &&
	    (buf_append_text(&text, "|", err) < 0 ||
	     buf_append_span(&text, buf_span(&context), err) < 0))
		return -1;
	if (profile.len > 0 &&
	    (buf_append_text(&text, "|", err) < 0 || buf_append_span(&text, profile, err) < 0))
		return -1;
	return add_text(r, entry, SOPS_KEY_KMS, buf_span(&text), err);
}

/* {vaultUrl, key, version} */
static int add_azure_entry(const struct rules *r, uint32_t entry, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	struct span url, key, version;

	if (rules_find_text(r, entry, "vaultUrl", &url, err) < 0 ||
	    rules_find_text(r, entry, "key", &key, err) < 0 ||
	    rules_find_text(r, entry, "version", &version, err) < 0 ||
	    buf_append_span(&text, url, err) < 0 || buf_append_text(&text, "/keys/", err) < 0 ||
	    buf_append_span(&text, key, err) < 0 || buf_append_text(&text, "/", err) < 0 ||
	    buf_append_span(&text, version, err) < 0)
		return -1;
	return add_text(r, entry, SOPS_KEY_AZURE_KV, buf_span(&text), err);
}

static int add_gcp_entry(const struct rules *r, uint32_t entry, struct error *err)
{
	struct span id;

	if (rules_find_text(r, entry, "resource_id", &id, err) < 0)
		return -1;
	return add_text(r, entry, SOPS_KEY_GCP_KMS, id, err);
}

static int add_hckms_entry(const struct rules *r, uint32_t entry, struct error *err)
{
	struct span id;

	if (rules_find_text(r, entry, "key_id", &id, err) < 0)
		return -1;
	return add_text(r, entry, SOPS_KEY_HCKMS, id, err);
}

/* A list of maps, each one key. */
static int add_entries(const struct rules *r, uint32_t list,
		       int (*add)(const struct rules *, uint32_t, struct error *),
		       struct error *err)
{
	if (rules_is_absent(r, list))
		return 0;
	if (r->doc->nodes[list].kind != DOC_LIST)
		return rules_malformed(r, list, "is no list", err);
	for (uint32_t i = doc_child(r->doc, list); i != DOC_NONE; i = doc_sibling(r->doc, i))
		if (r->doc->nodes[i].kind != DOC_MAP)
			return rules_malformed(r, list, "holds an entry that is no map", err);
		else if (add(r, i, err) < 0)
			return -1;
	return 0;
}

/* One group, what it merges first. Nesting is the document's, which is limited. */
static int add_group(const struct rules *r, uint32_t group, struct error *err)
{
	return add_entries(r, rules_find(r, group, "merge"), add_group, err) < 0 ||
			       add_group_texts(r, rules_find(r, group, "age"), SOPS_KEY_AGE, err) <
				       0 ||
			       add_group_texts(r, rules_find(r, group, "pgp"), SOPS_KEY_PGP, err) <
				       0 ||
			       add_entries(r, rules_find(r, group, "kms"), add_kms_entry, err) <
				       0 ||
			       add_entries(r, rules_find(r, group, "gcp_kms"), add_gcp_entry, err) <
				       0 ||
			       add_entries(r, rules_find(r, group, "hckms"), add_hckms_entry, err) <
				       0 ||
			       add_entries(r, rules_find(r, group, "azure_keyvault"),
					   add_azure_entry, err) < 0 ||
			       add_group_texts(r, rules_find(r, group, "hc_vault"),
					       SOPS_KEY_HC_VAULT, err) < 0
		       ? -1
		       : 0;
}

/* A list of keys in a group, which sops refuses as a text, before it looks at which rule is asked for. */
static int check_group_lists(const struct rules *r, uint32_t group, struct error *err)
{
	static const char *const lists[] = { "age", "pgp", "hc_vault", "merge" };
	uint32_t list = DOC_NONE;

	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
		list = rules_find(r, group, lists[i]);
		if (!rules_is_absent(r, list) && r->doc->nodes[list].kind != DOC_LIST)
			return rules_malformed(r, list, "is no list", err);
	}
	if (rules_is_absent(r, list))
		return 0;
	for (uint32_t i = doc_child(r->doc, list); i != DOC_NONE; i = doc_sibling(r->doc, i))
		if (r->doc->nodes[i].kind == DOC_MAP && check_group_lists(r, i, err) < 0)
			return -1;
	return 0;
}

int rules_check_groups(const struct rules *r, uint32_t rule, struct error *err)
{
	const uint32_t groups = rules_find(r, rule, "key_groups");

	if (rules_is_absent(r, groups) || r->doc->nodes[groups].kind != DOC_LIST)
		return 0; /* told where it is used */
	for (uint32_t i = doc_child(r->doc, groups); i != DOC_NONE; i = doc_sibling(r->doc, i))
		if (r->doc->nodes[i].kind == DOC_MAP && check_group_lists(r, i, err) < 0)
			return -1;
	return 0;
}

int rules_add_keys(const struct rules *r, uint32_t rule, struct error *err)
{
	const uint32_t groups = rules_find(r, rule, "key_groups");

	if (rules_is_absent(r, groups))
		return add_flat(r, rule, err);
	if (r->doc->nodes[groups].kind != DOC_LIST)
		return rules_malformed(r, groups, "is no list", err);
	if (doc_child(r->doc, groups) == DOC_NONE) /* as if it were not there */
		return add_flat(r, rule, err);
	for (uint32_t i = doc_child(r->doc, groups); i != DOC_NONE; i = doc_sibling(r->doc, i)) {
		if (sops_groups_open(&r->policy->groups, err) < 0)
			return rules_at_line(r, groups, err);
		if (!rules_is_absent(r, i)) {
			if (r->doc->nodes[i].kind != DOC_MAP)
				return rules_malformed(r, groups, "holds an entry that is no map",
						       err);
			if (add_group(r, i, err) < 0)
				return -1;
		}
		note_empty_group(r, i);
	}
	return 0;
}
