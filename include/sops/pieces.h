/* SPDX-License-Identifier: MIT */
/*
 * Large files in pieces (doc/cutter.h), so that no more than a piece of the sealed text is in memory. For what is
 * ordinary: whatever is not, is left to sops/file.h, which takes the whole and says what is wrong with it.
 */
#ifndef SOPS_PIECES_H
#define SOPS_PIECES_H

#include "doc/cutter.h"
#include "sops/file.h"

/* A smaller file is not worth it. */
#define SOPS_PIECES_MIN ((size_t)1 << 20)

/* Where a text comes from, or goes to: below the command line nobody knows files. */
struct sops_source {
	void *context;
	/* Up to cap bytes; *ret_len 0: the end. */
	int (*read)(void *context, uint8_t *ret_bytes, size_t cap, size_t *ret_len,
		    struct error *err);
	size_t piece_len; /* at least; 0: what is best */
};

struct sops_sink {
	void *context;
	int (*write)(void *context, struct span bytes, struct error *err);
	size_t piece_len; /* at least; 0: what is best */
};

/*
 * The piece of a sealed text that holds its metadata, a sealed document with a part of the values. Empty where
 * there is none, or it is not in one piece.
 */
MUST_USE int sops_pieces_find_metadata(enum doc_format format, const struct sops_source *source,
				       struct secret *ret_text, struct error *err);
/* Can text, and should it, be sealed in pieces by this policy? */
bool sops_pieces_can_seal(enum doc_format format, const struct secret *text,
			  const struct sops_policy *policy);
/*
 * As sops_seal() (but text is kept), the sealed text given to sink as it is made. All of text is looked at
 * first: for what is wrong with it nothing has been given yet. Any error then: *ret_begun says if it had.
 */
MUST_USE int sops_pieces_seal(enum doc_format format, const struct secret *text,
			      const struct sops_policy *policy, const struct sops_sink *sink,
			      bool *ret_begun, struct error *err);

/* A plaintext in parts: of locked memory, no more than is needed, and none of it ever copied. */
struct sops_parts {
	struct secret *items;
	size_t len, cap;
};

#define SOPS_PARTS_INIT ((struct sops_parts){ NULL, 0, 0 })

void sops_parts_release(struct sops_parts *parts);

/*
 * Opens the text, whose metadata are those of metadata (kept), to the plaintext. Any error: the whole may say
 * more. What is returned is whole: its MAC was checked.
 */
MUST_USE int sops_pieces_open(enum doc_format format, const struct sops_source *source,
			      struct secret *metadata, const struct sops_opener *opener,
			      unsigned flags, struct sops_parts *ret_parts,
			      struct sops_notes *ret_notes, struct error *err);

#endif
