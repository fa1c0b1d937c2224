/* SPDX-License-Identifier: MIT */
/*
 * bcrypt_pbkdf, OpenBSD's way from a passphrase to the key of an SSH private key: PBKDF2's frame
 * around a bcrypt of 256 bits.
 */
#ifndef CRYPTO_BCRYPT_PBKDF_H
#define CRYPTO_BCRYPT_PBKDF_H

#include <stdint.h>

#include "util/error.h"
#include "util/span.h"

/* ssh-keygen takes 16 or 24 rounds, a fifth of a second; this many take a minute. */
#define BCRYPT_ROUNDS_MAX 4096
#define BCRYPT_KEY_MAX 1024

/*
 * Writes len bytes (1 to BCRYPT_KEY_MAX). ERROR_LIMIT above BCRYPT_ROUNDS_MAX; ERROR_FORMAT for no
 * rounds, an empty passphrase or an empty salt.
 */
MUST_USE int bcrypt_pbkdf(struct span passphrase, struct span salt, uint32_t rounds,
			  uint8_t *ret_key, size_t len, struct error *err);

#endif
