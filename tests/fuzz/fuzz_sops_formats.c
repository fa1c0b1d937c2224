/* SPDX-License-Identifier: MIT */
/*
 * Whole documents of the formats beside YAML, chosen by the first byte: as a sealed one, opened with
 * the key of the vectors; as a plain one, sealed, opened and compared; and converted.
 */
#include "fuzz.h"
#include "sops/file.h"

#define IDENTITY "AGE-SECRET-KEY-1ZTW4F0NLQ2ZWMYN6SEWZ3FMLZHF3365PQS2RUKWU7AYJEQP8XUVS6LK2J0"

static const enum doc_format formats[] = { DOC_JSON, DOC_BINARY, DOC_DOTENV, DOC_INI };

static struct secret copy(struct span text)
{
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(secret_append_span(&out, text, &err) == 0);
	return out;
}

static void open_as_sealed(enum doc_format format, struct span text,
			   const struct age_identities *identities)
{
	AUTO(secret) sealed = copy(text);
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) lines = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;
	bool is_sealed;
	int result = sops_is_sealed(format, &sealed, &is_sealed, &err);

	fuzz_result(result, &err);
	error_clear(&err);
	fuzz_result(sops_list_recipients(format, &sealed, &lines, &err), &err);
	error_clear(&err);
	result = sops_open(format, &sealed, identities, SOPS_IGNORE_MAC, &file, &err);
	fuzz_result(result, &err);
	if (result < 0)
		return;
	result = sops_file_plaintext(&file, &plain, &err);
	fuzz_result(result, &err);
	if (result < 0)
		return;
	secret_release(&sealed);
	fuzz_result(sops_file_reseal(&file, &plain, &sealed, NULL, &err), &err);
	fuzz_require(err.kind != ERROR_BUG);
}

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
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) plain = copy(text);
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) back = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct sops_notes notes = SOPS_NOTES_INIT;
	struct error err = ERROR_INIT;
	AUTO(buf) recipient = BUF_INIT;
	int result;

	fuzz_require(age_identity_spell(&identities->items[0], &recipient, &err) == 0 &&
		     sops_groups_open(&policy.groups, &err) == 0 &&
		     sops_groups_add(&policy.groups, 0, SOPS_KEY_AGE, buf_span(&recipient), &err) ==
			     0);
	result = sops_seal(format, &plain, &policy, &sealed, &notes, &err);
	fuzz_result(result, &err);
	fuzz_require(err.kind != ERROR_BUG);
	if (result < 0)
		return;
	fuzz_require(sops_open(format, &sealed, identities, 0, &file, &err) == 0 &&
		     sops_file_plaintext(&file, &back, &err) == 0);
	fuzz_require(notes.len > 0 || span_equal(secret_span(&back), text));
	convert(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;
	struct error err = ERROR_INIT;

	if (len < 1)
		return 0;
	fuzz_start();
	fuzz_require(age_identities_add(&identities, SPAN_LITERAL(IDENTITY), "x", &err) == 0);
	open_as_sealed(formats[data[0] % 4], span_of(data + 1, len - 1), &identities);
	seal_and_open(formats[data[0] % 4], span_of(data + 1, len - 1), &identities);
	age_identities_release(&identities);
	fuzz_end();
	return 0;
}
