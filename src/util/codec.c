/* SPDX-License-Identifier: MIT */
#include "util/codec.h"

#include <endian.h>
#include <string.h>

size_t codec_base64_len(size_t len, enum codec_base64 variant)
{
	if (variant == CODEC_BASE64_PADDED)
		return (len + 2) / 3 * 4;
	return len / 3 * 4 + (len % 3 == 0 ? 0 : len % 3 + 1);
}

/*
 * Base64 is decoded in blocks of 16 characters, 12 bytes. Every step does the same for each of
 * them, without a branch or a table: that is constant time, and the compiler makes vector code of it.
 */
#define BLOCK_CHARACTERS 16
#define BLOCK_BYTES 12

/* 0xff where low <= c < low + count, else 0. */
static uint8_t in_range(uint8_t c, uint8_t low, uint8_t count)
{
	return (uint8_t) - (uint8_t)((uint8_t)(c - low) < count);
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

/*
 * The encoder works on the eight bytes of a word at once, in plain arithmetic: it is as fast with a
 * compiler that makes no vector code.
 */
#define WORD_CHARACTERS 8
#define WORD_BYTES 6
#define EACH(byte) (UINT64_C(0x0101010101010101) * (byte))

/* 6 bytes as 8 values of 6 bits, the first in the highest byte. */
static uint64_t values_of(const uint8_t *bytes)
{
	uint32_t high;
	uint16_t low;
	uint64_t word;

	memcpy(&high, bytes, sizeof(high));
	memcpy(&low, bytes + sizeof(high), sizeof(low));
	word = (uint64_t)be32toh(high) << 16 | be16toh(low);
	/* halves of 24 bits, quarters of 12, and those of 6 */
	word = (word & UINT64_C(0xffffff000000)) << 8 | (word & UINT64_C(0xffffff));
	word = (word & UINT64_C(0x00fff00000fff000)) << 4 | (word & UINT64_C(0x00000fff00000fff));
	return (word & UINT64_C(0x0fc00fc00fc00fc0)) << 2 | (word & UINT64_C(0x003f003f003f003f));
}

/* 1 in each byte of values (below 128) that is above limit. */
static uint64_t above(uint64_t values, uint64_t limit)
{
	return (values + EACH(127 - limit)) >> 7 & EACH(1);
}

static void encode_word(const uint8_t *bytes, char *dst)
{
	const uint64_t values = values_of(bytes);
	/* from 'A' on, and at each border the distance to the next range; no byte overflows */
	const uint64_t text =
		htobe64(values + EACH('A') + 6 * above(values, 25) - 75 * above(values, 51) -
			15 * above(values, 61) + 3 * above(values, 62));

	memcpy(dst, &text, sizeof(text));
}

void codec_base64_encode(struct span bytes, enum codec_base64 variant, char *dst)
{
	const size_t chars = codec_base64_len(bytes.len, CODEC_BASE64_UNPADDED);
	const size_t len = codec_base64_len(bytes.len, variant);
	const size_t words = bytes.len / WORD_BYTES;
	const struct span rest = span_slice(bytes, words * WORD_BYTES, bytes.len);
	uint8_t block[WORD_BYTES] = { 0 };
	char last[WORD_CHARACTERS];

	for (size_t i = 0; i < words; i++)
		encode_word(bytes.data + i * WORD_BYTES, dst + i * WORD_CHARACTERS);
	if (rest.len > 0) {
		memcpy(block, rest.data, rest.len);
		encode_word(block, last);
		memcpy(dst + words * WORD_CHARACTERS, last, chars - words * WORD_CHARACTERS);
		secret_wipe(block, sizeof(block));
		secret_wipe(last, sizeof(last));
	}
	memset(dst + chars, '=', len - chars);
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

/* Without a table: above 9 the letters' distance is added. */
static char hex_digit(unsigned value, char letter_a)
{
	const unsigned is_letter = (9 - value) >> 8 & 1;

	return (char)('0' + value + is_letter * (unsigned)(letter_a - '0' - 10));
}

static void hex_encode(struct span bytes, char letter_a, char *dst)
{
	for (size_t i = 0; i < bytes.len; i++) {
		*dst++ = hex_digit(bytes.data[i] >> 4, letter_a);
		*dst++ = hex_digit(bytes.data[i] & 15, letter_a);
	}
}

void codec_hex_lower(struct span bytes, char *dst)
{
	hex_encode(bytes, 'a', dst);
}

void codec_hex_upper(struct span bytes, char *dst)
{
	hex_encode(bytes, 'A', dst);
}
