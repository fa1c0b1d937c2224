/* SPDX-License-Identifier: MIT */
/*
 * Do branches or addresses depend on secrets? Under valgrind, what is secret is marked as not
 * initialised: memcheck then counts each branch and each address that depends on it. Run by
 * tests/cli/61-constant-time.sh; without valgrind this shows that the calls work, and no more.
 */
#include <check.h>
#include <string.h>

#include "age/bech32.h"
#include "crypto/aead.h"
#include "crypto/hkdf.h"
#include "crypto/x25519.h"
#include "ssh/convert.h"
#include "util/codec.h"
#include "vectors.h"

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_UNDEFINED(data, len) ((void)(data), (void)(len))
#define VALGRIND_MAKE_MEM_DEFINED(data, len) ((void)(data), (void)(len))
#define VALGRIND_COUNT_ERRORS 0
#endif

#define HRP "AGE-SECRET-KEY-"
#define TEXT "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX"

static void make_secret(void *data, size_t len)
{
	VALGRIND_MAKE_MEM_UNDEFINED(data, len);
}

/* What comes out may be looked at from here on. */
static void make_public(void *data, size_t len)
{
	VALGRIND_MAKE_MEM_DEFINED(data, len);
}

static void check_errors(void)
{
	ck_assert_uint_eq(VALGRIND_COUNT_ERRORS, 0);
}

START_TEST(age_bech32__is_constant_time)
{
	char text[sizeof(TEXT)] = TEXT, again[sizeof(TEXT)] = "";
	uint8_t payload[32];
	bool valid;

	/* the human-readable part is public */
	make_secret(text + strlen(HRP "1"), strlen(TEXT) - strlen(HRP "1"));
	valid = age_bech32_decode(span_of(text, strlen(TEXT)), HRP, payload, sizeof(payload));
	make_public(&valid, sizeof(valid));
	ck_assert(valid);
	age_bech32_encode(HRP, span_of(payload, sizeof(payload)), again);
	make_public(again, sizeof(again));
	ck_assert_str_eq(again, TEXT);
	check_errors();
}
END_TEST

START_TEST(codec_base64__is_constant_time)
{
	static const char *const texts[] = { "", "AA==", "AAA=", "AAAA",
					     "/+8gaGVsbG8gd29ybGQhIQ==" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char text[64] = "", again[64] = "";
		uint8_t bytes[64];
		const size_t text_len = strlen(texts[i]);
		size_t len = 0;
		bool valid;

		memcpy(text, texts[i], text_len);
		/* what may be padding tells the length, which is public */
		make_secret(text, text_len > 2 ? text_len - 2 : 0);
		valid = codec_base64_decode(span_of(text, text_len), CODEC_BASE64_PADDED, bytes,
					    sizeof(bytes), &len);
		make_public(&valid, sizeof(valid));
		make_public(&len, sizeof(len));
		ck_assert(valid);
		codec_base64_encode(span_of(bytes, len), CODEC_BASE64_PADDED, again);
		make_public(again, sizeof(again));
		ck_assert_str_eq(again, texts[i]);
	}
	check_errors();
}
END_TEST

START_TEST(codec_hex__is_constant_time)
{
	uint8_t bytes[4] = { 0x00, 0x9a, 0xf0, 0xff };
	char hex[9] = "";

	make_secret(bytes, sizeof(bytes));
	codec_hex_lower(span_of(bytes, sizeof(bytes)), hex);
	make_public(hex, sizeof(hex));
	ck_assert_str_eq(hex, "009af0ff");
	check_errors();
}
END_TEST

START_TEST(secret_equal__is_constant_time)
{
	uint8_t a[32] = { 1 }, b[32] = { 1 }, c[32] = { 2 };
	bool same, other;

	make_secret(a, sizeof(a));
	make_secret(b, sizeof(b));
	make_secret(c, sizeof(c));
	same = secret_equal(a, b, sizeof(a));
	other = secret_equal(a, c, sizeof(a));
	make_public(&same, sizeof(same));
	make_public(&other, sizeof(other));
	ck_assert(same && !other);
	check_errors();
}
END_TEST

START_TEST(x25519_public__is_constant_time)
{
	struct key32 scalar = { { 1, 2, 3 } };
	uint8_t point[X25519_LEN];

	make_secret(&scalar, sizeof(scalar));
	x25519_public(&scalar, point);
	make_public(point, sizeof(point));
	check_errors();
}
END_TEST

/* The one key of an SSH host, to the scalar that opens its age1… stanzas. */
START_TEST(ssh_private_to_x25519__is_constant_time)
{
	AUTO(ssh_private_key) key = SSH_PRIVATE_KEY_INIT;
	AUTO(key32) scalar = KEY32_INIT;
	struct error err = ERROR_INIT;
	static const uint8_t seed[32] = { 1, 2, 3 };

	key.type = SSH_KEY_ED25519;
	ck_assert_ok(secret_append(&key.private_part, seed, sizeof(seed), &err));
	make_secret(key.private_part.data, sizeof(seed));
	ssh_private_to_x25519(&key, &scalar);
	make_public(&scalar, sizeof(scalar));
	make_public(key.private_part.data, sizeof(seed));
	check_errors();
}
END_TEST

/* Of an age file: the shared secret, the key that wraps the file key, and the MAC of the header. */
START_TEST(x25519_and_hkdf__are_constant_time)
{
	struct key32 scalar = { { 1, 2, 3 } }, other = { { 4, 5, 6 } }, shared, key;
	uint8_t point[X25519_LEN], mac[HMAC_SHA256_LEN];
	bool valid;

	x25519_public(&other, point);
	make_secret(&scalar, sizeof(scalar));
	valid = x25519(&scalar, point, &shared);
	make_public(&valid, sizeof(valid));
	ck_assert(valid);
	make_secret(&shared, sizeof(shared));
	hkdf_sha256(span_of(shared.data, sizeof(shared.data)), SPAN_LITERAL("salt"),
		    SPAN_LITERAL("info"), &key);
	hmac_sha256(span_of(key.data, sizeof(key.data)), SPAN_LITERAL("header"), mac);
	make_public(mac, sizeof(mac));
	check_errors();
}
END_TEST

/* The file key into a stanza. (The way back branches, in libsodium, on whether the tag fits: that is public.) */
START_TEST(aead_wrap__is_constant_time)
{
	struct key32 key = { { 7, 8, 9 } };
	uint8_t plain[16] = { 1 }, sealed[16 + AEAD_TAG_LEN];

	make_secret(&key, sizeof(key));
	make_secret(plain, sizeof(plain));
	aead_wrap(&key, span_of(plain, sizeof(plain)), sealed);
	make_public(sealed, sizeof(sealed));
	check_errors();
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("constant time");
	TCase *tc = tcase_create("constant time");

	start_crypto();
	tcase_add_test(tc, age_bech32__is_constant_time);
	tcase_add_test(tc, codec_base64__is_constant_time);
	tcase_add_test(tc, codec_hex__is_constant_time);
	tcase_add_test(tc, secret_equal__is_constant_time);
	tcase_add_test(tc, x25519_public__is_constant_time);
	tcase_add_test(tc, ssh_private_to_x25519__is_constant_time);
	tcase_add_test(tc, x25519_and_hkdf__are_constant_time);
	tcase_add_test(tc, aead_wrap__is_constant_time);
	suite_add_tcase(s, tc);
	return s;
}
