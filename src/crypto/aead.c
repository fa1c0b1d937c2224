/* SPDX-License-Identifier: MIT */
#include "crypto/aead.h"

#include <gcrypt.h>
#include <sodium.h>

#include "crypto/lib.h"

void aead_init(struct aead *aead, const struct key32 *key)
{
	aead->key = *key;
}

static int start(struct aead *aead, struct error *err)
{
	const struct key32 *key = &aead->key;

	if (aead->handle)
		return 0;
	if (crypto_init(err) < 0)
		return -1;
	if (gcry_cipher_open(&aead->handle, GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305, 0))
		return error_memory(err);
	if (gcry_cipher_setkey(aead->handle, key->data, sizeof(key->data)) == 0)
		return 0;
	gcry_cipher_close(aead->handle);
	aead->handle = NULL;
	return error_set(err, ERROR_BUG, "cannot set a ChaCha20 key");
}

static int seal_long(struct aead *aead, const uint8_t *nonce, struct span plain,
		     uint8_t *ret_sealed, struct error *err)
{
	if (start(aead, err) < 0)
		return -1;
	if (gcry_cipher_setiv(aead->handle, nonce, AEAD_NONCE_LEN) ||
	    gcry_cipher_encrypt(aead->handle, ret_sealed, plain.len, plain.data, plain.len) ||
	    gcry_cipher_gettag(aead->handle, ret_sealed + plain.len, AEAD_TAG_LEN))
		return error_set(err, ERROR_BUG, "cannot seal with ChaCha20-Poly1305");
	return 0;
}

int aead_seal(struct aead *aead, const uint8_t nonce[AEAD_NONCE_LEN], struct span plain,
	      uint8_t *ret_sealed, struct error *err)
{
	if (plain.len >= AEAD_LONG)
		return seal_long(aead, nonce, plain, ret_sealed, err);
	crypto_aead_chacha20poly1305_ietf_encrypt(ret_sealed, NULL, plain.data, plain.len, NULL, 0,
						  NULL, nonce, aead->key.data);
	return 0;
}

static int wrong_tag(struct error *err)
{
	return error_set(err, ERROR_AUTH, "changed data or a wrong key");
}

static int open_long(struct aead *aead, const uint8_t *nonce, struct span sealed,
		     uint8_t *ret_plain, struct error *err)
{
	const size_t len = sealed.len - AEAD_TAG_LEN;

	if (start(aead, err) < 0)
		return -1;
	if (gcry_cipher_setiv(aead->handle, nonce, AEAD_NONCE_LEN) ||
	    gcry_cipher_decrypt(aead->handle, ret_plain, len, sealed.data, len))
		return error_set(err, ERROR_BUG, "cannot open with ChaCha20-Poly1305");
	if (gcry_cipher_checktag(aead->handle, sealed.data + len, AEAD_TAG_LEN)) {
		secret_wipe(ret_plain, len);
		return wrong_tag(err);
	}
	return 0;
}

int aead_open(struct aead *aead, const uint8_t nonce[AEAD_NONCE_LEN], struct span sealed,
	      uint8_t *ret_plain, struct error *err)
{
	if (sealed.len < AEAD_TAG_LEN)
		return error_set(err, ERROR_AUTH, "the data is cut short");
	if (sealed.len >= AEAD_LONG + AEAD_TAG_LEN)
		return open_long(aead, nonce, sealed, ret_plain, err);
	/* it looks at the tag first, and writes nothing but zeros where that does not match */
	return crypto_aead_chacha20poly1305_ietf_decrypt(ret_plain, NULL, NULL, sealed.data,
							 sealed.len, NULL, 0, nonce,
							 aead->key.data) == 0
		       ? 0
		       : wrong_tag(err);
}

void aead_release(struct aead *aead)
{
	gcry_cipher_close(aead->handle);
	key32_release(&aead->key);
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
