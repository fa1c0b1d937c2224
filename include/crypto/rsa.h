/* SPDX-License-Identifier: MIT */
/*
 * RSA-OAEP with SHA-256 (RFC 8017), for the ssh-rsa stanzas of age, and a signature that makes an
 * OpenPGP key of one. All numbers are unsigned, the highest byte first.
 */
#ifndef CRYPTO_RSA_H
#define CRYPTO_RSA_H

#include <stdint.h>

#include "crypto/hash.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define RSA_BITS_MIN 2048
#define RSA_BITS_MAX 16384
#define RSA_EXPONENT_MAX_LEN 4

struct rsa_public {
	struct span n, e;
};

struct rsa_private {
	struct rsa_public public_key;
	struct span d, p, q;
	struct span u; /* the inverse of q, modulo p */
};

/* ERROR_UNSUPPORTED below RSA_BITS_MIN, ERROR_LIMIT above RSA_BITS_MAX, ERROR_FORMAT. */
MUST_USE int rsa_public_check(const struct rsa_public *key, struct error *err);
/* Also: do all parts belong together? */
MUST_USE int rsa_private_check(const struct rsa_private *key, struct error *err);

/* Both for keys that were checked. Appends as many bytes as n has. ERROR_LIMIT for more than fits. */
MUST_USE int rsa_oaep_seal(const struct rsa_public *key, const char *label, struct span plain,
			   struct buf *sealed, struct error *err);
/* ERROR_AUTH where sealed was not made for key and label. */
MUST_USE int rsa_oaep_open(const struct rsa_private *key, const char *label, struct span sealed,
			   struct secret *ret_plain, struct error *err);
/* Signs a SHA-256 digest (PKCS#1 v1.5). The same for the same; appends as many bytes as n has. */
MUST_USE int rsa_sign(const struct rsa_private *key, const uint8_t digest[HASH_SHA256_LEN],
		      struct buf *signature, struct error *err);

#endif
