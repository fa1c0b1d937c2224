/* SPDX-License-Identifier: MIT */
#include "crypto/lib.h"

#include <gcrypt.h>
#include <malloc.h>
#include <sodium.h>
#include <stdlib.h>

#include "util/secret.h"

/* libgcrypt keeps RSA keys in expressions that it frees as they are; nothing it frees is kept. */
static void wipe_and_free(void *block)
{
	if (block)
		secret_wipe(block, malloc_usable_size(block));
	free(block);
}

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
	gcry_set_allocation_handler(NULL, NULL, NULL, NULL, wipe_and_free);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return 0;
}
