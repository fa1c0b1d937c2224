/* SPDX-License-Identifier: MIT */
/*
 * scrypt (RFC 7914): a key from a passphrase, at a cost in time and memory.
 */
#ifndef CRYPTO_SCRYPT_H
#define CRYPTO_SCRYPT_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/span.h"

/* It takes 2^log_n * r * 128 bytes of memory. */
struct scrypt_cost {
	unsigned log_n;
	uint32_t r, p;
};

/* Writes len bytes. ERROR_SYSTEM where there is not so much memory. */
MUST_USE int scrypt(struct span passphrase, struct span salt, const struct scrypt_cost *cost,
		    uint8_t *ret_key, size_t len, struct error *err);

#endif
