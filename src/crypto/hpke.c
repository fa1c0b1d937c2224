/* SPDX-License-Identifier: MIT */
#include "crypto/hpke.h"

#include <assert.h>
#include <string.h>

#include "crypto/hkdf.h"

#define KDF_HKDF_SHA256 1
#define AEAD_CHACHA20_POLY1305 3
#define MODE_BASE 0

#define VERSION "HPKE-v1"
#define SUITE_LEN ((size_t)10)
#define LABEL_MAX ((size_t)16)
/* The mode, and the hashes of an identity that there is none of, and of info. */
#define CONTEXT_LEN (1 + 2 * (size_t)HMAC_SHA256_LEN)
#define LABELED_MAX (2 + sizeof(VERSION) - 1 + SUITE_LEN + LABEL_MAX + HPKE_KEM_CONTEXT_MAX)

static_assert(HPKE_INFO_MAX <= HPKE_KEM_CONTEXT_MAX && CONTEXT_LEN <= HPKE_KEM_CONTEXT_MAX,
	      "labeled text holds any of them");

/* Bytes put together: everything here is hashed under a label. */
struct labeled {
	uint8_t bytes[LABELED_MAX];
	size_t len;
};

static void append(struct labeled *text, const void *bytes, size_t len)
{
	assert(len <= sizeof(text->bytes) - text->len);
	if (len > 0)
		memcpy(text->bytes + text->len, bytes, len);
	text->len += len;
}

static void append_be16(struct labeled *text, unsigned value)
{
	const uint8_t bytes[2] = { (uint8_t)(value >> 8), (uint8_t)value };

	append(text, bytes, sizeof(bytes));
}

static void append_label(struct labeled *text, uint16_t kem, const char *label, struct span rest)
{
	append(text, VERSION, sizeof(VERSION) - 1);
	append(text, "HPKE", 4);
	append_be16(text, kem);
	append_be16(text, KDF_HKDF_SHA256);
	append_be16(text, AEAD_CHACHA20_POLY1305);
	append(text, label, strlen(label));
	append(text, rest.data, rest.len);
}

/* LabeledExtract without a salt. */
static void extract(uint16_t kem, const char *label, struct span bytes,
		    uint8_t ret_hash[HMAC_SHA256_LEN])
{
	struct labeled text = { .len = 0 };

	append_label(&text, kem, label, bytes);
	hmac_sha256(SPAN_INIT, span_of(text.bytes, text.len), ret_hash);
}

/* LabeledExpand of the LabeledExtract of "secret"; the first len bytes count. */
static void derive(uint16_t kem, const struct key32 *shared, const char *label, unsigned len,
		   const uint8_t context[CONTEXT_LEN], struct key32 *ret_key)
{
	struct labeled secret = { .len = 0 }, info = { .len = 0 };

	append_label(&secret, kem, "secret", SPAN_INIT);
	append_be16(&info, len);
	append_label(&info, kem, label, span_of(context, CONTEXT_LEN));
	hkdf_sha256(span_of(secret.bytes, secret.len), span_of(shared->data, sizeof(shared->data)),
		    span_of(info.bytes, info.len), ret_key);
}

void hpke_init(struct hpke *hpke, uint16_t kem, const struct key32 *shared, struct span info)
{
	AUTO(key32) nonce = KEY32_INIT;
	uint8_t context[CONTEXT_LEN] = { MODE_BASE };

	assert(info.len <= HPKE_INFO_MAX);
	extract(kem, "psk_id_hash", SPAN_INIT, context + 1);
	extract(kem, "info_hash", info, context + 1 + HMAC_SHA256_LEN);
	derive(kem, shared, "key", sizeof(hpke->key.data), context, &hpke->key);
	derive(kem, shared, "base_nonce", AEAD_NONCE_LEN, context, &nonce);
	memcpy(hpke->nonce, nonce.data, AEAD_NONCE_LEN);
}

static void append_kem_label(struct labeled *text, uint16_t kem, const char *label,
			     struct span rest)
{
	append(text, VERSION, sizeof(VERSION) - 1);
	append(text, "KEM", 3);
	append_be16(text, kem);
	append(text, label, strlen(label));
	append(text, rest.data, rest.len);
}

void hpke_dh_secret(uint16_t kem, const struct key32 *exchanged, struct span context,
		    struct key32 *ret_shared)
{
	struct labeled secret = { .len = 0 }, info = { .len = 0 };

	assert(context.len <= HPKE_KEM_CONTEXT_MAX);
	append_kem_label(&secret, kem, "eae_prk",
			 span_of(exchanged->data, sizeof(exchanged->data)));
	append_be16(&info, sizeof(ret_shared->data));
	append_kem_label(&info, kem, "shared_secret", context);
	hkdf_sha256(span_of(secret.bytes, secret.len), SPAN_INIT, span_of(info.bytes, info.len),
		    ret_shared);
	secret_wipe(&secret, sizeof(secret));
}

int hpke_seal(uint16_t kem, const struct key32 *shared, struct span info, struct span plain,
	      uint8_t *ret_sealed, struct error *err)
{
	AUTO(aead) aead = AEAD_INIT;
	AUTO(hpke) hpke = HPKE_INIT;

	hpke_init(&hpke, kem, shared, info);
	aead_init(&aead, &hpke.key);
	return aead_seal(&aead, hpke.nonce, plain, ret_sealed, err);
}

void hpke_release(struct hpke *hpke)
{
	key32_release(&hpke->key);
	secret_wipe(hpke->nonce, sizeof(hpke->nonce));
}
