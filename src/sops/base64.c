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

/* A one in every byte of eight. */
#define ONES UINT64_C(0x0101010101010101)

/* 48 bits as eight times six, a byte each, in order. */
static uint64_t spread(uint64_t bits)
{
	bits = (bits << 8 & UINT64_C(0x00ffffff00000000)) | (bits & UINT64_C(0x0000000000ffffff));
	bits = (bits << 4 & UINT64_C(0x0fff00000fff0000)) | (bits & UINT64_C(0x00000fff00000fff));
	return (bits << 2 & UINT64_C(0x3f003f003f003f00)) | (bits & UINT64_C(0x003f003f003f003f));
}

/* One in each byte whose value (all are below 128) is n or more. */
static uint64_t at_least(uint64_t sextets, unsigned n)
{
	return (sextets + (128 - n) * ONES) >> 7 & ONES;
}

/* Six bytes to eight characters, all at once: "A" and so many on, with a jump where the alphabet has one. */
static void encode_six(const uint8_t *src, char *dst)
{
	uint32_t high;
	uint16_t low;

	memcpy(&high, src, sizeof(high));
	memcpy(&low, src + sizeof(high), sizeof(low));

	const uint64_t six = spread((uint64_t)be32toh(high) << 16 | be16toh(low));
	const uint64_t text =
		htobe64(six + 'A' * ONES + 6 * at_least(six, 26) - 75 * at_least(six, 52) -
			15 * at_least(six, 62) + 3 * at_least(six, 63));

	memcpy(dst, &text, sizeof(text));
}

char *sops_base64_encode(struct span bytes, char *dst)
{
	const uint8_t *src = bytes.data;
	size_t left = bytes.len;

	for (; left >= 6; left -= 6, src += 6, dst += 8)
		encode_six(src, dst);
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
