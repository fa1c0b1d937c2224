/* SPDX-License-Identifier: MIT */
/*
 * Base64 of what stands in the file for everyone to see (ciphertext, IV, tag): by table, because
 * these bytes are public, and as lenient as the decoder that sops uses. Keys go through util/codec.h.
 */
#ifndef SOPS_BASE64_H
#define SOPS_BASE64_H

#include <stdbool.h>

#include "util/span.h"

/* Writes 4 characters for every 3 bytes begun, padded; returns where it ended. */
char *sops_base64_encode(struct span bytes, char *dst);
/*
 * Decodes text, CR and LF skipped, into dst, which has room for text.len / 4 * 3 + 3 bytes. False
 * where it is not padded base64; bits of the last character that carry nothing are not looked at.
 */
bool sops_base64_decode(struct span text, uint8_t *dst, size_t *ret_len);

#endif
