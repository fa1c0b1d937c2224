/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "openclaw/reload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct error err = ERROR_INIT;
	unsigned warnings = 0;
	struct secret text;
	int result;

	fuzz_start();
	text = fuzz_copy(span_of(data, len));
	result = reload_parse(&text, &warnings, &err);
	fuzz_result(result, &err);
	fuzz_require(warnings <= 999999);
	secret_release(&text);
	fuzz_end();
	return 0;
}
