/* SPDX-License-Identifier: MIT */
#include "crypto/aead.h"

#include <gcrypt.h>
#include <sodium.h>

int aead_init(struct aead *aead, const struct key32 *key, struct error *err)
{
	if (gcry_cipher_open(&aead->handle, GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305, 0))
		return error_memory(err);
	if (gcry_cipher_setkey(aead->handle, key->data, sizeof(key->data))) {
		aead_release(aead);
		return error_set(err, ERROR_BUG, "cannot set a ChaCha20 key");
	}
	return 0;
}

int aead_seal(struct aead *aead, const uint8_t nonce[AEAD_NONCE_LEN], struct span plain,
	      uint8_t *ret_sealed, struct error *err)
{
	if (gcry_cipher_setiv(aead->handle, nonce, AEAD_NONCE_LEN) ||
	    gcry_cipher_encrypt(aead->handle, ret_sealed, plain.len, plain.data, plain.len) ||
	    gcry_cipher_gettag(aead->handle, ret_sealed + plain.len, AEAD_TAG_LEN))
		return error_set(err, ERROR_BUG, "cannot seal with ChaCha20-Poly1305");
	return 0;
}

int aead_open(struct aead *aead, const uint8_t nonce[AEAD_NONCE_LEN], struct span sealed,
	      uint8_t *ret_plain, struct error *err)
{
	if (sealed.len < AEAD_TAG_LEN)
		return error_set(err, ERROR_AUTH, "the data is cut short");

	size_t len = sealed.len - AEAD_TAG_LEN;
	if (gcry_cipher_setiv(aead->handle, nonce, AEAD_NONCE_LEN) ||
	    gcry_cipher_decrypt(aead->handle, ret_plain, len, sealed.data, len))
		return error_set(err, ERROR_BUG, "cannot open with ChaCha20-Poly1305");
	if (gcry_cipher_checktag(aead->handle, sealed.data + len, AEAD_TAG_LEN)) {
		secret_wipe(ret_plain, len);
		return error_set(err, ERROR_AUTH, "changed data or a wrong key");
	}
	return 0;
}

void aead_release(struct aead *aead)
{
	gcry_cipher_close(aead->handle);
	*aead = AEAD_INIT;
}

static const uint8_t zero_nonce[AEAD_NONCE_LEN];

void aead_wrap(const struct key32 *key, struct span plain, uint8_t *ret_sealed)
{
	crypto_aead_chacha20poly1305_ietf_encrypt(ret_sealed, NULL, plain.data, plain.len, NULL, 0,
						  NULL, zero_nonce, key->data);
}

bool aead_unwrap(const struct key32 *key, struct span sealed, uint8_t *ret_plain)
{
	return crypto_aead_chacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, sealed.data,
							 sealed.len, NULL, 0, zero_nonce,
							 key->data) == 0;
}
