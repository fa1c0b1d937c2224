/* SPDX-License-Identifier: MIT */
#include "age/share.h"

#include <assert.h>
#include <string.h>

#include "age/header.h"
#include "crypto/hkdf.h"
#include "crypto/random.h"
#include "util/codec.h"

int age_share_new(const uint8_t point[X25519_LEN], struct age_share *ret_share, struct error *err)
{
	AUTO(key32) scalar = KEY32_INIT;

	random_bytes(scalar.data, sizeof(scalar.data));
	x25519_public(&scalar, ret_share->share);
	memcpy(ret_share->point, point, X25519_LEN);
	if (!x25519(&scalar, point, &ret_share->shared))
		return error_set(err, ERROR_FORMAT, "the recipient is a point of low order");
	return 0;
}

int age_share_read(struct span text, struct span scalar, const uint8_t point[X25519_LEN],
		   struct age_share *ret_share, struct error *err)
{
	AUTO(key32) own = KEY32_INIT;
	uint8_t share[X25519_LEN + 1];
	size_t len = 0;

	if (!codec_base64_decode(text, CODEC_BASE64_UNPADDED, share, sizeof(share), &len) ||
	    len != X25519_LEN)
		return error_set(err, ERROR_FORMAT, "malformed age header: a stanza's share");
	memcpy(ret_share->share, share, X25519_LEN);
	memcpy(ret_share->point, point, X25519_LEN);
	assert(scalar.len == sizeof(own.data));
	memcpy(own.data, scalar.data, sizeof(own.data));
	/* the specification makes an all-zero secret an error, not a mismatch */
	if (!x25519(&own, share, &ret_share->shared))
		return error_set(err, ERROR_FORMAT,
				 "malformed age header: a stanza's share is of low order");
	return 0;
}

void age_share_text(const struct age_share *share, char ret_text[AGE_SHARE_TEXT_LEN + 1])
{
	codec_base64_encode(span_of(share->share, sizeof(share->share)), CODEC_BASE64_UNPADDED,
			    ret_text);
	ret_text[AGE_SHARE_TEXT_LEN] = '\0';
}

static void wrapping_key(const struct age_share *share, const char *label, struct key32 *ret_key)
{
	uint8_t salt[2 * X25519_LEN];

	memcpy(salt, share->share, X25519_LEN);
	memcpy(salt + X25519_LEN, share->point, X25519_LEN);
	hkdf_sha256(span_of(share->shared.data, sizeof(share->shared.data)),
		    span_of(salt, sizeof(salt)), span_of_text(label), ret_key);
}

void age_share_wrap(const struct age_share *share, const char *label, const struct key32 *file_key,
		    uint8_t ret_wrapped[AGE_WRAPPED_LEN])
{
	AUTO(key32) key = KEY32_INIT;

	wrapping_key(share, label, &key);
	aead_wrap(&key, span_of(file_key->data, AGE_FILE_KEY_LEN), ret_wrapped);
}

int age_share_unwrap(const struct age_share *share, const char *label, struct span wrapped,
		     bool *ret_opened, struct key32 *ret_file_key, struct error *err)
{
	AUTO(key32) key = KEY32_INIT;

	/* before decrypting: a longer one could be made to open under two keys */
	if (wrapped.len != AGE_WRAPPED_LEN)
		return error_set(err, ERROR_FORMAT,
				 "malformed age header: a wrapped file key of %zu bytes",
				 wrapped.len);
	wrapping_key(share, label, &key);
	*ret_opened = aead_unwrap(&key, wrapped, ret_file_key->data);
	return 0;
}

void age_share_release(struct age_share *share)
{
	key32_release(&share->shared);
	*share = AGE_SHARE_INIT;
}
