/* SPDX-License-Identifier: MIT */
/*
 * Growable bytes for what is public: sealed documents, headers, messages.
 * Plaintext and keys belong into a struct secret (util/secret.h).
 */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/span.h"

#define BUF_MAX ((size_t)1 << 30)

struct buf {
	uint8_t *data; /* NULL where cap is 0 */
	size_t len, cap;
};

#define BUF_INIT ((struct buf){ NULL, 0, 0 })

/* Room for len more bytes. ERROR_SYSTEM, ERROR_LIMIT. */
MUST_USE int buf_grow(struct buf *b, size_t len, struct error *err);
/*
 * Room for at least one byte more where there is none, for one who reads what may be little: it doubles
 * from a page on up to max bytes in all, which must be more than there are.
 */
MUST_USE int buf_widen(struct buf *b, size_t max, struct error *err);
MUST_USE int buf_append(struct buf *b, const void *bytes, size_t len, struct error *err);
MUST_USE int buf_append_span(struct buf *b, struct span bytes, struct error *err);
MUST_USE int buf_append_text(struct buf *b, const char *text, struct error *err);
MUST_USE int buf_printf(struct buf *b, struct error *err, const char *format, ...)
	PRINTF_LIKE(3, 4);
/* The content as a C string; puts a NUL behind it that does not count. "" where it is empty. */
MUST_USE int buf_text(struct buf *b, const char **ret_text, struct error *err);
struct span buf_span(const struct buf *b);
struct buf buf_move(struct buf *b);
/* Empties it and keeps the memory. */
void buf_clear(struct buf *b);
void buf_release(struct buf *b);

/* AUTO_FREE char *name = NULL; frees it at the end of the scope. */
void buf_free_pointer(void *pointer);
#define AUTO_FREE __attribute__((cleanup(buf_free_pointer)))

#endif
