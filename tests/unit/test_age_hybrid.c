/* SPDX-License-Identifier: MIT */
/* age: post-quantum recipients and identities, where they are built in and where not. */
#include <check.h>
#include <string.h>

#include "age/hybrid.h"
#include "age_files.h"
#include "crypto/xwing.h"
#include "sweep.h"

/* Of the C2SP vectors. */
#define IDENTITY "AGE-SECRET-KEY-PQ-1HZLGZUPT4ETPKDEV8HSGFDCYZ4E522W0A7PU2LHT8EH9W6YLNC3SW78XKG"

static struct age_identities hybrid_identities(void)
{
	struct age_identities identities = AGE_IDENTITIES_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add(&identities, SPAN_LITERAL(IDENTITY), "test", &err));
	ck_assert_uint_eq(identities.len, 1);
	return identities;
}

static struct buf sealed(const struct age_identities *identities)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct buf file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_recipients_add_own(&recipients, identities, &err));
	ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("text"), false, &file, &err));
	return file;
}

START_TEST(age_hybrid__round_trip)
{
	AUTO(age_identities) identities = hybrid_identities();
	AUTO(age_identities) others = test_identities();
	AUTO(buf) file = sealed(&identities);
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert(span_starts_with(buf_span(&file), "age-encryption.org/v1\n-> mlkem768x25519 "));
	ck_assert_ok(age_open(&identities, buf_span(&file), &plain, &err));
	ck_assert_span(secret_span(&plain), "text");
	ck_assert_fails(age_open(&others, buf_span(&file), &plain, &err), ERROR_NO_KEY);
}
END_TEST

START_TEST(age_hybrid__each_bit)
{
	AUTO(age_identities) identities = hybrid_identities();
	AUTO(buf) file = sealed(&identities);

	for (size_t bit = 0; bit < 8 * file.len; bit++) {
		AUTO(secret) plain = SECRET_INIT;
		struct error err = ERROR_INIT;

		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(age_open(&identities, buf_span(&file), &plain, &err), -1);
		ck_assert_str_ne(err.message, "");
		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(age_hybrid__not_beside_others)
{
	AUTO(age_identities) identities = hybrid_identities();
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_recipients_add_own(&recipients, &identities, &err));
	ck_assert_fails(age_seal(&recipients, SPAN_INIT, false, &file, &err), ERROR_DENIED);
}
END_TEST

START_TEST(age_hybrid_generate__is_what_it_says)
{
	AUTO(secret) identity = SECRET_INIT;
	AUTO(buf) recipient = BUF_INIT;
	AUTO(buf) spelled = BUF_INIT;
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_hybrid_generate(&identity, &recipient, &err));
	ck_assert(span_starts_with(buf_span(&recipient), "age1pq1"));
	ck_assert_uint_eq(recipient.len, 1959);
	ck_assert_ok(age_identities_add(&identities, secret_span(&identity), "new", &err));
	ck_assert_ok(age_identity_spell(&identities.items[0], &spelled, &err));
	ck_assert(span_equal(buf_span(&spelled), buf_span(&recipient)));
	ck_assert_ok(age_recipients_add(&recipients, buf_span(&recipient), &err));
	/* one character of its 1959 */
	recipient.data[1000] = recipient.data[1000] == 'q' ? 'p' : 'q';
	ck_assert_fails(age_recipients_add(&recipients, buf_span(&recipient), &err), ERROR_FORMAT);
}
END_TEST

static int whole_way(struct error *err)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) file = BUF_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) identity = SECRET_INIT;
	AUTO(buf) recipient = BUF_INIT;

	return age_hybrid_generate(&identity, &recipient, err) < 0 ||
			       age_identities_add(&identities, secret_span(&identity), "test",
						  err) < 0 ||
			       age_recipients_add_own(&recipients, &identities, err) < 0 ||
			       age_seal(&recipients, SPAN_LITERAL("text"), true, &file, err) < 0 ||
			       age_open(&identities, buf_span(&file), &plain, err) < 0
		       ? -1
		       : 0;
}

START_TEST(age_hybrid__out_of_memory)
{
	struct error err = ERROR_INIT;

	SWEEP(whole_way(&err));
}
END_TEST

/* A build without ML-KEM: known, refused by the name of what is needed, and no hindrance. */
START_TEST(age_hybrid__not_built_in)
{
	AUTO(secret) recipient = load("age/recipient-pq");
	AUTO(age_identities) identities = test_identities();
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(secret) identity = SECRET_INIT;
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add(&identities, SPAN_LITERAL(IDENTITY), "k", &err));
	ck_assert_uint_eq(identities.len, 1);
	ck_assert_uint_eq(identities.unusable_len, 1);
	ck_assert_ok(age_identities_tell_unusable(&identities, &text, &err));
	ck_assert_span(
		buf_span(&text),
		"; not supported: a post-quantum identity, which needs libsodium 1.0.22 (k)");
	ck_assert_fails(age_recipients_add_own(&recipients, &identities, &err), ERROR_UNSUPPORTED);
	ck_assert_int_eq(age_recipients_add(&recipients, secret_span(&recipient), &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	ck_assert_msg(strstr(err.message, "libsodium 1.0.22") != NULL, "%s", err.message);
	ck_assert_fails(age_hybrid_generate(&identity, &text, &err), ERROR_UNSUPPORTED);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("age hybrid");
	TCase *tc = tcase_create("hybrid");

	start_crypto();
	tcase_set_timeout(tc, 600);
	if (xwing_is_supported()) {
		tcase_add_test(tc, age_hybrid__round_trip);
		tcase_add_test(tc, age_hybrid__each_bit);
		tcase_add_test(tc, age_hybrid__not_beside_others);
		tcase_add_test(tc, age_hybrid_generate__is_what_it_says);
		tcase_add_test(tc, age_hybrid__out_of_memory);
	} else {
		tcase_add_test(tc, age_hybrid__not_built_in);
	}
	suite_add_tcase(s, tc);
	return s;
}
