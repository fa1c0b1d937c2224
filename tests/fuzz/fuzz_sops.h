/* SPDX-License-Identifier: MIT */
/* Whole documents of any format: as a sealed one, opened with the key of the vectors; as a plain one, sealed and opened. */
#ifndef TESTS_FUZZ_SOPS_H
#define TESTS_FUZZ_SOPS_H

#include "fuzz.h"
#include "sops/file.h"

static void fuzz_identity(struct age_identities *ret_identities)
{
	struct error err = ERROR_INIT;

	fuzz_require(
		age_identities_add(ret_identities,
				   SPAN_LITERAL("AGE-SECRET-KEY-1ZTW4F0NLQ2ZWMYN6SEWZ3FMLZHF336"
						"5PQS2RUKWU7AYJEQP8XUVS6LK2J0"),
				   "x", &err) == 0);
}

/* To that identity alone. */
UNUSED static void fuzz_policy(struct sops_policy *ret_policy)
{
	struct error err = ERROR_INIT;

	fuzz_require(
		sops_groups_open(&ret_policy->groups, &err) == 0 &&
		sops_groups_add(&ret_policy->groups, 0, SOPS_KEY_AGE,
				SPAN_LITERAL("age1kgp3cjt6ypywa40u3f62z62f6x000mf948hdm69sphluddxmy"
					     "48sqkzmg7"),
				&err) == 0);
}

/* What opens is sealed again; neither is ever a bug. */
UNUSED static void fuzz_open_as_sealed(enum doc_format format, struct span text,
				       const struct age_identities *identities, unsigned flags)
{
	AUTO(secret) sealed = fuzz_copy(text);
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
	result = sops_open(format, &sealed, identities, flags, &file, &err);
	fuzz_result(result, &err);
	if (result < 0)
		return;
	result = sops_file_plaintext(&file, &plain, &err);
	fuzz_result(result, &err);
	if (result < 0 || (format == DOC_YAML && plain.len == 0))
		return;
	secret_release(&sealed);
	fuzz_result(sops_file_reseal(&file, &plain, &sealed, NULL, &err), &err);
	fuzz_require(err.kind != ERROR_BUG);
}

/* False where it is refused; else it opens again, to ret_back, with exact if no line was named. */
UNUSED static bool fuzz_seal_and_open(enum doc_format format, struct span text,
				      const struct age_identities *identities,
				      struct sops_file *ret_file, struct secret *ret_back,
				      bool *ret_exact)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) plain = fuzz_copy(text);
	AUTO(secret) sealed = SECRET_INIT;
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
		return false;
	fuzz_require(sops_open(format, &sealed, identities, 0, ret_file, &err) == 0 &&
		     sops_file_plaintext(ret_file, ret_back, &err) == 0);
	*ret_exact = notes.len == 0;
	return true;
}

#endif
