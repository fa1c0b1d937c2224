/* SPDX-License-Identifier: MIT */
/* age: files and identity files with a passphrase; who is asked for it, and how often. */
#include <check.h>
#include <string.h>

#include "age/passphrase.h"
#include "age_files.h"
#include "sweep.h"

/* A person that gives one answer. */
struct person {
	const char *answer;
	unsigned asked;
	char question[200], told[200];
};

static int answer(void *context, enum age_question kind, const char *question,
		  struct secret *ret_answer, struct error *err)
{
	struct person *person = context;

	(void)kind;
	person->asked++;
	snprintf(person->question, sizeof(person->question), "%s", question);
	return secret_append_text(ret_answer, person->answer, err);
}

static int listen(void *context, const char *message, struct error *err)
{
	struct person *person = context;

	(void)err;
	snprintf(person->told, sizeof(person->told), "%s", message);
	return 0;
}

static struct age_prompt prompt_of(struct person *person)
{
	return (struct age_prompt){ person, answer, NULL, listen };
}

static int seal_with(const char *passphrase, struct span plain, struct buf *ret_file,
		     struct error *err)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;

	/* the least work: what is tested is not how long it takes */
	return age_recipients_add_passphrase(&recipients, span_of_text(passphrase), 1, err) < 0 ||
			       age_seal(&recipients, plain, false, ret_file, err) < 0
		       ? -1
		       : 0;
}

static struct buf sealed_with(const char *passphrase, struct span plain)
{
	struct buf file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(seal_with(passphrase, plain, &file, &err));
	return file;
}

static int open_with(const char *passphrase, struct span file, struct secret *ret_plain,
		     struct error *err)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;

	return age_identities_add_known_passphrase(&identities, span_of_text(passphrase), "test",
						   err) < 0 ||
			       age_open(&identities, file, ret_plain, err) < 0
		       ? -1
		       : 0;
}

START_TEST(age_open__with_a_passphrase)
{
	AUTO(buf) file = sealed_with("correct horse", SPAN_LITERAL("text"));
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert(span_starts_with(buf_span(&file), "age-encryption.org/v1\n-> scrypt "));
	ck_assert_fails(open_with("correct horsf", buf_span(&file), &plain, &err), ERROR_NO_KEY);
	ck_assert_ok(open_with("correct horse", buf_span(&file), &plain, &err));
	ck_assert_span(secret_span(&plain), "text");
}
END_TEST

START_TEST(age_open__each_bit_of_a_file_with_a_passphrase)
{
	AUTO(buf) file = sealed_with("correct horse", SPAN_LITERAL("text"));

	for (size_t bit = 0; bit < 8 * file.len; bit += stride(1)) {
		AUTO(secret) plain = SECRET_INIT;
		struct error err = ERROR_INIT;

		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(open_with("correct horse", buf_span(&file), &plain, &err), -1);
		ck_assert_str_ne(err.message, "");
		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

/* Nobody is asked where the stanza is malformed, and no memory taken for what asks for too much. */
START_TEST(age_open__malformed_scrypt_stanza)
{
	static const char *const stanzas[] = {
		"scrypt",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ 10 x",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ 0",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ 010",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ +1",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ 0x1",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ 1a",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ 23",
		"scrypt rF0/NwblUHHTpgQgRpe5CQ 18446744073709551617",
		"scrypt rF0/NwblUHHTpgQgRpe5CR 1",
		"scrypt rF0/NwblUHHTpgQgRpe5 1",
		"scrypt rF0/NwblUHHTpgQgRpe5CQAA 1",
	};

	for (size_t i = 0; i < sizeof(stanzas) / sizeof(stanzas[0]); i++) {
		AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
		AUTO(secret) plain = SECRET_INIT;
		struct person person = { .answer = "x" };
		const struct age_prompt prompt = prompt_of(&person);
		struct error err = ERROR_INIT;
		char file[400];

		snprintf(file, sizeof(file),
			 "age-encryption.org/v1\n-> %s\n"
			 "gUjEymFKMVXQEKdMMHL24oYexjE3TIC0O0zGSqJ2aUY\n"
			 "--- IOXiQYStkoT1mvZW2tFOqZdhRVvj58egABx/sWfZQbc\n0123456789abcdef",
			 stanzas[i]);
		identities.prompt = &prompt;
		ck_assert_ok(age_identities_add_passphrase(&identities, "\"x\"", &err));
		ck_assert_fails(age_open(&identities, span_of_text(file), &plain, &err),
				ERROR_FORMAT);
		ck_assert_uint_eq(person.asked, 0);
	}
}
END_TEST

START_TEST(age_identities_add_passphrase__asks)
{
	AUTO(buf) file = sealed_with("correct horse", SPAN_LITERAL("text"));
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct person person = { .answer = "correct horse" };
	const struct age_prompt prompt = prompt_of(&person);
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add_passphrase(&identities, "\"x\"", &err));
	ck_assert_fails(age_open(&identities, buf_span(&file), &plain, &err), ERROR_DENIED);
	identities.prompt = &prompt;
	ck_assert_ok(age_open(&identities, buf_span(&file), &plain, &err));
	ck_assert_str_eq(person.question, "Passphrase of \"x\"");
	secret_release(&plain);
	person.answer = "battery staple";
	ck_assert_fails(age_open(&identities, buf_span(&file), &plain, &err), ERROR_AUTH);
	person.answer = "";
	ck_assert_fails(age_open(&identities, buf_span(&file), &plain, &err), ERROR_AUTH);
	ck_assert_uint_eq(person.asked, 3);
}
END_TEST

START_TEST(age_seal__passphrase_stands_alone)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_fails(age_recipients_add_passphrase(&recipients, SPAN_INIT, 1, &err),
			ERROR_USAGE);
	ck_assert_ok(age_recipients_add_passphrase(&recipients, SPAN_LITERAL("x"), 1, &err));
	ck_assert_fails(age_seal(&recipients, SPAN_INIT, false, &file, &err), ERROR_CONFLICT);
}
END_TEST

/* What the test identity's file opens, and a person who knows its passphrase. */
struct locked {
	struct buf identity_file, file;
	struct person person;
	struct age_prompt prompt;
	struct age_identities identities;
};

static void locked_release(struct locked *locked)
{
	buf_release(&locked->identity_file);
	buf_release(&locked->file);
	age_identities_release(&locked->identities);
}

static void lock(struct locked *locked)
{
	AUTO(age_recipients) recipients = test_recipients();
	struct error err = ERROR_INIT;

	*locked = (struct locked){ .identity_file =
					   sealed_with("correct horse",
						       SPAN_LITERAL("# mine\n" TEST_IDENTITY "\n")),
				   .person = { .answer = "correct horse" },
				   .identities = AGE_IDENTITIES_INIT };
	locked->prompt = prompt_of(&locked->person);
	locked->identities.prompt = &locked->prompt;
	ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("text"), false, &locked->file, &err));
	ck_assert_ok(age_identities_add_file(&locked->identities, buf_span(&locked->identity_file),
					     "k\x1b.age", &err));
}

START_TEST(age_open__identity_file_with_a_passphrase)
{
	AUTO(locked) locked;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	lock(&locked);
	for (int again = 0; again < 3; again++) {
		secret_release(&plain);
		ck_assert_ok(age_open(&locked.identities, buf_span(&locked.file), &plain, &err));
		ck_assert_span(secret_span(&plain), "text");
	}
	ck_assert_uint_eq(locked.person.asked, 1);
	ck_assert_str_eq(locked.person.question, "Passphrase of the identity file \"k\\x1b.age\"");
}
END_TEST

START_TEST(age_open__identity_file_not_asked_for)
{
	AUTO(locked) locked;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	lock(&locked);
	/* what a passphrase opens, no identity does */
	ck_assert_fails(age_open(&locked.identities, buf_span(&locked.identity_file), &plain, &err),
			ERROR_NO_KEY);
	locked.identities.ask_nobody = true;
	ck_assert_fails(age_open(&locked.identities, buf_span(&locked.file), &plain, &err),
			ERROR_NO_KEY);
	locked.identities.ask_nobody = false;
	ck_assert_ok(
		age_identities_add(&locked.identities, SPAN_LITERAL(TEST_IDENTITY), "b", &err));
	ck_assert_ok(age_open(&locked.identities, buf_span(&locked.file), &plain, &err));
	ck_assert_uint_eq(locked.person.asked, 0);
}
END_TEST

START_TEST(age_open__identity_file_that_stays_locked)
{
	AUTO(locked) locked;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	lock(&locked);
	locked.person.answer = "battery staple";
	for (int again = 0; again < 2; again++) {
		err = ERROR_INIT;
		ck_assert_int_eq(age_open(&locked.identities, buf_span(&locked.file), &plain, &err),
				 -1);
		ck_assert_str_eq(err.message, "\"k\\x1b.age\": the passphrase is wrong");
	}
	ck_assert_uint_eq(locked.person.asked, 1);
}
END_TEST

START_TEST(age_recipients_add_own__of_an_identity_file)
{
	AUTO(locked) locked;
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	lock(&locked);
	ck_assert_ok(age_recipients_add_own(&own, &locked.identities, &err));
	ck_assert_uint_eq(own.len, 1);
	ck_assert_str_eq(own.items[0].text, TEST_RECIPIENT);
}
END_TEST

/* Sealed once more, to another key, or holding nothing of use. */
START_TEST(age_identities_add_file__locked_nonsense)
{
	static const struct {
		const char *content, *message;
	} cases[] = {
		{ "age-encryption.org/v1\n", "an encrypted file in an encrypted file" },
		{ "no identity", "no age identity" },
		{ "", "no identity" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(locked) locked;
		AUTO(buf) file = sealed_with("correct horse", span_of_text(cases[i].content));
		AUTO(secret) plain = SECRET_INIT;
		struct error err = ERROR_INIT;

		lock(&locked);
		age_identities_release(&locked.identities);
		locked.identities.prompt = &locked.prompt;
		ck_assert_ok(
			age_identities_add_file(&locked.identities, buf_span(&file), "k", &err));
		ck_assert_int_eq(age_open(&locked.identities, buf_span(&locked.file), &plain, &err),
				 -1);
		ck_assert_msg(strstr(err.message, cases[i].message) != NULL, "%s", err.message);
	}
}
END_TEST

START_TEST(age_passphrase_new__typed_or_made_up)
{
	AUTO(secret) typed = SECRET_INIT;
	AUTO(secret) made = SECRET_INIT;
	struct person person = { .answer = "correct horse" };
	const struct age_prompt prompt = prompt_of(&person);
	struct error err = ERROR_INIT;

	ck_assert_fails(age_passphrase_new(NULL, &typed, &err), ERROR_DENIED);
	ck_assert_ok(age_passphrase_new(&prompt, &typed, &err));
	ck_assert_span(secret_span(&typed), "correct horse");
	ck_assert_str_eq(person.told, "");
	person.answer = "";
	ck_assert_ok(age_passphrase_new(&prompt, &made, &err));
	ck_assert_uint_eq(made.len, 29);
	ck_assert_mem_eq(person.told, "The passphrase is: ", 19);
	ck_assert_mem_eq(person.told + 19, made.data, made.len);
}
END_TEST

static int open_locked(struct error *err)
{
	AUTO(buf) identity_file = BUF_INIT;
	AUTO(buf) file = BUF_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;
	struct person person = { .answer = "x" };
	const struct age_prompt prompt = prompt_of(&person);

	identities.prompt = &prompt;
	return seal_with("x", SPAN_LITERAL(TEST_IDENTITY), &identity_file, err) < 0 ||
			       age_identities_add_file(&identities, buf_span(&identity_file), "k",
						       err) < 0 ||
			       age_recipients_add_own(&own, &identities, err) < 0 ||
			       age_seal(&own, SPAN_LITERAL("text"), true, &file, err) < 0 ||
			       age_open(&identities, buf_span(&file), &plain, err) < 0
		       ? -1
		       : 0;
}

static int new_passphrase(struct error *err)
{
	AUTO(secret) passphrase = SECRET_INIT;
	struct person person = { .answer = "" };
	const struct age_prompt prompt = prompt_of(&person);

	return age_passphrase_new(&prompt, &passphrase, err);
}

START_TEST(age_passphrase__out_of_memory)
{
	struct error err = ERROR_INIT;

	SWEEP(open_locked(&err));
	SWEEP(new_passphrase(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("age passphrase");
	TCase *tc = tcase_create("passphrase");

	start_crypto();
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, age_open__with_a_passphrase);
	tcase_add_test(tc, age_open__each_bit_of_a_file_with_a_passphrase);
	tcase_add_test(tc, age_open__malformed_scrypt_stanza);
	tcase_add_test(tc, age_identities_add_passphrase__asks);
	tcase_add_test(tc, age_seal__passphrase_stands_alone);
	tcase_add_test(tc, age_open__identity_file_with_a_passphrase);
	tcase_add_test(tc, age_open__identity_file_not_asked_for);
	tcase_add_test(tc, age_open__identity_file_that_stays_locked);
	tcase_add_test(tc, age_recipients_add_own__of_an_identity_file);
	tcase_add_test(tc, age_identities_add_file__locked_nonsense);
	tcase_add_test(tc, age_passphrase_new__typed_or_made_up);
	tcase_add_test(tc, age_passphrase__out_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
