/* SPDX-License-Identifier: MIT */
#include "crypto/xwing.h"

#include <assert.h>
#include <sodium.h>

#include "util/attr.h"

/* libsodium tells by this macro if it has X-Wing. */
#ifdef crypto_kem_xwing_PUBLICKEYBYTES

static_assert(crypto_kem_xwing_PUBLICKEYBYTES == XWING_PUBLIC_LEN, "a public key of X-Wing");
static_assert(crypto_kem_xwing_CIPHERTEXTBYTES == XWING_ENC_LEN, "a ciphertext of X-Wing");
static_assert(crypto_kem_xwing_SECRETKEYBYTES == sizeof(struct key32), "a seed of X-Wing");

bool xwing_is_supported(void)
{
	return true;
}

bool xwing_public(const struct key32 *seed, uint8_t ret_public[XWING_PUBLIC_LEN])
{
	AUTO(key32) same = KEY32_INIT;

	return crypto_kem_xwing_seed_keypair(ret_public, same.data, seed->data) == 0;
}

bool xwing_enc(const uint8_t public_key[XWING_PUBLIC_LEN], uint8_t ret_enc[XWING_ENC_LEN],
	       struct key32 *ret_shared)
{
	return crypto_kem_xwing_enc(ret_enc, ret_shared->data, public_key) == 0;
}

bool xwing_dec(const struct key32 *seed, const uint8_t enc[XWING_ENC_LEN], struct key32 *ret_shared)
{
	return crypto_kem_xwing_dec(ret_shared->data, enc, seed->data) == 0;
}

#else

bool xwing_is_supported(void)
{
	return false;
}

bool xwing_public(const struct key32 *seed UNUSED, uint8_t ret_public[XWING_PUBLIC_LEN] UNUSED)
{
	return false;
}

bool xwing_enc(const uint8_t public_key[XWING_PUBLIC_LEN] UNUSED,
	       uint8_t ret_enc[XWING_ENC_LEN] UNUSED, struct key32 *ret_shared UNUSED)
{
	return false;
}

bool xwing_dec(const struct key32 *seed UNUSED, const uint8_t enc[XWING_ENC_LEN] UNUSED,
	       struct key32 *ret_shared UNUSED)
{
	return false;
}

#endif
