/* SPDX-License-Identifier: MIT */
#include "sops/pieces.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "sops/leaves.h"
#include "sops/meta.h"
#include "util/text.h"

#define READ_CHUNK ((size_t)32 << 10)
#define PIECE_LEN ((size_t)64 << 10)
#define PART_LEN ((size_t)512 << 10)

/* The pieces of a source, one after the other. */
struct pieces {
	const struct sops_source *source;
	struct doc_cutter cutter;
	struct secret read; /* the piece at hand, and what was read behind it */
	struct secret text; /* the piece as a document */
	size_t len;         /* of the piece in read */
	bool begun, at_end; /* the source's end was seen */
	bool is_last;       /* nothing stands behind the piece */
};

static struct pieces pieces_of(enum doc_format format, const struct sops_source *source)
{
	const size_t least = source->piece_len > 0 ? source->piece_len : PIECE_LEN;

	return (struct pieces){ .source = source,
				.cutter = doc_cutter_init(format, least),
				.read = SECRET_INIT,
				.text = SECRET_INIT };
}

static void pieces_release(struct pieces *p)
{
	secret_release(&p->read);
	secret_release(&p->text);
}

static int read_more(struct pieces *p, struct error *err)
{
	size_t len;

	if (secret_grow(&p->read, READ_CHUNK, err) < 0 ||
	    p->source->read(p->source->context, p->read.data + p->read.len, READ_CHUNK, &len, err) <
		    0)
		return -1;
	p->read.len += len;
	p->at_end = len == 0;
	return p->read.len <= DOC_TEXT_MAX ? 0 : error_set(err, ERROR_LIMIT, "it is too long");
}

static void drop(struct pieces *p)
{
	const size_t len = doc_cutter_next(&p->cutter, p->len);

	memmove(p->read.data, p->read.data + len, p->read.len - len);
	p->read.len -= len; /* what is left behind is overwritten by what comes */
}

/* The next piece, in p->text. */
static int next(struct pieces *p, struct error *err)
{
	if (p->begun)
		drop(p);
	p->begun = true;
	while (!doc_cutter_cut(&p->cutter, secret_span(&p->read), p->at_end, &p->len))
		if (read_more(p, err) < 0)
			return -1;
	p->is_last = p->at_end && p->len == p->read.len;
	return doc_cutter_wrap(&p->cutter, span_slice(secret_span(&p->read), 0, p->len), p->is_last,
			       &p->text, err);
}

int sops_pieces_find_metadata(enum doc_format format, const struct sops_source *source,
			      struct secret *ret_text, struct error *err)
{
	AUTO(pieces) p = pieces_of(format, source);
	AUTO(secret) found = SECRET_INIT;
	size_t count = 0;

	while (!p.is_last) {
		if (next(&p, err) < 0)
			return -1;
		if (p.cutter.metadata && count++ == 0)
			found = secret_move(&p.text);
	}
	if (count == 1)
		*ret_text = secret_move(&found);
	return 0;
}

/* The way of a piece from sealed to open. */
struct pieces_opener {
	struct pieces pieces;
	const struct sops_meta *meta;
	struct sops_cipher cipher;
	struct sops_mac mac;
	struct sops_parts parts;
	struct sops_notes notes;
};

static void pieces_opener_release(struct pieces_opener *o)
{
	pieces_release(&o->pieces);
	sops_cipher_release(&o->cipher);
	sops_mac_release(&o->mac);
	sops_parts_release(&o->parts);
}

static int is_odd(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "the pieces do not make a whole");
}

void sops_parts_release(struct sops_parts *parts)
{
	for (size_t i = 0; i < parts->len; i++)
		secret_release(&parts->items[i]);
	free(parts->items);
	*parts = SOPS_PARTS_INIT;
}

/* A part with room for len bytes: the last one, or a new one. */
static int find_room(struct sops_parts *parts, size_t len, struct secret **ret_part,
		     struct error *err)
{
	struct secret *last = parts->len > 0 ? &parts->items[parts->len - 1] : NULL;

	if (!last || last->cap - last->len < len) {
		if (parts->len == parts->cap) {
			const size_t cap = parts->cap * 2 + 8;
			struct secret *larger = reallocarray(parts->items, cap, sizeof(*larger));

			if (!larger)
				return error_memory(err);
			parts->items = larger;
			parts->cap = cap;
		}
		assert(parts->items);
		last = &parts->items[parts->len];
		*last = SECRET_INIT;
		if (secret_reserve(last, len > PART_LEN ? len : PART_LEN, err) < 0)
			return -1;
		parts->len++;
	}
	*ret_part = last;
	return 0;
}

static int put(struct pieces_opener *o, struct span text, struct error *err)
{
	const struct pieces *p = &o->pieces;
	const struct span between = p->is_last ? SPAN_INIT : doc_cutter_between(&p->cutter);
	struct secret *part = NULL;
	struct span piece;

	if (!doc_cutter_unwrap(&p->cutter, text, p->is_last, &piece))
		return is_odd(err);
	if (find_room(&o->parts, piece.len + between.len, &part, err) < 0 ||
	    secret_append_span(part, piece, err) < 0)
		return -1;
	return secret_append_span(part, between, err);
}

static int open_piece(struct pieces_opener *o, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct pieces *p = &o->pieces;
	uint32_t metadata;
	int result;

	file.meta = SOPS_META_INIT;
	if (doc_parse(p->cutter.format, &p->text, DOC_SEALED, &file.doc, err) < 0)
		return -1;
	metadata = doc_find_metadata(&file.doc, doc_root(&file.doc, 0));
	if ((metadata != DOC_NONE) != p->cutter.metadata)
		return is_odd(err);
	if (sops_leaves_open(&file, o->meta, &o->cipher, &o->mac, err) < 0 ||
	    sops_file_plaintext(&file, &text, err) < 0)
		return -1;
	o->notes.comments_kept += file.notes.comments_kept;
	result = put(o, secret_span(&text), err);
	p->text = secret_move(&file.doc.text);
	return result;
}

static int open_pieces(struct pieces_opener *o, struct error *err)
{
	size_t metadata = 0;

	while (!o->pieces.is_last) {
		if (next(&o->pieces, err) < 0 || open_piece(o, err) < 0)
			return -1;
		metadata += o->pieces.cutter.metadata;
	}
	return metadata == 1 ? 0 : is_odd(err);
}

/* Comments that select do so across pieces. */
static bool is_by_comment(const struct sops_meta *meta)
{
	return meta->selector.text && (meta->selector.kind == SOPS_UNENCRYPTED_COMMENT_REGEX ||
				       meta->selector.kind == SOPS_ENCRYPTED_COMMENT_REGEX);
}

static int open_with(struct pieces_opener *o, const struct key32 *data_key, unsigned flags,
		     struct error *err)
{
	const struct sops_meta *meta = o->meta;

	if (is_by_comment(meta))
		return is_odd(err);
	if (sops_cipher_init(&o->cipher, data_key, err) < 0 ||
	    sops_mac_init(&o->mac, meta->mac_only_encrypted, err) < 0 || open_pieces(o, err) < 0)
		return -1;
	if (flags & SOPS_IGNORE_MAC)
		return 0;
	return sops_mac_check(&o->mac, &o->cipher, meta->lastmodified, meta->mac, err);
}

int sops_pieces_open(enum doc_format format, const struct sops_source *source,
		     struct secret *metadata, const struct sops_opener *opener, unsigned flags,
		     struct sops_parts *ret_parts, struct sops_notes *ret_notes, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(pieces_opener)
	o = { .pieces = pieces_of(format, source),
	      .meta = &file.meta,
	      .cipher = SOPS_CIPHER_INIT,
	      .mac = SOPS_MAC_INIT,
	      .parts = SOPS_PARTS_INIT,
	      .notes = SOPS_NOTES_INIT };
	int result;

	file.meta = SOPS_META_INIT;
	if (doc_parse(format, metadata, DOC_SEALED, &file.doc, err) < 0)
		return -1;
	result = sops_meta_read(&file.doc, &file.meta, err) < 0 ||
				 sops_datakey_unwrap(&file.meta, opener, &file.data_key, err) < 0 ||
				 open_with(&o, &file.data_key, flags, err) < 0
			 ? -1
			 : 0;
	*metadata = secret_move(&file.doc.text);
	if (result < 0)
		return -1;
	*ret_parts = o.parts;
	o.parts = SOPS_PARTS_INIT;
	*ret_notes = o.notes;
	return 0;
}
