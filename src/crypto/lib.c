/* SPDX-License-Identifier: MIT */
#include "crypto/lib.h"

#include <gcrypt.h>
#include <sodium.h>

int crypto_init(struct error *err)
{
	if (sodium_init() < 0)
		return error_set(err, ERROR_SYSTEM, "cannot initialise libsodium");
	if (gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P))
		return 0;
	if (!gcry_check_version(GCRYPT_VERSION))
		return error_set(err, ERROR_SYSTEM, "libgcrypt %s is older than the %s built for",
				 gcry_check_version(NULL), GCRYPT_VERSION);
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return 0;
}
