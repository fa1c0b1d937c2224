/* SPDX-License-Identifier: MIT */
/*
 * What libyaml is shown of a document, and where it stands in the text.
 *
 * libyaml counts characters; everything else here counts bytes. Two things are
 * not shown as they stand: the inside of "ENC[…]", which means nothing to YAML
 * and would take libyaml most of its time ("ENC[]" is shown), and pieces that are
 * thought to be inserted.
 */
#ifndef DOC_YAML_INPUT_H
#define DOC_YAML_INPUT_H

#include "internal.h"

/* Texts in ASCII that are thought to stand in a document's text, in the order of their places. */
struct yaml_insert {
	size_t at;           /* its place in the document's text, */
	size_t shown;        /* and in what is shown */
	size_t offset, len;  /* in text */
};

struct yaml_inserts {
	struct yaml_insert *items;
	size_t len;
	struct secret text;
};

#define YAML_INSERTS_INIT ((struct yaml_inserts){ .text = SECRET_INIT })

void yaml_inserts_release(struct yaml_inserts *inserts);
/* One more behind the others, at offset at: what was appended to text since. There is room for it. */
void yaml_inserts_add(struct yaml_inserts *inserts, size_t at);
/* The last one that starts at offset shown of what is shown, or before it; NULL. */
const struct yaml_insert *yaml_inserts_find(const struct yaml_inserts *inserts, size_t shown);

/* Where in the document's text stands what is shown at offset shown; false: it is inserted there. */
static inline bool yaml_inserts_place(const struct yaml_inserts *inserts, size_t shown,
				      size_t *ret_at)
{
	const struct yaml_insert *insert =
		inserts->len > 0 ? yaml_inserts_find(inserts, shown) : NULL;

	*ret_at = insert ? shown - insert->shown - insert->len + insert->at : shown;
	return !insert || shown >= insert->shown + insert->len;
}

/* The byte that is inserted at offset shown. */
static inline uint8_t yaml_inserts_byte(const struct yaml_inserts *inserts, size_t shown)
{
	const struct yaml_insert *insert = yaml_inserts_find(inserts, shown);

	return inserts->text.data[insert->offset + shown - insert->shown];
}

struct yaml_cut {
	uint32_t shown;    /* so many bytes had been shown before it */
	uint32_t left_out; /* by this cut and all before it */
};

struct yaml_input {
	const struct doc *doc;
	size_t from; /* what has been read of the text */
	struct yaml_inserts inserts; /* borrowed */
	size_t next_insert; /* its number, */
	size_t inserted;    /* and how much of it has been read */

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

/* What inserts holds is borrowed; condense only where there are none. */
void yaml_input_begin(struct yaml_input *input, const struct doc *doc,
		      const struct yaml_inserts *inserts, bool condense);
void yaml_input_release(struct yaml_input *input);
/* The next bytes, at most size; 0 at the end. False: out of memory, and no_memory is set. */
bool yaml_input_read(struct yaml_input *input, uint8_t *buffer, size_t size, size_t *ret_size);
/* The offset of character number index, inserts counted in. */
uint32_t yaml_input_find(struct yaml_input *input, size_t index);

#endif
