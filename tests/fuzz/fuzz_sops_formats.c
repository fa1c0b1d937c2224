/* SPDX-License-Identifier: MIT */
/*
 * Whole documents of the formats beside YAML, chosen by the first byte: as a sealed one, opened with
 * the key of the vectors; as a plain one, sealed, opened and compared; and converted.
 */
#include "fuzz_sops.h"

static const enum doc_format formats[] = { DOC_JSON, DOC_BINARY, DOC_DOTENV, DOC_INI };

static void convert(struct sops_file *file)
{
	const struct doc_path whole = DOC_PATH_INIT;

	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++) {
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;

		fuzz_result(sops_file_convert(file, &whole, formats[i], DOC_INDENT_SOPS, &text,
					      &err),
			    &err);
		fuzz_require(err.kind != ERROR_BUG);
	}
}

static void seal_and_open(enum doc_format format, struct span text,
			  const struct age_identities *identities)
{
	AUTO(secret) back = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	bool exact;

	if (!fuzz_seal_and_open(format, text, identities, &file, &back, &exact))
		return;
	fuzz_require(!exact || span_equal(secret_span(&back), text));
	convert(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;

	if (len < 1)
		return 0;
	fuzz_start();
	fuzz_identity(&identities);
	fuzz_open_as_sealed(formats[data[0] % 4], span_of(data + 1, len - 1), &identities,
			    SOPS_IGNORE_MAC);
	seal_and_open(formats[data[0] % 4], span_of(data + 1, len - 1), &identities);
	age_identities_release(&identities);
	fuzz_end();
	return 0;
}
