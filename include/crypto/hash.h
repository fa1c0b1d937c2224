/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 and SHA-512 (FIPS 180-4), whole and piece by piece.
 */
#ifndef CRYPTO_HASH_H
#define CRYPTO_HASH_H

#include <stdint.h>

#include "util/error.h"
#include "util/span.h"

enum hash_algorithm { HASH_SHA256, HASH_SHA512 };

#define HASH_SHA1_LEN 20
#define HASH_SHA256_LEN 32
#define HASH_SHA512_LEN 64

/* For what is public: a copy of the last bytes, or of the digest, stays on the stack. */
void hash_sha256(struct span bytes, uint8_t ret_digest[HASH_SHA256_LEN]);
void hash_sha512(struct span bytes, uint8_t ret_digest[HASH_SHA512_LEN]);
/* For names that others made of it (OpenPGP's fingerprints), and nothing that has to withstand anybody. */
void hash_sha1(struct span bytes, uint8_t ret_digest[HASH_SHA1_LEN]);

struct gcry_md_handle;

/* A running hash. What it has seen stays inside it until the release, which wipes. */
struct hash {
	struct gcry_md_handle *handle;
	size_t digest_len;
};

#define HASH_INIT ((struct hash){ NULL, 0 })

MUST_USE int hash_init(struct hash *hash, enum hash_algorithm algorithm, struct error *err);
void hash_update(struct hash *hash, struct span bytes);
/* Writes digest_len bytes; after it only release is allowed. */
void hash_final(struct hash *hash, uint8_t *ret_digest);
void hash_release(struct hash *hash);

#endif
