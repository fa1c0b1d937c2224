/* SPDX-License-Identifier: MIT */
/* crypto: known answers, and what must be refused. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "crypto/aead.h"
#include "crypto/gcm.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"
#include "crypto/x25519.h"
#include "sweep.h"
#include "util/codec.h"
#include "vectors.h"

static struct key32 key_of(const char *hex)
{
	struct key32 key = KEY32_INIT;

	ck_assert_uint_eq(from_hex(hex, key.data), sizeof(key.data));
	return key;
}

/* FIPS 180-4, "abc" and nothing. */
START_TEST(hash__known_answers)
{
	uint8_t digest[HASH_SHA512_LEN];

	hash_sha256(SPAN_LITERAL("abc"), digest);
	ck_assert_hex(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	hash_sha256(SPAN_INIT, digest);
	ck_assert_hex(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	hash_sha512(SPAN_LITERAL("abc"), digest);
	ck_assert_hex(digest, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
			      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
}
END_TEST

START_TEST(hash_update__is_the_same_in_pieces)
{
	uint8_t text[1000], whole[HASH_SHA512_LEN], pieces[HASH_SHA512_LEN];
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (uint8_t)i;
	hash_sha512(span_of(text, sizeof(text)), whole);
	for (size_t step = 1; step < 300; step += 37) {
		AUTO(hash) hash = HASH_INIT;

		ck_assert_ok(hash_init(&hash, HASH_SHA512, &err));
		hash_update(&hash, SPAN_INIT);
		for (size_t offset = 0; offset < sizeof(text); offset += step)
			hash_update(&hash, span_slice(span_of(text, sizeof(text)), offset, step));
		hash_final(&hash, pieces);
		ck_assert_mem_eq(whole, pieces, sizeof(whole));
	}
}
END_TEST

/* RFC 2202 case 2; RFC 4231 cases 2 and 6 (a key longer than a block). */
START_TEST(hmac__known_answers)
{
	uint8_t mac[HMAC_SHA256_LEN], key[131];

	hmac_sha1(SPAN_LITERAL("Jefe"), SPAN_LITERAL("what do ya want for nothing?"), mac);
	ck_assert_hex(mac, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	hmac_sha256(SPAN_LITERAL("Jefe"), SPAN_LITERAL("what do ya want for nothing?"), mac);
	ck_assert_hex(mac, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	hmac_sha256(span_of(key, sizeof(key)),
		    SPAN_LITERAL("Test Using Larger Than Block-Size Key - Hash Key First"), mac);
	ck_assert_hex(mac, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

/* RFC 5869 A.1 and A.3, the first 32 bytes. */
START_TEST(hkdf_sha256__known_answers)
{
	uint8_t secret[22], salt[13], info[10];
	AUTO(key32) key = KEY32_INIT;

	memset(secret, 0x0b, sizeof(secret));
	from_hex("000102030405060708090a0b0c", salt);
	from_hex("f0f1f2f3f4f5f6f7f8f9", info);
	hkdf_sha256(span_of(secret, 22), span_of(salt, 13), span_of(info, 10), &key);
	ck_assert_hex(key.data, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
	hkdf_sha256(span_of(secret, 22), SPAN_INIT, SPAN_INIT, &key);
	ck_assert_hex(key.data, "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}
END_TEST

/* What sops' own test of AES-GCM with an IV of 32 bytes expects. */
START_TEST(gcm__known_answer_of_sops)
{
	AUTO(gcm) gcm = GCM_INIT;
	struct error err = ERROR_INIT;
	struct key32 key;
	uint8_t iv[34], sealed[3], expected[6], tag[GCM_TAG_LEN], expected_tag[18], plain[3];
	size_t len;

	memset(key.data, 'f', sizeof(key.data));
	ck_assert(codec_base64_decode(SPAN_LITERAL("MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o="),
				      CODEC_BASE64_PADDED, iv, sizeof(iv), &len));
	ck_assert(codec_base64_decode(SPAN_LITERAL("t5z2Z023Up0kxwCgw1gNxg=="), CODEC_BASE64_PADDED,
				      expected_tag, sizeof(expected_tag), &len));
	ck_assert(codec_base64_decode(SPAN_LITERAL("oYyi"), CODEC_BASE64_PADDED, expected,
				      sizeof(expected), &len));
	ck_assert_ok(gcm_init(&gcm, &key, &err));
	for (int again = 0; again < 3; again++) {
		ck_assert_ok(gcm_seal(&gcm, span_of(iv, 32), SPAN_LITERAL("bar:"),
				      SPAN_LITERAL("foo"), sealed, tag, &err));
		ck_assert_mem_eq(sealed, expected, 3);
		ck_assert_mem_eq(tag, expected_tag, GCM_TAG_LEN);
		ck_assert_ok(gcm_open(&gcm, span_of(iv, 32), SPAN_LITERAL("bar:"),
				      span_of(sealed, 3), tag, plain, &err));
		ck_assert_mem_eq(plain, "foo", 3);
	}
}
END_TEST

/* The GCM specification's cases 13 and 16: nothing; 60 bytes with additional data. */
START_TEST(gcm__known_answers)
{
	AUTO(gcm) empty = GCM_INIT;
	AUTO(gcm) full = GCM_INIT;
	struct error err = ERROR_INIT;
	struct key32 zero = KEY32_INIT;
	struct key32 key =
		key_of("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
	uint8_t iv[12] = { 0 }, aad[20], text[60], tag[GCM_TAG_LEN];

	ck_assert_ok(gcm_init(&empty, &zero, &err));
	ck_assert_ok(gcm_seal(&empty, span_of(iv, 12), SPAN_INIT, SPAN_INIT, NULL, tag, &err));
	ck_assert_hex(tag, "530f8afbc74536b9a963b4f1c4cb738b");
	ck_assert_ok(gcm_open(&empty, span_of(iv, 12), SPAN_INIT, SPAN_INIT, tag, NULL, &err));

	from_hex("cafebabefacedbaddecaf888", iv);
	from_hex("feedfacedeadbeeffeedfacedeadbeefabaddad2", aad);
	from_hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
		 "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
		 text);
	ck_assert_ok(gcm_init(&full, &key, &err));
	ck_assert_ok(gcm_seal(&full, span_of(iv, 12), span_of(aad, 20), span_of(text, 60), text,
			      tag, &err));
	ck_assert_hex(text, "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
			    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662");
	ck_assert_hex(tag, "76fc6ece0f4e1768cddf8853bb2d551b");
}
END_TEST

START_TEST(gcm_open__refuses_and_wipes)
{
	AUTO(gcm) gcm = GCM_INIT;
	struct error err = ERROR_INIT;
	struct key32 key = KEY32_INIT;
	static const uint8_t zeros[40];
	uint8_t iv[32] = { 1 }, sealed[40], tag[GCM_TAG_LEN], plain[40];

	ck_assert_ok(gcm_init(&gcm, &key, &err));
	ck_assert_ok(gcm_seal(&gcm, span_of(iv, 32), SPAN_LITERAL("a:"), span_of(zeros, 40), sealed,
			      tag, &err));
	for (size_t bit = 0; bit < 8 * (40 + GCM_TAG_LEN); bit++) {
		uint8_t *changed = bit < 320 ? &sealed[bit / 8] : &tag[bit / 8 - 40];

		*changed ^= (uint8_t)(1u << bit % 8);
		memset(plain, 0xee, sizeof(plain));
		ck_assert_fails(gcm_open(&gcm, span_of(iv, 32), SPAN_LITERAL("a:"),
					 span_of(sealed, 40), tag, plain, &err),
				ERROR_AUTH);
		ck_assert_mem_eq(plain, zeros, sizeof(plain));
		*changed ^= (uint8_t)(1u << bit % 8);
	}
	ck_assert_fails(gcm_open(&gcm, span_of(iv, 32), SPAN_LITERAL("b:"), span_of(sealed, 40),
				 tag, plain, &err),
			ERROR_AUTH);
	ck_assert_fails(gcm_open(&gcm, span_of(iv, 31), SPAN_LITERAL("a:"), span_of(sealed, 40),
				 tag, plain, &err),
			ERROR_AUTH);
	ck_assert_fails(gcm_open(&gcm, SPAN_INIT, SPAN_LITERAL("a:"), span_of(sealed, 40), tag,
				 plain, &err),
			ERROR_FORMAT);
	ck_assert_ok(gcm_open(&gcm, span_of(iv, 32), SPAN_LITERAL("a:"), span_of(sealed, 40), tag,
			      plain, &err));
}
END_TEST

/* A long chunk is libgcrypt's: it seals what libsodium opens, and opens nothing else. */
START_TEST(aead__long_chunks)
{
	static uint8_t text[AEAD_LONG], sealed[AEAD_LONG + AEAD_TAG_LEN];
	static uint8_t other[AEAD_LONG + AEAD_TAG_LEN], plain[AEAD_LONG];
	AUTO(aead) aead = AEAD_INIT;
	struct error err = ERROR_INIT;
	const struct key32 key = { { 7 } };
	const uint8_t nonce[AEAD_NONCE_LEN] = { 0 };

	memset(text, 'x', sizeof(text));
	aead_init(&aead, &key);
	ck_assert_ok(aead_seal(&aead, nonce, span_of(text, AEAD_LONG - 1), sealed, &err));
	ck_assert_ptr_null(aead.handle);
	for (size_t len = AEAD_LONG - 1; len <= AEAD_LONG; len++) {
		ck_assert_ok(aead_seal(&aead, nonce, span_of(text, len), sealed, &err));
		aead_wrap(&key, span_of(text, len), other);
		ck_assert_mem_eq(sealed, other, len + AEAD_TAG_LEN);
		ck_assert_ok(
			aead_open(&aead, nonce, span_of(sealed, len + AEAD_TAG_LEN), plain, &err));
		ck_assert_mem_eq(plain, text, len);
		for (size_t at = 0; at < len + AEAD_TAG_LEN; at += 16411) {
			sealed[at] ^= 1;
			ck_assert_fails(aead_open(&aead, nonce, span_of(sealed, len + AEAD_TAG_LEN),
						  plain, &err),
					ERROR_AUTH);
			ck_assert_uint_eq(plain[0], 0);
			sealed[at] ^= 1;
		}
	}
	ck_assert_ptr_nonnull(aead.handle);
}
END_TEST

/* A short one is libsodium's; nothing else opens. */
START_TEST(aead__round_trip_and_refusal)
{
	AUTO(aead) aead = AEAD_INIT;
	struct error err = ERROR_INIT;
	struct key32 key =
		key_of("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
	struct span text = SPAN_LITERAL("Ladies and Gentlemen of the class of '99");
	uint8_t nonce[AEAD_NONCE_LEN] = { 0 }, sealed[64], wrapped[64], plain[48];

	aead_init(&aead, &key);
	ck_assert_ok(aead_seal(&aead, nonce, text, sealed, &err));
	/* two libraries agree */
	aead_wrap(&key, text, wrapped);
	ck_assert_mem_eq(sealed, wrapped, text.len + AEAD_TAG_LEN);
	ck_assert(aead_unwrap(&key, span_of(wrapped, text.len + AEAD_TAG_LEN), plain));
	ck_assert_mem_eq(plain, text.data, text.len);
	for (size_t bit = 0; bit < 8 * (text.len + AEAD_TAG_LEN); bit++) {
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_fails(aead_open(&aead, nonce, span_of(sealed, text.len + AEAD_TAG_LEN),
					  plain, &err),
				ERROR_AUTH);
		ck_assert(!aead_unwrap(&key, span_of(sealed, text.len + AEAD_TAG_LEN), plain));
		sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	for (size_t len = 0; len < text.len + AEAD_TAG_LEN; len++)
		ck_assert_fails(aead_open(&aead, nonce, span_of(sealed, len), plain, &err),
				ERROR_AUTH);
	nonce[11] = 1;
	ck_assert_fails(aead_open(&aead, nonce, span_of(sealed, text.len + AEAD_TAG_LEN), plain,
				  &err),
			ERROR_AUTH);
}
END_TEST

/* RFC 7748 5.2: the first vector, and the iterated one after one and a thousand rounds. */
START_TEST(x25519__known_answers)
{
	struct key32 scalar =
		key_of("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
	struct key32 k = { { 9 } }, shared = KEY32_INIT;
	uint8_t point[X25519_LEN];

	from_hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c", point);
	ck_assert(x25519(&scalar, point, &shared));
	ck_assert_hex(shared.data,
		      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
	x25519_public(&k, point);
	ck_assert_hex(point, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
	memcpy(point, k.data, sizeof(point));
	for (int round = 0; round < 1000; round++) {
		ck_assert(x25519(&k, point, &shared));
		memcpy(point, k.data, sizeof(point));
		k = shared;
	}
	ck_assert_hex(k.data, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}
END_TEST

START_TEST(x25519__refuses_low_order)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	};
	struct key32 scalar = { { 77 } }, shared;
	uint8_t point[X25519_LEN];

	for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
		from_hex(points[i], point);
		ck_assert(!x25519(&scalar, point, &shared));
	}
}
END_TEST

/* RFC 8032 7.1 test 1; both ways to X25519 lead to the same point. */
START_TEST(ed25519__known_answers_and_conversion)
{
	struct key32 seed =
		key_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
	struct key32 scalar = KEY32_INIT;
	uint8_t public_key[ED25519_LEN], point[X25519_LEN], again[X25519_LEN];

	ed25519_public(&seed, public_key);
	ck_assert_hex(public_key,
		      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
	for (int round = 0; round < 20; round++) {
		ed25519_public(&seed, public_key);
		ck_assert(ed25519_to_x25519(public_key, point));
		ed25519_seed_to_x25519(&seed, &scalar);
		x25519_public(&scalar, again);
		ck_assert_mem_eq(point, again, sizeof(point));
		random_bytes(seed.data, sizeof(seed.data));
	}
	memset(public_key, 0, sizeof(public_key));
	ck_assert(!ed25519_to_x25519(public_key, point));
	memset(public_key, 0xff, sizeof(public_key));
	ck_assert(!ed25519_to_x25519(public_key, point));
}
END_TEST

START_TEST(random_pool__hands_out_each_byte_once)
{
	struct random_pool pool = RANDOM_POOL_INIT;
	static uint8_t taken[3 * RANDOM_POOL_LEN / 32][32];
	const size_t count = sizeof(taken) / sizeof(taken[0]);

	for (size_t i = 0; i < count; i++) {
		random_pool_take(&pool, taken[i], 32);
		for (size_t used = 0; used < sizeof(pool.bytes) - pool.left; used++)
			ck_assert_uint_eq(pool.bytes[used], 0);
		for (size_t before = 0; before < i; before++)
			ck_assert_mem_ne(taken[before], taken[i], 32);
	}
	random_pool_release(&pool);
	for (size_t i = 0; i < sizeof(pool.bytes); i++)
		ck_assert_uint_eq(pool.bytes[i], 0);
	random_pool_take(&pool, taken[0], 32);
	ck_assert_mem_ne(taken[0], taken[1], 32);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("crypto");
	TCase *tc = tcase_create("crypto");

	start_crypto();
	tcase_add_test(tc, hash__known_answers);
	tcase_add_test(tc, hash_update__is_the_same_in_pieces);
	tcase_add_test(tc, hmac__known_answers);
	tcase_add_test(tc, hkdf_sha256__known_answers);
	tcase_add_test(tc, gcm__known_answer_of_sops);
	tcase_add_test(tc, gcm__known_answers);
	tcase_add_test(tc, gcm_open__refuses_and_wipes);
	tcase_add_test(tc, aead__long_chunks);
	tcase_add_test(tc, aead__round_trip_and_refusal);
	tcase_add_test(tc, x25519__known_answers);
	tcase_add_test(tc, x25519__refuses_low_order);
	tcase_add_test(tc, ed25519__known_answers_and_conversion);
	tcase_add_test(tc, random_pool__hands_out_each_byte_once);
	suite_add_tcase(s, tc);
	return s;
}
