/* SPDX-License-Identifier: MIT */
/*
 * The ciphers under which SSH private keys lie on disk. Only opening is needed, and once for each
 * key: nothing is kept between calls. All but the last three authenticate nothing.
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
};

#define CIPHER_KEY_MAX 64
#define CIPHER_IV_MAX 16

struct cipher_sizes {
	size_t key, iv, tag;
	size_t block; /* what a text has to be padded to; for those that need none: what SSH pads to */
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
