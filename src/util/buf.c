/* SPDX-License-Identifier: MIT */
#include "util/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDEN_MIN 4096

static int resize(struct buf *b, size_t cap, struct error *err)
{
	uint8_t *data = realloc(b->data, cap);

	if (data == NULL)
		return error_memory(err);
	b->data = data;
	b->cap = cap;
	return 0;
}

int buf_grow(struct buf *b, size_t len, struct error *err)
{
	size_t need, cap;

	if (!size_add(b->len, len, &need) || need > BUF_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu MiB at once", BUF_MAX >> 20);
	if (need <= b->cap)
		return 0;
	cap = b->cap < 128 ? 256 : b->cap * 2;
	return resize(b, cap < need ? need : cap, err);
}

int buf_widen(struct buf *b, size_t max, struct error *err)
{
	const size_t cap = b->cap < WIDEN_MIN ? WIDEN_MIN : 2 * b->cap;

	assert(b->len < max && max <= BUF_MAX);
	return b->len < b->cap ? 0 : resize(b, cap < max ? cap : max, err);
}

int buf_append(struct buf *b, const void *bytes, size_t len, struct error *err)
{
	if (len == 0)
		return 0;
	if (buf_grow(b, len, err) < 0)
		return -1;
	memcpy(b->data + b->len, bytes, len);
	b->len += len;
	return 0;
}

int buf_append_span(struct buf *b, struct span bytes, struct error *err)
{
	return buf_append(b, bytes.data, bytes.len, err);
}

int buf_append_text(struct buf *b, const char *text, struct error *err)
{
	return buf_append(b, text, strlen(text), err);
}

int buf_printf(struct buf *b, struct error *err, const char *format, ...)
{
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (len < 0)
		return error_set(err, ERROR_BUG, "a message could not be formatted");
	if (buf_grow(b, (size_t)len + 1, err) < 0)
		return -1;
	va_start(arguments, format);
	vsnprintf((char *)b->data + b->len, (size_t)len + 1, format, arguments);
	va_end(arguments);
	b->len += (size_t)len;
	return 0;
}

int buf_text(struct buf *b, const char **ret_text, struct error *err)
{
	if (buf_grow(b, 1, err) < 0)
		return -1;
	b->data[b->len] = '\0';
	*ret_text = (const char *)b->data;
	return 0;
}

struct span buf_span(const struct buf *b)
{
	return span_of(b->data, b->len);
}

struct buf buf_move(struct buf *b)
{
	const struct buf moved = *b;

	*b = BUF_INIT;
	return moved;
}

void buf_clear(struct buf *b)
{
	b->len = 0;
}

void buf_release(struct buf *b)
{
	free(b->data);
	*b = BUF_INIT;
}

void buf_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}
