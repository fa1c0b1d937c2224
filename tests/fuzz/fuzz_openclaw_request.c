/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "openclaw/request.h"

/* No id leads out of a directory, and all are told apart. */
static void check(const struct names *ids)
{
	fuzz_require(ids->len <= REQUEST_IDS_MAX);
	for (size_t i = 0; i < ids->len; i++) {
		struct span id = span_of_text(ids->items[i]), part;

		fuzz_require(id.len > 0 && id.len <= REQUEST_ID_MAX && id.data[0] != '/');
		for (size_t k = 0; k < id.len; k++)
			fuzz_require(id.data[k] > ' ' && id.data[k] < 0x7f);
		for (size_t k = 0; k < i; k++)
			fuzz_require(!span_equal_text(id, ids->items[k]));
		while (span_take_until(&id, '/', &part))
			fuzz_require(!span_equal_text(part, ".") && !span_equal_text(part, ".."));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct names ids = NAMES_INIT;
	struct error err = ERROR_INIT;
	struct secret text;
	int result;

	fuzz_start();
	text = fuzz_copy(span_of(data, len));
	result = request_parse(&text, &ids, &err);
	fuzz_result(result, &err);
	if (result == 0)
		check(&ids);
	names_release(&ids);
	secret_release(&text);
	fuzz_end();
	return 0;
}
