/* SPDX-License-Identifier: MIT */
#include "sops/meta_groups.h"

#include <stdlib.h>
#include <string.h>

#include "sops/meta.h"
#include "util/text.h"

static int malformed(const struct doc *doc, uint32_t node, const char *name, const char *why,
		     struct error *err)
{
	return error_set(err, ERROR_FORMAT, "line %zu: the metadata's \"%s\" %s",
			 doc_line(doc, node), name, why);
}

/* A field's text; "" where there is none. */
static int read_field(const struct doc *doc, uint32_t map, const char *name, struct span *ret_text,
		      struct error *err)
{
	const uint32_t node = sops_meta_find(doc, map, name);

	*ret_text = SPAN_LITERAL("");
	if (node == DOC_NONE || doc->nodes[node].type == DOC_TYPE_NULL)
		return 0;
	if (doc->nodes[node].kind != DOC_SCALAR)
		return malformed(doc, node, name, "is no text", err);
	*ret_text = doc_value(doc, node);
	return 0;
}

/* Appends separator and the field, or, with optional, nothing where the field is empty. */
static int put_field(const struct doc *doc, uint32_t map, const char *separator, const char *name,
		     bool optional, struct buf *text, struct error *err)
{
	struct span field;

	if (read_field(doc, map, name, &field, err) < 0)
		return -1;
	if (optional && field.len == 0)
		return 0;
	return buf_append_text(text, separator, err) < 0 ? -1 : buf_append_span(text, field, err);
}

static int compare_keys(const void *a, const void *b)
{
	const struct span x = *(const struct span *)a, y = *(const struct span *)b;
	const size_t len = x.len < y.len ? x.len : y.len;
	const int order = len > 0 ? memcmp(x.data, y.data, len) : 0;

	return order != 0 ? order : (x.len > y.len) - (x.len < y.len);
}

#define CONTEXT_MAX 256

/* An encryption context: "key:value,…" sorted. */
static int put_context(const struct doc *doc, uint32_t context, struct buf *text, struct error *err)
{
	struct span keys[CONTEXT_MAX] = { SPAN_INIT };
	size_t len = 0;

	for (uint32_t i = doc_child(doc, context); i != DOC_NONE; i = doc_sibling(doc, i)) {
		if (len == CONTEXT_MAX || doc->nodes[i].kind != DOC_SCALAR)
			return malformed(doc, context, "context", "cannot be read", err);
		keys[len++] = doc_key(doc, i);
	}
	qsort(keys, len, sizeof(*keys), compare_keys);
	for (size_t i = 0; i < len; i++)
		if ((i > 0 && buf_append_text(text, ",", err) < 0) ||
		    buf_append_span(text, keys[i], err) < 0 ||
		    buf_append_text(text, ":", err) < 0 ||
		    buf_append_span(text, doc_value(doc, doc_find(doc, context, keys[i])), err) < 0)
			return -1;
	return 0;
}

/* "arn[+role][|context][|profile]": with a profile, the context's place is there even if empty. */
static int put_kms(const struct doc *doc, uint32_t entry, struct buf *text, struct error *err)
{
	const uint32_t context = sops_meta_find(doc, entry, "context");
	const bool has_context = context != DOC_NONE && doc->nodes[context].kind == DOC_MAP &&
				 doc_child(doc, context) != DOC_NONE;
	struct span profile;

	if (put_field(doc, entry, "", "arn", false, text, err) < 0 ||
	    put_field(doc, entry, "+", "role", true, text, err) < 0 ||
	    read_field(doc, entry, "aws_profile", &profile, err) < 0)
		return -1;
	if ((has_context || profile.len > 0) && buf_append_text(text, "|", err) < 0)
		return -1;
	if (has_context && put_context(doc, context, text, err) < 0)
		return -1;
	return put_field(doc, entry, "|", "aws_profile", true, text, err);
}

static int put_three(const struct doc *doc, uint32_t entry, const char *const parts[6],
		     struct buf *text, struct error *err)
{
	for (size_t i = 0; i < 6; i += 2)
		if (put_field(doc, entry, parts[i], parts[i + 1], false, text, err) < 0)
			return -1;
	return 0;
}

/* As sops shows and compares the key. */
static int put_key(const struct doc *doc, enum sops_key_kind kind, uint32_t entry, struct buf *text,
		   struct error *err)
{
	static const char *const azure[] = { "", "vault_url", "/keys/", "name", "/", "version" };
	static const char *const vault[] = { "",       "vault_address", "/v1/", "engine_path",
					     "/keys/", "key_name" };

	switch (kind) {
	case SOPS_KEY_KMS:
		return put_kms(doc, entry, text, err);
	case SOPS_KEY_GCP_KMS:
		return put_field(doc, entry, "", "resource_id", false, text, err);
	case SOPS_KEY_HCKMS:
		return put_field(doc, entry, "", "key_id", false, text, err);
	case SOPS_KEY_AZURE_KV:
		return put_three(doc, entry, azure, text, err);
	case SOPS_KEY_HC_VAULT:
		return put_three(doc, entry, vault, text, err);
	case SOPS_KEY_PGP:
		return put_field(doc, entry, "", "fp", false, text, err);
	case SOPS_KEY_AGE:
	case SOPS_KEY_KINDS:
		break;
	}
	return put_field(doc, entry, "", "recipient", false, text, err);
}

static int read_entry(const struct doc *doc, enum sops_key_kind kind, uint32_t entry,
		      struct sops_group *group, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	AUTO_FREE char *own = NULL;
	struct sops_key *key;
	struct span enc;

	if (doc->nodes[entry].kind != DOC_MAP)
		return error_set(err, ERROR_FORMAT,
				 "line %zu: an entry of the metadata's \"%s\" is no map",
				 doc_line(doc, entry), sops_key_kind_names[kind]);
	if (put_key(doc, kind, entry, &text, err) < 0 ||
	    read_field(doc, entry, "enc", &enc, err) < 0)
		return -1;
	if (text.len > 0 && memchr(text.data, 0, text.len))
		return malformed(doc, entry, sops_key_kind_names[kind], "holds a NUL", err);
	own = strndup(text.len > 0 ? (const char *)text.data : "", text.len);
	if (!own)
		return error_memory(err);
	if (sops_group_append(group, kind, own, &key, err) < 0)
		return -1;
	own = NULL;
	key->enc = enc;
	key->node = entry;
	return 0;
}

static bool is_absent(const struct doc *doc, uint32_t node)
{
	return node == DOC_NONE || doc->nodes[node].type == DOC_TYPE_NULL;
}

/* The lists that stand in map: the metadata, or one group. */
static int read_lists(const struct doc *doc, uint32_t map, struct sops_group *group,
		      struct error *err)
{
	for (unsigned kind = 0; kind < SOPS_KEY_KINDS; kind++) {
		const char *name = sops_key_kind_names[kind];
		const uint32_t list = sops_meta_find(doc, map, name);

		if (is_absent(doc, list))
			continue;
		if (doc->nodes[list].kind != DOC_LIST)
			return malformed(doc, list, name, "is no list", err);
		for (uint32_t i = doc_child(doc, list); i != DOC_NONE; i = doc_sibling(doc, i))
			if (read_entry(doc, (enum sops_key_kind)kind, i, group, err) < 0)
				return -1;
	}
	return 0;
}

int sops_meta_read_groups(const struct doc *doc, uint32_t metadata, struct sops_groups *groups,
			  struct error *err)
{
	const uint32_t list = sops_meta_find(doc, metadata, "key_groups");
	const size_t first = groups->len;

	if (sops_groups_open(groups, err) < 0 ||
	    read_lists(doc, metadata, &groups->items[first], err) < 0)
		return -1;
	if (groups->items[first].len > 0 || is_absent(doc, list))
		return 0;
	if (doc->nodes[list].kind != DOC_LIST)
		return malformed(doc, list, "key_groups", "is no list", err);
	groups->len = first; /* it was empty: there is nothing in it to be released */
	for (uint32_t i = doc_child(doc, list); i != DOC_NONE; i = doc_sibling(doc, i)) {
		if (doc->nodes[i].kind != DOC_MAP)
			return malformed(doc, list, "key_groups", "holds an entry that is no map",
					 err);
		if (sops_groups_open(groups, err) < 0 ||
		    read_lists(doc, i, &groups->items[groups->len - 1], err) < 0)
			return -1;
	}
	return 0;
}
