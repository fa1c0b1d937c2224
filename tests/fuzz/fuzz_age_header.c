/* SPDX-License-Identifier: MIT */
#include "age/header.h"
#include "fuzz.h"

static void parse(struct span text)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(age_identities) none = AGE_IDENTITIES_INIT;
	AUTO(key32) file_key = KEY32_INIT;
	struct error err = ERROR_INIT;
	size_t len = 0;
	int result = age_header_find_end(text, &len, &err);

	fuzz_result(result, &err);
	fuzz_require(len <= text.len);
	if (result < 0 || len == 0)
		return;
	result = age_header_parse(span_slice(text, 0, len), &header, &err);
	fuzz_result(result, &err);
	if (result < 0)
		return;
	fuzz_require(header.covered.len < len);
	for (size_t i = 0; i < header.len; i++) {
		struct span arguments = header.stanzas[i].arguments, argument;

		fuzz_require(header.stanzas[i].type.len > 0);
		while (age_stanza_argument(&arguments, &argument))
			fuzz_require(argument.len > 0);
	}
	fuzz_require(age_header_open(&header, &none, &file_key, &err) == -1);
	fuzz_require(err.kind == ERROR_NO_KEY);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_start();
	parse(span_of(data, len));
	fuzz_end();
	return 0;
}
