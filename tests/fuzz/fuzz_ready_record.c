/* SPDX-License-Identifier: MIT */
#include "activate/ready_record.h"
#include "fuzz.h"

/* What was read is written as it was, but for a line feed at the end. */
static void check(const struct ready_record *record, struct span text)
{
	struct secret again = SECRET_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(ready_record_format(record, &again, &err) == 0);
	fuzz_require(again.len == text.len || again.len == text.len + 1);
	fuzz_require(memcmp(again.data, text.data, text.len) == 0);
	secret_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct ready_record record = READY_RECORD_INIT;
	struct error err = ERROR_INIT;
	int status;

	fuzz_start();
	status = ready_record_parse(span_of(data, len), &record, &err);
	fuzz_result(status, &err);
	if (status == 0)
		check(&record, span_of(data, len));
	ready_record_release(&record);
	fuzz_end();
	return 0;
}
