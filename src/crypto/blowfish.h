/* SPDX-License-Identifier: MIT */
/*
 * Blowfish (Schneier 1993) with the key schedule of bcrypt (Provos and Mazières 1999), which takes a
 * salt besides the key. Its table look-ups depend on the key, by design: not for anything else.
 */
#ifndef CRYPTO_BLOWFISH_H
#define CRYPTO_BLOWFISH_H

#include <stdint.h>

#include "util/span.h"

#define BLOWFISH_ROUNDS 16
#define BLOWFISH_SUBKEYS (BLOWFISH_ROUNDS + 2)
#define BLOWFISH_BOXES 4
#define BLOWFISH_STATE_WORDS (BLOWFISH_SUBKEYS + BLOWFISH_BOXES * 256)

/* What every key begins with: the digits of pi behind the point, in base 2^32. */
extern const uint32_t blowfish_pi[BLOWFISH_STATE_WORDS];

struct blowfish {
	union {
		uint32_t words[BLOWFISH_STATE_WORDS];
		struct {
			uint32_t subkeys[BLOWFISH_SUBKEYS];
			uint32_t boxes[BLOWFISH_BOXES][256];
		} parts;
	} state;
};

void blowfish_init(struct blowfish *blowfish);
/* Mixes key and salt in; both not empty. */
void blowfish_expand(struct blowfish *blowfish, struct span salt, struct span key);
/* The same with a salt of zeros. */
void blowfish_expand_key(struct blowfish *blowfish, struct span key);
/* One block, as its two halves. */
void blowfish_encrypt(const struct blowfish *blowfish, uint32_t block[2]);

#endif
