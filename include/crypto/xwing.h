/* SPDX-License-Identifier: MIT */
/*
 * X-Wing, the key encapsulation of ML-KEM-768 and X25519 in one (MLKEM768-X25519 of
 * draft-ietf-hpke-pq): broken only if both are. There where libsodium has ML-KEM.
 */
#ifndef CRYPTO_XWING_H
#define CRYPTO_XWING_H

#include <stdbool.h>
#include <stdint.h>

#include "util/secret.h"

#define XWING_PUBLIC_LEN 1216
#define XWING_ENC_LEN 1120
/* The libsodium that is needed, for messages. */
#define XWING_NEEDS "libsodium 1.0.22"

/* Was this program built with it? All else says false where it was not. */
bool xwing_is_supported(void);
/* The public key of a private one (a seed of 32 bytes). */
MUST_USE bool xwing_public(const struct key32 *seed, uint8_t ret_public[XWING_PUBLIC_LEN]);
/* A new shared secret, and what carries it. False where public_key is none. */
MUST_USE bool xwing_enc(const uint8_t public_key[XWING_PUBLIC_LEN], uint8_t ret_enc[XWING_ENC_LEN],
			struct key32 *ret_shared);
/*
 * The shared secret in enc; one that was made for another key gives another secret. False where
 * the X25519 part is of low order.
 */
MUST_USE bool xwing_dec(const struct key32 *seed, const uint8_t enc[XWING_ENC_LEN],
			struct key32 *ret_shared);

#endif
