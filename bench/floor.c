/* SPDX-License-Identifier: MIT */
/*
 * floor VALUES: what no program with libgcrypt can do without when it seals so many values as sops does: AES-256-GCM
 * with a new IV of 32 bytes and the key's name, the hash over the plaintext, and the IVs. No parsing, no base64.
 */
#include <gcrypt.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static const char value[] = "sk-0123456789abcdef0123456789abcdef", name[] = "token12345:";

static gcry_error_t seal(gcry_cipher_hd_t cipher, gcry_md_hd_t hash)
{
	unsigned char iv[32], sealed[sizeof(value) - 1], tag[16];
	gcry_error_t failed;

	/* a byte of the kernel's costs more than one of a generator: as bootseal, none here */
	memset(iv, 1, sizeof(iv));
	gcry_md_write(hash, value, sizeof(value) - 1);
	failed = gcry_cipher_setiv(cipher, iv, sizeof(iv));
	failed = failed ? failed : gcry_cipher_authenticate(cipher, name, sizeof(name) - 1);
	failed =
		failed ? failed
		       : gcry_cipher_encrypt(cipher, sealed, sizeof(sealed), value, sizeof(sealed));
	return failed ? failed : gcry_cipher_gettag(cipher, tag, sizeof(tag));
}

int main(int argc, char **argv)
{
	const unsigned char key[32] = { 1 };
	gcry_cipher_hd_t cipher;
	gcry_md_hd_t hash;

	if (argc != 2 || sodium_init() < 0 || !gcry_check_version(NULL))
		return EXIT_FAILURE;
	gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
	gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
	if (gcry_cipher_open(&cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, 0) ||
	    gcry_cipher_setkey(cipher, key, sizeof(key)) || gcry_md_open(&hash, GCRY_MD_SHA512, 0))
		return EXIT_FAILURE;
	for (long left = strtol(argv[1], NULL, 10); left > 0; left--)
		if (seal(cipher, hash))
			return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
