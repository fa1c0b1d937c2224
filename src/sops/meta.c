/* SPDX-License-Identifier: MIT */
#include "sops/meta.h"

#include <string.h>

#include "sops/meta_groups.h"
#include "util/text.h"

struct reader {
	const struct doc *doc;
	struct sops_meta meta;
};

static int malformed(const struct doc *doc, uint32_t node, const char *why, struct error *err)
{
	return error_set(err, ERROR_FORMAT, "line %zu: the metadata's \"%s\" %s",
			 doc_line(doc, node), text_printable(doc_key(doc, node)).text, why);
}

static bool is_same_letter(uint8_t a, uint8_t b)
{
	const uint8_t lower = a | 0x20;

	return a == b || (lower == (b | 0x20) && lower >= 'a' && lower <= 'z');
}

bool sops_meta_is_named(struct span key, const char *name)
{
	if (key.len != strlen(name))
		return false;
	for (size_t i = 0; i < key.len; i++)
		if (!is_same_letter(key.data[i], (uint8_t)name[i]))
			return false;
	return true;
}

uint32_t sops_meta_find(const struct doc *doc, uint32_t map, const char *name)
{
	uint32_t node = doc_find(doc, map, span_of_text(name));

	if (node != DOC_NONE)
		return node;
	node = doc_child(doc, map);
	while (node != DOC_NONE && !sops_meta_is_named(doc_key(doc, node), name))
		node = doc_sibling(doc, node);
	return node;
}

static int read_text(const struct doc *doc, uint32_t map, const char *key, struct span *ret_text,
		     uint32_t *ret_node, struct error *err)
{
	const uint32_t node = sops_meta_find(doc, map, key);

	*ret_text = SPAN_INIT;
	*ret_node = node;
	if (node == DOC_NONE || doc->nodes[node].type == DOC_TYPE_NULL)
		return 0;
	if (doc->nodes[node].kind != DOC_SCALAR)
		return malformed(doc, node, "is no text", err);
	*ret_text = doc_value(doc, node);
	return 0;
}

/* A number, or its text: flat formats have no numbers. */
static int read_threshold(struct reader *r, struct error *err)
{
	struct span text;
	uint32_t node;
	unsigned threshold = 0;

	if (read_text(r->doc, r->meta.node, "shamir_threshold", &text, &node, err) < 0)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return malformed(r->doc, node, "is no number", err);
		threshold = threshold * 10 + text.data[i] - '0';
		if (threshold > SOPS_GROUPS_MAX)
			return malformed(r->doc, node, "is too large", err);
	}
	r->meta.groups.threshold = threshold;
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
	struct span value;
	uint32_t node;

	if (read_text(r->doc, r->meta.node, "mac_only_encrypted", &value, &node, err) < 0)
		return -1;
	r->meta.mac_only_encrypted = sops_meta_is_named(value, "true");
	return value.len == 0 || r->meta.mac_only_encrypted || sops_meta_is_named(value, "false")
		       ? 0
		       : malformed(r->doc, node, "is neither true nor false", err);
}

/* "3.13.3", "v3.13.3", "3.13.3-beta", "1.15": what sops takes as a version (trap T26). */
static bool is_version(struct span version)
{
	unsigned dots = 0;
	bool digit = false;

	if (span_starts_with(version, "1."))
		return true;
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
	    read_mac_only(r, err) < 0 || read_selector(r, err) < 0 || read_threshold(r, err) < 0 ||
	    sops_meta_read_groups(r->doc, meta->node, &meta->groups, err) < 0)
		return -1;
	if (!is_version(meta->version))
		return error_set(err, ERROR_FORMAT, "the metadata names no version of sops");
	if (meta->lastmodified.len == 0)
		return error_set(err, ERROR_FORMAT,
				 "the metadata does not say when it was last modified");
	if (sops_groups_count(&meta->groups) == 0)
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
	sops_groups_release(&meta->groups);
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
