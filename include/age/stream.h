/* SPDX-License-Identifier: MIT */
/*
 * The payload of an age file: chunks of 64 KiB, each sealed on its own; the nonce counts
 * them and marks the last (C2SP age.md, "Payload"). What is opened chunk by chunk may be
 * used at once; that the file ends where it should is known only after the last.
 */
#ifndef AGE_STREAM_H
#define AGE_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/aead.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define AGE_CHUNK_LEN ((size_t)65536)
#define AGE_CHUNK_SEALED_LEN (AGE_CHUNK_LEN + AEAD_TAG_LEN)
#define AGE_STREAM_SALT_LEN 16

struct age_stream {
	struct aead aead;
	uint8_t nonce[AEAD_NONCE_LEN]; /* 11 bytes of counter, 1 that marks the last chunk */
};

#define AGE_STREAM_INIT ((struct age_stream){ AEAD_INIT, { 0 } })

/* salt stands between the header and the first chunk. */
void age_stream_init(struct age_stream *stream, const struct key32 *file_key,
		     const uint8_t salt[AGE_STREAM_SALT_LEN]);
/* The next chunk, at most AGE_CHUNK_LEN; writes plain.len + AEAD_TAG_LEN bytes. */
MUST_USE int age_stream_seal(struct age_stream *stream, struct span plain, bool last,
			     uint8_t *ret_sealed, struct error *err);
/*
 * The next chunk, at most AGE_CHUNK_SEALED_LEN; writes sealed.len - AEAD_TAG_LEN bytes.
 * ERROR_AUTH, and the stream stands where it stood, where it is not this chunk of this file.
 */
MUST_USE int age_stream_open(struct age_stream *stream, struct span sealed, bool last,
			     uint8_t *ret_plain, struct error *err);
/* The length of len bytes when sealed, without the salt; false where it does not fit a size_t. */
bool age_stream_sealed_len(size_t len, size_t *ret_len);
void age_stream_release(struct age_stream *stream);

#endif
