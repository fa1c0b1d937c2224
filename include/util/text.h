/* SPDX-License-Identifier: MIT */
/*
 * Text from outside: is it UTF-8, and how is it shown without steering a terminal?
 */
#ifndef UTIL_TEXT_H
#define UTIL_TEXT_H

#include <stdbool.h>

#include "util/span.h"

/* Valid UTF-8 (no surrogates, no overlong forms, up to U+10FFFF). */
bool text_is_utf8(struct span text);
/* As text_is_utf8(); ret_offset is that of the first bad byte. */
bool text_find_invalid_utf8(struct span text, size_t *ret_offset);

/* Room for one shown name; longer ones are cut with "...". */
#define TEXT_PRINTABLE_MAX 240

#define TEXT_NOT_SHOWN "(a private key, not shown)"

/* A printable copy of a name, held by value so that it can stand in a call's arguments. */
struct text_shown {
	char text[TEXT_PRINTABLE_MAX];
};

/*
 * Does text hold a private key, or look like it: an age identity (a plugin's too), an SSH key or
 * another PEM one? Such a text, given where a name or a recipient is wanted, is never shown.
 */
bool text_holds_private_key(struct span text);

/*
 * Control characters (C0, C1, DEL), bidirectional and zero-width format
 * characters, double quotes, backslashes and bytes that are no UTF-8 as \xNN,
 * \n, \t, \" or \\; in the place of a private key stands TEXT_NOT_SHOWN. Use: text_printable(name).text in error_set()'s arguments.
 */
struct text_shown text_printable(struct span text);
struct text_shown text_printable_text(const char *text);

#endif
