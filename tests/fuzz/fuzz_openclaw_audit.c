/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "openclaw/audit.h"

/* What is said of it is printable. */
static void check(struct span answer)
{
	struct value finding;

	while (values_take(&answer, &finding)) {
		fuzz_require(finding.entry <= AUDIT_OTHER);
		for (size_t i = 0; i < finding.name.len; i++)
			fuzz_require(finding.name.data[i] >= ' ' && finding.name.data[i] != 0x7f);
		for (size_t i = 0; i < finding.bytes.len; i++)
			fuzz_require(finding.bytes.data[i] >= ' ' && finding.bytes.data[i] != 0x7f);
	}
	fuzz_require(answer.len == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct secret answer = SECRET_INIT, text;
	struct error err = ERROR_INIT;
	int result;

	fuzz_start();
	text = fuzz_copy(span_of(data, len));
	result = audit_parse(&text, &answer, &err);
	fuzz_result(result, &err);
	if (result == 0)
		check(secret_span(&answer));
	secret_release(&answer);
	secret_release(&text);
	fuzz_end();
	return 0;
}
