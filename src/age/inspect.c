/* SPDX-License-Identifier: MIT */
#include "age/inspect.h"

#include "age/armor.h"
#include "age/header.h"
#include "age/input.h"
#include "age/stream.h"

#define PIECE_LEN ((size_t)65536)

/* A source that counts what is read of another. */
struct counter {
	const struct age_source *source;
	uint64_t count;
};

static int count_read(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err)
{
	struct counter *counter = context;

	if (counter->source->read(counter->source->context, data, len, ret_len, err) < 0)
		return -1;
	counter->count += *ret_len;
	return 0;
}

static bool is_one_of(struct span type, const char *const *names)
{
	while (*names && !span_equal_text(type, *names))
		names++;
	return *names != NULL;
}

/* One stanza that a quantum computer opens is enough; of a kind that we do not know, nothing is known. */
static void judge(struct span type, enum age_post_quantum *post_quantum)
{
	static const char *const weak[] = { "X25519",      "ssh-rsa",
					    "ssh-ed25519", "age-encryption.org/p256tag",
					    "piv-p256",    NULL };
	static const char *const strong[] = { "mlkem768x25519", "scrypt",
					      "age-encryption.org/mlkem768p256tag", NULL };

	if (is_one_of(type, weak))
		*post_quantum = AGE_POST_QUANTUM_NO;
	else if (is_one_of(type, strong) && *post_quantum == AGE_POST_QUANTUM_UNKNOWN)
		*post_quantum = AGE_POST_QUANTUM_YES;
}

static int look_at_header(struct age_input *input, struct age_inspection *inspection,
			  struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	struct span front;
	size_t len;

	if (age_input_find_header(input, &front, &len, err) < 0 ||
	    age_header_look(span_slice(front, 0, len), &header, err) < 0)
		return -1;
	(void)age_header_check(&header, &inspection->refused);
	for (size_t i = 0; i < header.len; i++) {
		if (buf_append_span(&inspection->types, header.stanzas[i].type, err) < 0 ||
		    buf_append_text(&inspection->types, "\n", err) < 0)
			return -1;
		judge(header.stanzas[i].type, &inspection->post_quantum);
	}
	inspection->header = len;
	age_input_take(input, len);
	return 0;
}

static int count_rest(struct age_input *input, uint64_t *ret_count, struct error *err)
{
	AUTO(buf) piece = BUF_INIT;
	size_t len = 1;

	*ret_count = 0;
	if (buf_grow(&piece, PIECE_LEN, err) < 0)
		return -1;
	while (len > 0) {
		if (age_input_read(input, piece.data, PIECE_LEN, &len, err) < 0)
			return -1;
		*ret_count += len;
	}
	return 0;
}

/* Each chunk has a tag; only a file without content has an empty one. */
static int measure(uint64_t sealed, struct age_inspection *inspection, struct error *err)
{
	const uint64_t chunks = sealed <= AGE_STREAM_SALT_LEN
					? 0
					: (sealed - AGE_STREAM_SALT_LEN + AGE_CHUNK_SEALED_LEN -
					   1) / AGE_CHUNK_SEALED_LEN;
	const uint64_t overhead = AGE_STREAM_SALT_LEN + chunks * AEAD_TAG_LEN;
	const uint64_t full = chunks > 0 ? (chunks - 1) * AGE_CHUNK_LEN : 0;

	if (chunks == 0 || sealed < overhead || (chunks > 1 && sealed - overhead <= full))
		return error_set(err, ERROR_FORMAT, "no age file is of this length: it was cut");
	inspection->overhead = overhead;
	inspection->payload = sealed - overhead;
	return 0;
}

static int inspect(struct age_input *input, struct age_inspection *inspection, uint64_t *ret_len,
		   struct error *err)
{
	uint64_t rest;

	if (look_at_header(input, inspection, err) < 0 || count_rest(input, &rest, err) < 0)
		return -1;
	*ret_len = inspection->header + rest;
	return measure(rest, inspection, err);
}

int age_inspect(const struct age_source *source, struct age_inspection *ret_inspection,
		struct error *err)
{
	AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;
	AUTO(age_input) raw = AGE_INPUT_INIT;
	AUTO(age_input) decoded = AGE_INPUT_INIT;
	AUTO(age_armor_reader) reader = AGE_ARMOR_READER_INIT;
	struct counter counter = { source, 0 };
	const struct age_source counted = { count_read, &counter };
	const struct age_source raw_source = { age_input_read, &raw };
	const struct age_source armor_source = { age_armor_read, &reader };
	struct span front;
	uint64_t len;

	raw.source = &counted;
	if (age_input_peek(&raw, AGE_ARMOR_PEEK, &front, err) < 0)
		return -1;
	inspection.armored = age_armor_likely(front);
	reader.source = &raw_source;
	decoded.source = &armor_source;
	if (inspect(inspection.armored ? &decoded : &raw, &inspection, &len, err) < 0)
		return -1;
	inspection.armor = counter.count - len;
	*ret_inspection = inspection;
	inspection = AGE_INSPECTION_INIT;
	return 0;
}

void age_inspection_release(struct age_inspection *inspection)
{
	buf_release(&inspection->types);
	*inspection = AGE_INSPECTION_INIT;
}
