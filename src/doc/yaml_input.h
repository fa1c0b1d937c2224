/* SPDX-License-Identifier: MIT */
/*
 * What libyaml is shown of a document, and where it stands in the text.
 *
 * libyaml counts characters; everything else here counts bytes. Two things are
 * not shown as they stand: the inside of "ENC[…]", which means nothing to YAML
 * and would take libyaml most of its time ("ENC[]" is shown), and a piece that is
 * thought to be inserted.
 */
#ifndef DOC_YAML_INPUT_H
#define DOC_YAML_INPUT_H

#include "internal.h"

struct yaml_cut {
	uint32_t shown;    /* so many bytes had been shown before it */
	uint32_t left_out; /* by this cut and all before it */
};

struct yaml_input {
	const struct doc *doc;
	size_t from;        /* what has been read of the text */
	size_t at;          /* where insert goes, */
	size_t insert_len;  /* its length, in ASCII, */
	struct span insert; /* and how much of it is left */

	bool condense;           /* make cuts; only where the text is ASCII */
	size_t cut_from, cut_to; /* the next one, in the text */
	size_t shown;
	struct yaml_cut *cuts;
	size_t cuts_len, cuts_cap;
	bool no_memory; /* for one of them */

	/* the cursor: goes both ways, in short steps */
	size_t next_cut;
	size_t index, byte; /* a character's number and its offset */
};

/* insert at offset at; condense only without. */
void yaml_input_begin(struct yaml_input *input, const struct doc *doc, size_t at,
		      struct span insert, bool condense);
void yaml_input_release(struct yaml_input *input);
/* The next bytes, at most size; 0 at the end. False: out of memory, and no_memory is set. */
bool yaml_input_read(struct yaml_input *input, uint8_t *buffer, size_t size, size_t *ret_size);
/* The offset of character number index, insert counted in. */
uint32_t yaml_input_find(struct yaml_input *input, size_t index);

#endif
