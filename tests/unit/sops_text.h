/* SPDX-License-Identifier: MIT */
/* What the tests of whole sealed documents share: a recipient, its identity, and a policy of it alone. */
#ifndef TESTS_SOPS_TEXT_H
#define TESTS_SOPS_TEXT_H

#include <check.h>

#include "sops/file.h"
#include "vectors.h"

/* The public half of "sops/keys/age1.txt". */
#define RECIPIENT "age1kgp3cjt6ypywa40u3f62z62f6x000mf948hdm69sphluddxmy48sqkzmg7"

UNUSED static void expect_no_secrets(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

UNUSED static struct age_identities identities_of(const char *file)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;
	AUTO(secret) bytes = load(file);
	struct error err = ERROR_INIT;

	ck_assert_int_eq(age_identities_add_file(&identities, secret_span(&bytes), file, &err), 0);
	return identities;
}

/* Seals to RECIPIENT, every value. */
UNUSED static int seal_text(enum doc_format format, const char *plain, struct secret *ret_sealed,
			    struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;

	if (secret_append_text(&text, plain, err) < 0 ||
	    sops_groups_open(&policy.groups, err) < 0 ||
	    sops_groups_add(&policy.groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(RECIPIENT), err) < 0)
		return -1;
	return sops_seal(format, &text, &policy, ret_sealed, NULL, err);
}

UNUSED static int open_text(enum doc_format format, struct span sealed,
			    const struct age_identities *identities, struct sops_file *ret_file,
			    struct error *err)
{
	AUTO(secret) copy = SECRET_INIT;

	if (secret_append_span(&copy, sealed, err) < 0)
		return -1;
	return sops_open(format, &copy, identities, 0, ret_file, err);
}

#endif
