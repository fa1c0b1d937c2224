/* SPDX-License-Identifier: MIT */
#include "crypto/x25519.h"

#include <sodium.h>
#include <string.h>

#include "crypto/hash.h"

void x25519_public(const struct key32 *scalar, uint8_t ret_point[X25519_LEN])
{
	crypto_scalarmult_curve25519_base(ret_point, scalar->data);
}

bool x25519(const struct key32 *scalar, const uint8_t point[X25519_LEN], struct key32 *ret_shared)
{
	return crypto_scalarmult_curve25519(ret_shared->data, scalar->data, point) == 0;
}

void ed25519_public(const struct key32 *seed, uint8_t ret_public[ED25519_LEN])
{
	uint8_t expanded[crypto_sign_ed25519_SECRETKEYBYTES];

	crypto_sign_ed25519_seed_keypair(ret_public, expanded, seed->data);
	secret_wipe(expanded, sizeof(expanded));
}

bool ed25519_to_x25519(const uint8_t public_key[ED25519_LEN], uint8_t ret_point[X25519_LEN])
{
	return crypto_sign_ed25519_pk_to_curve25519(ret_point, public_key) == 0;
}

void ed25519_seed_to_x25519(const struct key32 *seed, struct key32 *ret_scalar)
{
	uint8_t digest[HASH_SHA512_LEN];

	/* libsodium's own conversion clamps; ssh-to-age writes the bytes as they are. */
	/* and its SHA-512, unlike libgcrypt's, leaves nothing of the seed on the stack */
	crypto_hash_sha512(digest, seed->data, sizeof(seed->data));
	memcpy(ret_scalar->data, digest, sizeof(ret_scalar->data));
	secret_wipe(digest, sizeof(digest));
}
