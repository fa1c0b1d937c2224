/* SPDX-License-Identifier: MIT */
/*
 * Whole documents: as a sealed one, opened with the key of the vectors; as a plain one, sealed,
 * opened and compared.
 */
#include "fuzz.h"
#include "sops/file.h"

#define IDENTITY "AGE-SECRET-KEY-1ZTW4F0NLQ2ZWMYN6SEWZ3FMLZHF3365PQS2RUKWU7AYJEQP8XUVS6LK2J0"

static struct secret copy(struct span text)
{
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(secret_append_span(&out, text, &err) == 0);
	return out;
}

static void open_as_sealed(struct span text, const struct age_identities *identities,
			   unsigned flags)
{
	AUTO(secret) sealed = copy(text);
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) lines = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;
	bool is_sealed;
	int result = sops_is_sealed(DOC_YAML, &sealed, &is_sealed, &err);

	fuzz_result(result, &err);
	error_clear(&err);
	fuzz_result(sops_list_recipients(DOC_YAML, &sealed, &lines, &err), &err);
	error_clear(&err);
	result = sops_open(DOC_YAML, &sealed, identities, flags, &file, &err);
	fuzz_result(result, &err);
	if (result < 0)
		return;
	fuzz_result(sops_file_plaintext(&file, &plain, &err), &err);
	if (plain.len == 0)
		return;
	secret_release(&sealed);
	error_clear(&err);
	fuzz_result(sops_file_reseal(&file, &plain, &sealed, NULL, &err), &err);
}

static void seal_and_open(struct span text, const struct age_identities *identities)
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
	result = sops_seal(DOC_YAML, &plain, &policy, &sealed, &notes, &err);
	fuzz_result(result, &err);
	if (result < 0)
		return;
	fuzz_require(sops_open(DOC_YAML, &sealed, identities, 0, &file, &err) == 0 &&
		     sops_file_plaintext(&file, &back, &err) == 0);
	/* aliases are written out, and a value that looks sealed is not compared: no line is named for those */
	fuzz_require(notes.len > 0 || memchr(text.data, '&', text.len) ||
		     memmem(text.data, text.len, "ENC[", 4) ||
		     span_equal(secret_span(&back), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;
	struct error err = ERROR_INIT;

	fuzz_start();
	fuzz_require(age_identities_add(&identities, SPAN_LITERAL(IDENTITY), "x", &err) == 0);
	open_as_sealed(span_of(data, len), &identities, 0);
	open_as_sealed(span_of(data, len), &identities, SOPS_IGNORE_MAC);
	seal_and_open(span_of(data, len), &identities);
	age_identities_release(&identities);
	fuzz_end();
	return 0;
}
