/* SPDX-License-Identifier: MIT */
/*
 * Whole YAML documents: as a sealed one, opened with the key of the vectors; as a plain one, sealed,
 * opened and compared.
 */
#include "fuzz_sops.h"

static void seal_and_open(struct span text, const struct age_identities *identities)
{
	AUTO(secret) back = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	bool exact;

	if (!fuzz_seal_and_open(DOC_YAML, text, identities, &file, &back, &exact))
		return;
	/* aliases are written out, and a value that looks sealed is not compared: no line is named for those */
	fuzz_require(!exact || (text.len > 0 && memchr(text.data, '&', text.len)) ||
		     (text.len > 0 && memmem(text.data, text.len, "ENC[", 4)) ||
		     span_equal(secret_span(&back), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;

	fuzz_start();
	fuzz_identity(&identities);
	fuzz_open_as_sealed(DOC_YAML, span_of(data, len), &identities, 0);
	fuzz_open_as_sealed(DOC_YAML, span_of(data, len), &identities, SOPS_IGNORE_MAC);
	seal_and_open(span_of(data, len), &identities);
	age_identities_release(&identities);
	fuzz_end();
	return 0;
}
