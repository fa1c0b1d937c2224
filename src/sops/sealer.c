/* SPDX-License-Identifier: MIT */
/* A document on its way to a sealed one (sealer.h). */
#include <stdlib.h>

#include "sealer.h"
#include "sops/lookup.h"

/* What a sealed value's text has beside the base64 of its data, about. */
#define SEALED_OVERHEAD 120

void sealer_release(struct sealer *s)
{
	doc_edit_release(&s->edit);
	sops_walk_release(&s->walk);
	sops_selection_release(&s->selection);
	sops_cipher_release(&s->cipher);
	sops_mac_release(&s->mac);
	sops_reuse_release(&s->reuse);
	buf_release(&s->text);
	buf_release(&s->patches.text);
	free(s->patches.items);
	doc_release(&s->doc);
}

static void note_line(struct sealer *s, size_t line)
{
	if (!s->notes)
		return;
	if (s->notes->len < SOPS_NOTES_LINES_MAX)
		s->notes->lines[s->notes->len] = line;
	s->notes->len++;
}

static void note_node(struct sealer *s, uint32_t node)
{
	/* a node's line is counted from the top: not for more than are told */
	note_line(s,
		  s->notes && s->notes->len < SOPS_NOTES_LINES_MAX ? doc_line(&s->doc, node) : 0);
}

/* former: the node of the file that was opened where it stood already, or DOC_NONE. */
static int apply(struct sealer *s, uint32_t node, struct span sealed, uint32_t former,
		 struct error *err)
{
	bool exact, done = false;

	if (former != DOC_NONE &&
	    sops_reuse_apply(&s->reuse, former, &s->edit, node, sealed, &done, err) < 0)
		return -1;
	if (done)
		return 0;
	if (doc_edit_seal(&s->edit, node, sealed, &exact, err) < 0)
		return -1;
	if (!exact)
		note_node(s, node);
	return 0;
}

static int postpone(struct patches *patches, uint32_t node, struct span sealed, uint32_t former,
		    struct error *err)
{
	if (patches->len == patches->cap) {
		const size_t cap = patches->cap > 0 ? patches->cap * 2 : 64;
		struct patch *larger = reallocarray(patches->items, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		patches->items = larger;
		patches->cap = cap;
	}
	patches->items[patches->len++] =
		(struct patch){ node, former, patches->text.len, sealed.len };
	return buf_append_span(&patches->text, sealed, err);
}

static int compare_patches(const void *a, const void *b)
{
	const uint32_t x = ((const struct patch *)a)->node, y = ((const struct patch *)b)->node;

	return x < y ? -1 : x > y;
}

static int apply_postponed(struct sealer *s, struct error *err)
{
	struct patches *patches = &s->patches;

	if (patches->len > 0)
		qsort(patches->items, patches->len, sizeof(*patches->items), compare_patches);
	for (size_t i = 0; i < patches->len; i++)
		if (apply(s, patches->items[i].node,
			  span_of(patches->text.data + patches->items[i].offset,
				  patches->items[i].len),
			  patches->items[i].former, err) < 0)
			return -1;
	return 0;
}

/* The sealed text of plain: one of an earlier sealing, or a new one in s->text. */
static int seal_plain(struct sealer *s, enum doc_type type, struct span plain,
		      struct span *ret_sealed, uint32_t *ret_former, struct error *err)
{
	*ret_former = DOC_NONE;
	if (s->rehearsal) {
		*ret_sealed = SPAN_LITERAL("ENC[,type:]");
		return 0;
	}
	if (s->reuse.file) {
		if (sops_reuse_take_node(&s->reuse, s->step.aad, &s->doc, s->step.node, plain,
					 ret_sealed, ret_former, err) < 0)
			return -1;
		if (ret_sealed->len > 0)
			return 0;
	}
	s->any_new = true;
	if (sops_cipher_seal(&s->cipher, type, plain, s->step.aad, &s->text, err) < 0)
		return -1;
	*ret_sealed = buf_span(&s->text);
	return 0;
}

static int seal_text(struct sealer *s, enum doc_type type, struct span plain, struct error *err)
{
	const uint32_t node = s->step.node;
	struct span sealed;
	uint32_t former;

	if (plain.len == 0) /* stays as it is (trap T4) */
		return 0;
	if (seal_plain(s, type, plain, &sealed, &former, err) < 0)
		return -1;
	return s->walk.order ? postpone(&s->patches, node, sealed, former, err)
			     : apply(s, node, sealed, former, err);
}

/* A number, a boolean, a time: its text may not be what is sealed. */
NOINLINE static int seal_typed(struct sealer *s, enum doc_type type, struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct span plain;
	int result;

	if (doc_plain(&s->doc, s->step.node, scratch, &plain, err) < 0)
		return -1;
	result = seal_text(s, type, plain, err);
	secret_wipe(scratch, sizeof(scratch));
	return result;
}

static int seal_leaf(struct sealer *s, struct error *err)
{
	const enum doc_type type = (enum doc_type)s->doc.nodes[s->step.node].type;

	if (type == DOC_TYPE_STRING || type == DOC_TYPE_COMMENT)
		return seal_text(s, type, doc_value(&s->doc, s->step.node), err);
	return seal_typed(s, type, err);
}

/* A comment that stays readable by the rule must be one that the rule still finds readable. */
static int check_comment_rule(const struct sealer *s, struct error *err)
{
	bool matches;

	if (s->selection.kind != SOPS_UNENCRYPTED_COMMENT_REGEX || s->text.len == 0)
		return 0;
	if (sops_selection_comment(&s->selection, buf_span(&s->text), &matches, err) < 0)
		return -1;
	return !matches ? 0
			: error_set(err, ERROR_CONFIG, "%s matches the text of a sealed comment",
				    sops_selector_names[s->selection.kind]);
}

/* One that could not be opened came into the plaintext as it was, and goes back so. */
static bool was_kept(const struct sealer *s, struct span text)
{
	const struct sops_file *file = s->reuse.file;

	if (!file || file->notes.comments_kept == 0 || !sops_value_is_sealed(text))
		return false;
	for (uint32_t node = 1; node < file->doc.len; node++)
		if (!sops_file_leaf(file, node) && span_equal(doc_value(&file->doc, node), text))
			return true;
	return false;
}

static int seal_comment(struct sealer *s, struct error *err)
{
	if (was_kept(s, doc_value(&s->doc, s->step.node)))
		return 0;
	if (!s->step.selected)
		return 0;
	return seal_leaf(s, err) < 0 ? -1 : check_comment_rule(s, err);
}

static int seal_value(struct sealer *s, struct error *err)
{
	if (sops_mac_add(&s->mac, &s->doc, s->step.node, s->step.selected, err) < 0)
		return -1;
	return s->step.selected ? seal_leaf(s, err)
				: doc_check_unsealed(&s->doc, s->step.node, err);
}

static int blame(const struct sealer *s, struct error *err)
{
	return error_wrap(err, "line %zu", doc_line(&s->doc, s->step.node));
}

int sealer_leaves(struct sealer *s, struct error *err)
{
	do {
		int result = 0;

		if (sops_walk_next(&s->walk, &s->step, err) < 0)
			return -1;
		if (s->step.kind == SOPS_STEP_VALUE)
			result = seal_value(s, err);
		else if (s->step.kind == SOPS_STEP_COMMENT)
			result = seal_comment(s, err);
		if (result < 0)
			return blame(s, err);
	} while (s->step.kind != SOPS_STEP_DONE);
	return apply_postponed(s, err);
}

/* "sops" is the metadata's: in the first document it says that the file is sealed. */
static int check_reserved(const struct doc *doc, struct error *err)
{
	uint32_t root;

	if (sops_meta_present(doc)) {
		(void)error_set(err, ERROR_SEALED,
				"it has a top-level key \"sops\": it is sealed already, "
				"or uses the name that sops keeps for itself");
		return error_hint(err, "\"edit\" and \"set\" change a sealed file");
	}
	for (size_t i = 1; (root = doc_root(doc, i)) != DOC_NONE; i++)
		if (doc->nodes[root].kind == DOC_MAP && doc_find_metadata(doc, root) != DOC_NONE)
			return error_set(
				err, ERROR_DUMP,
				"document %zu has a top-level key \"sops\", a name that sops keeps "
				"for itself",
				i + 1);
	return 0;
}

static size_t expected_len(const struct doc *doc)
{
	size_t len = doc->text.len / 2 * 3 + 4096;

	for (uint32_t node = 1; node < doc->len; node++)
		if (doc->nodes[node].kind == DOC_SCALAR || doc->nodes[node].kind == DOC_COMMENT)
			len += SEALED_OVERHEAD;
	return len;
}

int sealer_begin(struct sealer *s, bool mac_only, const struct key32 *key, struct error *err)
{
	return sops_cipher_init(&s->cipher, key, err) < 0 ? -1
							  : sops_mac_init(&s->mac, mac_only, err);
}

int sealer_read(struct sealer *s, enum doc_format format, struct secret *text,
		const struct sops_selector *selector, struct error *err)
{
	if (doc_parse(format, text, DOC_CHECK_MERGES, &s->doc, err) < 0)
		return -1;
	/* the first alias or merge key: all of them come back written out */
	for (size_t i = 0; i < s->doc.expanded_len; i++)
		note_line(s, i < DOC_EXPANDED_MAX ? s->doc.expanded[i] : 0);
	if (check_reserved(&s->doc, err) < 0 || doc_place_comments(&s->doc, err) < 0 ||
	    sops_selection_init(&s->selection, selector, err) < 0 ||
	    sops_walk_init(&s->walk, &s->doc, &s->selection, false, err) < 0)
		return -1;
	return doc_edit_begin(&s->doc, expected_len(&s->doc), &s->edit, err);
}

void sealer_forget(struct sealer *s)
{
	doc_edit_release(&s->edit);
	sops_walk_release(&s->walk);
	sops_selection_release(&s->selection);
	doc_release(&s->doc);
}

int sealer_add_metadata(struct sealer *s, const struct metadata_maker *maker,
			const struct sops_seal_stamp *stamp, struct error *err)
{
	AUTO(doc_tree) metadata = DOC_TREE_INIT;
	AUTO(secret) lines = SECRET_INIT;
	uint32_t changed = DOC_NONE;
	bool done = false;

	if (maker->lines && maker->lines(maker->argument, stamp, &lines, err) < 0)
		return -1;
	if (lines.len > 0 &&
	    doc_edit_add_lines(&s->edit, secret_span(&lines), &done, &changed, err) < 0)
		return -1;
	if (!done && (maker->make(maker->argument, stamp, &metadata, err) < 0 ||
		      doc_edit_add_metadata(&s->edit, &metadata, maker->indent, &changed, err) < 0))
		return -1;
	if (changed != DOC_NONE)
		note_node(s, changed);
	return 0;
}

int sealer_sign(struct sealer *s, const struct metadata_maker *maker, struct error *err)
{
	char now[SOPS_TIME_MAX];
	struct sops_seal_stamp stamp;

	if (sops_mac_time_now(now, err) < 0)
		return -1;
	stamp.lastmodified = span_of_text(now);
	if (sops_mac_seal(&s->mac, &s->cipher, stamp.lastmodified, &s->text, err) < 0)
		return -1;
	stamp.mac = buf_span(&s->text);
	return sealer_add_metadata(s, maker, &stamp, err);
}
