/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sops/base64.h"
#include "sops/value.h"
#include "sweep.h"
#include "util/codec.h"
#include "vectors.h"

/* From sops' own unit test. */
#define KNOWN                                                                                      \
	"ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,"                \
	"tag:t5z2Z023Up0kxwCgw1gNxg==,type:str]"

static struct key32 known_key(void)
{
	struct key32 key;

	memset(key.data, 'f', sizeof(key.data));
	return key;
}

static int open_text(struct span text, const char *aad, struct secret *ret_plain, struct error *err)
{
	AUTO(sops_cipher) cipher = SOPS_CIPHER_INIT;
	AUTO(key32) key = known_key();
	struct sops_value value;

	if (!sops_value_parse(text, &value))
		return error_set(err, ERROR_FORMAT, "no sealed value");
	if (sops_cipher_init(&cipher, &key, err) < 0)
		return -1;
	return sops_cipher_open(&cipher, &value, span_of_text(aad), ret_plain, err);
}

START_TEST(sops_cipher_open__opens_what_sops_sealed)
{
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(open_text(SPAN_LITERAL(KNOWN), "bar:", &plain, &err), 0);
	ck_assert(span_equal_text(secret_span(&plain), "foo"));
	ck_assert_int_eq(err.kind, ERROR_NONE);
}
END_TEST

START_TEST(sops_cipher_open__needs_the_same_path)
{
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(open_text(SPAN_LITERAL(KNOWN), "baz:", &plain, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_AUTH);
	ck_assert_uint_eq(plain.len, 0);
}
END_TEST

/* Any bit of data, IV or tag: what still opens must be the same (bits that carry nothing). */
START_TEST(sops_cipher_open__notices_each_flipped_bit)
{
	char text[] = KNOWN;
	size_t refused = 0;

	for (size_t bit = 0; bit < (sizeof(text) - 1) * 8; bit++) {
		AUTO(secret) plain = SECRET_INIT;
		struct error err = ERROR_INIT;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		if (open_text(span_of(text, sizeof(text) - 1), "bar:", &plain, &err) == 0) {
			ck_assert(span_equal_text(secret_span(&plain), "foo"));
		} else {
			ck_assert_int_ne(err.kind, ERROR_NONE);
			refused++;
		}
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
	ck_assert_uint_gt(refused, (sizeof(text) - 1) * 7);
}
END_TEST

START_TEST(sops_value_parse__takes_what_sops_takes)
{
	static const char *const good[] = {
		KNOWN,
		KNOWN " trailing",
		KNOWN "\n",
		KNOWN "\nmore]",
		"ENC[AES256_GCM,data:a,iv:b,tag:c,type:comment]",
	};
	static const char *const bad[] = {
		"",
		"ENC[",
		"ENC[AES256_GCM,data:",
		"ENC[AES256_GCM,data:a,iv:b,tag:c,type:str",
		"ENC[AES256_GCM,data:,iv:b,tag:c,type:str]",
		"ENC[AES256_GCM,data:a,iv:,tag:c,type:str]",
		"ENC[AES256_GCM,data:a,iv:b,tag:,type:str]",
		"ENC[AES256_GCM,data:a,iv:b,tag:c,type:]",
		"ENC[AES256_GCM,data:a,iv:b,tag:c,type:bytes]",
		"ENC[AES256_GCM,data:a,iv:b,tag:c,type:nonsense]",
		"ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]]",
		"ENC[AES256_GCM,data:a\nb,iv:b,tag:c,type:str]",
		"ENC[AES256_GCM,data:a,iv:b,tag:c,type:str\n]",
		" ENC[AES256_GCM,data:a,iv:b,tag:c,type:str]",
		"ENC[AES128_GCM,data:a,iv:b,tag:c,type:str]",
	};
	struct sops_value value;

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(sops_value_parse(span_of_text(good[i]), &value), "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!sops_value_parse(span_of_text(bad[i]), &value), "%s", bad[i]);
	ck_assert(sops_value_parse(SPAN_LITERAL(KNOWN " x"), &value));
	ck_assert(span_equal_text(value.text, KNOWN));
}
END_TEST

START_TEST(sops_value_has_other_type__names_it)
{
	static const struct {
		const char *text, *name;
	} cases[] = {
		{ KNOWN, NULL },
		{ "ENC[AES256_GCM,data:a,iv:b,tag:c,type:bytes]", "bytes" },
		{ "ENC[AES256_GCM,data:a,iv:b,tag:c,type:]", "" },
		{ "ENC[AES256_GCM,data:a,iv:b,tag:c,type:str", NULL },
		{ "ENC[AES256_GCM,data:a,iv:b,type:bytes]", NULL },
		{ "text", NULL },
	};
	struct span name;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ck_assert_int_eq(sops_value_has_other_type(span_of_text(cases[i].text), &name),
				 cases[i].name != NULL);
		if (cases[i].name)
			ck_assert(span_equal_text(name, cases[i].name));
	}
}
END_TEST

static int round_trip(struct span plain, enum doc_type type)
{
	AUTO(sops_cipher) cipher = SOPS_CIPHER_INIT;
	AUTO(key32) key = known_key();
	AUTO(buf) text = BUF_INIT;
	AUTO(secret) opened = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct sops_value value;

	if (sops_cipher_init(&cipher, &key, &err) < 0 ||
	    sops_cipher_seal(&cipher, type, plain, SPAN_LITERAL("a:"), &text, &err) < 0)
		return -1;
	ck_assert(sops_value_parse(buf_span(&text), &value));
	ck_assert_int_eq(value.type, type);
	if (sops_cipher_open(&cipher, &value, SPAN_LITERAL("a:"), &opened, &err) < 0)
		return -1;
	ck_assert(span_equal(secret_span(&opened), plain));
	return 0;
}

START_TEST(sops_cipher_seal__comes_back)
{
	uint8_t bytes[300];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)i;
	for (size_t len = 1; len <= sizeof(bytes); len++)
		ck_assert_int_eq(round_trip(span_of(bytes, len), DOC_TYPE_STRING), 0);
	for (unsigned type = DOC_TYPE_STRING; type <= DOC_TYPE_COMMENT; type++)
		ck_assert_int_eq(round_trip(SPAN_LITERAL("1"), (enum doc_type)type), 0);
	SWEEP(round_trip(SPAN_LITERAL("value"), DOC_TYPE_STRING));
}
END_TEST

START_TEST(sops_cipher_seal__never_uses_an_iv_twice)
{
	AUTO(sops_cipher) cipher = SOPS_CIPHER_INIT;
	AUTO(key32) key = known_key();
	static char seen[1000][64];
	struct error err = ERROR_INIT;

	ck_assert_int_eq(sops_cipher_init(&cipher, &key, &err), 0);
	for (size_t i = 0; i < 1000; i++) {
		AUTO(buf) text = BUF_INIT;
		struct sops_value value;

		ck_assert_int_eq(sops_cipher_seal(&cipher, DOC_TYPE_STRING, SPAN_LITERAL("x"),
						  SPAN_LITERAL("a:"), &text, &err),
				 0);
		ck_assert(sops_value_parse(buf_span(&text), &value));
		ck_assert_uint_eq(value.iv.len, 44);
		memcpy(seen[i], value.iv.data, 44);
		for (size_t j = 0; j < i; j++)
			ck_assert(memcmp(seen[i], seen[j], 44) != 0);
	}
}
END_TEST

/* Every pair of characters, and every length of an end, as the other encoder has it. */
START_TEST(sops_base64_encode__is_as_the_codec)
{
	uint8_t bytes[4096 * 3 / 2];
	char text[sizeof(bytes) / 3 * 4 + 4], other[sizeof(text)];

	for (unsigned i = 0; i < 4096; i += 2) {
		bytes[i / 2 * 3] = (uint8_t)(i >> 4);
		bytes[i / 2 * 3 + 1] = (uint8_t)((i & 15) << 4 | (i + 1) >> 8);
		bytes[i / 2 * 3 + 2] = (uint8_t)((i + 1) & 255);
	}
	for (size_t len = sizeof(bytes) - 20; len <= sizeof(bytes); len++) {
		const size_t text_len = codec_base64_len(len, CODEC_BASE64_PADDED);

		ck_assert_ptr_eq(sops_base64_encode(span_of(bytes, len), text), text + text_len);
		codec_base64_encode(span_of(bytes, len), CODEC_BASE64_PADDED, other);
		ck_assert_mem_eq(text, other, text_len);
	}
	for (size_t len = 0; len < 20; len++) {
		const size_t text_len = codec_base64_len(len, CODEC_BASE64_PADDED);

		ck_assert_ptr_eq(sops_base64_encode(span_of(bytes + 100, len), text),
				 text + text_len);
		codec_base64_encode(span_of(bytes + 100, len), CODEC_BASE64_PADDED, other);
		ck_assert(memcmp(text, other, text_len) == 0);
	}
}
END_TEST

START_TEST(sops_base64_decode__is_as_lenient_as_sops)
{
	static const struct {
		const char *text, *bytes; /* bytes NULL: refused */
	} cases[] = {
		{ "", "" },       { "Zg==", "f" },  { "Zm8=", "fo" },       { "Zm9v", "foo" },
		{ "Zh==", "f" },  { "Zm9=", "fo" }, { "Zm\r\n9v", "foo" },  { "\rZg=\r=\r", "f" },
		{ "Zg=", NULL },  { "Zg", NULL },   { "Z", NULL },          { "Zg==Zg==", NULL },
		{ "=", NULL },    { "====", NULL }, { "Zm9v=", NULL },      { "Zm 9v", NULL },
		{ "Zm-v", NULL }, { "Zg=v", NULL }, { "Zm9vZg==", "foof" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t bytes[32];
		size_t len = 0;
		const bool good = sops_base64_decode(span_of_text(cases[i].text), bytes, &len);

		ck_assert_msg(good == (cases[i].bytes != NULL), "%s", cases[i].text);
		if (good)
			ck_assert(span_equal_text(span_of(bytes, len), cases[i].bytes));
	}
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops_value");
	TCase *t = tcase_create("all");

	start_crypto();
	tcase_add_test(t, sops_cipher_open__opens_what_sops_sealed);
	tcase_add_test(t, sops_cipher_open__needs_the_same_path);
	tcase_add_test(t, sops_cipher_open__notices_each_flipped_bit);
	tcase_add_test(t, sops_value_parse__takes_what_sops_takes);
	tcase_add_test(t, sops_value_has_other_type__names_it);
	tcase_add_test(t, sops_cipher_seal__comes_back);
	tcase_add_test(t, sops_cipher_seal__never_uses_an_iv_twice);
	tcase_add_test(t, sops_base64_encode__is_as_the_codec);
	tcase_add_test(t, sops_base64_decode__is_as_lenient_as_sops);
	suite_add_tcase(s, t);
	return s;
}
