/* SPDX-License-Identifier: MIT */
#include "util/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* The length of the character at the front of text and its code point; 0 where it is no UTF-8. */
static size_t decode(struct span text, uint32_t *ret_code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t first = text.data[0];
	const size_t len = first < 0x80       ? 1
			   : first >> 5 == 6  ? 2
			   : first >> 4 == 14 ? 3
			   : first >> 3 == 30 ? 4
					      : 0;
	uint32_t code;

	if (len == 0 || len > text.len)
		return 0;
	code = len == 1 ? first : first & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if (text.data[i] >> 6 != 2)
			return 0;
		code = code << 6 | (text.data[i] & 63u);
	}
	if (code < least[len] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	*ret_code = code;
	return len;
}

bool text_find_invalid_utf8(struct span text, size_t *ret_offset)
{
	size_t i = 0;

	while (i < text.len) {
		uint64_t word;
		uint32_t code;
		size_t len;

		/* eight ASCII bytes at a time */
		if (i + 8 <= text.len) {
			memcpy(&word, text.data + i, 8);
			if ((word & 0x8080808080808080u) == 0) {
				i += 8;
				continue;
			}
		}
		len = decode(span_slice(text, i, 4), &code);
		if (len == 0) {
			*ret_offset = i;
			return true;
		}
		i += len;
	}
	return false;
}

bool text_is_utf8(struct span text)
{
	size_t offset;

	return !text_find_invalid_utf8(text, &offset);
}

/* Characters that move the cursor, turn the writing direction or cannot be seen. */
static bool is_unsafe(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0xad || code == 0x61c ||
	       (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
	       (code >= 0xfff9 && code <= 0xfffb) || (code & 0xfffe) == 0xfffe ||
	       (code >= 0xfdd0 && code <= 0xfdef) || (code >= 0xe0000 && code <= 0xe007f);
}

/* Appends one character, escaped where it must be; false where there is no room. */
static bool show(struct text_shown *shown, size_t *used, struct span character, uint32_t code)
{
	char piece[24];
	size_t len = 0;

	if (code == '\n' || code == '\t' || code == '"' || code == '\\') {
		piece[len++] = '\\';
		piece[len++] = code == '\n' ? 'n' : code == '\t' ? 't' : (char)code;
	} else if (is_unsafe(code)) {
		for (size_t i = 0; i < character.len; i++)
			len += (size_t)snprintf(piece + len, sizeof(piece) - len, "\\x%02x",
						character.data[i]);
	} else {
		memcpy(piece, character.data, character.len);
		len = character.len;
	}
	if (*used + len > sizeof(shown->text) - 4)
		return false;
	memcpy(shown->text + *used, piece, len);
	*used += len;
	return true;
}

/* What follows mark, in letters of any case, with mark itself; empty where it is not there. */
static struct span find(struct span text, const char *mark)
{
	const size_t len = strlen(mark);
	const int first = mark[0] | 0x20;

	/* most letters are none that it begins with, in one case or the other */
	for (; text.len >= len; text = span_slice(text, 1, text.len))
		if ((text.data[0] | 0x20) == first &&
		    strncasecmp((const char *)text.data, mark, len) == 0)
			return text;
	return SPAN_INIT;
}

bool text_holds_private_key(struct span text)
{
	/* the third is how the base64 of OpenSSH's format begins */
	static const char *const marks[] = { "AGE-SECRET-KEY-", "PRIVATE KEY-----",
					     "b3BlbnNzaC1rZXktdjE", "Private-Lines:" };

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		if (find(text, marks[i]).len > 0)
			return true;
	/* "age-plugin-x" alone is the name of a program */
	return find(find(text, "AGE-PLUGIN-"), "-1").len > 0;
}

struct text_shown text_printable(struct span text)
{
	struct text_shown shown = { "" };
	size_t used = 0;

	if (text_holds_private_key(text))
		return (struct text_shown){ TEXT_NOT_SHOWN };
	for (size_t i = 0; i < text.len;) {
		uint32_t code = 0;
		size_t len = decode(span_slice(text, i, 4), &code);

		if (len == 0)
			len = 1; /* code 0 is unsafe: the byte is escaped */
		if (!show(&shown, &used, span_slice(text, i, len), code)) {
			memcpy(shown.text + used, "...", 3);
			used += 3;
			break;
		}
		i += len;
	}
	shown.text[used] = '\0';
	return shown;
}

struct text_shown text_printable_text(const char *text)
{
	return text_printable(span_of_text(text));
}
