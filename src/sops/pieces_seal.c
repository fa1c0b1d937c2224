/* SPDX-License-Identifier: MIT */
/* Sealing a large text in pieces: what is written need not be held. */
#include "crypto/random.h"
#include "doc/json.h"
#include "sealer.h"
#include "sops/pieces.h"

/* Sealed, it is four times as long, which still is one of the blocks that are kept (secret_keep_spares()). */
#define PIECE_LEN ((size_t)24 << 10)

bool sops_pieces_can_seal(enum doc_format format, const struct secret *text,
			  const struct sops_policy *policy)
{
	const struct sops_selector *selector = &policy->selector;

	/* comments select across pieces */
	return doc_cutter_knows(format) && text->len >= SOPS_PIECES_MIN &&
	       text->len <= DOC_TEXT_MAX &&
	       (!selector->text || (selector->kind != SOPS_UNENCRYPTED_COMMENT_REGEX &&
				    selector->kind != SOPS_ENCRYPTED_COMMENT_REGEX));
}

/* Where in the text we are. */
struct cut {
	struct doc_cutter cutter;
	struct span left; /* the piece at hand, and what stands behind it */
	size_t len;       /* of the piece */
	bool is_last;
	struct secret text; /* the piece as a document */
};

static struct cut cut_of(enum doc_format format, const struct secret *text, size_t least)
{
	return (struct cut){ .cutter = doc_cutter_init(format, least > 0 ? least : PIECE_LEN),
			     .left = secret_span(text),
			     .text = SECRET_INIT };
}

static void cut_release(struct cut *cut)
{
	secret_release(&cut->text);
}

static int next(struct cut *cut, struct error *err)
{
	if (cut->len > 0) {
		const size_t len = doc_cutter_next(&cut->cutter, cut->len);

		cut->left = span_slice(cut->left, len, cut->left.len);
	}
	(void)doc_cutter_cut(&cut->cutter, cut->left, true, &cut->len);
	cut->is_last = cut->len == cut->left.len;
	return doc_cutter_wrap(&cut->cutter, span_slice(cut->left, 0, cut->len), cut->is_last,
			       &cut->text, err);
}

/* Left to the whole, which says what it is. */
static int is_odd(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "it cannot be sealed in pieces");
}

/* Is there nothing to be said about this piece, and will it be as it is in the whole? */
static int rehearse_piece(struct sealer *s, struct cut *cut, const struct sops_selector *selector,
			  struct doc *first, size_t *nodes, struct error *err)
{
	if (sealer_read(s, cut->cutter.format, &cut->text, selector, err) < 0 ||
	    sealer_leaves(s, err) < 0)
		return -1;
	*nodes += s->doc.len;
	if (s->notes->len > 0 || cut->cutter.metadata || *nodes > DOC_NODES_MAX ||
	    (cut->is_last && (first->len == 0 || !doc_json_ends_alike(first, &s->doc))))
		return is_odd(err);
	if (first->len == 0) {
		*first = s->doc;
		s->doc = DOC_INIT;
	} else {
		cut->text = secret_move(&s->doc.text);
	}
	sealer_forget(s);
	return 0;
}

/* JSON's values may be such that they cannot be sealed, or come back in another spelling. */
static int rehearse(struct cut *cut, const struct sops_policy *policy, struct error *err)
{
	AUTO(sealer) s = SEALER_INIT;
	AUTO(doc) first = DOC_INIT;
	const struct key32 no_key = KEY32_INIT;
	struct sops_notes notes = SOPS_NOTES_INIT;
	size_t nodes = 0;

	s.rehearsal = true;
	s.notes = &notes;
	if (sealer_begin(&s, policy->mac_only_encrypted, &no_key, err) < 0)
		return -1;
	while (!cut->is_last) {
		if (next(cut, err) < 0 ||
		    rehearse_piece(&s, cut, &policy->selector, &first, &nodes, err) < 0)
			return -1;
	}
	return 0;
}

/* Else nothing is begun. */
static int check(enum doc_format format, const struct secret *text,
		 const struct sops_policy *policy, size_t least, struct error *err)
{
	AUTO(cut) cut = cut_of(format, text, least);

	if (format == DOC_JSON)
		return rehearse(&cut, policy, err);
	/* any value of a line can be sealed */
	return doc_cutter_has_plain_lines(secret_span(text)) ? 0 : is_odd(err);
}

static int seal_piece(struct sealer *s, struct cut *cut, const struct sops_policy *policy,
		      const struct metadata_maker *maker, const struct sops_sink *sink,
		      struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;
	struct span piece;

	if (sealer_read(s, cut->cutter.format, &cut->text, &policy->selector, err) < 0 ||
	    sealer_leaves(s, err) < 0 || (cut->is_last && sealer_sign(s, maker, err) < 0) ||
	    doc_edit_finish(&s->edit, &sealed, err) < 0)
		return -1;
	cut->text = secret_move(&s->doc.text);
	sealer_forget(s);
	if (!doc_cutter_unwrap(&cut->cutter, secret_span(&sealed), cut->is_last, &piece))
		return error_set(err, ERROR_BUG, "the pieces do not make a whole");
	if (sink->write(sink->context, piece, err) < 0)
		return -1;
	return cut->is_last ? 0 : sink->write(sink->context, doc_cutter_between(&cut->cutter), err);
}

int sops_pieces_seal(enum doc_format format, const struct secret *text,
		     const struct sops_policy *policy, const struct sops_sink *sink,
		     bool *ret_begun, struct error *err)
{
	AUTO(key32) key = KEY32_INIT;
	AUTO(new_file) file = { policy, NULL, SOPS_ENTRIES_INIT };
	AUTO(sealer) s = SEALER_INIT;
	AUTO(cut) cut = cut_of(format, text, sink->piece_len);
	const struct metadata_maker maker = new_file_maker(&file);

	*ret_begun = false;
	random_bytes(key.data, sizeof(key.data));
	if (check(format, text, policy, sink->piece_len, err) < 0 ||
	    sealer_begin(&s, policy->mac_only_encrypted, &key, err) < 0 ||
	    new_file_wrap(&file, &key, err) < 0)
		return -1;
	*ret_begun = true;
	while (!cut.is_last)
		if (next(&cut, err) < 0 || seal_piece(&s, &cut, policy, &maker, sink, err) < 0)
			return -1;
	return 0;
}
