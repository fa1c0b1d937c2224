/* SPDX-License-Identifier: MIT */
/*
 * Bech32 (BIP 173) with a fixed human-readable part and a payload of known length, in
 * constant time for the payload: it may be a private key.
 */
#ifndef AGE_BECH32_H
#define AGE_BECH32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/span.h"

/* The length of the text, without a terminator. */
size_t age_bech32_len(const char *hrp, size_t payload_len);
/* Writes age_bech32_len() characters, no terminator; all upper case where hrp is. */
void age_bech32_encode(const char *hrp, struct span payload, char *dst);
/* False unless text is hrp, in this case of letters, "1" and a valid payload of exactly len bytes. */
MUST_USE bool age_bech32_decode(struct span text, const char *hrp, uint8_t *ret_payload,
				size_t len);

/*
 * Is text, in upper or in lower case, Bech32 of whatever human-readable part and payload? For what
 * others take apart.
 */
bool age_bech32_is_valid_upper(struct span text);
bool age_bech32_is_valid_lower(struct span text);

#endif
