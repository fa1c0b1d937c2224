/* SPDX-License-Identifier: MIT */
#include "sops/meta.h"

#include <stdlib.h>

#include "util/text.h"

/* The kinds of keys, by their list's name, and the field that says whose key it is. */
static const struct {
	const char *list, *identity;
} kinds[] = {
	{ "age", "recipient" },          { "pgp", "fp" },       { "kms", "arn" },
	{ "gcp_kms", "resource_id" },    { "hckms", "key_id" }, { "azure_kv", "vault_url" },
	{ "hc_vault", "vault_address" },
};

struct reader {
	const struct doc *doc;
	struct sops_meta meta;
	size_t cap;
};

static int malformed(const struct doc *doc, uint32_t node, const char *why, struct error *err)
{
	return error_set(err, ERROR_FORMAT, "line %zu: the metadata's \"%s\" %s",
			 doc_line(doc, node), text_printable(doc_key(doc, node)).text, why);
}

static int read_text(const struct doc *doc, uint32_t map, const char *key, struct span *ret_text,
		     uint32_t *ret_node, struct error *err)
{
	const uint32_t node = doc_find(doc, map, span_of_text(key));

	*ret_text = SPAN_INIT;
	*ret_node = node;
	if (node == DOC_NONE || doc->nodes[node].type == DOC_TYPE_NULL)
		return 0;
	if (doc->nodes[node].kind != DOC_SCALAR)
		return malformed(doc, node, "is no text", err);
	*ret_text = doc_value(doc, node);
	return 0;
}

static int add_recipient(struct reader *r, uint32_t entry, size_t kind, struct error *err)
{
	struct sops_recipient recipient = { .kind = kinds[kind].list };
	uint32_t node;

	if (r->doc->nodes[entry].kind != DOC_MAP)
		return error_set(err, ERROR_FORMAT,
				 "line %zu: an entry of the metadata's \"%s\" is no map",
				 doc_line(r->doc, entry), recipient.kind);
	if (read_text(r->doc, entry, kinds[kind].identity, &recipient.recipient, &node, err) < 0 ||
	    read_text(r->doc, entry, "enc", &recipient.enc, &node, err) < 0)
		return -1;
	if (r->meta.recipients_len == SOPS_RECIPIENTS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d recipients", SOPS_RECIPIENTS_MAX);
	if (r->meta.recipients_len == r->cap) {
		const size_t cap = r->cap > 0 ? r->cap * 2 : 8;
		struct sops_recipient *larger =
			reallocarray(r->meta.recipients, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		r->meta.recipients = larger;
		r->cap = cap;
	}
	r->meta.recipients[r->meta.recipients_len++] = recipient;
	return 0;
}

/* Lists of keys that stand in map: the metadata itself, or one key group. */
static int read_lists(struct reader *r, uint32_t map, struct error *err)
{
	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(*kinds); kind++) {
		const uint32_t list = doc_find(r->doc, map, span_of_text(kinds[kind].list));

		if (list == DOC_NONE || r->doc->nodes[list].type == DOC_TYPE_NULL)
			continue;
		if (r->doc->nodes[list].kind != DOC_LIST)
			return malformed(r->doc, list, "is no list", err);
		for (uint32_t entry = doc_child(r->doc, list); entry != DOC_NONE;
		     entry = doc_sibling(r->doc, entry))
			if (add_recipient(r, entry, kind, err) < 0)
				return -1;
	}
	return 0;
}

/* Lists beside key_groups win (trap T35). */
static int read_recipients(struct reader *r, struct error *err)
{
	uint32_t groups, group;
	size_t count = 0;

	if (read_lists(r, r->meta.node, err) < 0)
		return -1;
	groups = doc_find(r->doc, r->meta.node, SPAN_LITERAL("key_groups"));
	if (r->meta.recipients_len > 0 || groups == DOC_NONE)
		return 0;
	if (r->doc->nodes[groups].kind != DOC_LIST)
		return malformed(r->doc, groups, "is no list", err);
	for (group = doc_child(r->doc, groups); group != DOC_NONE;
	     group = doc_sibling(r->doc, group)) {
		if (r->doc->nodes[group].kind != DOC_MAP)
			return malformed(r->doc, groups, "holds an entry that is no map", err);
		if (read_lists(r, group, err) < 0)
			return -1;
		count++;
	}
	r->meta.has_groups = count > 1;
	return 0;
}

static int read_selector(struct reader *r, struct error *err)
{
	for (unsigned kind = 0; kind < SOPS_SELECTORS; kind++) {
		struct span text;
		uint32_t node;

		if (read_text(r->doc, r->meta.node, sops_selector_names[kind], &text, &node, err) <
		    0)
			return -1;
		if (sops_selector_set(&r->meta.selector, (enum sops_selector_kind)kind, text, err) <
		    0) {
			if (err->kind == ERROR_CONFLICT)
				err->kind = ERROR_FORMAT;
			return error_wrap(err, "the metadata");
		}
	}
	return 0;
}

static int read_mac_only(struct reader *r, struct error *err)
{
	const uint32_t node = doc_find(r->doc, r->meta.node, SPAN_LITERAL("mac_only_encrypted"));
	char scratch[DOC_CANONICAL_MAX];
	struct span value;

	if (node == DOC_NONE || r->doc->nodes[node].type == DOC_TYPE_NULL)
		return 0;
	if (r->doc->nodes[node].type != DOC_TYPE_BOOL)
		return malformed(r->doc, node, "is neither true nor false", err);
	if (doc_canonical(r->doc, node, scratch, &value, err) < 0)
		return -1;
	r->meta.mac_only_encrypted = span_equal_text(value, "True");
	return 0;
}

/* "3.13.3", "v3.13.3", "3.13.3-beta": what sops takes as a version (trap T26). */
static bool is_version(struct span version)
{
	unsigned dots = 0;
	bool digit = false;

	if (span_starts_with(version, "v"))
		version = span_slice(version, 1, version.len);
	for (size_t i = 0; i < version.len; i++) {
		const uint8_t c = version.data[i];

		if ((c == '-' || c == '+') && dots == 2 && digit)
			return true;
		if (c == '.' && digit) {
			dots++;
			digit = false;
		} else if (c >= '0' && c <= '9') {
			digit = true;
		} else {
			return false;
		}
	}
	return dots == 2 && digit;
}

static int read_fields(struct reader *r, struct error *err)
{
	struct sops_meta *meta = &r->meta;
	uint32_t node;

	if (read_text(r->doc, meta->node, "mac", &meta->mac, &meta->mac_node, err) < 0 ||
	    read_text(r->doc, meta->node, "lastmodified", &meta->lastmodified,
		      &meta->lastmodified_node, err) < 0 ||
	    read_text(r->doc, meta->node, "version", &meta->version, &node, err) < 0 ||
	    read_mac_only(r, err) < 0 || read_selector(r, err) < 0 || read_recipients(r, err) < 0)
		return -1;
	if (!is_version(meta->version))
		return error_set(err, ERROR_FORMAT, "the metadata names no version of sops");
	if (meta->lastmodified.len == 0)
		return error_set(err, ERROR_FORMAT,
				 "the metadata does not say when it was last modified");
	if (meta->recipients_len == 0)
		return error_set(err, ERROR_FORMAT, "the metadata names no recipients");
	return 0;
}

static uint32_t find_metadata(const struct doc *doc)
{
	const uint32_t root = doc_root(doc, 0);

	return root == DOC_NONE ? DOC_NONE : doc_find_metadata(doc, root);
}

bool sops_meta_present(const struct doc *doc)
{
	return find_metadata(doc) != DOC_NONE;
}

int sops_meta_read(const struct doc *doc, struct sops_meta *ret_meta, struct error *err)
{
	struct reader r = { .doc = doc, .meta = SOPS_META_INIT };

	r.meta.node = find_metadata(doc);
	if (r.meta.node == DOC_NONE)
		return error_set(err, ERROR_NO_METADATA,
				 "sops metadata not found: the file is not sealed");
	if (doc->nodes[r.meta.node].kind != DOC_MAP)
		return malformed(doc, r.meta.node, "is no map", err);
	if (read_fields(&r, err) < 0) {
		sops_meta_release(&r.meta);
		return -1;
	}
	*ret_meta = r.meta;
	return 0;
}

void sops_meta_release(struct sops_meta *meta)
{
	free(meta->recipients);
	sops_selector_release(&meta->selector);
	*meta = SOPS_META_INIT;
}

unsigned sops_meta_indent(const struct doc *doc, const struct sops_meta *meta)
{
	const size_t start = doc->nodes[meta->node].start;
	size_t column = 0;

	while (column < start && doc->text.data[start - column - 1] == ' ')
		column++;
	return column >= 2 && column <= 9 ? (unsigned)column : 4;
}
