/* SPDX-License-Identifier: MIT */
#include "blowfish.h"

#include <assert.h>
#include <string.h>

void blowfish_init(struct blowfish *blowfish)
{
	memcpy(blowfish->state.words, blowfish_pi, sizeof(blowfish_pi));
}

static uint32_t mix(const uint32_t boxes[BLOWFISH_BOXES][256], uint32_t x)
{
	return ((boxes[0][x >> 24] + boxes[1][x >> 16 & 0xff]) ^ boxes[2][x >> 8 & 0xff]) +
	       boxes[3][x & 0xff];
}

void blowfish_encrypt(const struct blowfish *blowfish, uint32_t block[2])
{
	const uint32_t *subkeys = blowfish->state.parts.subkeys;
	uint32_t left = block[0] ^ subkeys[0], right = block[1];

	for (size_t i = 1; i <= BLOWFISH_ROUNDS; i += 2) {
		right ^= mix(blowfish->state.parts.boxes, left) ^ subkeys[i];
		left ^= mix(blowfish->state.parts.boxes, right) ^ subkeys[i + 1];
	}
	block[0] = right ^ subkeys[BLOWFISH_ROUNDS + 1];
	block[1] = left;
}

/* The next four bytes of a text that is read in a circle. */
static uint32_t next_word(struct span text, size_t *at)
{
	uint32_t word = 0;

	for (size_t i = 0; i < sizeof(word); i++) {
		word = word << 8 | text.data[*at];
		*at = *at + 1 < text.len ? *at + 1 : 0;
	}
	return word;
}

/* salt may be empty. */
static void expand(struct blowfish *blowfish, struct span salt, struct span key)
{
	uint32_t block[2] = { 0, 0 };
	size_t key_at = 0, salt_at = 0;

	assert(key.len > 0);
	for (size_t i = 0; i < BLOWFISH_SUBKEYS; i++)
		blowfish->state.words[i] ^= next_word(key, &key_at);
	for (size_t i = 0; i < BLOWFISH_STATE_WORDS; i += 2) {
		if (salt.len > 0) {
			block[0] ^= next_word(salt, &salt_at);
			block[1] ^= next_word(salt, &salt_at);
		}
		blowfish_encrypt(blowfish, block);
		blowfish->state.words[i] = block[0];
		blowfish->state.words[i + 1] = block[1];
	}
}

void blowfish_expand(struct blowfish *blowfish, struct span salt, struct span key)
{
	assert(salt.len > 0);
	expand(blowfish, salt, key);
}

void blowfish_expand_key(struct blowfish *blowfish, struct span key)
{
	expand(blowfish, SPAN_INIT, key);
}
