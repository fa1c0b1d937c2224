/* SPDX-License-Identifier: MIT */
#include "age/armor.h"
#include "fuzz.h"

struct drip {
	struct span left;
	size_t step;
};

static int drip_read(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err)
{
	struct drip *drip = context;
	struct span part = span_slice(drip->left, 0, len < drip->step ? len : drip->step);

	(void)err;
	if (part.len > 0)
		memcpy(data, part.data, part.len);
	drip->left = span_slice(drip->left, part.len, SIZE_MAX);
	*ret_len = part.len;
	return 0;
}

static int collect(void *context, struct span bytes, struct error *err)
{
	return buf_append_span(context, bytes, err);
}

static int read_all(struct span text, size_t step, struct buf *bytes)
{
	AUTO(age_armor_reader) reader = AGE_ARMOR_READER_INIT;
	struct drip drip = { text, step };
	const struct age_source source = { drip_read, &drip };
	struct error err = ERROR_INIT;
	uint8_t part[100];
	size_t len = 1;
	int result = 0;

	reader.source = &source;
	while (result == 0 && len > 0) {
		result = age_armor_read(&reader, part, sizeof(part), &len, &err);
		if (result == 0)
			fuzz_require(buf_append(bytes, part, len, &err) == 0);
	}
	fuzz_result(result, &err);
	return result;
}

static void write_all(struct span bytes, struct buf *text)
{
	AUTO(age_armor_writer) writer = AGE_ARMOR_WRITER_INIT;
	const struct age_sink sink = { collect, text };
	struct error err = ERROR_INIT;

	writer.sink = &sink;
	fuzz_require(age_armor_write(&writer, bytes, &err) == 0);
	fuzz_require(age_armor_finish(&writer, &err) == 0);
}

/* The same however it comes in; what was read and is written again, reads the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(buf) bytes = BUF_INIT;
	AUTO(buf) again = BUF_INIT;
	AUTO(buf) text = BUF_INIT;
	int result = read_all(span_of(data, len), 13, &bytes);

	fuzz_require(read_all(span_of(data, len), SIZE_MAX, &again) == result);
	if (result < 0)
		return 0;
	fuzz_require(span_equal(buf_span(&bytes), buf_span(&again)));
	write_all(buf_span(&bytes), &text);
	buf_clear(&again);
	fuzz_require(read_all(buf_span(&text), SIZE_MAX, &again) == 0);
	fuzz_require(span_equal(buf_span(&bytes), buf_span(&again)));
	fuzz_end();
	return 0;
}
