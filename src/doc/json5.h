/* SPDX-License-Identifier: MIT */
/* What the files of JSON5 share. */
#ifndef DOC_JSON5_INTERNAL_H
#define DOC_JSON5_INTERNAL_H

#include "doc/json5.h"

/* json5_text.c: the length of the blank character at offset at; 0: there is none. */
size_t json5_blank_at(struct span text, size_t at);
/* The length of the line break (LF, CR, CR LF, U+2028, U+2029) at offset at; 0: there is none. */
size_t json5_break_at(struct span text, size_t at);
/* The offset behind the comment at offset at; at itself where none is. SIZE_MAX: it has no end. */
size_t json5_skip_comment(struct span text, size_t at);
/* Behind blanks and comments. SIZE_MAX: a comment has no end. */
size_t json5_skip(struct span text, size_t at);
/* Can key stand without quotes? ASCII alone. */
bool json5_is_identifier(struct span key);
/*
 * The inside of a string, or a key without quotes (is_key), to out. The reason in *ret_why where it is none.
 */
MUST_USE int json5_read_text(struct span text, bool is_key, struct secret *out,
			     const char **ret_why, struct error *err);
/* Is text a number by JSON5's grammar? */
bool json5_is_number(struct span text);

#endif
