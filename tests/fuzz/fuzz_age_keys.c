/* SPDX-License-Identifier: MIT */
/* Identity files and recipients files. */
#include "age/identity.h"
#include "age/recipient.h"
#include "fuzz.h"

static void read_both(struct span file)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) skipped = BUF_INIT;
	struct error err = ERROR_INIT;
	int result = age_identities_add_file(&identities, file, "file", &err);

	fuzz_result(result, &err);
	fuzz_require((result == 0) == (identities.len + identities.unusable_len > 0));
	err = ERROR_INIT;
	result = age_recipients_add_file(&recipients, file, "file", &skipped, &err);
	fuzz_result(result, &err);
	fuzz_require((result == 0) == (recipients.len > 0));
	if (identities.len == 0)
		return;
	err = ERROR_INIT;
	result = age_recipients_add_own(&recipients, &identities, &err);
	fuzz_result(result, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	fuzz_start();
	read_both(span_of(data, len));
	fuzz_end();
	return 0;
}
