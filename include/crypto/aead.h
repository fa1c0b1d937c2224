/* SPDX-License-Identifier: MIT */
/*
 * ChaCha20-Poly1305 (RFC 8439). A struct aead is one key for many chunks; aead_wrap()
 * and aead_unwrap() are for a single wrapped key.
 *
 * Long chunks are libgcrypt's (2.2 GB/s), short ones libsodium's (1.3 GB/s): to start libgcrypt
 * takes longer than to open any small file.
 */
#ifndef CRYPTO_AEAD_H
#define CRYPTO_AEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define AEAD_NONCE_LEN 12
#define AEAD_TAG_LEN 16

struct gcry_cipher_handle;

/* From this length on a chunk is a long one. */
#define AEAD_LONG 65536

struct aead {
	struct key32 key;
	struct gcry_cipher_handle *handle; /* NULL until the first long chunk */
};

#define AEAD_INIT ((struct aead){ KEY32_INIT, NULL })

void aead_init(struct aead *aead, const struct key32 *key);
/* Writes plain.len + AEAD_TAG_LEN bytes; in place is allowed. ERROR_SYSTEM. */
MUST_USE int aead_seal(struct aead *aead, const uint8_t nonce[AEAD_NONCE_LEN], struct span plain,
		       uint8_t *ret_sealed, struct error *err);
/*
 * Writes sealed.len - AEAD_TAG_LEN bytes (not in place). ERROR_AUTH where sealed is too short
 * or the tag does not match: what was written to ret_plain is wiped. ERROR_SYSTEM.
 */
MUST_USE int aead_open(struct aead *aead, const uint8_t nonce[AEAD_NONCE_LEN], struct span sealed,
		       uint8_t *ret_plain, struct error *err);
void aead_release(struct aead *aead);

/* One short message under a key that is used once, with the nonce zero: how age wraps file keys. */
void aead_wrap(const struct key32 *key, struct span plain, uint8_t *ret_sealed);
/* False where the tag does not match; ret_plain gets sealed.len - AEAD_TAG_LEN bytes. */
MUST_USE bool aead_unwrap(const struct key32 *key, struct span sealed, uint8_t *ret_plain);

#endif
