/* SPDX-License-Identifier: MIT */
/*
 * X25519 (RFC 7748), and the way from an Ed25519 key (RFC 8032) to it.
 */
#ifndef CRYPTO_X25519_H
#define CRYPTO_X25519_H

#include <stdbool.h>
#include <stdint.h>

#include "util/secret.h"

#define X25519_LEN 32
#define ED25519_LEN 32

/* The public point of a scalar. */
void x25519_public(const struct key32 *scalar, uint8_t ret_point[X25519_LEN]);
/* The shared secret; false where it is all zero, as a point of low order makes it. */
MUST_USE bool x25519(const struct key32 *scalar, const uint8_t point[X25519_LEN],
		     struct key32 *ret_shared);

/* The public key that belongs to an Ed25519 seed (private key). */
void ed25519_public(const struct key32 *seed, uint8_t ret_public[ED25519_LEN]);
/* The X25519 point of an Ed25519 public key; false where that is no point of the prime-order group. */
MUST_USE bool ed25519_to_x25519(const uint8_t public_key[ED25519_LEN],
				uint8_t ret_point[X25519_LEN]);
/* The X25519 scalar of an Ed25519 seed: the first half of its SHA-512, not clamped. */
void ed25519_seed_to_x25519(const struct key32 *seed, struct key32 *ret_scalar);

#endif
