/* SPDX-License-Identifier: MIT */
#include "crypto/hkdf.h"

#include <assert.h>
#include <gcrypt.h>
#include <sodium.h>
#include <string.h>

#define SHA1_BLOCK_LEN 64

void hmac_sha1(struct span key, struct span bytes, uint8_t ret_mac[HMAC_SHA1_LEN])
{
	uint8_t inner[SHA1_BLOCK_LEN + HMAC_SHA1_BYTES_MAX];
	uint8_t outer[SHA1_BLOCK_LEN + HMAC_SHA1_LEN];

	assert(key.len <= SHA1_BLOCK_LEN && bytes.len <= HMAC_SHA1_BYTES_MAX);
	memset(inner, 0x36, SHA1_BLOCK_LEN);
	memset(outer, 0x5c, SHA1_BLOCK_LEN);
	for (size_t i = 0; i < key.len; i++) {
		inner[i] ^= key.data[i];
		outer[i] ^= key.data[i];
	}
	if (bytes.len > 0)
		memcpy(inner + SHA1_BLOCK_LEN, bytes.data, bytes.len);
	gcry_md_hash_buffer(GCRY_MD_SHA1, outer + SHA1_BLOCK_LEN, inner,
			    SHA1_BLOCK_LEN + bytes.len);
	gcry_md_hash_buffer(GCRY_MD_SHA1, ret_mac, outer, sizeof(outer));
}

void hmac_sha256(struct span key, struct span bytes, uint8_t ret_mac[HMAC_SHA256_LEN])
{
	static const uint8_t nothing = 0; /* libsodium wants no NULL */
	crypto_auth_hmacsha256_state state;

	crypto_auth_hmacsha256_init(&state, key.len > 0 ? key.data : &nothing, key.len);
	if (bytes.len > 0)
		crypto_auth_hmacsha256_update(&state, bytes.data, bytes.len);
	crypto_auth_hmacsha256_final(&state, ret_mac);
	secret_wipe(&state, sizeof(state));
}

void hkdf_sha256(struct span secret, struct span salt, struct span info, struct key32 *ret_key)
{
	static const uint8_t first = 1;
	crypto_auth_hmacsha256_state state;
	AUTO(key32) extracted = KEY32_INIT;

	hmac_sha256(salt, secret, extracted.data);
	crypto_auth_hmacsha256_init(&state, extracted.data, sizeof(extracted.data));
	if (info.len > 0)
		crypto_auth_hmacsha256_update(&state, info.data, info.len);
	crypto_auth_hmacsha256_update(&state, &first, 1);
	crypto_auth_hmacsha256_final(&state, ret_key->data);
	secret_wipe(&state, sizeof(state));
}
