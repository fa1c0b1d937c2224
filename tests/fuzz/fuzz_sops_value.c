/* SPDX-License-Identifier: MIT */
/* A sealed value's text, and the same bytes as a regular expression. */
#include "fuzz.h"
#include "sops/select.h"
#include "sops/value.h"

static void open_value(struct span text)
{
	AUTO(sops_cipher) cipher = SOPS_CIPHER_INIT;
	AUTO(key32) key = KEY32_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct sops_value value;

	if (!sops_value_parse(text, &value))
		return;
	fuzz_require(value.text.len <= text.len && sops_value_is_sealed(value.text));
	fuzz_require(sops_cipher_init(&cipher, &key, &err) == 0);
	fuzz_result(sops_cipher_open(&cipher, &value, SPAN_LITERAL("a:"), &plain, &err), &err);
}

static void match(struct span text)
{
	AUTO(buf) pattern = BUF_INIT;
	struct sops_regex *regex = NULL;
	struct error err = ERROR_INIT;
	const char *chars;
	bool matches;
	int result;

	fuzz_require(buf_append_span(&pattern, text, &err) == 0 &&
		     buf_text(&pattern, &chars, &err) == 0);
	result = sops_regex_new(chars, "fuzz", &regex, &err);
	fuzz_result(result, &err);
	if (result < 0)
		return;
	fuzz_result(sops_regex_match(regex, SPAN_LITERAL("aaaaaaaaab c_unencrypted"), &matches,
				     &err),
		    &err);
	sops_regex_free(regex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_start();
	open_value(span_of(data, len));
	match(span_slice(span_of(data, len), 0, 200));
	fuzz_end();
	return 0;
}
