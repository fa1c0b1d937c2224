/* SPDX-License-Identifier: MIT */
#include "age/stream.h"

#include <assert.h>
#include <string.h>

#include "age/header.h"
#include "crypto/hkdf.h"

void age_stream_init(struct age_stream *stream, const struct key32 *file_key,
		     const uint8_t salt[AGE_STREAM_SALT_LEN])
{
	AUTO(key32) key = KEY32_INIT;

	hkdf_sha256(span_of(file_key->data, AGE_FILE_KEY_LEN), span_of(salt, AGE_STREAM_SALT_LEN),
		    SPAN_LITERAL("payload"), &key);
	memset(stream->nonce, 0, sizeof(stream->nonce));
	aead_init(&stream->aead, &key);
}

/* The counter has 88 bits: no file is long enough to bring it round. */
static void count(struct age_stream *stream)
{
	for (size_t i = AEAD_NONCE_LEN - 1; i-- > 0;) {
		if (++stream->nonce[i] != 0)
			return;
	}
}

static bool is_first(const struct age_stream *stream)
{
	for (size_t i = 0; i < AEAD_NONCE_LEN - 1; i++) {
		if (stream->nonce[i] != 0)
			return false;
	}
	return true;
}

int age_stream_seal(struct age_stream *stream, struct span plain, bool last, uint8_t *ret_sealed,
		    struct error *err)
{
	assert(plain.len <= AGE_CHUNK_LEN && (last || plain.len == AGE_CHUNK_LEN));
	stream->nonce[AEAD_NONCE_LEN - 1] = last;
	if (aead_seal(&stream->aead, stream->nonce, plain, ret_sealed, err) < 0)
		return -1;
	count(stream);
	return 0;
}

int age_stream_open(struct age_stream *stream, struct span sealed, bool last, uint8_t *ret_plain,
		    struct error *err)
{
	assert(sealed.len <= AGE_CHUNK_SEALED_LEN);
	if (sealed.len < AEAD_TAG_LEN)
		return error_set(err, ERROR_AUTH, "the age file is cut short");
	/* an empty last chunk would be a second spelling of the same file */
	if (sealed.len == AEAD_TAG_LEN && !is_first(stream))
		return error_set(err, ERROR_AUTH, "the age file ends in an empty chunk");
	stream->nonce[AEAD_NONCE_LEN - 1] = last;
	if (aead_open(&stream->aead, stream->nonce, sealed, ret_plain, err) < 0)
		return error_set(err, err->kind,
				 last ? "the age file was changed or cut short"
				      : "the age file was changed");
	count(stream);
	return 0;
}

bool age_stream_sealed_len(size_t len, size_t *ret_len)
{
	size_t chunks = len == 0 ? 1 : (len - 1) / AGE_CHUNK_LEN + 1;

	return size_add(len, chunks * AEAD_TAG_LEN, ret_len);
}

void age_stream_release(struct age_stream *stream)
{
	aead_release(&stream->aead);
	*stream = AGE_STREAM_INIT;
}
