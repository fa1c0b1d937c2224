/* SPDX-License-Identifier: MIT */
#include "util/codec.h"

#include <assert.h>

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";

size_t codec_base64_len(size_t len, enum codec_base64 variant)
{
	if (variant == CODEC_BASE64_PADDED)
		return (len + 2) / 3 * 4;
	return len / 3 * 4 + (len % 3 == 0 ? 0 : len % 3 + 1);
}

static char base64_character(unsigned value)
{
	/* Branch-free: each range adds its offset under a mask made of the sign bit. */
	unsigned c = value + 'A';

	c += ((25u - value) >> 8 & 0xffu) & 6u;
	c -= ((51u - value) >> 8 & 0xffu) & 75u;
	c -= ((61u - value) >> 8 & 0xffu) & 15u;
	c += ((62u - value) >> 8 & 0xffu) & 3u;
	return (char)(c & 0xffu);
}

void codec_base64_encode(struct span bytes, enum codec_base64 variant, char *dst)
{
	size_t i = 0;

	for (; i + 3 <= bytes.len; i += 3) {
		const unsigned word = (unsigned)bytes.data[i] << 16 |
				      (unsigned)bytes.data[i + 1] << 8 | bytes.data[i + 2];

		*dst++ = base64_character(word >> 18);
		*dst++ = base64_character(word >> 12 & 63);
		*dst++ = base64_character(word >> 6 & 63);
		*dst++ = base64_character(word & 63);
	}
	if (i < bytes.len) {
		const bool two = i + 2 == bytes.len;
		const unsigned word = (unsigned)bytes.data[i] << 16 |
				      (two ? (unsigned)bytes.data[i + 1] << 8 : 0);

		*dst++ = base64_character(word >> 18);
		*dst++ = base64_character(word >> 12 & 63);
		if (two)
			*dst++ = base64_character(word >> 6 & 63);
		else if (variant == CODEC_BASE64_PADDED)
			*dst++ = '=';
		if (variant == CODEC_BASE64_PADDED)
			*dst = '=';
	}
}

/* 0xff.. in the low byte where low <= c <= high, else 0; c is a byte. */
static unsigned in_range(unsigned c, unsigned low, unsigned high)
{
	return (((low - 1) - c) & (c - (high + 1))) >> 8 & 0xffu;
}

/* The value of a base64 character; bit 8 set where it is none. Branch-free. */
static unsigned base64_value(unsigned c)
{
	unsigned value = 0, known = 0;
	const unsigned upper = in_range(c, 'A', 'Z'), lower = in_range(c, 'a', 'z');
	const unsigned digit = in_range(c, '0', '9'), plus = in_range(c, '+', '+');
	const unsigned slash = in_range(c, '/', '/');

	value |= upper & (c - 'A');
	value |= lower & (c - 'a' + 26);
	value |= digit & (c - '0' + 52);
	value |= plus & 62u;
	value |= slash & 63u;
	known = upper | lower | digit | plus | slash;
	return value | (~known & 1u) << 8;
}

bool codec_base64_decode(struct span text, enum codec_base64 variant, uint8_t *dst, size_t cap,
			 size_t *ret_len)
{
	size_t chars = text.len, len, i = 0, out = 0;
	unsigned bad = 0, rest;

	if (variant == CODEC_BASE64_PADDED) {
		if (text.len % 4 != 0)
			return false;
		for (int pad = 0; pad < 2 && chars > 0 && text.data[chars - 1] == '='; pad++)
			chars--;
	}
	rest = (unsigned)(chars % 4);
	if (rest == 1)
		return false;
	len = chars / 4 * 3 + (rest > 0 ? rest - 1 : 0);
	if (len > cap)
		return false;
	for (; i + 4 <= chars; i += 4) {
		const unsigned a = base64_value(text.data[i]), b = base64_value(text.data[i + 1]);
		const unsigned c = base64_value(text.data[i + 2]), d = base64_value(text.data[i + 3]);
		const unsigned word = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6 | (d & 63);

		bad |= (a | b | c | d) & 0x100u;
		dst[out++] = (uint8_t)(word >> 16);
		dst[out++] = (uint8_t)(word >> 8 & 255);
		dst[out++] = (uint8_t)(word & 255);
	}
	if (rest > 0) {
		const unsigned a = base64_value(text.data[i]), b = base64_value(text.data[i + 1]);
		const unsigned c = rest == 3 ? base64_value(text.data[i + 2]) : 0;
		const unsigned word = (a & 63) << 18 | (b & 63) << 12 | (c & 63) << 6;

		bad |= (a | b | c) & 0x100u;
		/* canonical: the bits that carry nothing are zero */
		bad |= word & (rest == 3 ? 0xffu : 0xffffu);
		dst[out++] = (uint8_t)(word >> 16);
		if (rest == 3)
			dst[out++] = (uint8_t)(word >> 8 & 255);
	}
	assert(out == len);
	*ret_len = len;
	return bad == 0;
}

static void hex_encode(struct span bytes, const char *digits, char *dst)
{
	for (size_t i = 0; i < bytes.len; i++) {
		*dst++ = digits[bytes.data[i] >> 4];
		*dst++ = digits[bytes.data[i] & 15];
	}
}

void codec_hex_lower(struct span bytes, char *dst)
{
	hex_encode(bytes, hex_lower, dst);
}

void codec_hex_upper(struct span bytes, char *dst)
{
	hex_encode(bytes, hex_upper, dst);
}
