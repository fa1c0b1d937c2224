/* SPDX-License-Identifier: MIT */
#include "sops/reuse.h"

#include <stdlib.h>

#include "crypto/random.h"
#include "sops/lookup.h"
#include "sops/value.h"
#include "sops/walk.h"

static uint64_t mix(uint64_t hash, struct span bytes)
{
	for (size_t i = 0; i < bytes.len; i++)
		hash = (hash ^ bytes.data[i]) * 0x100000001b3u;
	return hash ^ hash >> 29;
}

static size_t slot_of(const struct sops_reuse *reuse, struct span aad, struct span plain)
{
	uint64_t hash = mix(0xcbf29ce484222325u, span_of(reuse->seed, sizeof(reuse->seed)));

	hash = mix(mix(hash, aad), plain);
	return (size_t)(hash ^ hash >> 32) & (reuse->cap - 1);
}

/* From the last leaf to the first, so that each chain is in document order. */
static int fill(struct sops_reuse *reuse, struct error *err)
{
	AUTO(buf) aad = BUF_INIT;

	for (size_t i = reuse->file->leaves_len; i > 0; i--) {
		const struct sops_leaf *leaf = &reuse->file->leaves[i - 1];

		if (sops_walk_aad_of(&reuse->file->doc, leaf->place, &aad, err) < 0)
			return -1;
		uint32_t *slot = &reuse->slots[slot_of(reuse, buf_span(&aad),
						       sops_file_plain(reuse->file, leaf))];

		reuse->chain[i - 1] = *slot;
		*slot = (uint32_t)i;
	}
	return 0;
}

int sops_reuse_init(struct sops_reuse *reuse, const struct sops_file *file, struct error *err)
{
	AUTO(sops_reuse) r = { .file = file, .cap = 64 };

	random_bytes(r.seed, sizeof(r.seed));
	while (r.cap < file->leaves_len)
		r.cap *= 2;
	r.slots = calloc(r.cap, sizeof(*r.slots));
	r.chain = calloc(file->leaves_len + 1, sizeof(*r.chain));
	if (!r.slots || !r.chain)
		return error_memory(err);
	if (fill(&r, err) < 0)
		return -1;
	*reuse = r;
	r = SOPS_REUSE_INIT;
	return 0;
}

/* Of a float, sops seals and shows 1.0 as 1: what comes back as that integer is still it (trap T14). */
static bool is_of_type(const struct sops_leaf *leaf, enum doc_type type)
{
	return leaf->type == type || (leaf->type == DOC_TYPE_FLOAT && type == DOC_TYPE_INT);
}

int sops_reuse_take(struct sops_reuse *reuse, struct span aad, enum doc_type type,
		    struct span plain, struct span *ret_sealed, struct error *err)
{
	AUTO(buf) leaf_aad = BUF_INIT;

	*ret_sealed = SPAN_INIT;
	for (uint32_t *link = &reuse->slots[slot_of(reuse, aad, plain)]; *link != 0;
	     link = &reuse->chain[*link - 1]) {
		const struct sops_leaf *leaf = &reuse->file->leaves[*link - 1];
		struct sops_value value;

		if (!is_of_type(leaf, type) ||
		    !span_equal(sops_file_plain(reuse->file, leaf), plain))
			continue;
		if (sops_walk_aad_of(&reuse->file->doc, leaf->place, &leaf_aad, err) < 0)
			return -1;
		if (!span_equal(buf_span(&leaf_aad), aad))
			continue;
		if (sops_value_parse(doc_value(&reuse->file->doc, leaf->node), &value))
			*ret_sealed = value.text;
		*link = reuse->chain[*link - 1];
		return 0;
	}
	return 0;
}

void sops_reuse_release(struct sops_reuse *reuse)
{
	free(reuse->slots);
	free(reuse->chain);
	secret_wipe(reuse->seed, sizeof(reuse->seed));
	*reuse = SOPS_REUSE_INIT;
}
