/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "age/bech32.h"
#include "util/codec.h"
#include "vectors.h"

#define SECRET_HRP "AGE-SECRET-KEY-"
#define RECIPIENT "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj"
#define IDENTITY "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"

/* From age's own tests: the identity that is 32 bytes of 0x42. */
START_TEST(age_bech32__known_answer)
{
	uint8_t bytes[32], expected[32];
	char text[80];

	memset(expected, 0x42, sizeof(expected));
	ck_assert(age_bech32_decode(SPAN_LITERAL(IDENTITY), SECRET_HRP, bytes, sizeof(bytes)));
	ck_assert_mem_eq(bytes, expected, sizeof(bytes));
	ck_assert_uint_eq(age_bech32_len(SECRET_HRP, 32), sizeof(IDENTITY) - 1);
	age_bech32_encode(SECRET_HRP, span_of(bytes, sizeof(bytes)), text);
	ck_assert_mem_eq(text, IDENTITY, sizeof(IDENTITY) - 1);
	ck_assert(age_bech32_decode(SPAN_LITERAL(RECIPIENT), "age", bytes, sizeof(bytes)));
	age_bech32_encode("age", span_of(bytes, sizeof(bytes)), text);
	ck_assert_mem_eq(text, RECIPIENT, sizeof(RECIPIENT) - 1);
}
END_TEST

/* BIP 173's valid strings whose payload is whole bytes or nothing. */
START_TEST(age_bech32_decode__of_bip_173)
{
	uint8_t bytes[60];

	ck_assert(age_bech32_decode(SPAN_LITERAL("A12UEL5L"), "A", bytes, 0));
	ck_assert(age_bech32_decode(SPAN_LITERAL("a12uel5l"), "a", bytes, 0));
	ck_assert(!age_bech32_decode(SPAN_LITERAL("a12uel5m"), "a", bytes, 0));
	ck_assert(age_bech32_decode(SPAN_LITERAL("abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"),
				    "abcdef", bytes, 20));
	ck_assert_hex(bytes, "00443214c74254b635cf84653a56d7c675be77df");
}
END_TEST

START_TEST(age_bech32_decode__refuses_every_other_spelling)
{
	static const char valid[] = RECIPIENT;
	char text[sizeof(valid)];
	uint8_t bytes[32];

	for (size_t at = 0; at < sizeof(valid) - 1; at++) {
		for (int c = 0; c < 256; c++) {
			memcpy(text, valid, sizeof(valid));
			if (text[at] == (char)c)
				continue;
			text[at] = (char)c;
			ck_assert(!age_bech32_decode(span_of(text, sizeof(valid) - 1), "age", bytes,
						     sizeof(bytes)));
		}
	}
	for (size_t len = 0; len < sizeof(valid) - 1; len++)
		ck_assert(!age_bech32_decode(span_of(valid, len), "age", bytes, sizeof(bytes)));
	ck_assert(!age_bech32_decode(SPAN_LITERAL(RECIPIENT "q"), "age", bytes, sizeof(bytes)));
}
END_TEST

START_TEST(age_bech32_decode__refuses_bits_left_over)
{
	/* 8 bits in two groups of 5 leave two: 31, 28 is 0xff; 31, 29 is not canonical */
	uint8_t one[1], byte = 0xff;
	char text[16];

	age_bech32_encode("x", span_of(&byte, 1), text);
	ck_assert(age_bech32_decode(span_of(text, age_bech32_len("x", 1)), "x", one, 1));
	ck_assert_uint_eq(one[0], 0xff);
	ck_assert(!age_bech32_decode(SPAN_LITERAL("x1lar4jxwx"), "x", one, 1));
}
END_TEST

START_TEST(age_bech32__round_trip_of_all_lengths)
{
	uint8_t bytes[70] = { 0 }, again[70];
	char text[160];

	for (size_t len = 0; len <= sizeof(bytes); len++) {
		for (size_t i = 0; i < len; i++)
			bytes[i] = (uint8_t)(i * 37 + len * 101);
		age_bech32_encode("age", span_of(bytes, len), text);
		ck_assert(age_bech32_decode(span_of(text, age_bech32_len("age", len)), "age", again,
					    len));
		ck_assert_mem_eq(bytes, again, len);
	}
}
END_TEST

/*
 * Under valgrind a branch or a table look-up that depends on the payload is reported: it
 * is memory that nobody initialised. Without valgrind this shows nothing.
 */
START_TEST(secret_codecs__take_constant_time)
{
	size_t len = age_bech32_len(SECRET_HRP, 32);
	uint8_t *payload = malloc(64);
	char *text = malloc(len), base64[44];
	size_t decoded = 0;
	volatile bool ignored;

	ck_assert(payload != NULL && text != NULL);
	memcpy(payload + 32, payload, 32);
	age_bech32_encode(SECRET_HRP, span_of(payload, 32), text);
	ignored = age_bech32_decode(span_of(text, len), SECRET_HRP, payload + 32, 32);
	codec_base64_encode(span_of(payload, 32), CODEC_BASE64_UNPADDED, base64);
	ignored = codec_base64_decode(span_of(base64, 43), CODEC_BASE64_UNPADDED, payload + 32, 32,
				      &decoded);
	(void)ignored;
	ck_assert_uint_eq(decoded, 32);
	free(payload);
	free(text);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("age bech32");
	TCase *tc = tcase_create("bech32");

	tcase_add_test(tc, age_bech32__known_answer);
	tcase_add_test(tc, age_bech32_decode__of_bip_173);
	tcase_add_test(tc, age_bech32_decode__refuses_every_other_spelling);
	tcase_add_test(tc, age_bech32_decode__refuses_bits_left_over);
	tcase_add_test(tc, age_bech32__round_trip_of_all_lengths);
	tcase_add_test(tc, secret_codecs__take_constant_time);
	suite_add_tcase(s, tc);
	return s;
}
