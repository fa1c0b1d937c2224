/* SPDX-License-Identifier: MIT */
/* keyring/who: the recipients of an age file and of a sops file one by one. */
#include <check.h>
#include <string.h>

#include "age_files.h"
#include "keyring/who.h"
#include "sops_text.h"
#include "sweep.h"

#define PLUGIN "AGE-PLUGIN-TEST-1VFHK7ARNV4SKCGR5V4EHGGP3R3CK4M"
#define SSH "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOHz+U0YtjINc54dZiJNclfmEFifF7RXCFlNlTbuZBji"

/* Sealed to an SSH key, which is host's in the keyring, and to the key of the tests. */
static int look(const struct age_identities *identities, struct who *ret_who, struct error *err)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(buf) file = BUF_INIT;
	AUTO(buf) binary = BUF_INIT;
	struct keyring_name host = { .name = (char *)(uintptr_t) "host",
				     .recipients = AGE_RECIPIENTS_INIT };
	struct keyring keyring = KEYRING_INIT;
	int result;

	keyring.names = &host;
	keyring.len = 1;
	result = age_recipients_add(&recipients, SPAN_LITERAL(SSH), err) < 0 ||
				 age_recipients_add(&recipients, SPAN_LITERAL(TEST_RECIPIENT),
						    err) < 0 ||
				 age_recipients_add(&host.recipients, SPAN_LITERAL(SSH), err) < 0 ||
				 age_seal(&recipients, SPAN_LITERAL("x"), true, &file, err) < 0 ||
				 age_read_header(buf_span(&file), &binary, &header, err) < 0 ||
				 who_of_age(&header, identities, &keyring, ret_who, err) < 0
			 ? -1
			 : 0;
	age_recipients_release(&host.recipients);
	return result;
}

START_TEST(who_of_age__names_and_uses)
{
	AUTO(age_identities) identities = test_identities();
	AUTO(who) who = WHO_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add(&identities, SPAN_LITERAL(PLUGIN), "k", &err));
	ck_assert_ok(look(&identities, &who, &err));
	ck_assert_uint_eq(who.len, 2);
	ck_assert_str_eq(who.items[0].kind, "ssh-ed25519");
	ck_assert_str_eq(who.items[0].name, "host");
	ck_assert_int_eq(who.items[0].state, WHO_NOBODY);
	ck_assert_str_eq(who.items[1].kind, "X25519");
	ck_assert_ptr_null(who.items[1].name);
	ck_assert_int_eq(who.items[1].state, WHO_OPENS);
	ck_assert_uint_eq(who.items[1].identity, 0);
	ck_assert_int_eq(who.state, WHO_OPENS);
	ck_assert_int_eq(who.uses[0], WHO_OPENS);
	ck_assert_int_eq(who.uses[1], WHO_NOBODY);
}
END_TEST

START_TEST(who_of_age__nobody)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(who) who = WHO_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(look(&identities, &who, &err));
	ck_assert_int_eq(who.state, WHO_NOBODY);
}
END_TEST

static int look_anew(const struct age_identities *identities, struct error *err)
{
	AUTO(who) who = WHO_INIT;

	*err = ERROR_INIT;
	return look(identities, &who, err);
}

START_TEST(who_of_age__out_of_memory)
{
	AUTO(age_identities) identities = test_identities();
	struct error err = ERROR_INIT;

	SWEEP(look_anew(&identities, &err));
}
END_TEST

/* Of the tests' sops files: key 1 is theirs, which the file is sealed to; a PGP key, and one that is broken. */
static void parse_sealed(struct doc *doc, struct sops_meta *ret_meta)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(seal_text(DOC_YAML, "a: b\n", &text, &err));
	ck_assert_ok(doc_parse(DOC_YAML, &text, DOC_KEEP_ALIASES | DOC_SEALED, doc, &err));
	ck_assert_ok(sops_meta_read(doc, ret_meta, &err));
	ck_assert_ok(sops_groups_add(&ret_meta->groups, 0, SOPS_KEY_AGE,
				     SPAN_LITERAL(TEST_RECIPIENT), &err));
	ck_assert_ok(sops_groups_add(&ret_meta->groups, 0, SOPS_KEY_PGP,
				     SPAN_LITERAL("85D77543B3D624B63CEA9E6DBC17301B491B3F21"),
				     &err));
}

static int look_at_sops(const struct sops_meta *meta, const struct age_identities *identities,
			struct who *ret_who, struct error *err)
{
	const struct sops_opener opener = { .identities = identities };
	struct keyring_name alice = { .name = (char *)(uintptr_t) "alice",
				      .recipients = AGE_RECIPIENTS_INIT };
	struct keyring keyring = KEYRING_INIT;
	int result;

	*err = ERROR_INIT;
	keyring.names = &alice;
	keyring.len = 1;
	result = age_recipients_add(&alice.recipients, SPAN_LITERAL(RECIPIENT), err) < 0
			 ? -1
			 : who_of_sops(meta, &opener, &keyring, ret_who, err);
	age_recipients_release(&alice.recipients);
	return result;
}

START_TEST(who_of_sops__names_and_uses)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(sops_meta) meta = SOPS_META_INIT;
	AUTO(doc) doc = DOC_INIT;
	AUTO(who) who = WHO_INIT;
	struct error err = ERROR_INIT;

	parse_sealed(&doc, &meta);
	ck_assert_ok(look_at_sops(&meta, &identities, &who, &err));
	ck_assert_uint_eq(who.len, 3);
	ck_assert_str_eq(who.items[0].name, "alice");
	ck_assert_str_eq(who.items[0].text, RECIPIENT);
	ck_assert_int_eq(who.items[0].state, WHO_OPENS);
	/* nothing is in its entry */
	ck_assert_ptr_null(who.items[1].name);
	ck_assert_int_eq(who.items[1].state, WHO_NOBODY);
	ck_assert_ptr_nonnull(who.items[1].why);
	ck_assert_str_eq(who.items[2].kind, "pgp");
	ck_assert_int_eq(who.items[2].state, WHO_NOBODY);
	ck_assert_int_eq(who.state, WHO_OPENS);
	ck_assert_int_eq(who.uses[0], WHO_OPENS);
}
END_TEST

static int look_at_sops_anew(const struct sops_meta *meta, const struct age_identities *identities,
			     struct error *err)
{
	AUTO(who) who = WHO_INIT;

	return look_at_sops(meta, identities, &who, err);
}

START_TEST(who_of_sops__out_of_memory)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(sops_meta) meta = SOPS_META_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	/* one that asks, too */
	ck_assert_ok(age_identities_add(&identities, SPAN_LITERAL(PLUGIN), "k", &err));
	parse_sealed(&doc, &meta);
	SWEEP(look_at_sops_anew(&meta, &identities, &err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("keyring_who");
	TCase *all = tcase_create("who");

	start_crypto();
	tcase_add_test(all, who_of_age__names_and_uses);
	tcase_add_test(all, who_of_age__nobody);
	tcase_add_test(all, who_of_age__out_of_memory);
	tcase_add_test(all, who_of_sops__names_and_uses);
	tcase_add_test(all, who_of_sops__out_of_memory);
	suite_add_tcase(s, all);
	return s;
}
