/* SPDX-License-Identifier: MIT */
/*
 * Opening age files: the half of age/file.h that reads.
 */
#include <string.h>

#include "age/armor.h"
#include "age/file.h"
#include "age/header.h"
#include "age/input.h"
#include "age/stream.h"

/* Most headers are shorter. */
#define HEADER_STEP ((size_t)4096)

static int cut_short(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "malformed age header: it is cut short");
}

/*
 * Opens the header, the first header_len bytes of front, and prepares stream for the chunks
 * that follow the salt behind it.
 */
static int begin(struct span front, size_t header_len, const struct age_identities *identities,
		 struct age_stream *stream, struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(key32) file_key = KEY32_INIT;
	struct span salt = span_slice(front, header_len, AGE_STREAM_SALT_LEN);

	if (age_header_parse(span_slice(front, 0, header_len), &header, err) < 0 ||
	    age_header_open(&header, identities, &file_key, err) < 0)
		return -1;
	if (salt.len < AGE_STREAM_SALT_LEN)
		return cut_short(err);
	age_stream_init(stream, &file_key, salt.data);
	return 0;
}

static int begin_stream(struct age_input *input, const struct age_identities *identities,
			struct age_stream *stream, struct error *err)
{
	struct span front;
	size_t len;

	if (age_input_find_header(input, &front, &len, err) < 0 ||
	    age_input_peek(input, len + AGE_STREAM_SALT_LEN, &front, err) < 0 ||
	    begin(front, len, identities, stream, err) < 0)
		return -1;
	age_input_take(input, len + AGE_STREAM_SALT_LEN);
	return 0;
}

/*
 * Opens one chunk. One that is marked as the last although data follows, or the other way
 * round, is authentic too: it is handed out, and *ret_wrong_end says to refuse the file then.
 */
static int open_chunk(struct age_stream *stream, struct span sealed, bool last, uint8_t *plain,
		      bool *ret_wrong_end, struct error *err)
{
	struct error ignored = ERROR_INIT;

	*ret_wrong_end = false;
	if (age_stream_open(stream, sealed, last, plain, err) == 0)
		return 0;
	if (sealed.len < AGE_CHUNK_SEALED_LEN || err->kind != ERROR_AUTH ||
	    age_stream_open(stream, sealed, !last, plain, &ignored) < 0)
		return -1;
	error_clear(err);
	*ret_wrong_end = true;
	return 0;
}

static int open_payload(struct age_input *input, struct age_stream *stream,
			const struct age_sink *sink, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	bool last = false, wrong_end;

	while (!last) {
		struct span front, sealed;

		/* one byte more says if this chunk is the last */
		if (age_input_peek(input, AGE_CHUNK_SEALED_LEN + 1, &front, err) < 0)
			return -1;
		sealed = span_slice(front, 0, AGE_CHUNK_SEALED_LEN);
		last = sealed.len == front.len;
		/* one page of locked memory for a small file, not seventeen */
		if (secret_reserve(&plain, sealed.len, err) < 0 ||
		    open_chunk(stream, sealed, last, plain.data, &wrong_end, err) < 0)
			return -1;
		age_input_take(input, sealed.len);
		if (sealed.len > AEAD_TAG_LEN &&
		    sink->write(sink->context, span_of(plain.data, sealed.len - AEAD_TAG_LEN),
				err) < 0)
			return -1;
		if (wrong_end)
			return error_set(err, ERROR_AUTH,
					 last ? "the age file is cut short"
					      : "data behind the end of the age file");
	}
	return 0;
}

static int open_binary(struct age_input *input, const struct age_identities *identities,
		       const struct age_sink *sink, struct error *err)
{
	AUTO(age_stream) stream = AGE_STREAM_INIT;

	if (begin_stream(input, identities, &stream, err) < 0) {
		/* whatever hindered the one who was asked: there is no key */
		if (err->kind == ERROR_DENIED)
			err->kind = ERROR_NO_KEY;
		return -1;
	}
	return open_payload(input, &stream, sink, err);
}

int age_open_stream(const struct age_identities *identities, const struct age_source *source,
		    const struct age_sink *sink, struct error *err)
{
	AUTO(age_input) raw = AGE_INPUT_INIT;
	AUTO(age_input) decoded = AGE_INPUT_INIT;
	AUTO(age_armor_reader) reader = AGE_ARMOR_READER_INIT;
	const struct age_source raw_source = { age_input_read, &raw };
	const struct age_source armor_source = { age_armor_read, &reader };
	struct span front;

	raw.source = source;
	if (age_input_peek(&raw, AGE_ARMOR_PEEK, &front, err) < 0)
		return -1;
	if (!age_armor_likely(front))
		return open_binary(&raw, identities, sink, err);
	reader.source = &raw_source;
	decoded.source = &armor_source;
	return open_binary(&decoded, identities, sink, err);
}

/* An age_source's read over a span, which it consumes. */
static int read_span(void *context, uint8_t *data, size_t len, size_t *ret_len,
		     struct error *err UNUSED)
{
	struct span *left = context, part = span_slice(*left, 0, len);

	if (part.len > 0)
		memcpy(data, part.data, part.len);
	*left = span_slice(*left, part.len, SIZE_MAX);
	*ret_len = part.len;
	return 0;
}

static int read_armor(struct span file, struct buf *binary, struct error *err)
{
	AUTO(age_armor_reader) reader = AGE_ARMOR_READER_INIT;
	const struct age_source source = { read_span, &file };
	size_t len = 1;

	reader.source = &source;
	/* armor only shrinks: there is always room for a byte more */
	if (buf_grow(binary, file.len, err) < 0)
		return -1;
	while (len > 0) {
		if (age_armor_read(&reader, binary->data + binary->len, binary->cap - binary->len,
				   &len, err) < 0)
			return -1;
		binary->len += len;
	}
	return 0;
}

/* The payload in memory: each chunk is opened to where it belongs. */
static int open_chunks(struct age_stream *stream, struct span payload, struct secret *ret_plain,
		       struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;

	/* never nothing: then there is an address to open to */
	if (secret_reserve(&plain, payload.len + 1, err) < 0)
		return -1;
	do {
		struct span sealed = span_slice(payload, 0, AGE_CHUNK_SEALED_LEN);

		payload = span_slice(payload, sealed.len, SIZE_MAX);
		if (age_stream_open(stream, sealed, payload.len == 0, plain.data + plain.len, err) <
		    0)
			return -1;
		plain.len += sealed.len - AEAD_TAG_LEN;
	} while (payload.len > 0);
	*ret_plain = secret_move(&plain);
	return 0;
}

/* From armor, no more than holds the header: what is behind may be cut off, and large. */
static int read_armored_header(struct span file, struct buf *binary, size_t *ret_len,
			       struct error *err)
{
	AUTO(age_armor_reader) reader = AGE_ARMOR_READER_INIT;
	const struct age_source source = { read_span, &file };
	size_t len = 1;

	reader.source = &source;
	*ret_len = 0;
	while (len > 0 && *ret_len == 0) {
		if (buf_grow(binary, HEADER_STEP, err) < 0 ||
		    age_armor_read(&reader, binary->data + binary->len, HEADER_STEP, &len, err) < 0)
			return -1;
		binary->len += len;
		if (age_header_find_end(buf_span(binary), ret_len, err) < 0)
			return -1;
	}
	return 0;
}

int age_read_header(struct span file, struct buf *ret_binary, struct age_header *ret_header,
		    struct error *err)
{
	size_t len = 0;

	if (!age_armor_likely(span_slice(file, 0, AGE_ARMOR_PEEK))) {
		if (age_header_find_end(file, &len, err) < 0)
			return -1;
	} else {
		if (read_armored_header(file, ret_binary, &len, err) < 0)
			return -1;
		file = buf_span(ret_binary);
	}
	if (len == 0)
		return cut_short(err);
	return age_header_parse(span_slice(file, 0, len), ret_header, err);
}

int age_open(const struct age_identities *identities, struct span file, struct secret *ret_plain,
	     struct error *err)
{
	AUTO(buf) binary = BUF_INIT;
	AUTO(age_stream) stream = AGE_STREAM_INIT;
	size_t header_len = 0;

	if (file.len > AGE_MEMORY_MAX)
		return error_set(err, ERROR_LIMIT, "an age file of more than %zu MiB",
				 AGE_MEMORY_MAX >> 20);
	if (age_armor_likely(span_slice(file, 0, AGE_ARMOR_PEEK))) {
		if (read_armor(file, &binary, err) < 0)
			return -1;
		file = buf_span(&binary);
	}
	if (age_header_find_end(file, &header_len, err) < 0)
		return -1;
	if (header_len == 0)
		return cut_short(err);
	if (begin(file, header_len, identities, &stream, err) < 0)
		return -1;
	return open_chunks(&stream, span_slice(file, header_len + AGE_STREAM_SALT_LEN, SIZE_MAX),
			   ret_plain, err);
}
