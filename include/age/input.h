/* SPDX-License-Identifier: MIT */
/*
 * A source with look-ahead: what was read and not yet taken stays in front.
 */
#ifndef AGE_INPUT_H
#define AGE_INPUT_H

#include "age/file.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/span.h"

struct age_input {
	const struct age_source *source;
	struct buf bytes;
	size_t start; /* bytes before it were taken */
	bool ended;
};

#define AGE_INPUT_INIT ((struct age_input){ NULL, BUF_INIT, 0, false })

/*
 * Reads until there are want bytes in front, or the source ends, and shows what is
 * there: it may be more or less than want. Valid until the next call.
 */
MUST_USE int age_input_peek(struct age_input *input, size_t want, struct span *ret_front,
			    struct error *err);
/*
 * The same until there is a whole header in front, of *ret_len bytes (age/header.h). ERROR_FORMAT,
 * ERROR_LIMIT.
 */
MUST_USE int age_input_find_header(struct age_input *input, struct span *ret_front, size_t *ret_len,
				   struct error *err);
/* Takes len bytes that were shown. */
void age_input_take(struct age_input *input, size_t len);
/* An age_source's read: an input can itself be read from. context is a struct age_input. */
int age_input_read(void *context, uint8_t *data, size_t len, size_t *ret_len, struct error *err);
void age_input_release(struct age_input *input);

#endif
