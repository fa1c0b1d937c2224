/* SPDX-License-Identifier: MIT */
/* YAML 1.1's merge keys: "<<: *base" lends a map the entries that it does not have itself. */
#include <string.h>

#include "internal.h"

/* A quoted one counts, too: so it is spelled where an alias that holds one was written out. */
uint32_t doc_find_merge(const struct doc *doc, uint32_t map)
{
	return doc_find(doc, map, SPAN_LITERAL("<<"));
}

/* Nested merges stay within the document's own depth, and each is looked into once. */
uint32_t doc_find_merged(const struct doc *doc, uint32_t map, struct span key)
{
	uint32_t found = doc_find(doc, map, key);
	const uint32_t merge = found == DOC_NONE ? doc_find_merge(doc, map) : DOC_NONE;

	if (merge == DOC_NONE)
		return found;
	if (doc->nodes[merge].kind != DOC_LIST)
		return doc_find_merged(doc, merge, key);
	for (uint32_t item = doc_child(doc, merge); item != DOC_NONE && found == DOC_NONE;
	     item = doc_sibling(doc, item))
		found = doc_find_merged(doc, item, key);
	return found;
}

/* Does a tag that stands before the key say that it is a merge key? */
static bool is_merge_tag(struct span tag)
{
	return span_starts_with(tag, "!!merge ") ||
	       span_starts_with(tag, "!<tag:yaml.org,2002:merge> ");
}

/* Is it the entry of a merge key? A quoted one merges by its tag alone. */
static bool is_merge(const struct doc *doc, const struct doc_node *n)
{
	struct span before;
	const uint8_t *tag;

	if (n->kind == DOC_COMMENT || n->key_len != 2 || n->flags & DOC_KEY_IN_POOL ||
	    doc->nodes[n->parent].kind != DOC_MAP ||
	    !span_equal_text(doc_text_slice(doc, n->key, n->key + n->key_len), "<<"))
		return false;
	before = doc_text_slice(doc, n->entry, n->key);
	tag = before.len > 0 ? memchr(before.data, '!', before.len) : NULL;
	if (tag)
		before = span_slice(before, (size_t)(tag - before.data), before.len);
	if (tag && is_merge_tag(before))
		return true;
	return (!tag || span_starts_with(before, "! ")) && !span_ends_with(before, "\"") &&
	       !span_ends_with(before, "'");
}

static bool is_map(const struct doc *doc, uint32_t node)
{
	const struct doc_node *n = &doc->nodes[node];

	return (n->kind == DOC_ALIAS ? doc->nodes[n->value].kind : n->kind) == DOC_MAP;
}

/* A map, the alias of one, or a list of these: an alias of a list is none for sops. */
static bool is_mergeable(const struct doc *doc, uint32_t node)
{
	if (doc->nodes[node].kind != DOC_LIST)
		return is_map(doc, node);
	for (uint32_t item = doc_child(doc, node); item != DOC_NONE; item = doc_sibling(doc, item))
		if (!is_map(doc, item))
			return false;
	return true;
}

static int refuse(const struct doc *doc, uint32_t node, struct error *err)
{
	(void)error_set(err, ERROR_FORMAT,
			"line %zu: what \"<<\" merges is neither a map nor a list of maps",
			doc_line(doc, node));
	return error_hint(err, "where a key of that name is meant, quote it");
}

int yaml_check_merges(const struct doc *doc, struct error *err)
{
	const uint32_t root = doc_root(doc, 0);

	for (uint32_t node = root + 1; node < doc->nodes[root].next; node++)
		if (is_merge(doc, &doc->nodes[node]) && !is_mergeable(doc, node))
			return refuse(doc, node, err);
	return 0;
}
