/* SPDX-License-Identifier: MIT */
/*
 * Base64 (RFC 4648) and hexadecimal, in constant time for the content.
 * Decoding is strict: one spelling only, no white space.
 */
#ifndef UTIL_CODEC_H
#define UTIL_CODEC_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/secret.h"

enum codec_base64 { CODEC_BASE64_PADDED, CODEC_BASE64_UNPADDED };

/* The length of len bytes in base64, without a terminator. */
size_t codec_base64_len(size_t len, enum codec_base64 variant);
/* Writes exactly codec_base64_len() characters to dst, no terminator. */
void codec_base64_encode(struct span bytes, enum codec_base64 variant, char *dst);
/*
 * Decodes text into dst, which has room for cap bytes; text.len / 4 * 3 + 3 is
 * always enough. False where text is no canonical base64 of this variant or
 * does not fit.
 */
bool codec_base64_decode(struct span text, enum codec_base64 variant, uint8_t *dst, size_t cap,
			 size_t *ret_len);

/* Lower-case or upper-case hexadecimal; writes 2 * bytes.len characters, no terminator. */
void codec_hex_lower(struct span bytes, char *dst);
void codec_hex_upper(struct span bytes, char *dst);

#endif
