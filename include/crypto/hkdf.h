/* SPDX-License-Identifier: MIT */
/*
 * HMAC (RFC 2104) and HKDF with SHA-256 (RFC 5869), and the HMAC-SHA1 that
 * hashed host names in a known_hosts file are made of.
 */
#ifndef CRYPTO_HKDF_H
#define CRYPTO_HKDF_H

#include <stdint.h>

#include "util/secret.h"
#include "util/span.h"

#define HMAC_SHA1_LEN 20
#define HMAC_SHA256_LEN 32

/* key.len must not be above 64, bytes.len not above HMAC_SHA1_BYTES_MAX. */
#define HMAC_SHA1_BYTES_MAX 1024
void hmac_sha1(struct span key, struct span bytes, uint8_t ret_mac[HMAC_SHA1_LEN]);
void hmac_sha256(struct span key, struct span bytes, uint8_t ret_mac[HMAC_SHA256_LEN]);
/* The first 32 bytes of HKDF-SHA-256: all that age needs. An empty salt is one of zeros. */
void hkdf_sha256(struct span secret, struct span salt, struct span info, struct key32 *ret_key);

#endif
