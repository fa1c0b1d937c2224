/* SPDX-License-Identifier: MIT */
/*
 * The floor: a program that loads and initialises the two cryptographic
 * libraries, and does nothing with them.
 */
#include <gcrypt.h>
#include <sodium.h>
#include <stdlib.h>

int main(void)
{
	if (sodium_init() < 0 || !gcry_check_version(NULL))
		return EXIT_FAILURE;
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	return EXIT_SUCCESS;
}
