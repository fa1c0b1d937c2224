/* SPDX-License-Identifier: MIT */
#include "util/codec.h"

#include <string.h>

static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";

size_t codec_base64_len(size_t len, enum codec_base64 variant)
{
	if (variant == CODEC_BASE64_PADDED)
		return (len + 2) / 3 * 4;
	return len / 3 * 4 + (len % 3 == 0 ? 0 : len % 3 + 1);
}

/*
 * Base64 in blocks of 16 characters, 12 bytes. Every step does the same for each of them, without
 * a branch or a table: that is constant time, and the compiler makes vector code of it.
 */
#define BLOCK_CHARACTERS 16
#define BLOCK_BYTES 12

/* 0xff where low <= c < low + count, else 0. */
static uint8_t in_range(uint8_t c, uint8_t low, uint8_t count)
{
	return (uint8_t) - (uint8_t)((uint8_t)(c - low) < count);
}

/* 0xff where c > limit, else 0. */
static uint8_t is_above(uint8_t c, uint8_t limit)
{
	return (uint8_t) - (uint8_t)(c > limit);
}

static void values_to_characters(const uint8_t *restrict values, char *restrict dst)
{
	for (int i = 0; i < BLOCK_CHARACTERS; i++) {
		/* from 'A' on, and at each border the distance to the next range */
		uint8_t c = (uint8_t)(values[i] + 'A');

		c = (uint8_t)(c + (is_above(values[i], 25) & 6));
		c = (uint8_t)(c - (is_above(values[i], 51) & 75));
		c = (uint8_t)(c - (is_above(values[i], 61) & 15));
		c = (uint8_t)(c + (is_above(values[i], 62) & 3));
		dst[i] = (char)c;
	}
}

/* Bit 7 of a value is set where the character is none of base64. */
static void characters_to_values(const uint8_t *restrict text, uint8_t *restrict values)
{
	for (int i = 0; i < BLOCK_CHARACTERS; i++) {
		const uint8_t c = text[i];
		const uint8_t upper = in_range(c, 'A', 26), lower = in_range(c, 'a', 26);
		const uint8_t digit = in_range(c, '0', 10), plus = in_range(c, '+', 1);
		const uint8_t slash = in_range(c, '/', 1);
		const uint8_t known = upper | lower | digit | plus | slash;

		values[i] =
			(uint8_t)((upper & (uint8_t)(c - 'A')) | (lower & (uint8_t)(c - 'a' + 26)) |
				  (digit & (uint8_t)(c - '0' + 52)) | (plus & 62) | (slash & 63) |
				  (~known & 0x80));
	}
}

static void bytes_to_values(const uint8_t *restrict bytes, uint8_t *restrict values)
{
	for (int i = 0; i < BLOCK_CHARACTERS / 4; i++, bytes += 3, values += 4) {
		const unsigned word =
			(unsigned)bytes[0] << 16 | (unsigned)bytes[1] << 8 | (unsigned)bytes[2];

		values[0] = (uint8_t)(word >> 18);
		values[1] = (uint8_t)(word >> 12 & 63);
		values[2] = (uint8_t)(word >> 6 & 63);
		values[3] = (uint8_t)(word & 63);
	}
}

static void values_to_bytes(const uint8_t *restrict values, uint8_t *restrict bytes)
{
	for (int i = 0; i < BLOCK_CHARACTERS / 4; i++, bytes += 3, values += 4) {
		const unsigned word = (unsigned)values[0] << 18 | (unsigned)values[1] << 12 |
				      (unsigned)values[2] << 6 | (unsigned)values[3];

		bytes[0] = (uint8_t)(word >> 16 & 255);
		bytes[1] = (uint8_t)(word >> 8 & 255);
		bytes[2] = (uint8_t)(word & 255);
	}
}

void codec_base64_encode(struct span bytes, enum codec_base64 variant, char *dst)
{
	const size_t chars = codec_base64_len(bytes.len, CODEC_BASE64_UNPADDED);
	const size_t len = codec_base64_len(bytes.len, variant);
	uint8_t values[BLOCK_CHARACTERS], block[BLOCK_BYTES] = { 0 };
	char last[BLOCK_CHARACTERS];
	size_t out = 0;

	for (; bytes.len >= BLOCK_BYTES; out += BLOCK_CHARACTERS) {
		bytes_to_values(bytes.data, values);
		values_to_characters(values, dst + out);
		bytes = span_slice(bytes, BLOCK_BYTES, bytes.len);
	}
	if (bytes.len > 0) {
		memcpy(block, bytes.data, bytes.len);
		bytes_to_values(block, values);
		values_to_characters(values, last);
		memcpy(dst + out, last, chars - out);
		secret_wipe(block, sizeof(block));
		secret_wipe(last, sizeof(last));
	}
	memset(dst + chars, '=', len - chars);
	secret_wipe(values, sizeof(values));
}

/* The first characters of the text are base64, the rest is padding; false where it cannot be. */
static bool count_characters(struct span text, enum codec_base64 variant, size_t *ret_chars)
{
	size_t chars = text.len;

	if (variant == CODEC_BASE64_PADDED) {
		if (text.len % 4 != 0)
			return false;
		for (int pad = 0; pad < 2 && chars > 0 && text.data[chars - 1] == '='; pad++)
			chars--;
	}
	*ret_chars = chars;
	return chars % 4 != 1;
}

bool codec_base64_decode(struct span text, enum codec_base64 variant, uint8_t *dst, size_t cap,
			 size_t *ret_len)
{
	uint8_t values[BLOCK_CHARACTERS], last[BLOCK_CHARACTERS], bytes[BLOCK_BYTES], bad = 0;
	size_t chars, len, in = 0, out = 0;

	if (!count_characters(text, variant, &chars))
		return false;
	len = chars / 4 * 3 + (chars % 4 > 0 ? chars % 4 - 1 : 0);
	if (len > cap)
		return false;
	for (; chars - in >= BLOCK_CHARACTERS; in += BLOCK_CHARACTERS, out += BLOCK_BYTES) {
		characters_to_values(text.data + in, values);
		for (int i = 0; i < BLOCK_CHARACTERS; i++)
			bad |= values[i];
		values_to_bytes(values, dst + out);
	}
	if (in < chars) {
		memset(last, 'A', sizeof(last));
		memcpy(last, text.data + in, chars - in);
		characters_to_values(last, values);
		values_to_bytes(values, bytes);
		for (int i = 0; i < BLOCK_CHARACTERS; i++)
			bad |= values[i];
		/* canonical: the bits that carry nothing are zero */
		for (size_t i = len - out; i < BLOCK_BYTES; i++)
			bad |= (uint8_t) - (uint8_t)(bytes[i] != 0);
		memcpy(dst + out, bytes, len - out);
		secret_wipe(last, sizeof(last));
		secret_wipe(bytes, sizeof(bytes));
	}
	secret_wipe(values, sizeof(values));
	*ret_len = len;
	return (bad & 0x80) == 0;
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
