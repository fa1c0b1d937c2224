/* SPDX-License-Identifier: MIT */
#include "sops/base64.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#define NONE 0xffu

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* A character's value, by the character; NONE for all others. */
#define N NONE
static const uint8_t values[256] = {
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  62,
	N,  N,  N,  63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, N,  N,  N,  N,  N,  N,  N,  0,
	1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
	23, 24, 25, N,  N,  N,  N,  N,  N,  26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38,
	39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, N,  N,  N,  N,  N,  N,  N,  N,  N,
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,
	N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,  N,
};
#undef N

/* Two characters for each twelve bits. What is encoded is sealed, and no secret: a table may be used. */
#define PAIRS_4(a, b)                                                                              \
	{ a, b }, { a, (b) + 1 }, { a, (b) + 2 },                                                  \
	{                                                                                          \
		a, (b) + 3                                                                         \
	}
#define PAIRS_12(a, b) PAIRS_4(a, b), PAIRS_4(a, (b) + 4), PAIRS_4(a, (b) + 8)
#define PAIRS_24(a, b) PAIRS_12(a, b), PAIRS_12(a, (b) + 12)
#define PAIRS_OF(a)                                                                                \
	PAIRS_24(a, 'A'), { a, 'Y' }, { a, 'Z' }, PAIRS_24(a, 'a'), { a, 'y' }, { a, 'z' },        \
		PAIRS_4(a, '0'), PAIRS_4(a, '4'), { a, '8' }, { a, '9' }, { a, '+' },              \
	{                                                                                          \
		a, '/'                                                                             \
	}
#define ROWS_4(a) PAIRS_OF(a), PAIRS_OF((a) + 1), PAIRS_OF((a) + 2), PAIRS_OF((a) + 3)
#define ROWS_12(a) ROWS_4(a), ROWS_4((a) + 4), ROWS_4((a) + 8)
#define ROWS_24(a) ROWS_12(a), ROWS_12((a) + 12)

static const char pairs[4096][2] = {
	ROWS_24('A'), PAIRS_OF('Y'), PAIRS_OF('Z'), ROWS_24('a'),  PAIRS_OF('y'), PAIRS_OF('z'),
	ROWS_4('0'),  ROWS_4('4'),   PAIRS_OF('8'), PAIRS_OF('9'), PAIRS_OF('+'), PAIRS_OF('/'),
};

/* Six bytes, in the upper part of a word, to eight characters. */
static void encode_six(uint64_t word, char *dst)
{
	memcpy(dst, pairs[word >> 52], 2);
	memcpy(dst + 2, pairs[word >> 40 & 4095], 2);
	memcpy(dst + 4, pairs[word >> 28 & 4095], 2);
	memcpy(dst + 6, pairs[word >> 16 & 4095], 2);
}

char *sops_base64_encode(struct span bytes, char *dst)
{
	const uint8_t *src = bytes.data;
	size_t left = bytes.len;

	for (; left >= 8; left -= 6, src += 6, dst += 8) {
		uint64_t word;

		memcpy(&word, src, sizeof(word)); /* two bytes more than are taken */
		encode_six(be64toh(word), dst);
	}
	for (; left >= 3; left -= 3, src += 3) {
		const unsigned word = (unsigned)src[0] << 16 | (unsigned)src[1] << 8 | src[2];

		*dst++ = alphabet[word >> 18];
		*dst++ = alphabet[word >> 12 & 63];
		*dst++ = alphabet[word >> 6 & 63];
		*dst++ = alphabet[word & 63];
	}
	if (left > 0) {
		const unsigned word =
			(unsigned)src[0] << 16 | (left == 2 ? (unsigned)src[1] << 8 : 0);

		*dst++ = alphabet[word >> 18];
		*dst++ = alphabet[word >> 12 & 63];
		*dst++ = left == 2 ? alphabet[word >> 6 & 63] : '=';
		*dst++ = '=';
	}
	return dst;
}

/* Whole groups of four from the front; stops at the first that holds anything else. */
static size_t decode_groups(struct span *text, uint8_t *dst)
{
	const uint8_t *src = text->data;
	size_t left = text->len, out = 0;

	for (; left >= 4; left -= 4, src += 4, out += 3) {
		const unsigned a = values[src[0]], b = values[src[1]], c = values[src[2]],
			       d = values[src[3]];

		if ((a | b | c | d) & 0x80)
			break;
		const unsigned word = a << 18 | b << 12 | c << 6 | d;

		dst[out] = (uint8_t)(word >> 16);
		dst[out + 1] = (uint8_t)(word >> 8 & 0xff);
		dst[out + 2] = (uint8_t)(word & 0xff);
	}
	*text = span_of(src, left);
	return out;
}

static bool is_break(uint8_t c)
{
	return c == '\r' || c == '\n';
}

/* Four characters, line breaks skipped; false where text ends within them. */
static bool take_group(struct span *text, uint8_t ret_group[4])
{
	size_t have = 0, i = 0;

	for (; i < text->len && have < 4; i++)
		if (!is_break(text->data[i]))
			ret_group[have++] = text->data[i];
	*text = span_slice(*text, i, text->len);
	return have == 4;
}

static bool only_breaks(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (!is_break(text.data[i]))
			return false;
	return true;
}

bool sops_base64_decode(struct span text, uint8_t *dst, size_t *ret_len)
{
	size_t len = decode_groups(&text, dst);

	while (!only_breaks(text)) {
		uint8_t group[4];

		if (!take_group(&text, group))
			return false;
		const unsigned padding = group[3] != '=' ? 0 : group[2] != '=' ? 1 : 2;
		const unsigned a = values[group[0]], b = values[group[1]];
		const unsigned c = padding < 2 ? values[group[2]] : 0;
		const unsigned d = padding < 1 ? values[group[3]] : 0;

		if ((a | b | c | d) & 0x80)
			return false;
		const unsigned word = a << 18 | b << 12 | c << 6 | d;

		dst[len++] = (uint8_t)(word >> 16);
		if (padding < 2)
			dst[len++] = (uint8_t)(word >> 8 & 0xff);
		if (padding < 1)
			dst[len++] = (uint8_t)(word & 0xff);
		if (padding > 0 && !only_breaks(text))
			return false;
		if (padding > 0)
			break;
		len += decode_groups(&text, dst + len);
	}
	*ret_len = len;
	return true;
}
