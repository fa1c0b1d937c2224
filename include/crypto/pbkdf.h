/* SPDX-License-Identifier: MIT */
/*
 * From a passphrase to a key as OpenSSL's files do it: PBKDF2 (RFC 8018); PKCS #12's way before it; and
 * the older way of PEM files with a DEK-Info line, one pass of MD5.
 */
#ifndef CRYPTO_PBKDF_H
#define CRYPTO_PBKDF_H

#include <stdint.h>

#include "util/error.h"
#include "util/span.h"

enum pbkdf2_hash {
	PBKDF2_SHA1,
	PBKDF2_SHA224,
	PBKDF2_SHA256,
	PBKDF2_SHA384,
	PBKDF2_SHA512,
	PBKDF2_SHA512_224,
	PBKDF2_SHA512_256,
};

/* OpenSSL takes 2048 rounds; ten million take about ten seconds. */
#define PBKDF2_ROUNDS_MAX 10000000
#define PBKDF_KEY_MAX 64

/* Writes len bytes, at most PBKDF_KEY_MAX. ERROR_LIMIT above PBKDF2_ROUNDS_MAX, ERROR_FORMAT for none. */
MUST_USE int pbkdf2(enum pbkdf2_hash hash, struct span passphrase, struct span salt,
		    uint32_t rounds, uint8_t *ret_key, size_t len, struct error *err);
/* What the bytes are for makes them others. */
enum pbkdf_pkcs12_use { PBKDF_PKCS12_KEY = 1, PBKDF_PKCS12_IV = 2 };
/* The same, as RFC 7292 (appendix B) has it with SHA-1, of a passphrase in UTF-8. */
MUST_USE int pbkdf_pkcs12(enum pbkdf_pkcs12_use use, struct span passphrase, struct span salt,
			  uint32_t rounds, uint8_t *ret_key, size_t len, struct error *err);
/* The same, with EVP_BytesToKey() of MD5 and one round. */
MUST_USE int pbkdf_md5(struct span passphrase, struct span salt, uint8_t *ret_key, size_t len,
		       struct error *err);

#endif
