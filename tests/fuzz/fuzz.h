/* SPDX-License-Identifier: MIT */
/* What every fuzz target asserts: an error is set exactly when there is one, and no secret is left. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/lib.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static inline void fuzz_require(bool condition)
{
	if (!condition)
		abort();
}

static inline void fuzz_result(int result, const struct error *err)
{
	fuzz_require(result == 0 || result == -1);
	fuzz_require((result == -1) == (err->kind != ERROR_NONE));
	fuzz_require(result == 0 || err->message[0] != '\0');
}

static inline struct secret fuzz_copy(struct span text)
{
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(secret_append_span(&out, text, &err) == 0);
	return out;
}

static inline void fuzz_start(void)
{
	struct error err = ERROR_INIT;

	fuzz_require(crypto_init(&err) == 0);
}

static inline void fuzz_end(void)
{
	fuzz_require(secret_live() == 0);
}

#endif
