/* SPDX-License-Identifier: MIT */
/*
 * The curve P-256 (FIPS 186-5), as much of it as age's tagged recipients need: Diffie-Hellman with a
 * scalar that is used once. Points are as SEC 1 has them, whole (4, x, y) or compressed (2 or 3, x).
 */
#ifndef CRYPTO_P256_H
#define CRYPTO_P256_H

#include <stdbool.h>
#include <stdint.h>

#include "util/secret.h"

#define P256_POINT_LEN 65
#define P256_COMPRESSED_LEN 33

/* The whole of a compressed point; false where there is no such point. */
MUST_USE bool p256_decompress(const uint8_t compressed[P256_COMPRESSED_LEN],
			      uint8_t ret_point[P256_POINT_LEN]);
/* A new scalar. */
void p256_scalar(struct key32 *ret_scalar);
/* The public point of a scalar. */
MUST_USE int p256_public(const struct key32 *scalar, uint8_t ret_point[P256_POINT_LEN],
			 struct error *err);
/* The shared secret, an x coordinate. point is one of the curve. */
MUST_USE int p256(const struct key32 *scalar, const uint8_t point[P256_POINT_LEN],
		  struct key32 *ret_shared, struct error *err);

#endif
