/* SPDX-License-Identifier: MIT */
/*
 * Cuts a large text, as it is read, into pieces that are documents of their own: whole lines of dotenv,
 * whole entries of JSON's top level (the comma between two pieces belongs to neither; braces are put around
 * them). The metadata stay in one piece with their neighbours, as they cannot be taken out without these.
 *
 * It only cuts: what is no document will be no document in pieces, and whoever parses them finds out.
 */
#ifndef DOC_CUTTER_H
#define DOC_CUTTER_H

#include "doc/doc.h"

struct doc_cutter {
	enum doc_format format;
	size_t least;  /* how long a piece is, but for the last */
	size_t at;     /* in the piece: looked at so far */
	size_t from;   /* dotenv: the line's start; JSON: where the last comma is, 0: it was none */
	bool metadata; /* the piece holds metadata */
	bool touches;  /* what stands before `from` are metadata */
	/* JSON: */
	bool first, key_next, in_string, odd;
	size_t depth;
};

/*
 * Are all lines of a dotenv text entries and comments, none of them metadata? Then it is a document, and so
 * is each piece of it.
 */
bool doc_cutter_has_plain_lines(struct span text);
struct doc_cutter doc_cutter_init(enum doc_format format, size_t least);
/* Can documents of this format be cut? */
bool doc_cutter_knows(enum doc_format format);
/*
 * Looks at text, which begins with the piece at hand; more of it than at the last call, or the end. True: the
 * piece is its first *ret_len bytes. False: more is needed (never at the end).
 */
bool doc_cutter_cut(struct doc_cutter *cutter, struct span text, bool at_end, size_t *ret_len);
/* The piece that was cut as a document, whose text is ret_text then. At the end nothing is put behind it. */
MUST_USE int doc_cutter_wrap(const struct doc_cutter *cutter, struct span piece, bool at_end,
			     struct secret *ret_text, struct error *err);
/* What the document became, without what was put around it; false where it is not there (any more). */
bool doc_cutter_unwrap(const struct doc_cutter *cutter, struct span text, bool at_end,
		       struct span *ret_piece);
/* Goes on behind the piece: returns how much of the text it was, the comma included. */
size_t doc_cutter_next(struct doc_cutter *cutter, size_t piece_len);
/* What stands between two pieces: "," or nothing. */
struct span doc_cutter_between(const struct doc_cutter *cutter);

#endif
