/* SPDX-License-Identifier: MIT */
#include "sops/replace.h"

#include <stdlib.h>

#include "doc/edit.h"
#include "sops/lookup.h"
#include "sops/value.h"
#include "sops/walk.h"

struct replacer {
	struct sops_file *old;
	struct sops_file file;
	struct sops_cipher cipher;
	struct doc_edit edit;
	struct buf before, now, text; /* additional data, and a sealed comment */
	bool *selected; /* by node: is it a comment that is to be sealed where it stands now? */
	bool any;
};

#define REPLACER_INIT                                                                              \
	((struct replacer){ NULL, SOPS_FILE_INIT, SOPS_CIPHER_INIT, DOC_EDIT_INIT, BUF_INIT,       \
			    BUF_INIT, BUF_INIT, NULL, false })

static void replacer_release(struct replacer *r)
{
	doc_edit_release(&r->edit);
	sops_cipher_release(&r->cipher);
	sops_file_release(&r->file);
	buf_release(&r->before);
	buf_release(&r->now);
	buf_release(&r->text);
	free(r->selected);
}

/* The plaintext of a comment that does not open where it stands now: as it was opened before. */
static bool find_before(const struct replacer *r, uint32_t node, struct span *ret_plain)
{
	const struct sops_file *old = r->old;
	const struct span sealed = doc_value(&r->file.doc, node);

	for (size_t i = 0; i < old->leaves_len; i++)
		if (old->leaves[i].type == DOC_TYPE_COMMENT &&
		    span_equal(doc_value(&old->doc, old->leaves[i].node), sealed)) {
			*ret_plain = sops_file_plain(old, &old->leaves[i]);
			return true;
		}
	return false;
}

static int seal_again(struct replacer *r, uint32_t node, struct span plain, struct error *err)
{
	bool exact;

	r->any = true;
	if (sops_cipher_seal(&r->cipher, DOC_TYPE_COMMENT, plain, buf_span(&r->now), &r->text,
			     err) < 0)
		return -1;
	return doc_edit_seal(&r->edit, node, buf_span(&r->text), &exact, err);
}

/* By node of file's document: which comments are sealed where they stand? */
static int select_comments(struct sops_file *file, bool **ret_selected, struct error *err)
{
	AUTO(sops_selection) selection = SOPS_SELECTION_INIT;
	AUTO(sops_walk) walk = SOPS_WALK_INIT;
	AUTO_FREE bool *selected = calloc(file->doc.len, sizeof(*selected));
	struct sops_step step;

	if (!selected)
		return error_memory(err);
	if (doc_place_comments(&file->doc, err) < 0 ||
	    sops_selection_init(&selection, &file->meta.selector, err) < 0 ||
	    sops_walk_init(&walk, &file->doc, &selection, true, err) < 0)
		return -1;
	do {
		if (sops_walk_next(&walk, &step, err) < 0)
			return -1;
		if (step.kind == SOPS_STEP_COMMENT)
			selected[step.node] = step.selected;
	} while (step.kind != SOPS_STEP_DONE);
	*ret_selected = selected;
	selected = NULL;
	return 0;
}

static bool is_readable(const struct doc *doc, uint32_t node)
{
	const struct span value = doc_value(doc, node);

	return doc->nodes[node].kind == DOC_COMMENT && value.len > 0 &&
	       !sops_value_is_sealed(value);
}

/* Were there readable comments before where others are sealed (trap T18)? Then they are not our doing. */
static int had_readable(struct sops_file *old, bool *ret_had, struct error *err)
{
	AUTO_FREE bool *selected = NULL;

	*ret_had = false;
	if (select_comments(old, &selected, err) < 0)
		return -1;
	for (uint32_t node = 1; node < old->doc.len && !*ret_had; node++)
		*ret_had = selected[node] && is_readable(&old->doc, node);
	return 0;
}

/*
 * One that is not sealed, or not to anything that opens it here. A readable one that came to a place where
 * comments are sealed is sealed.
 */
static int replace_unopened(struct replacer *r, uint32_t node, struct error *err)
{
	struct span plain = doc_value(&r->file.doc, node);
	bool had = false;

	if (sops_value_is_sealed(plain))
		return find_before(r, node, &plain) ? seal_again(r, node, plain, err) : 0;
	if (!r->selected[node] || !is_readable(&r->file.doc, node))
		return 0;
	if (had_readable(r->old, &had, err) < 0)
		return -1;
	return had ? 0 : seal_again(r, node, plain, err);
}

static int replace(struct replacer *r, uint32_t node, struct error *err)
{
	const struct doc *doc = &r->file.doc;
	const struct sops_leaf *leaf = sops_file_leaf(&r->file, node);

	if (sops_walk_aad_of(doc, doc->nodes[node].parent, &r->now, err) < 0)
		return -1;
	if (!leaf)
		return replace_unopened(r, node, err);
	if (sops_walk_aad_of(doc, leaf->place, &r->before, err) < 0)
		return -1;
	if (span_equal(buf_span(&r->before), buf_span(&r->now)))
		return 0;
	return seal_again(r, node, sops_file_plain(&r->file, leaf), err);
}

static bool has_comments(const struct doc *doc)
{
	uint32_t node = 1;

	while (node < doc->len && doc->nodes[node].kind != DOC_COMMENT)
		node++;
	return node < doc->len;
}

static int replace_all(struct replacer *r, struct error *err)
{
	struct sops_file *file = &r->file;

	if (select_comments(file, &r->selected, err) < 0 ||
	    sops_cipher_init(&r->cipher, &file->data_key, err) < 0 ||
	    doc_edit_begin(&file->doc, file->doc.text.len, &r->edit, err) < 0)
		return -1;
	for (uint32_t node = 1; node < file->doc.len; node++)
		if (file->doc.nodes[node].kind == DOC_COMMENT && replace(r, node, err) < 0)
			return -1;
	return 0;
}

int sops_replace_comments(struct sops_file *old, struct secret *sealed, struct error *err)
{
	const enum doc_format format = old->doc.format;
	const struct key32 *data_key = &old->data_key;
	AUTO(replacer) r = REPLACER_INIT;
	AUTO(secret) text = SECRET_INIT;

	r.old = old;
	if (sops_reopen(format, sealed, data_key, &r.file, err) < 0)
		return -1;
	if (!has_comments(&r.file.doc))
		return 0;
	if (replace_all(&r, err) < 0)
		return -1;
	if (!r.any)
		return 0;
	if (doc_edit_finish(&r.edit, &text, err) < 0 ||
	    sops_check(format, &text, data_key, err) < 0)
		return -1;
	secret_release(sealed);
	*sealed = secret_move(&text);
	return 0;
}
