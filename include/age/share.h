/* SPDX-License-Identifier: MIT */
/*
 * What the kinds that rest on X25519 share: a file key wrapped under a shared secret.
 */
#ifndef AGE_SHARE_H
#define AGE_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/aead.h"
#include "crypto/x25519.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define AGE_WRAPPED_LEN (16 + AEAD_TAG_LEN)
#define AGE_SHARE_TEXT_LEN 43

/* An ephemeral share, and what agreeing on a secret between it and a point gave. */
struct age_share {
	uint8_t share[X25519_LEN]; /* the ephemeral public point */
	uint8_t point[X25519_LEN]; /* the recipient's */
	struct key32 shared;
};

#define AGE_SHARE_INIT ((struct age_share){ { 0 }, { 0 }, KEY32_INIT })

/* For sealing: a new share, agreed on with point. ERROR_FORMAT for a point of low order. */
MUST_USE int age_share_new(const uint8_t point[X25519_LEN], struct age_share *ret_share,
			   struct error *err);
/* For opening: the share spelled by text, agreed on with our scalar (32 bytes) and point. ERROR_FORMAT. */
MUST_USE int age_share_read(struct span text, struct span scalar, const uint8_t point[X25519_LEN],
			    struct age_share *ret_share, struct error *err);
void age_share_text(const struct age_share *share, char ret_text[AGE_SHARE_TEXT_LEN + 1]);
/* Wraps and unwraps under HKDF(shared, share || point, label). */
void age_share_wrap(const struct age_share *share, const char *label, const struct key32 *file_key,
		    uint8_t ret_wrapped[AGE_WRAPPED_LEN]);
/* ERROR_FORMAT where wrapped is not 32 bytes long; *ret_opened says if it was meant for us. */
MUST_USE int age_share_unwrap(const struct age_share *share, const char *label, struct span wrapped,
			      bool *ret_opened, struct key32 *ret_file_key, struct error *err);
void age_share_release(struct age_share *share);

#endif
