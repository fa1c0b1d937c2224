/* SPDX-License-Identifier: MIT */
/* crypto: X-Wing and HPKE against a published vector; what is no key or no ciphertext. */
#include <check.h>
#include <string.h>

#include "crypto/hpke.h"
#include "crypto/xwing.h"
#include "vectors.h"

/* The value of a line "name: hexadecimal" of the vector. */
static size_t value_of(const char *name, uint8_t *ret_bytes, size_t max)
{
	AUTO(secret) file = load("hpke/xwing");
	struct span text = secret_span(&file), line, key;

	while (span_take_line(&text, &line)) {
		char hex[2 * XWING_PUBLIC_LEN + 1];

		if (!span_take_until(&line, ':', &key) || !span_equal_text(key, name))
			continue;
		line = span_trim(line);
		ck_assert_uint_lt(line.len, sizeof(hex));
		ck_assert_uint_le(line.len / 2, max);
		snprintf(hex, sizeof(hex), "%.*s", SPAN_PRINT(line));
		return from_hex(hex, ret_bytes);
	}
	ck_abort_msg("there is no %s in the vector", name);
	return 0;
}

START_TEST(hpke_init__draft_vector)
{
	AUTO(hpke) hpke = HPKE_INIT;
	AUTO(key32) shared = KEY32_INIT;
	uint8_t info[HPKE_INFO_MAX], expected[32];
	size_t len = value_of("info", info, sizeof(info));

	value_of("shared_secret", shared.data, sizeof(shared.data));
	hpke_init(&hpke, HPKE_KEM_XWING, &shared, span_of(info, len));
	value_of("key", expected, sizeof(expected));
	ck_assert_mem_eq(hpke.key.data, expected, sizeof(hpke.key.data));
	value_of("base_nonce", expected, sizeof(expected));
	ck_assert_mem_eq(hpke.nonce, expected, sizeof(hpke.nonce));
}
END_TEST

START_TEST(xwing__draft_vector)
{
	AUTO(key32) seed = KEY32_INIT;
	AUTO(key32) shared = KEY32_INIT;
	uint8_t public_key[XWING_PUBLIC_LEN], expected[XWING_PUBLIC_LEN], enc[XWING_ENC_LEN];

	value_of("skRm", seed.data, sizeof(seed.data));
	ck_assert(xwing_public(&seed, public_key));
	ck_assert_uint_eq(value_of("pkRm", expected, sizeof(expected)), XWING_PUBLIC_LEN);
	ck_assert_mem_eq(public_key, expected, XWING_PUBLIC_LEN);
	ck_assert_uint_eq(value_of("enc", enc, sizeof(enc)), XWING_ENC_LEN);
	ck_assert(xwing_dec(&seed, enc, &shared));
	value_of("shared_secret", expected, sizeof(expected));
	ck_assert_mem_eq(shared.data, expected, sizeof(shared.data));
}
END_TEST

START_TEST(xwing_enc__is_what_dec_gives)
{
	AUTO(key32) seed = KEY32_INIT;
	AUTO(key32) sent = KEY32_INIT;
	AUTO(key32) received = KEY32_INIT;
	uint8_t public_key[XWING_PUBLIC_LEN], enc[XWING_ENC_LEN];

	ck_assert(xwing_public(&seed, public_key));
	ck_assert(xwing_enc(public_key, enc, &sent));
	ck_assert(xwing_dec(&seed, enc, &received));
	ck_assert_mem_eq(sent.data, received.data, sizeof(sent.data));
	/* a change in either part gives another secret, and no error */
	enc[0] ^= 1;
	ck_assert(xwing_dec(&seed, enc, &received));
	ck_assert_mem_ne(sent.data, received.data, sizeof(sent.data));
	enc[0] ^= 1;
	enc[XWING_ENC_LEN - 1] ^= 1;
	ck_assert(xwing_dec(&seed, enc, &received));
	ck_assert_mem_ne(sent.data, received.data, sizeof(sent.data));
}
END_TEST

/* Coefficients of ML-KEM are below its modulus; a point of low order makes no secret. */
START_TEST(xwing__what_is_none)
{
	AUTO(key32) seed = KEY32_INIT;
	AUTO(key32) shared = KEY32_INIT;
	uint8_t public_key[XWING_PUBLIC_LEN], enc[XWING_ENC_LEN];

	ck_assert(xwing_public(&seed, public_key));
	ck_assert(xwing_enc(public_key, enc, &shared));
	memset(enc + XWING_ENC_LEN - 32, 0, 32);
	ck_assert(!xwing_dec(&seed, enc, &shared));
	memset(public_key + XWING_PUBLIC_LEN - 32, 0, 32);
	ck_assert(!xwing_enc(public_key, enc, &shared));
	ck_assert(xwing_public(&seed, public_key));
	public_key[0] = 0xff;
	public_key[1] |= 0x0f;
	ck_assert(!xwing_enc(public_key, enc, &shared));
}
END_TEST

START_TEST(xwing__without_it)
{
	AUTO(key32) seed = KEY32_INIT;
	uint8_t public_key[XWING_PUBLIC_LEN] = { 0 }, enc[XWING_ENC_LEN] = { 0 };

	ck_assert(!xwing_public(&seed, public_key));
	ck_assert(!xwing_enc(public_key, enc, &seed));
	ck_assert(!xwing_dec(&seed, enc, &seed));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("crypto hybrid");
	TCase *tc = tcase_create("known answers");

	start_crypto();
	tcase_add_test(tc, hpke_init__draft_vector);
	if (xwing_is_supported()) {
		tcase_add_test(tc, xwing__draft_vector);
		tcase_add_test(tc, xwing_enc__is_what_dec_gives);
		tcase_add_test(tc, xwing__what_is_none);
	} else {
		tcase_add_test(tc, xwing__without_it);
	}
	suite_add_tcase(s, tc);
	return s;
}
