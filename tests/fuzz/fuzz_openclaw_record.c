/* SPDX-License-Identifier: MIT */
/* The record of a setup: what was read is written, and read again, as the same. */
#include "fuzz.h"
#include "openclaw/change.h"

static void check(const struct change *change)
{
	struct secret bytes = SECRET_INIT, again = SECRET_INIT;
	struct change second = CHANGE_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(change_format(change, &bytes, &err) == 0);
	fuzz_require(change_parse(secret_span(&bytes), &second, &err) == 0);
	fuzz_require(second.len == change->len);
	fuzz_require(change_format(&second, &again, &err) == 0);
	fuzz_require(span_equal(secret_span(&bytes), secret_span(&again)));
	change_release(&second);
	secret_release(&again);
	secret_release(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct change change = CHANGE_INIT;
	struct error err = ERROR_INIT;
	int status;

	fuzz_start();
	status = change_parse(span_of(data, len), &change, &err);
	fuzz_result(status, &err);
	if (status == 0)
		check(&change);
	change_release(&change);
	fuzz_end();
	return 0;
}
