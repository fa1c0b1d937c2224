/* SPDX-License-Identifier: MIT */
/*
 * Sealing age files: the half of age/file.h that writes.
 */
#include <string.h>

#include "age/armor.h"
#include "age/file.h"
#include "age/header.h"
#include "age/stream.h"
#include "crypto/random.h"

/* A new file key: appends the header and the salt, and leaves stream ready for the chunks. */
static int begin(const struct age_recipients *recipients, struct buf *file,
		 struct age_stream *stream, struct error *err)
{
	AUTO(key32) file_key = KEY32_INIT;
	uint8_t salt[AGE_STREAM_SALT_LEN];

	random_bytes(file_key.data, AGE_FILE_KEY_LEN);
	random_bytes(salt, sizeof(salt));
	if (age_header_write(recipients, &file_key, file, err) < 0 ||
	    buf_append(file, salt, sizeof(salt), err) < 0)
		return -1;
	age_stream_init(stream, &file_key, salt);
	return 0;
}

/* Reads until there are AGE_CHUNK_LEN + 1 bytes or the source ends: so the last chunk is known. */
static int fill(const struct age_source *source, struct secret *plain, struct error *err)
{
	size_t len = 1;

	while (len > 0 && plain->len <= AGE_CHUNK_LEN) {
		if (source->read(source->context, plain->data + plain->len,
				 AGE_CHUNK_LEN + 1 - plain->len, &len, err) < 0)
			return -1;
		plain->len += len;
	}
	return 0;
}

static int seal_payload(struct age_stream *stream, const struct age_source *source,
			const struct age_sink *sink, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	AUTO(buf) sealed = BUF_INIT;
	bool last = false;

	if (secret_reserve(&plain, AGE_CHUNK_LEN + 1, err) < 0 ||
	    buf_grow(&sealed, AGE_CHUNK_SEALED_LEN, err) < 0)
		return -1;
	while (!last) {
		struct span chunk;

		if (fill(source, &plain, err) < 0)
			return -1;
		chunk = span_slice(secret_span(&plain), 0, AGE_CHUNK_LEN);
		last = chunk.len == plain.len;
		if (age_stream_seal(stream, chunk, last, sealed.data, err) < 0 ||
		    sink->write(sink->context, span_of(sealed.data, chunk.len + AEAD_TAG_LEN),
				err) < 0)
			return -1;
		if (!last)
			plain.data[0] = plain.data[AGE_CHUNK_LEN];
		plain.len = 1;
	}
	return 0;
}

static int seal_binary(const struct age_recipients *recipients, const struct age_source *source,
		       const struct age_sink *sink, struct error *err)
{
	AUTO(age_stream) stream = AGE_STREAM_INIT;
	AUTO(buf) front = BUF_INIT;

	if (begin(recipients, &front, &stream, err) < 0 ||
	    sink->write(sink->context, buf_span(&front), err) < 0)
		return -1;
	return seal_payload(&stream, source, sink, err);
}

int age_seal_stream(const struct age_recipients *recipients, bool armored,
		    const struct age_source *source, const struct age_sink *sink, struct error *err)
{
	AUTO(age_armor_writer) writer = AGE_ARMOR_WRITER_INIT;
	const struct age_sink armor_sink = { age_armor_write, &writer };

	if (!armored)
		return seal_binary(recipients, source, sink, err);
	writer.sink = sink;
	if (seal_binary(recipients, source, &armor_sink, err) < 0)
		return -1;
	return age_armor_finish(&writer, err);
}

static int append(void *context, struct span bytes, struct error *err)
{
	return buf_append_span(context, bytes, err);
}

static int add_armor(struct buf *file, struct error *err)
{
	AUTO(age_armor_writer) writer = AGE_ARMOR_WRITER_INIT;
	AUTO(buf) text = BUF_INIT;
	const struct age_sink sink = { append, &text };

	writer.sink = &sink;
	if (age_armor_write(&writer, buf_span(file), err) < 0 || age_armor_finish(&writer, err) < 0)
		return -1;
	buf_release(file);
	*file = buf_move(&text);
	return 0;
}

int age_seal(const struct age_recipients *recipients, struct span plain, bool armored,
	     struct buf *ret_file, struct error *err)
{
	AUTO(buf) file = BUF_INIT;
	AUTO(age_stream) stream = AGE_STREAM_INIT;
	size_t sealed_len;

	if (plain.len > AGE_MEMORY_MAX || !age_stream_sealed_len(plain.len, &sealed_len))
		return error_set(err, ERROR_LIMIT, "more than %zu MiB to seal",
				 AGE_MEMORY_MAX >> 20);
	if (begin(recipients, &file, &stream, err) < 0 || buf_grow(&file, sealed_len, err) < 0)
		return -1;
	do {
		struct span chunk = span_slice(plain, 0, AGE_CHUNK_LEN);

		plain = span_slice(plain, chunk.len, SIZE_MAX);
		if (age_stream_seal(&stream, chunk, plain.len == 0, file.data + file.len, err) < 0)
			return -1;
		file.len += chunk.len + AEAD_TAG_LEN;
	} while (plain.len > 0);
	if (armored && add_armor(&file, err) < 0)
		return -1;
	*ret_file = buf_move(&file);
	return 0;
}
