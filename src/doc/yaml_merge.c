/* SPDX-License-Identifier: MIT */
/* YAML 1.1's merge keys: "<<: *base" lends a map the entries that it does not have itself. */
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
