/* SPDX-License-Identifier: MIT */
/*
 * AES-256-GCM (SP 800-38D) with an IV of any length: sops uses 32 bytes.
 *
 * A struct gcm is one key, set up once and used for all values of a document
 * (about 200 ns each). Whoever seals is responsible for never using an IV twice.
 */
#ifndef CRYPTO_GCM_H
#define CRYPTO_GCM_H

#include <stdint.h>

#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define GCM_KEY_LEN 32
#define GCM_TAG_LEN 16

struct gcry_cipher_handle;

struct gcm {
	struct gcry_cipher_handle *handle;
};

#define GCM_INIT ((struct gcm){ NULL })

MUST_USE int gcm_init(struct gcm *gcm, const struct key32 *key, struct error *err);
/*
 * Seals plain into ret_sealed (plain.len bytes) and ret_tag. ret_sealed may be plain's
 * own memory, but must not overlap it otherwise. ERROR_FORMAT for an empty iv.
 */
MUST_USE int gcm_seal(struct gcm *gcm, struct span iv, struct span aad, struct span plain,
		      uint8_t *ret_sealed, uint8_t ret_tag[GCM_TAG_LEN], struct error *err);
/*
 * Opens sealed into ret_plain (sealed.len bytes, in place allowed). ERROR_AUTH where tag
 * does not match: what was written to ret_plain is wiped. ERROR_FORMAT for an empty iv.
 */
MUST_USE int gcm_open(struct gcm *gcm, struct span iv, struct span aad, struct span sealed,
		      const uint8_t tag[GCM_TAG_LEN], uint8_t *ret_plain, struct error *err);
void gcm_release(struct gcm *gcm);

#endif
