/* SPDX-License-Identifier: MIT */
#include "crypto/bcrypt_pbkdf.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "blowfish.h"
#include "util/secret.h"

#define HASH_LEN 32
#define DIGEST_LEN crypto_hash_sha512_BYTES
#define COST 64

/* What one derivation works on: all of it secret. */
struct derivation {
	uint8_t digest[DIGEST_LEN]; /* of the passphrase */
	uint8_t salt[DIGEST_LEN];   /* hashed, anew for each round */
	uint8_t output[HASH_LEN];   /* of one round */
	uint8_t sum[HASH_LEN];      /* of all rounds of a block */
	struct blowfish blowfish;
};

/* bcrypt of the two digests: a text of 32 bytes encrypted 64 times under a schedule of 2 * 64 keys. */
static void hash(struct derivation *d)
{
	/* "OxychromaticBlowfishSwatDynamite" */
	static const uint32_t text[] = { 0x4f787963, 0x68726f6d, 0x61746963, 0x426c6f77,
					 0x66697368, 0x53776174, 0x44796e61, 0x6d697465 };
	struct span passphrase = span_of(d->digest, sizeof(d->digest));
	struct span salt = span_of(d->salt, sizeof(d->salt));

	blowfish_init(&d->blowfish);
	blowfish_expand(&d->blowfish, salt, passphrase);
	for (size_t i = 0; i < COST; i++) {
		blowfish_expand_key(&d->blowfish, salt);
		blowfish_expand_key(&d->blowfish, passphrase);
	}
	for (size_t i = 0; i < HASH_LEN; i += 8) {
		uint32_t block[2] = { text[i / 4], text[i / 4 + 1] };

		for (size_t n = 0; n < COST; n++)
			blowfish_encrypt(&d->blowfish, block);
		/* in little endian, unlike all else */
		for (size_t n = 0; n < 8; n++)
			d->output[i + n] = (uint8_t)(block[n / 4] >> 8 * (n % 4));
	}
}

static void hash_salt(struct derivation *d, struct span salt, uint32_t block)
{
	const uint8_t number[4] = { (uint8_t)(block >> 24), (uint8_t)(block >> 16),
				    (uint8_t)(block >> 8), (uint8_t)block };
	crypto_hash_sha512_state state;

	crypto_hash_sha512_init(&state);
	crypto_hash_sha512_update(&state, salt.data, salt.len);
	crypto_hash_sha512_update(&state, number, sizeof(number));
	crypto_hash_sha512_final(&state, d->salt);
}

/* Block number block, from 1 on, to d->sum. */
static void derive_block(struct derivation *d, struct span salt, uint32_t rounds, uint32_t block)
{
	hash_salt(d, salt, block);
	hash(d);
	memcpy(d->sum, d->output, HASH_LEN);
	for (uint32_t round = 1; round < rounds; round++) {
		crypto_hash_sha512(d->salt, d->output, HASH_LEN);
		hash(d);
		for (size_t i = 0; i < HASH_LEN; i++)
			d->sum[i] ^= d->output[i];
	}
}

static void derivation_release(struct derivation *d)
{
	secret_wipe(d, sizeof(*d));
}

int bcrypt_pbkdf(struct span passphrase, struct span salt, uint32_t rounds, uint8_t *ret_key,
		 size_t len, struct error *err)
{
	AUTO(derivation) d = { .sum = { 0 } };
	const size_t blocks = (len + HASH_LEN - 1) / HASH_LEN;

	assert(len > 0 && len <= BCRYPT_KEY_MAX);
	if (passphrase.len == 0 || salt.len == 0 || rounds == 0)
		return error_set(err, ERROR_FORMAT, "a passphrase, salt or count that is empty");
	if (rounds > BCRYPT_ROUNDS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d rounds of bcrypt",
				 BCRYPT_ROUNDS_MAX);
	crypto_hash_sha512(d.digest, passphrase.data, passphrase.len);
	for (size_t block = 0; block < blocks; block++) {
		derive_block(&d, salt, rounds, (uint32_t)block + 1);
		/* spread out: whoever needs one byte has to do the work for all */
		for (size_t i = 0; i * blocks + block < len && i < HASH_LEN; i++)
			ret_key[i * blocks + block] = d.sum[i];
	}
	return 0;
}
