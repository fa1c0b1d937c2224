/* SPDX-License-Identifier: MIT */
/* The values and comments of a sealed document are opened, in the order in which the MAC has them. */
#include <stdlib.h>
#include <string.h>

#include "sops/leaves.h"
#include "sops/lookup.h"
#include "sops/walk.h"
#include "util/text.h"

/* How many containers are tried for one comment; beyond, it stays sealed. */
#define COMMENT_GUESSES_MAX 64
/* What of a sealed value's text is not base64 of its data, at least: that of a string. */
#define SEALED_OVERHEAD 107

struct opener {
	struct sops_file *file;
	struct sops_selection selection;
	struct sops_walk walk;
	struct sops_cipher *cipher;
	struct sops_mac *mac;
	struct buf aad; /* of a comment's guessed container */
	bool placed;    /* doc_place_comments() was done */
	struct sops_step step;
};

static void opener_release(struct opener *o)
{
	sops_walk_release(&o->walk);
	sops_selection_release(&o->selection);
	buf_release(&o->aad);
}

/* "line 12, key "a.b": " before what is wrong with the value at hand. */
static int blame(const struct opener *o, struct error *err)
{
	const struct span path = span_slice(o->step.aad, 0, o->step.aad.len - 1);

	return error_wrap(err, "line %zu, key \"%s\"", doc_line(&o->file->doc, o->step.node),
			  text_printable(path).text);
}

static int add_leaf(struct sops_file *file, const struct sops_leaf *leaf, struct error *err)
{
	if (file->leaves_len == file->leaves_cap) {
		const size_t cap = file->leaves_cap * 2;
		struct sops_leaf *larger = reallocarray(file->leaves, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		file->leaves = larger;
		file->leaves_cap = cap;
	}
	file->leaves[file->leaves_len++] = *leaf;
	return 0;
}

/* Opens value under aad, adds it to the leaves and, unless it is a comment, to the MAC. */
static int open_leaf(struct opener *o, const struct sops_value *value, uint32_t place,
		     struct span aad, struct error *err)
{
	struct sops_file *file = o->file;
	struct sops_leaf leaf = { .node = o->step.node, .place = place, .type = value->type };

	if (file->plain.len > UINT32_MAX - value->data.len)
		return error_set(err, ERROR_LIMIT, "the values are too long");
	leaf.offset = (uint32_t)file->plain.len;
	if (sops_cipher_open(o->cipher, value, aad, &file->plain, err) < 0)
		return -1;
	leaf.len = (uint32_t)file->plain.len - leaf.offset;
	if (value->type != DOC_TYPE_COMMENT &&
	    sops_mac_add_plain(o->mac, value->type, sops_file_plain(file, &leaf), true, err) < 0)
		return -1;
	return add_leaf(file, &leaf, err);
}

/* What stands in the place of a sealed value. */
static int refuse_value(struct span text, bool is_text, struct error *err)
{
	struct span name;

	if (!is_text || !sops_value_is_sealed(text))
		return error_set(err, ERROR_TYPE,
				 "the value is not sealed, and by the rules it must be");
	if (sops_value_has_other_type(text, &name))
		return error_set(err, ERROR_TYPE,
				 "the sealed value is of the type \"%s\", which sops does not open",
				 text_printable(name).text);
	return error_set(err, ERROR_TYPE, "the sealed value is damaged");
}

static int open_value(struct opener *o, struct error *err)
{
	const struct doc *doc = &o->file->doc;
	const struct span text = doc_value(doc, o->step.node);
	const bool is_text = doc->nodes[o->step.node].type == DOC_TYPE_STRING;
	struct sops_value value;

	if (!o->step.selected)
		return sops_mac_add(o->mac, doc, o->step.node, false, err);
	if (text.len == 0) /* an empty string stays one, and adds nothing to the MAC (trap T4) */
		return 0;
	if (!is_text || !sops_value_parse(text, &value))
		return refuse_value(text, is_text, err);
	return open_leaf(o, &value, o->step.node, o->step.aad, err);
}

/* Tries to open the comment as one of container place. ERROR_AUTH: it is not. */
static int try_place(struct opener *o, const struct sops_value *value, uint32_t place,
		     struct error *err)
{
	if (sops_walk_aad_of(&o->file->doc, place, &o->aad, err) < 0)
		return -1;
	return open_leaf(o, value, place, buf_span(&o->aad), err);
}

/* The container that sops gives the comment, which takes a look at the whole text, once. */
static int try_right_place(struct opener *o, const struct sops_value *value, struct error *err)
{
	struct doc *doc = &o->file->doc;

	if (!o->placed && doc_place_comments(doc, err) < 0)
		return -1;
	o->placed = true;
	return try_place(o, value, doc->nodes[o->step.node].parent, err);
}

/*
 * A comment's additional data is the container that it belongs to, on which parsers disagree: first
 * the likely one is tried, then what the rules say, then the neighbours; authentication tells. A
 * comment that none opens is kept as it stands: sops does so (trap T18).
 */
static int open_comment(struct opener *o, struct error *err)
{
	const struct doc *doc = &o->file->doc;
	struct error reason = ERROR_INIT;
	struct sops_value value;

	if (!sops_value_parse(doc_value(doc, o->step.node), &value))
		return 0;
	if (open_leaf(o, &value, doc->nodes[o->step.node].parent, o->step.aad, &reason) == 0)
		return 0;
	if (reason.kind == ERROR_AUTH && try_right_place(o, &value, &reason) == 0)
		return 0;
	for (unsigned nth = 1; reason.kind == ERROR_AUTH && nth < COMMENT_GUESSES_MAX; nth++) {
		const uint32_t place = doc_comment_container(doc, o->step.node, nth);

		if (place == DOC_NONE)
			break;
		if (try_place(o, &value, place, &reason) == 0)
			return 0;
	}
	if (reason.kind != ERROR_AUTH && reason.kind != ERROR_FORMAT) {
		*err = reason;
		return -1;
	}
	o->file->notes.comments_kept++;
	return 0;
}

/* One allocation for all plaintext, and one for the leaves: no larger than needed. */
static int reserve(struct sops_file *file, struct error *err)
{
	size_t total = 64, count = 1;

	for (uint32_t node = 1; node < file->doc.len; node++) {
		const size_t len = file->doc.nodes[node].value_len;

		if (len > SEALED_OVERHEAD) {
			total += (len - SEALED_OVERHEAD) / 4 * 3;
			count++;
		}
	}
	file->leaves = calloc(count, sizeof(*file->leaves));
	if (!file->leaves)
		return error_memory(err);
	file->leaves_cap = count;
	return secret_reserve(&file->plain, total, err);
}

static int open_leaves(struct opener *o, struct error *err)
{
	do {
		int result = 0;

		if (sops_walk_next(&o->walk, &o->step, err) < 0)
			return -1;
		if (o->step.kind == SOPS_STEP_VALUE)
			result = open_value(o, err);
		else if (o->step.kind == SOPS_STEP_COMMENT)
			result = open_comment(o, err);
		if (result < 0)
			return blame(o, err);
	} while (o->step.kind != SOPS_STEP_DONE);
	return 0;
}

static int compare_leaves(const void *a, const void *b)
{
	const uint32_t x = ((const struct sops_leaf *)a)->node,
		       y = ((const struct sops_leaf *)b)->node;

	return x < y ? -1 : x > y;
}

static int open_all(struct opener *o, const struct sops_meta *meta, struct error *err)
{
	struct sops_file *file = o->file;

	if (sops_selection_init(&o->selection, &meta->selector, err) < 0)
		return error_wrap(err, "the metadata");
	if (sops_selection_is_by_comment(&o->selection)) {
		if (doc_place_comments(&file->doc, err) < 0)
			return -1;
		o->placed = true;
	}
	if (sops_walk_init(&o->walk, &file->doc, &o->selection, true, err) < 0 ||
	    reserve(file, err) < 0 || open_leaves(o, err) < 0)
		return -1;
	if (o->walk.order) /* the walk had an order of its own */
		qsort(file->leaves, file->leaves_len, sizeof(*file->leaves), compare_leaves);
	return 0;
}

int sops_leaves_open(struct sops_file *file, const struct sops_meta *meta,
		     struct sops_cipher *cipher, struct sops_mac *mac, struct error *err)
{
	struct opener o = { .file = file,
			    .selection = SOPS_SELECTION_INIT,
			    .walk = SOPS_WALK_INIT,
			    .cipher = cipher,
			    .mac = mac,
			    .aad = BUF_INIT };
	const int result = open_all(&o, meta, err);

	opener_release(&o);
	return result;
}
