/* SPDX-License-Identifier: MIT */
/* Equal keys in one map. Sorted by hash, so that 100,000 keys cost little and chosen ones not much. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "util/buf.h"
#include "util/text.h"

/* A key's hash above, the node's index below. */
static uint64_t mix(struct span key, uint32_t node)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < key.len; i++)
		hash = (hash ^ key.data[i]) * 0x100000001b3u;
	return (hash ^ hash >> 32) << 32 | node;
}

static int compare(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int refuse(const struct doc *doc, uint32_t first, uint32_t second, struct error *err)
{
	return error_set(err, ERROR_FORMAT,
			 "line %zu: the key \"%s\" is there already, on line %zu",
			 doc_line(doc, second), text_printable(doc_key(doc, second)).text,
			 doc_line(doc, first));
}

/* Keys of one hash stand together, in the order of the text. */
static int check_run(const struct doc *doc, const uint64_t *run, size_t len, struct error *err)
{
	for (size_t i = 1; i < len; i++)
		for (size_t j = 0; j < i; j++)
			if (span_equal(doc_key(doc, (uint32_t)run[i]),
				       doc_key(doc, (uint32_t)run[j])))
				return refuse(doc, (uint32_t)run[j], (uint32_t)run[i], err);
	return 0;
}

/* More keys of one 32-bit hash than chance would give are somebody's intent. */
#define RUN_MAX 64

int yaml_check_keys(const struct doc *doc, uint32_t map, struct error *err)
{
	uint64_t few[32], *keys = few;
	AUTO_FREE void *many = NULL;
	size_t len = 0, cap = 0;

	for (uint32_t node = doc_child(doc, map); node != DOC_NONE; node = doc_sibling(doc, node))
		cap++;
	if (cap > sizeof(few) / sizeof(*few)) {
		keys = many = malloc(cap * sizeof(*keys));
		if (keys == NULL)
			return error_memory(err);
	}
	for (uint32_t node = doc_child(doc, map); node != DOC_NONE; node = doc_sibling(doc, node))
		keys[len++] = mix(doc_key(doc, node), node);
	qsort(keys, len, sizeof(*keys), compare);
	for (size_t start = 0, end; start < len; start = end) {
		for (end = start + 1; end < len && keys[end] >> 32 == keys[start] >> 32; end++)
			continue;
		if (end - start > RUN_MAX && check_run(doc, keys + start, RUN_MAX, err) == 0)
			return error_set(err, ERROR_LIMIT, "more than %d keys with one hash",
					 RUN_MAX);
		if (check_run(doc, keys + start, end - start, err) < 0)
			return -1;
	}
	return 0;
}

int yaml_check_metadata_key(const struct doc *doc, uint32_t root, struct error *err)
{
	const uint32_t first = doc_find_metadata(doc, root);
	uint32_t node = first == DOC_NONE ? DOC_NONE : doc_sibling(doc, first);

	while (node != DOC_NONE && !doc_is_reserved(DOC_YAML, doc_key(doc, node)))
		node = doc_sibling(doc, node);
	return node == DOC_NONE ? 0 : refuse(doc, first, node, err);
}
