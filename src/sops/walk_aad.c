/* SPDX-License-Identifier: MIT */
/* The additional data of any place in a document, wherever a walk is. */
#include "sops/walk.h"

#include <string.h>

/* The part of the additional data that node's own key makes up: none in a list, or for a document. */
static struct span own_key(const struct doc *doc, uint32_t node, size_t *ret_len)
{
	const bool keyed = doc->nodes[doc->nodes[node].parent].kind == DOC_MAP;
	const struct span key = keyed ? doc_key(doc, node) : SPAN_INIT;

	*ret_len = keyed ? key.len + 1 : 0;
	return key;
}

int sops_walk_aad_of(const struct doc *doc, uint32_t container, struct buf *ret_aad,
		     struct error *err)
{
	size_t total = 0, len;

	buf_clear(ret_aad);
	for (uint32_t node = container; node != 0; node = doc->nodes[node].parent) {
		(void)own_key(doc, node, &len);
		total += len;
	}
	if (total == 0)
		return buf_append(ret_aad, ":", 1, err);
	if (buf_grow(ret_aad, total, err) < 0)
		return -1;
	ret_aad->len = total;
	for (uint32_t node = container; node != 0; node = doc->nodes[node].parent) {
		const struct span key = own_key(doc, node, &len);

		if (len == 0)
			continue;
		ret_aad->data[--total] = ':';
		total -= key.len;
		if (key.len > 0)
			memcpy(ret_aad->data + total, key.data, key.len);
	}
	return 0;
}
