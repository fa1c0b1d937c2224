/* SPDX-License-Identifier: MIT */
/*
 * Sealing and opening a leaf in its place. The quotes of a sealed text tell how
 * the plaintext was spelled:
 *
 *	            in block style     in flow style
 *	plain       ENC[…]             'ENC[…]'
 *	single      'ENC[…]'           "\x45NC[…]"
 *	double      "ENC[…]"           "ENC[…]"
 *	plain, but sops would quote:
 *	            "\x45NC[…]"        (as plain)
 *
 * sops writes every sealed text plain, in block style: that one opens as sops
 * itself would write the value. A block scalar keeps its header and the blank
 * lines behind it; only its lines in between are replaced.
 */
#ifndef DOC_YAML_SPELL_H
#define DOC_YAML_SPELL_H

#include "internal.h"

/* How a sealed text is spelled: ENC, 'ENC', "ENC" or "\x45NC". */
enum yaml_spelling { YAML_BARE, YAML_IN_SINGLE, YAML_IN_DOUBLE, YAML_ESCAPED };

/* The spelling that node's place and text ask for; what is sealed already keeps its own. */
enum yaml_spelling yaml_spelling_for(const struct doc *doc, uint32_t node);
MUST_USE int yaml_write_sealed(struct secret *out, enum yaml_spelling spelling, struct span sealed,
			       struct error *err);
/* The style of an opened string: the table at the top. */
enum yaml_style yaml_opened_style(const struct doc *doc, const struct doc_node *n,
				  enum yaml_spelling spelling, struct span plain);
/* A string in a style; a literal block is indented for n's place. */
MUST_USE int yaml_write_string(struct secret *out, const struct doc *doc, const struct doc_node *n,
			       enum yaml_style style, struct span plain, struct error *err);
/* An opened value of any type. */
MUST_USE int yaml_write_opened(struct secret *out, const struct doc *doc, const struct doc_node *n,
			       enum yaml_spelling spelling, enum doc_type type, struct span plain,
			       struct error *err);

bool yaml_is_block_scalar(const struct doc_node *n);
struct span yaml_node_text(const struct doc *doc, const struct doc_node *n);
/* The offset of the line break from at on, or text's end; the number of blanks at at. */
size_t yaml_line_end(struct span text, size_t at);
size_t yaml_count_blanks(struct span text, size_t at);
struct span yaml_without_last_breaks(struct span plain);
/* What a block scalar can hold; one without a digit must not start with a blank. */
bool yaml_can_be_block(struct span plain, bool has_digit);
/* Does the metadata start at offset, in a text without a last line break? Then there was none here. */
bool yaml_loses_last_break(const struct doc *doc, size_t offset);

/* yaml_block.c: the lines of a block scalar give way to a sealed text; its header stays. */
MUST_USE int yaml_seal_block(struct doc_edit *edit, const struct doc_node *n, struct span sealed,
			     struct error *err);
/*
 * The lines come back; header and end change where the value would not fit them. opens_all: the
 * metadata will go, and a last line break with them.
 */
MUST_USE int yaml_open_block(struct doc_edit *edit, const struct doc_node *n, enum doc_type type,
			     struct span plain, bool opens_all, struct error *err);
/* What ends the text without a line break keeps its value, with "-", when one follows. */
MUST_USE int yaml_end_block(struct doc_edit *edit, const struct doc_node *n, bool *ret_changed,
			    struct error *err);
/* Would opening give back the lines that are there now? out is scratch, and empty. */
MUST_USE int yaml_block_inverse(struct secret *out, const struct doc *doc, const struct doc_node *n,
				struct span plain, bool *ret_exact, struct error *err);

#endif
