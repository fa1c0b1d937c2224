/* SPDX-License-Identifier: MIT */
/*
 * Tagged recipients, "age1tag1…" (C2SP age.md, "The p256tag recipient type"): P-256 keys in hardware.
 * They are sealed to here; a plugin opens, to which the tag tells that the stanza is for its key.
 */
#include <stdio.h>
#include <string.h>

#include "age/bech32.h"
#include "age/kind.h"
#include "age/share.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/hpke.h"
#include "crypto/p256.h"
#include "util/codec.h"

#define TYPE "p256tag"
#define LABEL "age-encryption.org/p256tag"
#define HRP "age1tag"
#define TAG_LEN 4
#define TAG_TEXT_LEN 6
#define POINT_TEXT_LEN 87

static bool claims(struct span text)
{
	return span_starts_with(text, HRP "1");
}

static int parse(struct span text, struct age_recipient *recipient, struct error *err)
{
	uint8_t compressed[P256_COMPRESSED_LEN], point[P256_POINT_LEN];

	if (!age_bech32_decode(text, HRP, compressed, sizeof(compressed)))
		return error_set(err, ERROR_FORMAT,
				 "not a whole age1tag1… recipient (mistyped or cut)");
	if (!p256_decompress(compressed, point))
		return error_set(err, ERROR_FORMAT, "an age1tag1… recipient that is no public key");
	return buf_append(&recipient->wire, compressed, sizeof(compressed), err);
}

/* A new shared secret with the owner of the key. */
static int exchange(const uint8_t compressed[P256_COMPRESSED_LEN], uint8_t ret_enc[P256_POINT_LEN],
		    struct key32 *ret_shared, struct error *err)
{
	AUTO(key32) scalar = KEY32_INIT;
	AUTO(key32) exchanged = KEY32_INIT;
	uint8_t context[2 * P256_POINT_LEN], *const point = context + P256_POINT_LEN;

	if (!p256_decompress(compressed, point))
		return error_set(err, ERROR_BUG, "a recipient that was a public key before");
	p256_scalar(&scalar);
	if (p256_public(&scalar, ret_enc, err) < 0 || p256(&scalar, point, &exchanged, err) < 0)
		return -1;
	memcpy(context, ret_enc, P256_POINT_LEN);
	hpke_dh_secret(HPKE_KEM_P256, &exchanged, span_of(context, sizeof(context)), ret_shared);
	return 0;
}

/* It tells the key to whom knows it, and of two stanzas nobody else that they are for one. */
static void make_tag(const uint8_t compressed[P256_COMPRESSED_LEN],
		     const uint8_t enc[P256_POINT_LEN], char ret_text[TAG_TEXT_LEN + 1])
{
	uint8_t digest[HASH_SHA256_LEN], bytes[P256_POINT_LEN + TAG_LEN], mac[HMAC_SHA256_LEN];

	hash_sha256(span_of(compressed, P256_COMPRESSED_LEN), digest);
	memcpy(bytes, enc, P256_POINT_LEN);
	memcpy(bytes + P256_POINT_LEN, digest, TAG_LEN);
	hmac_sha256(SPAN_LITERAL(LABEL), span_of(bytes, sizeof(bytes)), mac);
	codec_base64_encode(span_of(mac, TAG_LEN), CODEC_BASE64_UNPADDED, ret_text);
	ret_text[TAG_TEXT_LEN] = '\0';
}

static int wrap(const struct age_recipient *recipient, const struct key32 *file_key,
		struct buf *header, struct error *err)
{
	const struct span info = SPAN_LITERAL(LABEL);
	AUTO(key32) shared = KEY32_INIT;
	uint8_t enc[P256_POINT_LEN], wrapped[AGE_WRAPPED_LEN];
	char tag[TAG_TEXT_LEN + 1], point[POINT_TEXT_LEN + 1], arguments[120];

	if (exchange(recipient->wire.data, enc, &shared, err) < 0 ||
	    hpke_seal(HPKE_KEM_P256, &shared, info, span_of(file_key->data, AGE_FILE_KEY_LEN),
		      wrapped, err) < 0)
		return -1;
	make_tag(recipient->wire.data, enc, tag);
	codec_base64_encode(span_of(enc, sizeof(enc)), CODEC_BASE64_UNPADDED, point);
	point[POINT_TEXT_LEN] = '\0';
	snprintf(arguments, sizeof(arguments), TYPE " %s %s", tag, point);
	return age_stanza_write(arguments, span_of(wrapped, sizeof(wrapped)), header, err);
}

const struct age_recipient_kind age_tagged_recipient = {
	.name = TYPE,
	.claims = claims,
	.parse = parse,
	.wrap = wrap,
};
