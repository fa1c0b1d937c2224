/* SPDX-License-Identifier: MIT */
/* Recipients, identities, and the texts of both. */
#include <check.h>
#include <string.h>

#include "age/convert.h"
#include "age_files.h"
#include "sweep.h"

#define OTHER "age17044m9wgakla6pzftf4srtl3h5mcsr85jysgt5fg23zpnta8sfdqhzn452"
#define PLUGIN "AGE-PLUGIN-YUBIKEY-1QPZRY9XQMK3NEE"
/* of the C2SP vectors */
#define POST_QUANTUM "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"
#define SSH "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOHz+U0YtjINc54dZiJNclfmEFifF7RXCFlNlTbuZBji"

/* The text that ssh-to-age gives for its own test key. */
START_TEST(age_text_of_ssh_private__known_answer)
{
	AUTO(secret) file = load("ssh-to-age/id_ed25519");
	AUTO(secret) identity = SECRET_INIT;
	struct error err = ERROR_INIT;
	char recipient[AGE_X25519_TEXT_MAX];

	ck_assert_ok(
		age_text_of_ssh_private(secret_span(&file), SPAN_INIT, &identity, recipient, &err));
	ck_assert_span(secret_span(&identity), "AGE-SECRET-KEY-1K3VN4N03PTHJWSJSCCMQCN33RY5FSKQPJ4K"
					       "RRTG3JMQUYE0TUSEQEDH6V8");
	ck_assert_str_eq(recipient, OTHER);
}
END_TEST

START_TEST(age_identity_generate__makes_pairs)
{
	AUTO(secret) first = SECRET_INIT;
	struct error err = ERROR_INIT;
	char recipient[AGE_X25519_TEXT_MAX];

	ck_assert_ok(age_identity_generate(&first, recipient, &err));
	for (int round = 0; round < 20; round++) {
		AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
		AUTO(secret) identity = SECRET_INIT;
		AUTO(buf) again = BUF_INIT;

		ck_assert_ok(age_identity_generate(&identity, recipient, &err));
		ck_assert(!span_equal(secret_span(&identity), secret_span(&first)));
		ck_assert_ok(age_identities_add(&identities, secret_span(&identity), "new", &err));
		ck_assert_ok(age_identity_spell(&identities.items[0], &again, &err));
		ck_assert_span(buf_span(&again), recipient);
	}
}
END_TEST

START_TEST(age_identities_add_file__of_age_keygen)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add_file(
		&identities,
		SPAN_LITERAL("# created: today\r\n# public key: x\r\n" TEST_IDENTITY
			     "\r\n\n  " TEST_IDENTITY " "),
		"keys.txt", &err));
	ck_assert_uint_eq(identities.len, 2);
	ck_assert_uint_eq(identities.keys.len, 64);
	ck_assert_str_eq(identities.items[1].source, "keys.txt");
	ck_assert_ok(age_identity_spell(&identities.items[1], &text, &err));
	ck_assert_span(buf_span(&text), TEST_RECIPIENT);
}
END_TEST

static void refuse_identities(const char *file, enum error_kind kind, const char *message)
{
	AUTO(age_identities) identities = test_identities();
	struct error err = ERROR_INIT;

	ck_assert_int_eq(age_identities_add_file(&identities, span_of_text(file), "k\x1b", &err),
			 -1);
	ck_assert_msg(err.kind == kind, "%s: kind %d", err.message, (int)err.kind);
	ck_assert_msg(strstr(err.message, message) != NULL, "%s", err.message);
	ck_assert_msg(strstr(err.message, "\"k\\x1b\": ") == err.message, "%s", err.message);
	/* nothing of the key, and nothing was taken */
	ck_assert_ptr_null(strstr(err.message, "GFPYYSJ"));
	ck_assert_uint_eq(identities.len, 1);
	ck_assert_uint_eq(identities.keys.len, 32);
}

START_TEST(age_identities_add_file__refuses_whole_files)
{
	refuse_identities("", ERROR_FORMAT, "no identity");
	refuse_identities("# nothing\n", ERROR_FORMAT, "no identity");
	refuse_identities(TEST_IDENTITY "\n" TEST_IDENTITY "x\n", ERROR_FORMAT, "line 2");
	refuse_identities(TEST_IDENTITY "\nAGE-SECRET-KEY-1GFPYYSJ\n", ERROR_FORMAT, "damaged");
	refuse_identities("age-secret-key-1gfpyysjzgfpyysj\n", ERROR_FORMAT, "no age identity");
	refuse_identities(TEST_RECIPIENT "\n", ERROR_FORMAT, "recipient (public key)");
	refuse_identities(SSH "\n", ERROR_FORMAT, "recipient (public key)");
	refuse_identities("AGE-PLUGIN-YUBIKEY-1QQQ\n", ERROR_FORMAT, "damaged");
	refuse_identities("AGE-SECRET-KEY-PQ-1QQQ\n", ERROR_FORMAT, "damaged");
	refuse_identities(PLUGIN "\n" TEST_IDENTITY "x\n", ERROR_FORMAT, "line 2");
	refuse_identities("-----BEGIN RSA PRIVATE KEY-----\n", ERROR_FORMAT, "last line");
	refuse_identities("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
			  ERROR_UNSUPPORTED, "no SSH private key");
}
END_TEST

/* What opens a file must not be lost to what stands beside it. */
START_TEST(age_identities_add_file__skips_what_is_not_built_in)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) message = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add_file(&identities,
					     SPAN_LITERAL(TEST_IDENTITY "\n" POST_QUANTUM "\n"),
					     "k\x1b", &err));
	if (identities.unusable_len == 0)
		return; /* libsodium has ML-KEM */
	ck_assert_uint_eq(identities.len, 1);
	ck_assert_ok(age_identities_tell_unusable(&identities, &message, &err));
	ck_assert(span_starts_with(buf_span(&message), "; not supported: a post-quantum identity"));
	ck_assert(span_ends_with(buf_span(&message), "(k\\x1b)"));
	/* but where all of them count */
	ck_assert_fails(age_recipients_add_own(&recipients, &identities, &err), ERROR_UNSUPPORTED);
	ck_assert_uint_eq(recipients.len, 0);
	err = ERROR_INIT;
	ck_assert_ok(age_identities_add(&identities, SPAN_LITERAL(POST_QUANTUM), "k", &err));
	ck_assert_uint_eq(identities.unusable_len, 2);
}
END_TEST

/* Its plugin is asked when nothing else opens; what it would seal to is its own affair. */
START_TEST(age_identities_add_file__of_plugins)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) shown = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add_file(&identities, SPAN_LITERAL(PLUGIN "\n" TEST_IDENTITY),
					     "k", &err));
	ck_assert_uint_eq(identities.len, 2);
	ck_assert_str_eq(age_identity_program(&identities.items[0]), "age-plugin-yubikey");
	ck_assert_ptr_null(age_identity_program(&identities.items[1]));
	ck_assert(age_identities_ask(&identities));
	ck_assert(!age_identity_is_spelled(&identities.items[0]));
	ck_assert_ok(age_identity_spell(&identities.items[0], &shown, &err));
	ck_assert_span(buf_span(&shown), "of age-plugin-yubikey");
	ck_assert_ok(age_recipients_add_own(&recipients, &identities, &err));
	ck_assert_uint_eq(recipients.len, 2);
	ck_assert(!age_recipient_equal(&recipients.items[0], &recipients.items[1]));
	err = ERROR_INIT;
	ck_assert_ok(age_identities_add_plugin(&identities, "batchpass", &err));
	ck_assert_fails(age_identities_add_plugin(&identities, "a/b", &err), ERROR_USAGE);
	ck_assert_uint_eq(identities.len, 3);
}
END_TEST

START_TEST(age_recipients_add_file__skips_other_ssh_keys)
{
	AUTO(secret) file = load("ssh/id_ecdsa.pub");
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) skipped = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_fails(age_recipients_add_file(&recipients, secret_span(&file), "r", &skipped,
						&err),
			ERROR_UNSUPPORTED);
	err = ERROR_INIT;
	ck_assert_ok(secret_append_text(&file, SSH "\n", &err));
	ck_assert_ok(age_recipients_add_file(&recipients, secret_span(&file), "r", &skipped, &err));
	ck_assert_uint_eq(recipients.len, 1);
	ck_assert_span(buf_span(&skipped), "recipients file \"r\": ignoring unsupported SSH key of "
					   "type \"ecdsa-sha2-nistp256\" at line 1\n");
	/* a line that is no whole key is no such key */
	ck_assert_fails(age_recipients_add_file(&recipients,
						SPAN_LITERAL(SSH "\necdsa-sha2-nistp256 AAAA\n"),
						"r", &skipped, &err),
			ERROR_UNSUPPORTED);
	ck_assert_uint_eq(recipients.len, 1);
}
END_TEST

START_TEST(age_recipients_add__kinds)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_recipients_add(&recipients, SPAN_LITERAL(" " TEST_RECIPIENT "\n"), &err));
	ck_assert_ok(age_recipients_add(&recipients, SPAN_LITERAL(SSH " me"), &err));
	ck_assert_uint_eq(recipients.len, 2);
	ck_assert_str_eq(recipients.items[0].text, TEST_RECIPIENT);
	ck_assert_str_eq(recipients.items[1].text, SSH " me");
	ck_assert_uint_eq(recipients.items[0].wire.len, 0);
	ck_assert_uint_eq(recipients.items[1].wire.len, 51);
}
END_TEST

static void refuse_recipient(const char *text, enum error_kind kind)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(age_recipients_add(&recipients, span_of_text(text), &err), -1);
	ck_assert_msg(err.kind == kind, "%s: kind %d: %s", text, (int)err.kind, err.message);
	ck_assert_uint_eq(recipients.len, 0);
	ck_assert_ptr_null(strstr(err.message, "GFPYYSJ"));
	ck_assert_ptr_null(strstr(err.message, "gfpyysj"));
}

START_TEST(age_recipients_add__refuses)
{
	AUTO(secret) ecdsa = load("ssh/id_ecdsa.pub");
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	refuse_recipient("", ERROR_FORMAT);
	refuse_recipient("alice", ERROR_FORMAT);
	refuse_recipient("age1", ERROR_FORMAT);
	refuse_recipient(TEST_RECIPIENT "x", ERROR_FORMAT);
	refuse_recipient("AGE17044m9wg", ERROR_FORMAT);
	refuse_recipient(TEST_IDENTITY, ERROR_FORMAT);
	refuse_recipient("age-secret-key-1gfpyysjzgfpyysjzgfpyysjzgfpyysj", ERROR_FORMAT);
	refuse_recipient("-----BEGIN OPENSSH PRIVATE KEY-----\nGFPYYSJGFPYYSJ", ERROR_FORMAT);
	refuse_recipient("age1yubikey1qqqq", ERROR_FORMAT);
	refuse_recipient("age1pq1qqqq", ERROR_FORMAT);
	refuse_recipient("ecdsa-sha2-nistp256 AAAA", ERROR_UNSUPPORTED);
	refuse_recipient("sk-ssh-ed25519@openssh.com AAAA", ERROR_UNSUPPORTED);
	refuse_recipient("ssh-ed25519 AAAA", ERROR_FORMAT);
	refuse_recipient("-----BEGIN OPENSSH PRIVATE KEY-----", ERROR_FORMAT);
	ck_assert_fails(age_recipients_add(&recipients, secret_span(&ecdsa), &err),
			ERROR_UNSUPPORTED);
}
END_TEST

START_TEST(age_recipients_add_file__all_or_none)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(buf) skipped = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_recipients_add_file(&recipients,
					     SPAN_LITERAL("# ours\r\n\n" OTHER "\r\n" SSH " me\n"),
					     "r", &skipped, &err));
	ck_assert_uint_eq(recipients.len, 3);
	ck_assert_int_eq(age_recipients_add_file(&recipients,
						 SPAN_LITERAL(OTHER "\n" TEST_IDENTITY "\n"), "r",
						 &skipped, &err),
			 -1);
	ck_assert_str_eq(err.message,
			 "\"r\", line 2: a private key where a recipient should be: keep it "
			 "private");
	ck_assert_uint_eq(recipients.len, 3);
	ck_assert_fails(age_recipients_add_file(&recipients, SPAN_LITERAL("# none\n"), "r",
						&skipped, &err),
			ERROR_FORMAT);
}
END_TEST

START_TEST(age_recipients_add_own__keeps_the_kind)
{
	AUTO(secret) file = load("ssh-to-age/id_ed25519");
	AUTO(age_identities) identities = test_identities();
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add_file(&identities, secret_span(&file), "ssh", &err));
	ck_assert_ok(age_recipients_add_own(&recipients, &identities, &err));
	ck_assert_uint_eq(recipients.len, 2);
	ck_assert_str_eq(recipients.items[0].text, TEST_RECIPIENT);
	ck_assert_str_eq(recipients.items[1].text, SSH);
}
END_TEST

START_TEST(age_keys__limits)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	for (int i = 0; i < AGE_RECIPIENTS_MAX; i++)
		ck_assert_ok(age_recipients_add(&recipients, SPAN_LITERAL(OTHER), &err));
	ck_assert_fails(age_recipients_add(&recipients, SPAN_LITERAL(OTHER), &err), ERROR_LIMIT);
	for (int i = 0; i < AGE_IDENTITIES_MAX; i++)
		ck_assert_ok(
			age_identities_add(&identities, SPAN_LITERAL(TEST_IDENTITY), "x", &err));
	ck_assert_fails(age_identities_add(&identities, SPAN_LITERAL(TEST_IDENTITY), "x", &err),
			ERROR_LIMIT);
}
END_TEST

static int add_all(struct span ssh_file, struct error *err)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(secret) identity = SECRET_INIT;
	AUTO(buf) skipped = BUF_INIT;
	char text[AGE_X25519_TEXT_MAX];

	if (age_identities_add_file(&identities, ssh_file, "ssh", err) < 0 ||
	    age_identities_add_file(&identities, SPAN_LITERAL(TEST_IDENTITY "\n" TEST_IDENTITY),
				    "k", err) < 0 ||
	    age_recipients_add_own(&recipients, &identities, err) < 0 ||
	    age_recipients_add_file(&recipients, SPAN_LITERAL(OTHER "\n" SSH "\n"), "r", &skipped,
				    err) < 0)
		return -1;
	return age_identity_generate(&identity, text, err);
}

START_TEST(age_keys__survive_want_of_memory)
{
	AUTO(secret) file = load("ssh-to-age/id_ed25519");
	struct error err = ERROR_INIT;

	SWEEP(add_all(secret_span(&file), &err));
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("age keys");
	TCase *tc = tcase_create("keys");

	start_crypto();
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, age_text_of_ssh_private__known_answer);
	tcase_add_test(tc, age_identity_generate__makes_pairs);
	tcase_add_test(tc, age_identities_add_file__of_age_keygen);
	tcase_add_test(tc, age_identities_add_file__refuses_whole_files);
	tcase_add_test(tc, age_identities_add_file__skips_what_is_not_built_in);
	tcase_add_test(tc, age_identities_add_file__of_plugins);
	tcase_add_test(tc, age_recipients_add_file__skips_other_ssh_keys);
	tcase_add_test(tc, age_recipients_add__kinds);
	tcase_add_test(tc, age_recipients_add__refuses);
	tcase_add_test(tc, age_recipients_add_file__all_or_none);
	tcase_add_test(tc, age_recipients_add_own__keeps_the_kind);
	tcase_add_test(tc, age_keys__limits);
	tcase_add_test(tc, age_keys__survive_want_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
