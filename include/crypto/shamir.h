/* SPDX-License-Identifier: MIT */
/*
 * Shamir's secret sharing over GF(2^8), as HashiCorp's Vault and sops do it: each byte of the secret is
 * the constant term of a random polynomial; a share is its values at one point, and that point
 * (1 to 255) behind them. Arithmetic without tables, in time that depends on no value.
 */
#ifndef CRYPTO_SHAMIR_H
#define CRYPTO_SHAMIR_H

#include "util/error.h"
#include "util/secret.h"

#define SHAMIR_PARTS_MAX 255
#define SHAMIR_SECRET_MAX 4096

/*
 * Splits a secret into shares of secret.len + 1 bytes, one behind the other in ret_shares. 2 <=
 * threshold <= parts <= SHAMIR_PARTS_MAX is the caller's to see to.
 */
MUST_USE int shamir_split(struct span secret, size_t parts, size_t threshold,
			  struct secret *ret_shares, struct error *err);
/*
 * Puts count shares of len bytes each, one behind the other, together; too few, or changed ones, give
 * another secret, which only its use shows. ERROR_FORMAT: fewer than two, empty, one point twice or 0.
 */
MUST_USE int shamir_combine(struct span shares, size_t count, struct secret *ret_secret,
			    struct error *err);

#endif
