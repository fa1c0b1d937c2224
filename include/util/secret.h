/* SPDX-License-Identifier: MIT */
/*
 * Locked bytes: memory from sodium_malloc() (guard pages, canary, locked where
 * the limits allow, left out of core dumps), wiped when released.
 *
 * One allocation makes four memory mappings, so there are few and large ones:
 * one per document, never one per value; values are offsets into it, which
 * stay valid when it grows. Holds bytes only, never pointers. Growing allocates,
 * copies and frees (wiping the old block); it never calls realloc().
 */
#ifndef UTIL_SECRET_H
#define UTIL_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/error.h"
#include "util/span.h"

/* No document or key is larger: 1 GiB. */
#define SECRET_MAX ((size_t)1 << 30)

struct secret {
	uint8_t *data; /* NULL where cap is 0 */
	size_t len, cap;
};

#define SECRET_INIT ((struct secret){ NULL, 0, 0 })

/* Room for cap bytes in all; keeps the content. ERROR_SYSTEM, ERROR_LIMIT. */
MUST_USE int secret_reserve(struct secret *s, size_t cap, struct error *err);
/* Room for len more bytes, growing by doubling. */
MUST_USE int secret_grow(struct secret *s, size_t len, struct error *err);
/* Appends; grows by doubling. bytes must not lie in s. */
MUST_USE int secret_append(struct secret *s, const void *bytes, size_t len, struct error *err);
MUST_USE int secret_append_span(struct secret *s, struct span bytes, struct error *err);
MUST_USE int secret_append_text(struct secret *s, const char *text, struct error *err);
/* Forgets the bytes from len on and wipes them; len must not be above s->len. */
void secret_truncate(struct secret *s, size_t len);
/* The content, borrowed until s is next changed. */
static inline struct span secret_span(const struct secret *s)
{
	return span_of(s->data, s->len);
}
/* Hands the content over: returns it and leaves *s empty. */
struct secret secret_move(struct secret *s);
/* Wipes and frees; leaves SECRET_INIT. */
void secret_release(struct secret *s);

/* How many secrets hold memory now: zero at the end of every test. */
size_t secret_live(void);

/*
 * From now on some small blocks that are released are kept, wiped and locked, for the next ones: one from
 * the system costs a dozen calls, which is half of what a small file costs. For work over many files.
 */
void secret_keep_spares(void);
/* Gives them back and keeps no more. */
void secret_free_spares(void);
/* In a forked child, which does not inherit the locks: uses none of its parent's, and keeps no more. */
void secret_forget_spares(void);

/* A key of 32 bytes (or fewer) on the stack, wiped when it goes out of scope. */
struct key32 {
	uint8_t data[32];
};

#define KEY32_INIT ((struct key32){ { 0 } })

void key32_release(struct key32 *key);

/* Wipes len bytes in a way that the compiler cannot drop. */
void secret_wipe(void *data, size_t len);
/*
 * Wipes what compilers and C libraries leave of secrets where no variable is: spilled registers in
 * the stack below the caller, and vector registers, through which memcpy() copies. Once, at the end.
 */
void secret_wipe_traces(void);
/* Constant time comparison of len bytes. */
bool secret_equal(const void *a, const void *b, size_t len);

#endif
