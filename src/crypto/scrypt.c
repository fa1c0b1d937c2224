/* SPDX-License-Identifier: MIT */
#include "crypto/scrypt.h"

#include <errno.h>
#include <sodium.h>

int scrypt(struct span passphrase, struct span salt, const struct scrypt_cost *cost,
	   uint8_t *ret_key, size_t len, struct error *err)
{
	static const uint8_t nothing = 0; /* libsodium wants no NULL */

	if (crypto_pwhash_scryptsalsa208sha256_ll(passphrase.len > 0 ? passphrase.data : &nothing,
						  passphrase.len,
						  salt.len > 0 ? salt.data : &nothing, salt.len,
						  (uint64_t)1 << cost->log_n, cost->r, cost->p,
						  ret_key, len) == 0)
		return 0;
	if (errno != ENOMEM)
		return error_set(err, ERROR_BUG, "scrypt cannot be computed at this cost");
	return error_set(err, ERROR_SYSTEM, "scrypt needs %llu MiB of memory, which are not there",
			 ((unsigned long long)cost->r * 128 << cost->log_n) >> 20);
}
