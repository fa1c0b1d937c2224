/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "activate/record.h"
#include "crypto/lib.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct error err = ERROR_INIT;

	(void)argc;
	(void)argv;
	return crypto_init(&err);
}

/* What was read can be written, and is read as the same again. */
static void check(const struct record *record)
{
	struct record again = RECORD_INIT;
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (record_format(record, &text, &err) == 0) {
		assert(record_parse(&text, &again, &err) == 0);
		assert(again.len == record->len && again.files_len == record->files_len);
	}
	record_release(&again);
	secret_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct record record = RECORD_INIT;
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;
	int status = secret_append(&text, data, len, &err);

	if (status == 0)
		status = record_parse(&text, &record, &err);
	assert((status < 0) == (err.kind != ERROR_NONE));
	if (status == 0)
		check(&record);
	record_release(&record);
	secret_release(&text);
	assert(secret_live() == 0);
	return 0;
}
