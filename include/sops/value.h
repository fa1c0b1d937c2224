/* SPDX-License-Identifier: MIT */
/*
 * The text form of one sealed value: ENC[AES256_GCM,data:…,iv:…,tag:…,type:…].
 * A struct sops_cipher holds what is set up once for all values of a document.
 */
#ifndef SOPS_VALUE_H
#define SOPS_VALUE_H

#include "crypto/gcm.h"
#include "crypto/random.h"
#include "doc/doc.h"
#include "util/buf.h"

#define SOPS_IV_LEN 32

/* A sealed value taken apart; the spans are base64 and lie in the text it was parsed from. */
struct sops_value {
	enum doc_type type;
	struct span text; /* from "ENC[" to "]": all of it, without what trails (trap T9) */
	struct span data, iv, tag;
};

/* Does text begin as a sealed value does? */
bool sops_value_is_sealed(struct span text);
/*
 * Takes text apart. False where it is not of that form or names a type that there is not;
 * what stands behind the last "]" of its first line is ignored, as sops does.
 */
bool sops_value_parse(struct span text, struct sops_value *ret_value);
/*
 * Could a key open value at all? ERROR_FORMAT: data, IV or tag are no base64, or of a length that they never have.
 * scratch is overwritten.
 */
MUST_USE int sops_value_check(const struct sops_value *value, struct buf *scratch,
			      struct error *err);
/* Is text of that form, but names a type that there is not, such as "bytes"? For messages. */
bool sops_value_has_other_type(struct span text, struct span *ret_name);

struct sops_cipher {
	struct gcm gcm;
	struct random_pool pool;
	struct buf bytes; /* ciphertext on its way to base64 */
};

#define SOPS_CIPHER_INIT ((struct sops_cipher){ GCM_INIT, RANDOM_POOL_INIT, BUF_INIT })

MUST_USE int sops_cipher_init(struct sops_cipher *cipher, const struct key32 *key,
			      struct error *err);
/* Seals plain under a fresh IV; ret_text is overwritten. plain must not be empty (trap T4). */
MUST_USE int sops_cipher_seal(struct sops_cipher *cipher, enum doc_type type, struct span plain,
			      struct span aad, struct buf *ret_text, struct error *err);
/*
 * Opens value and appends the plaintext to ret_plain. ERROR_AUTH for changed data, another key
 * or other additional data; ERROR_FORMAT.
 */
MUST_USE int sops_cipher_open(struct sops_cipher *cipher, const struct sops_value *value,
			      struct span aad, struct secret *ret_plain, struct error *err);
void sops_cipher_release(struct sops_cipher *cipher);

#endif
