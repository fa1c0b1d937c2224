/* SPDX-License-Identifier: MIT */
#include "util/span.h"

#include <assert.h>
#include <string.h>

struct span span_of_text(const char *text)
{
	return span_of(text, strlen(text));
}

bool span_equal(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool span_equal_text(struct span a, const char *text)
{
	return span_equal(a, span_of_text(text));
}

bool span_ends_with(struct span s, const char *suffix)
{
	const size_t len = strlen(suffix);

	return s.len >= len && span_equal_text(span_slice(s, s.len - len, len), suffix);
}

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct span span_trim(struct span s)
{
	while (s.len > 0 && is_blank(s.data[0]))
		s = span_slice(s, 1, s.len);
	while (s.len > 0 && is_blank(s.data[s.len - 1]))
		s.len--;
	return s;
}

bool span_take(struct span *s, size_t len, struct span *ret_taken)
{
	if (s->len < len)
		return false;
	*ret_taken = span_slice(*s, 0, len);
	assert(len == 0 || ret_taken->data != NULL);
	*s = span_slice(*s, len, s->len);
	return true;
}

bool span_take_u8(struct span *s, uint8_t *ret_value)
{
	struct span taken;

	if (!span_take(s, 1, &taken))
		return false;
	*ret_value = taken.data[0];
	return true;
}

bool span_take_be32(struct span *s, uint32_t *ret_value)
{
	struct span taken;

	if (!span_take(s, 4, &taken))
		return false;
	*ret_value = (uint32_t)taken.data[0] << 24 | (uint32_t)taken.data[1] << 16 |
		     (uint32_t)taken.data[2] << 8 | (uint32_t)taken.data[3];
	return true;
}

bool span_take_line(struct span *s, struct span *ret_line)
{
	return span_take_until(s, '\n', ret_line);
}

bool span_take_until(struct span *s, uint8_t separator, struct span *ret_part)
{
	const uint8_t *end;
	size_t len;

	if (s->len == 0)
		return false;
	end = memchr(s->data, separator, s->len);
	len = end ? (size_t)(end - s->data) : s->len;
	*ret_part = span_slice(*s, 0, len);
	*s = span_slice(*s, end ? len + 1 : len, s->len);
	return true;
}
