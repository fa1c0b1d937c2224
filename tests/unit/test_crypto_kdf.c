/* SPDX-License-Identifier: MIT */
/* crypto: HKDF and scrypt, known answers; passphrases at a cost. */
#include <check.h>
#include <string.h>
#include <sys/resource.h>

#include "crypto/hkdf.h"
#include "crypto/scrypt.h"
#include "vectors.h"

static uint8_t long_secret[80], long_salt[80], long_info[80];

static void fill(void)
{
	for (size_t i = 0; i < 80; i++) {
		long_secret[i] = (uint8_t)i;
		long_salt[i] = (uint8_t)(0x60 + i);
		long_info[i] = (uint8_t)(0xb0 + i);
	}
}

/* RFC 5869 A.1 to A.3: the first 32 bytes of each, all that age needs. */
START_TEST(hkdf_sha256__rfc_5869)
{
	uint8_t secret[22], salt[13], info[10];
	AUTO(key32) key = KEY32_INIT;

	memset(secret, 0x0b, sizeof(secret));
	from_hex("000102030405060708090a0b0c", salt);
	from_hex("f0f1f2f3f4f5f6f7f8f9", info);
	hkdf_sha256(span_of(secret, 22), span_of(salt, 13), span_of(info, 10), &key);
	ck_assert_hex(key.data, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
	fill();
	hkdf_sha256(span_of(long_secret, 80), span_of(long_salt, 80), span_of(long_info, 80), &key);
	ck_assert_hex(key.data, "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c");
	hkdf_sha256(span_of(secret, 22), SPAN_INIT, SPAN_INIT, &key);
	ck_assert_hex(key.data, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}
END_TEST

/* RFC 7914, section 12; the fourth, which takes 1 GiB, is left out. */
START_TEST(scrypt__rfc_7914)
{
	static const struct {
		const char *passphrase, *salt;
		struct scrypt_cost cost;
		const char *key;
	} cases[] = {
		{ "",
		  "",
		  { 4, 1, 1 },
		  "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
		  "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906" },
		{ "password",
		  "NaCl",
		  { 10, 8, 16 },
		  "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
		  "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640" },
		{ "pleaseletmein",
		  "SodiumChloride",
		  { 14, 8, 1 },
		  "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
		  "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct error err = ERROR_INIT;
		uint8_t derived[64];

		ck_assert_ok(scrypt(span_of_text(cases[i].passphrase), span_of_text(cases[i].salt),
				    &cases[i].cost, derived, sizeof(derived), &err));
		ck_assert_hex(derived, cases[i].key);
	}
}
END_TEST

START_TEST(scrypt__more_memory_than_there_is)
{
	const struct scrypt_cost cost = { 18, 8, 1 };
	struct error err = ERROR_INIT;
	struct rlimit before, little;
	uint8_t derived[32];
	int result;

	ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
	little = (struct rlimit){ .rlim_cur = (rlim_t)1 << 20, .rlim_max = before.rlim_max };
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &little), 0);
	result = scrypt(SPAN_INIT, SPAN_INIT, &cost, derived, sizeof(derived), &err);
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &before), 0);
	ck_assert_int_eq(result, -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert_str_eq(err.message, "scrypt needs 256 MiB of memory, which are not there");
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("crypto kdf");
	TCase *tc = tcase_create("known answers");

	start_crypto();
	tcase_set_timeout(tc, 600);
	tcase_add_test(tc, hkdf_sha256__rfc_5869);
	tcase_add_test(tc, scrypt__rfc_7914);
	tcase_add_test(tc, scrypt__more_memory_than_there_is);
	suite_add_tcase(s, tc);
	return s;
}
