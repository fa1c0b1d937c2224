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
static int fill(struct sops_reuse *reuse, uint32_t top, struct error *err)
{
	const uint32_t end = reuse->file->doc.nodes[top].next;
	AUTO(buf) aad = BUF_INIT;

	for (size_t i = reuse->file->leaves_len; i > 0; i--) {
		const struct sops_leaf *leaf = &reuse->file->leaves[i - 1];

		if (leaf->node < top || leaf->node >= end)
			continue;
		if (sops_walk_aad_of(&reuse->file->doc, leaf->place, &aad, err) < 0)
			return -1;
		uint32_t *slot = &reuse->slots[slot_of(reuse, buf_span(&aad),
						       sops_file_plain(reuse->file, leaf))];

		reuse->chain[i - 1] = *slot;
		*slot = (uint32_t)i;
	}
	return 0;
}

int sops_reuse_init(struct sops_reuse *reuse, const struct sops_file *file, uint32_t top,
		    struct error *err)
{
	AUTO(sops_reuse) r = { .file = file, .cap = 64, .in_order = true };

	random_bytes(r.seed, sizeof(r.seed));
	while (r.cap < file->leaves_len)
		r.cap *= 2;
	r.slots = calloc(r.cap, sizeof(*r.slots));
	r.chain = calloc(file->leaves_len + 1, sizeof(*r.chain));
	if (!r.slots || !r.chain)
		return error_memory(err);
	if (fill(&r, top, err) < 0)
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

static void count_taken(struct sops_reuse *reuse, const struct sops_leaf *leaf)
{
	reuse->taken++;
	if (leaf->type == DOC_TYPE_COMMENT)
		return;
	reuse->in_order = reuse->in_order && leaf->node > reuse->last;
	reuse->last = leaf->node;
}

int sops_reuse_take(struct sops_reuse *reuse, struct span aad, enum doc_type type,
		    struct span plain, struct span *ret_sealed, uint32_t *ret_node,
		    struct error *err)
{
	AUTO(buf) leaf_aad = BUF_INIT;

	*ret_sealed = SPAN_INIT;
	*ret_node = DOC_NONE;
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
		*ret_node = leaf->node;
		*link = reuse->chain[*link - 1];
		count_taken(reuse, leaf);
		return 0;
	}
	return 0;
}

/* What sops seals for a number or time, if it is shown as this one is written; else an empty text. */
static int find_sops_plain(const struct doc *doc, uint32_t node, char scratch[DOC_CANONICAL_MAX],
			   struct span *ret_plain, struct error *err)
{
	const enum doc_type type = (enum doc_type)doc->nodes[node].type;
	char shown[DOC_CANONICAL_MAX];
	struct span canonical, text;
	int result = 0;

	*ret_plain = SPAN_INIT;
	if (doc_canonical(doc, node, scratch, &canonical, err) < 0)
		return -1;
	result = doc_spelled_plain(doc->format, type, canonical, shown, &text, err);
	if (result == 0 && span_equal(text, doc_value(doc, node)))
		*ret_plain = canonical;
	secret_wipe(shown, sizeof(shown));
	return result;
}

/* How many comments are looked at for one: they come in the order in which they stood. */
#define COMMENTS_AHEAD 16

/* A comment of several lines that is shown as it stands at node. */
static int take_shown(struct sops_reuse *reuse, struct span aad, const struct doc *doc,
		      uint32_t node, struct span *ret_sealed, uint32_t *ret_node, struct error *err)
{
	const struct sops_file *file = reuse->file;
	unsigned tried = 0;

	for (size_t i = reuse->comment; i < file->leaves_len && tried < COMMENTS_AHEAD; i++) {
		const struct span plain = sops_file_plain(file, &file->leaves[i]);
		bool shows;

		if (file->leaves[i].type != DOC_TYPE_COMMENT)
			continue;
		tried++;
		if (doc_comment_shows(doc, node, plain, &shows, err) < 0)
			return -1;
		if (!shows)
			continue;
		reuse->comment = i + 1;
		return sops_reuse_take(reuse, aad, DOC_TYPE_COMMENT, plain, ret_sealed, ret_node,
				       err);
	}
	return 0;
}

int sops_reuse_take_node(struct sops_reuse *reuse, struct span aad, const struct doc *doc,
			 uint32_t node, struct span plain, struct span *ret_sealed,
			 uint32_t *ret_node, struct error *err)
{
	const enum doc_type type = (enum doc_type)doc->nodes[node].type;
	char scratch[DOC_CANONICAL_MAX];
	struct span other;
	int result;

	if (sops_reuse_take(reuse, aad, type, plain, ret_sealed, ret_node, err) < 0)
		return -1;
	if (ret_sealed->len > 0 || type == DOC_TYPE_STRING)
		return 0;
	if (type == DOC_TYPE_COMMENT)
		return doc->format == DOC_INI
			       ? take_shown(reuse, aad, doc, node, ret_sealed, ret_node, err)
			       : 0;
	result = find_sops_plain(doc, node, scratch, &other, err);
	if (result == 0 && other.len > 0)
		result = sops_reuse_take(reuse, aad, type, other, ret_sealed, ret_node, err);
	secret_wipe(scratch, sizeof(scratch));
	return result;
}

int sops_reuse_apply(const struct sops_reuse *reuse, uint32_t former, struct doc_edit *edit,
		     uint32_t node, struct span sealed, bool *ret_done, struct error *err)
{
	const struct sops_file *file = reuse->file;
	const struct sops_leaf *leaf = sops_file_leaf(file, former);
	const struct doc_former was = { &file->doc, former,
					leaf ? sops_file_plain(file, leaf) : SPAN_INIT };

	return doc_edit_seal_as(edit, node, sealed, &was, ret_done, err);
}

void sops_reuse_release(struct sops_reuse *reuse)
{
	free(reuse->slots);
	free(reuse->chain);
	secret_wipe(reuse->seed, sizeof(reuse->seed));
	*reuse = SOPS_REUSE_INIT;
}
