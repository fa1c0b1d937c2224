/* SPDX-License-Identifier: MIT */
/*
 * The ciphers under which SSH private keys lie on disk. Only opening is needed, and once for each
 * key: nothing is kept between calls. All but those with a tag authenticate nothing.
 */
#ifndef CRYPTO_CIPHER_H
#define CRYPTO_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/span.h"

enum cipher {
	CIPHER_DES_CBC, /* of old files alone */
	CIPHER_3DES_CBC,
	CIPHER_AES128_CBC,
	CIPHER_AES192_CBC,
	CIPHER_AES256_CBC,
	CIPHER_AES128_CTR,
	CIPHER_AES192_CTR,
	CIPHER_AES256_CTR,
	CIPHER_AES128_GCM,
	CIPHER_AES256_GCM,
	CIPHER_CHACHA20_POLY1305, /* OpenSSH's own, with a key twice as long and no IV */
	/* of PEM files that somebody made by hand with OpenSSL */
	CIPHER_AES128_CFB,
	CIPHER_AES192_CFB,
	CIPHER_AES256_CFB,
	CIPHER_AES128_OFB,
	CIPHER_AES192_OFB,
	CIPHER_AES256_OFB,
	CIPHER_CAMELLIA128_CBC,
	CIPHER_CAMELLIA192_CBC,
	CIPHER_CAMELLIA256_CBC,
};

#define CIPHER_KEY_MAX 64
#define CIPHER_IV_MAX 16

struct cipher_sizes {
	size_t key, iv, tag;
	size_t block; /* what a text is padded to, by SSH too where the cipher needs none; 1: nothing */
};

struct cipher_sizes cipher_sizes(enum cipher cipher);

struct cipher_sealed {
	struct span key, iv, tag; /* as long as cipher_sizes() says */
	struct span text;
};

/*
 * Writes text.len bytes, which may lie where text does. ERROR_FORMAT where a length is not as it
 * should be, ERROR_AUTH where the tag does not match: what was written is wiped.
 */
MUST_USE int cipher_open(enum cipher cipher, const struct cipher_sealed *sealed, uint8_t *ret_text,
			 struct error *err);

#endif
