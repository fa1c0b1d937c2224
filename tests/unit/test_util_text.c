/* SPDX-License-Identifier: MIT */
/* util: codec, text, and the splitting of command lines. */
#include <check.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "sweep.h"
#include "util/child.h"
#include "util/codec.h"
#include "util/text.h"

/* Every length and both variants against libsodium's codec. */
START_TEST(base64__agrees_with_libsodium)
{
	static const int variants[] = { sodium_base64_VARIANT_ORIGINAL,
					sodium_base64_VARIANT_ORIGINAL_NO_PADDING };

	for (size_t len = 0; len < 100; len++) {
		for (int v = 0; v < 2; v++) {
			uint8_t bytes[100], back[110];
			char text[200], expected[200];
			const size_t text_len = codec_base64_len(len, (enum codec_base64)v);
			size_t back_len;

			randombytes_buf(bytes, len);
			codec_base64_encode(span_of(bytes, len), (enum codec_base64)v, text);
			sodium_bin2base64(expected, sizeof(expected), bytes, len, variants[v]);
			ck_assert_uint_eq(text_len, strlen(expected));
			ck_assert_int_eq(memcmp(text, expected, text_len), 0);
			ck_assert(codec_base64_decode(span_of(text, text_len),
						      (enum codec_base64)v, back, sizeof(back),
						      &back_len));
			ck_assert_uint_eq(back_len, len);
			ck_assert_int_eq(memcmp(back, bytes, len), 0);
			ck_assert(len == 0 ||
				  !codec_base64_decode(span_of(text, text_len),
						       (enum codec_base64)v, back, len - 1,
						       &back_len));
		}
	}
}
END_TEST

START_TEST(base64__has_one_spelling)
{
	static const char *const padded[] = { "=", "A", "AA", "AAA", "A===", "AB==", "AAB=", "AA==\n",
					      " AA==", "AA=A", "A-A=", "A_A=", "AAAA=", "AAAA====" };
	static const char *const unpadded[] = { "A", "AA==", "AB", "AAB", "AAAAA", "AA\n" };
	uint8_t bytes[16];
	size_t len;

	for (size_t i = 0; i < sizeof(padded) / sizeof(padded[0]); i++)
		ck_assert_msg(!codec_base64_decode(span_of_text(padded[i]), CODEC_BASE64_PADDED, bytes,
						   sizeof(bytes), &len), "%s", padded[i]);
	for (size_t i = 0; i < sizeof(unpadded) / sizeof(unpadded[0]); i++)
		ck_assert_msg(!codec_base64_decode(span_of_text(unpadded[i]), CODEC_BASE64_UNPADDED,
						   bytes, sizeof(bytes), &len), "%s", unpadded[i]);
	/* each byte that is no base64 character */
	for (int c = 0; c < 256; c++) {
		const char text[4] = { 'A', (char)c, 'A', 'A' };
		const bool good = c != 0 && strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuv"
						   "wxyz0123456789+/", c) != NULL;

		ck_assert_int_eq(codec_base64_decode(span_of(text, 4), CODEC_BASE64_PADDED, bytes,
						     sizeof(bytes), &len), good);
	}
}
END_TEST

START_TEST(hex__is_what_it_says)
{
	char text[8];

	codec_hex_lower(SPAN_LITERAL("\x00\xff\x1a"), text);
	ck_assert_int_eq(memcmp(text, "00ff1a", 6), 0);
	codec_hex_upper(SPAN_LITERAL("\x00\xff\x1a"), text);
	ck_assert_int_eq(memcmp(text, "00FF1A", 6), 0);
}
END_TEST

START_TEST(text_is_utf8__knows_the_edges)
{
	static const char *const good[] = { "", "abc", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
					    "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80",
					    "\xf4\x8f\xbf\xbf", "12345678\xc3\xa4" };
	static const char *const bad[] = { "\x80", "\xc0\x80", "\xc1\xbf", "\xc2", "\xe0\x9f\xbf",
					   "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
					   "\xf5\x80\x80\x80", "\xff", "a\xe2\x82", "1234567\xffz" };
	size_t offset;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert(text_is_utf8(span_of_text(good[i])));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		ck_assert_msg(!text_is_utf8(span_of_text(bad[i])), "%zu", i);
	ck_assert(text_find_invalid_utf8(SPAN_LITERAL("1234567\xffz"), &offset));
	ck_assert_uint_eq(offset, 7);
}
END_TEST

START_TEST(text_printable__lets_nothing_steer_a_terminal)
{
	ck_assert_str_eq(text_printable(SPAN_LITERAL("a\x1b[31mb")).text, "a\\x1b[31mb");
	ck_assert_str_eq(text_printable(SPAN_LITERAL("q\"\\\n\t\0z")).text, "q\\\"\\\\\\n\\t\\x00z");
	ck_assert_str_eq(text_printable(SPAN_LITERAL("\xc2\x9b\xff")).text, "\\xc2\\x9b\\xff");
	ck_assert_str_eq(text_printable(SPAN_LITERAL("\xe2\x80\xae")).text, "\\xe2\\x80\\xae");
	ck_assert_str_eq(text_printable(SPAN_LITERAL("gr\xc3\xbc\xc3\x9f")).text, "gr\xc3\xbc\xc3\x9f");
}
END_TEST

START_TEST(text_printable__shows_no_private_key)
{
	static const char *const keys[] = {
		"AGE-SECRET-KEY-1GFPYYSJ", "a,age-secret-key-1gfpyysj",	 "AGE-SECRET-KEY-PQ-1QQQ",
		"age-plugin-se-1qqqq",	   "-----BEGIN RSA PRIVATE KEY-----", "\x1b AGE-SECRET-KEY-",
		"b3BlbnNzaC1rZXktdjEAAAA",
	};
	static const char *const names[] = { "age-plugin-se", "AGE-SECRET-KEY", "PRIVATE KEY" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		ck_assert_str_eq(text_printable_text(keys[i]).text, TEXT_NOT_SHOWN);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_str_eq(text_printable_text(names[i]).text, names[i]);
}
END_TEST

START_TEST(text_printable__cuts_long_names)
{
	char name[1000];
	struct text_shown shown;

	memset(name, 0x1b, sizeof(name));
	shown = text_printable(span_of(name, sizeof(name)));
	ck_assert_uint_lt(strlen(shown.text), TEXT_PRINTABLE_MAX);
	ck_assert_str_eq(shown.text + strlen(shown.text) - 3, "...");
}
END_TEST

static int split(const char *line, size_t expected, const char *const *words)
{
	struct error err = ERROR_INIT;
	char **got;
	size_t len;

	if (child_split(line, &got, &len, &err) < 0) {
		ck_assert_int_ne(err.kind, ERROR_NONE);
		return -1;
	}
	ck_assert_uint_eq(len, expected);
	for (size_t i = 0; i < len; i++)
		ck_assert_str_eq(got[i], words[i]);
	ck_assert_ptr_null(got[len]);
	free(got);
	return 0;
}

START_TEST(child_split__splits_as_a_shell_does)
{
	ck_assert_int_eq(split(" vim  -f ", 2, (const char *const[]){ "vim", "-f" }), 0);
	ck_assert_int_eq(split("a 'b c' \"d \\\"e\\x\"f g\\ h ''", 5,
			       (const char *const[]){ "a", "b c", "d \"e\\xf", "g h", "" }), 0);
	ck_assert_int_eq(split("a 'b", 0, NULL), -1);
	ck_assert_int_eq(split("  ", 0, NULL), -1);
	ck_assert_int_eq(split("a b c d e f g h", 8,
			       (const char *const[]){ "a", "b", "c", "d", "e", "f", "g", "h" }), 0);
	SWEEP(split("x y", 2, (const char *const[]){ "x", "y" }));
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("util_text");
	TCase *t = tcase_create("all");

	tcase_add_test(t, base64__agrees_with_libsodium);
	tcase_add_test(t, base64__has_one_spelling);
	tcase_add_test(t, hex__is_what_it_says);
	tcase_add_test(t, text_is_utf8__knows_the_edges);
	tcase_add_test(t, text_printable__lets_nothing_steer_a_terminal);
	tcase_add_test(t, text_printable__shows_no_private_key);
	tcase_add_test(t, text_printable__cuts_long_names);
	tcase_add_test(t, child_split__splits_as_a_shell_does);
	suite_add_tcase(s, t);
	return s;
}
