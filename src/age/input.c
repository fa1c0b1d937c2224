/* SPDX-License-Identifier: MIT */
#include "age/input.h"

#include <assert.h>
#include <string.h>

#include "age/header.h"

/* How much more of a header is read at once. */
#define HEADER_STEP 16384

int age_input_peek(struct age_input *input, size_t want, struct span *ret_front, struct error *err)
{
	struct buf *bytes = &input->bytes;

	if (input->start > 0 && bytes->len - input->start < want) {
		memmove(bytes->data, bytes->data + input->start, bytes->len - input->start);
		bytes->len -= input->start;
		input->start = 0;
	}
	while (!input->ended && bytes->len - input->start < want) {
		size_t len = 0;

		if (buf_widen(bytes, want, err) < 0 ||
		    input->source->read(input->source->context, bytes->data + bytes->len,
					(want < bytes->cap ? want : bytes->cap) - bytes->len, &len,
					err) < 0)
			return -1;
		bytes->len += len;
		input->ended = len == 0;
	}
	*ret_front = span_slice(buf_span(bytes), input->start, SIZE_MAX);
	return 0;
}

int age_input_find_header(struct age_input *input, struct span *ret_front, size_t *ret_len,
			  struct error *err)
{
	size_t want = 0, len = 0;

	while (len == 0) {
		want += HEADER_STEP;
		if (age_input_peek(input, want, ret_front, err) < 0 ||
		    age_header_find_end(*ret_front, &len, err) < 0)
			return -1;
		if (len == 0 && ret_front->len < want)
			return error_set(err, ERROR_FORMAT,
					 "malformed age header: it is cut short");
	}
	*ret_len = len;
	return 0;
}

void age_input_take(struct age_input *input, size_t len)
{
	assert(len <= input->bytes.len - input->start);
	input->start += len;
}

int age_input_read(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err)
{
	struct age_input *input = context;
	struct span front = span_slice(buf_span(&input->bytes), input->start, len);

	if (front.len == 0)
		return input->source->read(input->source->context, data, len, ret_len, err);
	memcpy(data, front.data, front.len);
	age_input_take(input, front.len);
	*ret_len = front.len;
	return 0;
}

void age_input_release(struct age_input *input)
{
	buf_release(&input->bytes);
	*input = AGE_INPUT_INIT;
}
