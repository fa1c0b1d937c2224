/* SPDX-License-Identifier: MIT */
/*
 * JSON5 (spec.json5.org): JSON with comments, commas behind the last entry, keys without quotes, strings in single
 * quotes and over several lines, hexadecimal numbers, Infinity and NaN. Configurations of other programs are read
 * and changed as text: what is not changed stays byte for byte.
 *
 * It is read as the reference implementation does, but for what is refused here: a key twice in a map (there the
 * last one counts), half of a surrogate pair, bytes that are no UTF-8, and a key without quotes that is not ASCII.
 */
#ifndef DOC_JSON5_H
#define DOC_JSON5_H

#include "doc/doc.h"

#define JSON5_TEXT_MAX ((size_t)8 << 20)
#define JSON5_DEPTH_MAX 128
#define JSON5_NODES_MAX 65536u
#define JSON5_MEMBERS_MAX 2048u /* of one map */

/*
 * Parses *text, which is taken over on success, to nodes as those of JSON (doc_child(), doc_find(), doc_key(),
 * doc_value(), doc_line()); node 1 is the value at the top, of whatever kind. A number's value is its text.
 * ERROR_FORMAT with the line, ERROR_EMPTY, ERROR_LIMIT.
 */
MUST_USE int json5_parse(struct secret *text, struct doc *ret_doc, struct error *err);

/* A number as a program of JavaScript has it; false for any other value. */
bool json5_number(const struct doc *doc, uint32_t node, double *ret_number);

/*
 * The new text after one change; json is the new value, as JSON. json5_add() puts an entry behind the last one of map,
 * laid out as that is; json5_remove() takes out an entry of a map or list, with its comma and the line that it stood on
 * alone (a comment on that line goes with it). Further changes begin with parsing that.
 */
MUST_USE int json5_replace(const struct doc *doc, uint32_t node, struct span json,
			   struct secret *ret_text, struct error *err);
MUST_USE int json5_add(const struct doc *doc, uint32_t map, struct span key, struct span json,
		       struct secret *ret_text, struct error *err);
MUST_USE int json5_remove(const struct doc *doc, uint32_t node, struct secret *ret_text,
			  struct error *err);

#endif
