/* SPDX-License-Identifier: MIT */
/*
 * A borrowed piece of memory, pointer and length, and checked readers that
 * consume it from the front. A span never owns what it points to; it is valid
 * as long as its owner is, at most until the function it was given to returns.
 */
#ifndef UTIL_SPAN_H
#define UTIL_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "util/attr.h"

struct span {
	const uint8_t *data; /* may be NULL when len is 0 */
	size_t len;
};

#define SPAN_INIT ((struct span){ NULL, 0 })
/* A string literal without its terminator. */
#define SPAN_LITERAL(text) ((struct span){ (const uint8_t *)(text), sizeof(text) - 1 })
/* Arguments for "%.*s"; only for text that was checked to be printable. */
#define SPAN_PRINT(s) (int)(s).len, (const char *)(s).data

struct span span_of_text(const char *text);

static inline struct span span_of(const void *data, size_t len)
{
	return (struct span){ (const uint8_t *)data, len };
}

/* The part from offset, at most len bytes; cut to what is there. */
static inline struct span span_slice(struct span s, size_t offset, size_t len)
{
	if (offset > s.len)
		offset = s.len;
	if (len > s.len - offset)
		len = s.len - offset;
	/* as a number: NULL + 0 is undefined in C17 */
	return span_of((const void *)((uintptr_t)s.data + offset), len);
}

/* Not constant time: for public bytes only. */
bool span_equal(struct span a, struct span b);
bool span_equal_text(struct span a, const char *text);
static inline bool span_starts_with(struct span s, const char *prefix)
{
	const size_t len = strlen(prefix);

	return s.len >= len && (len == 0 || memcmp(s.data, prefix, len) == 0);
}
bool span_ends_with(struct span s, const char *suffix);
/* Without spaces, tabs, CR and LF at both ends. */
struct span span_trim(struct span s);

/* Readers: false, and *s unchanged, where *s is too short. */
bool span_take(struct span *s, size_t len, struct span *ret_taken);
bool span_take_u8(struct span *s, uint8_t *ret_value);
bool span_take_be32(struct span *s, uint32_t *ret_value);
/* Up to the next LF, which is consumed and not part of the line; false at the end. A CR stays. */
bool span_take_line(struct span *s, struct span *ret_line);
/* Up to the next byte separator (consumed) or the end; false where *s is empty. */
bool span_take_until(struct span *s, uint8_t separator, struct span *ret_part);

/* a + b without wrapping; false where it would wrap. */
static inline bool size_add(size_t a, size_t b, size_t *ret_sum)
{
	return !__builtin_add_overflow(a, b, ret_sum);
}

static inline bool size_mul(size_t a, size_t b, size_t *ret_product)
{
	return !__builtin_mul_overflow(a, b, ret_product);
}

#endif
