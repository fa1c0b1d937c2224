/* SPDX-License-Identifier: MIT */
/* Fixtures, and what the tests of one module share: small things that assert as they go. */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/lib.h"
#include "util/error.h"
#include "util/file.h"
#include "util/secret.h"
#include "util/span.h"

/* Each suite() begins with it: libgcrypt wants to be initialised before anything else. */
static inline void start_crypto(void)
{
	struct error err = ERROR_INIT;

	if (crypto_init(&err) < 0)
		abort();
}

/* How many bits to go on from one that was flipped: TEST_STRIDE times as many where all is slow (valgrind). */
static inline size_t stride(size_t usual)
{
	const char *times = getenv("TEST_STRIDE");

	return usual * (times ? strtoul(times, NULL, 10) | 1 : 1);
}

/* A fixture below tests/vectors, whole. Also used before the tests run: it aborts, not asserts. */
static inline struct secret load(const char *name)
{
	struct secret file = SECRET_INIT;
	struct error err = ERROR_INIT;
	char path[256];

	snprintf(path, sizeof(path), "tests/vectors/%s", name);
	if (file_read(AT_FDCWD, path, (size_t)1 << 24, &file, &err) < 0) {
		fprintf(stderr, "%s\n", err.message);
		abort();
	}
	return file;
}

static inline uint8_t hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

/* Decodes as many bytes as text spells; blanks are skipped. */
static inline size_t from_hex(const char *text, uint8_t *ret_bytes)
{
	size_t len = 0;

	for (; *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		ret_bytes[len++] = (uint8_t)(hex_digit(text[0]) << 4 | hex_digit(text[1]));
		text++;
	}
	return len;
}

#define ck_assert_hex(bytes, text)                                                                 \
	do {                                                                                       \
		uint8_t hex_expected[1024];                                                        \
		size_t hex_len = from_hex((text), hex_expected);                                   \
		ck_assert_mem_eq((bytes), hex_expected, hex_len);                                  \
	} while (0)

#define ck_assert_span(found, text)                                                                \
	do {                                                                                       \
		struct span span_found = (found);                                                  \
		ck_assert_msg(span_equal_text(span_found, (text)), "\"%.*s\" is not \"%s\"",       \
			      SPAN_PRINT(span_found), (text));                                     \
	} while (0)

#define ck_assert_ok(call) ck_assert_msg((call) == 0, "%s", err.message)

#define ck_assert_fails(call, expected_kind)                                                       \
	do {                                                                                       \
		err = ERROR_INIT;                                                                  \
		ck_assert_int_eq((call), -1);                                                      \
		ck_assert_msg(err.kind == (expected_kind), "kind %d: %s", (int)err.kind,           \
			      err.message);                                                        \
		ck_assert_str_ne(err.message, "");                                                 \
		err = ERROR_INIT;                                                                  \
	} while (0)

#endif
