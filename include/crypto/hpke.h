/* SPDX-License-Identifier: MIT */
/*
 * HPKE (RFC 9180), as much of it as age's hybrid and tagged recipients need: mode base, HKDF-SHA256,
 * ChaCha20-Poly1305, one message without additional data. How the shared secret came to be
 * (the KEM) is the caller's.
 */
#ifndef CRYPTO_HPKE_H
#define CRYPTO_HPKE_H

#include <stdint.h>

#include "crypto/aead.h"
#include "util/error.h"

#define HPKE_KEM_P256 0x0010
#define HPKE_KEM_XWING 0x647a

struct hpke {
	struct key32 key;
	uint8_t nonce[AEAD_NONCE_LEN];
};

#define HPKE_INIT ((struct hpke){ KEY32_INIT, { 0 } })

/* info is at most this long. */
#define HPKE_INFO_MAX 64

/* The key schedule: what the one message is sealed with. */
void hpke_init(struct hpke *hpke, uint16_t kem, const struct key32 *shared, struct span info);
void hpke_release(struct hpke *hpke);
/* That one message: writes plain.len + AEAD_TAG_LEN bytes. */
MUST_USE int hpke_seal(uint16_t kem, const struct key32 *shared, struct span info,
		       struct span plain, uint8_t *ret_sealed, struct error *err);

#define HPKE_KEM_CONTEXT_MAX 130

/*
 * The shared secret of a KEM that is a Diffie-Hellman exchange of 32 bytes with HKDF-SHA256 (DHKEM):
 * context is the new public key and the one that it is made for.
 */
void hpke_dh_secret(uint16_t kem, const struct key32 *exchanged, struct span context,
		    struct key32 *ret_shared);

#endif
