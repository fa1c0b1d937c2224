/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "age/header.h"
#include "age_files.h"
#include "sweep.h"

#define INTRO "age-encryption.org/v1\n"
#define MAC "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define FULL "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

START_TEST(age_header_parse__takes_it_apart)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	struct error err = ERROR_INIT;
	struct span text = SPAN_LITERAL(INTRO "-> X25519 one two\n" FULL "YWJj\n-> empty\n\n" MAC);
	struct span arguments, argument;

	ck_assert_ok(age_header_parse(text, &header, &err));
	ck_assert_uint_eq(header.len, 2);
	ck_assert_span(header.stanzas[0].type, "X25519");
	arguments = header.stanzas[0].arguments;
	ck_assert(age_stanza_argument(&arguments, &argument));
	ck_assert_span(argument, "one");
	ck_assert(age_stanza_argument(&arguments, &argument));
	ck_assert_span(argument, "two");
	ck_assert(!age_stanza_argument(&arguments, &argument));
	ck_assert_uint_eq(header.stanzas[0].body.len, 51);
	ck_assert_mem_eq(header.stanzas[0].body.data + 48, "abc", 3);
	ck_assert_span(header.stanzas[1].type, "empty");
	ck_assert_uint_eq(header.stanzas[1].arguments.len, 0);
	ck_assert_uint_eq(header.stanzas[1].body.len, 0);
	ck_assert_uint_eq(header.covered.len, text.len - sizeof(MAC) + 1 + 3);
}
END_TEST

static void expect(const char *text, bool valid)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	struct error err = ERROR_INIT;
	int result = age_header_parse(span_of_text(text), &header, &err);

	ck_assert_msg((result == 0) == valid, "%s", text);
	ck_assert(valid || err.kind == ERROR_FORMAT);
}

START_TEST(age_header_parse__is_strict)
{
	expect(INTRO "-> a\n\n" MAC, true);
	expect(INTRO "-> !\"# ~\n" FULL FULL "\n" MAC, true);

	expect("", false);
	expect(INTRO, false);
	expect("age-encryption.org/v2\n-> a\n\n" MAC, false);
	expect("age-encryption.org/v1\r\n-> a\n\n" MAC, false);
	expect(INTRO "\n-> a\n\n" MAC, false);
	expect(INTRO "->\n\n" MAC, false);
	expect(INTRO "-> \n\n" MAC, false);
	expect(INTRO "->a\n\n" MAC, false);
	expect(INTRO "->  a\n\n" MAC, false);
	expect(INTRO "-> a \n\n" MAC, false);
	expect(INTRO "-> a  b\n\n" MAC, false);
	expect(INTRO "-> a\tb\n\n" MAC, false);
	expect(INTRO "-> \x7f\n\n" MAC, false);
	expect(INTRO "-> \xc3\xa9\n\n" MAC, false);
	expect(INTRO "-> a\r\n\n" MAC, false);
	expect(INTRO "-> a\n" MAC, false);
	expect(INTRO "-> a\n" FULL MAC, false);
	expect(INTRO "-> a\n" FULL "-> b\n\n" MAC, false);
	expect(INTRO "-> a\n\n\n" MAC, false);
	expect(INTRO "-> a\nAAAA\nAAAA\n" MAC, false);
	expect(INTRO "-> a\nAA==\n" MAC, false);
	expect(INTRO "-> a\nAB\n" MAC, false);
	expect(INTRO "-> a\nA\n" MAC, false);
	expect(INTRO "-> a\nAAAA\r\n" MAC, false);
	expect(INTRO "-> a\nAAAA" FULL "\n" MAC, false);
	expect(INTRO "-> a\n\n---\n", false);
	expect(INTRO "-> a\n\n--- \n", false);
	expect(INTRO "-> a\n\n---AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", false);
	expect(INTRO "-> a\n\n---  AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", false);
	expect(INTRO "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\n", false);
	expect(INTRO "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA \n", false);
	expect(INTRO "-> a\n\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", false);
	expect(INTRO "-> a\n\n" MAC "\n", false);
	expect(INTRO "-> scrypt a\n\n-> b\n\n" MAC, false);
	expect(INTRO "-> b\n\n-> scrypt a\n\n" MAC, false);
}
END_TEST

START_TEST(age_header_find_end__asks_for_more)
{
	struct span text = SPAN_LITERAL(INTRO "-> a\n\n" MAC "payload\n--- x\n");
	size_t whole = sizeof(INTRO "-> a\n\n" MAC) - 1, len;
	struct error err = ERROR_INIT;

	for (size_t cut = 0; cut <= text.len; cut++) {
		ck_assert_ok(age_header_find_end(span_slice(text, 0, cut), &len, &err));
		ck_assert_uint_eq(len, cut < whole ? 0 : whole);
	}
	ck_assert_fails(age_header_find_end(SPAN_LITERAL("age-encryption.com"), &len, &err),
			ERROR_FORMAT);
	ck_assert_fails(age_header_find_end(SPAN_LITERAL("hello\n"), &len, &err), ERROR_FORMAT);
}
END_TEST

START_TEST(age_header__limits)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(age_header) header = AGE_HEADER_INIT;
	struct error err = ERROR_INIT;
	size_t len, before;

	ck_assert_ok(buf_append_text(&text, INTRO, &err));
	for (int i = 0; i < AGE_STANZAS_MAX; i++)
		ck_assert_ok(buf_append_text(&text, "-> a\n\n", &err));
	before = text.len;
	ck_assert_ok(buf_append_text(&text, MAC, &err));
	ck_assert_ok(age_header_parse(buf_span(&text), &header, &err));
	ck_assert_uint_eq(header.len, AGE_STANZAS_MAX);
	text.len = before;
	ck_assert_ok(buf_append_text(&text, "-> a\n\n" MAC, &err));
	ck_assert_fails(age_header_parse(buf_span(&text), &header, &err), ERROR_LIMIT);

	text.len = before;
	while (text.len <= AGE_HEADER_MAX)
		ck_assert_ok(buf_append_text(&text, FULL, &err));
	ck_assert_fails(age_header_find_end(buf_span(&text), &len, &err), ERROR_LIMIT);
	text.len = AGE_HEADER_MAX;
	ck_assert_ok(age_header_find_end(buf_span(&text), &len, &err));
	ck_assert_uint_eq(len, 0);
}
END_TEST

static int write_and_open(const struct age_recipients *recipients,
			  const struct age_identities *identities, struct error *err)
{
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(key32) opened = KEY32_INIT;
	struct key32 file_key = { "sixteen bytes!!" };

	if (age_header_write(recipients, &file_key, &text, err) < 0 ||
	    age_header_parse(buf_span(&text), &header, err) < 0 ||
	    age_header_open(&header, identities, &opened, err) < 0)
		return -1;
	ck_assert_mem_eq(opened.data, file_key.data, AGE_FILE_KEY_LEN);
	return 0;
}

START_TEST(age_header_write__is_opened_by_each_recipient)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	AUTO(age_identities) ssh = AGE_IDENTITIES_INIT;
	AUTO(age_identities) stranger = AGE_IDENTITIES_INIT;
	AUTO(secret) public_key = load("agenix/keys/user1.pub");
	AUTO(secret) private_key = load("agenix/keys/user1");
	AUTO(secret) other_key = load("agenix/keys/system1");
	struct error err = ERROR_INIT;

	ck_assert_ok(age_recipients_add(&recipients, secret_span(&public_key), &err));
	ck_assert_ok(age_identities_add_file(&ssh, secret_span(&private_key), "user1", &err));
	ck_assert_ok(age_identities_add_file(&stranger, secret_span(&other_key), "other", &err));
	ck_assert_ok(write_and_open(&recipients, &identities, &err));
	ck_assert_ok(write_and_open(&recipients, &ssh, &err));
	ck_assert_fails(write_and_open(&recipients, &stranger, &err), ERROR_NO_KEY);
	SWEEP(write_and_open(&recipients, &ssh, &err));
}
END_TEST

/* Without the MAC, which cannot be right. */
static int try_both(const char *first, const char *second, struct span text, bool *ret_opened,
		    struct error *ret_err)
{
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(age_header) header = AGE_HEADER_INIT;
	AUTO(key32) file_key = KEY32_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add_file(&identities, span_of_text(first), "first", &err));
	ck_assert_ok(age_identities_add_file(&identities, span_of_text(second), "second", &err));
	ck_assert_ok(age_header_parse(text, &header, &err));
	return age_header_try(&header, &identities, ret_opened, &file_key, ret_err);
}

/* As age does it: a damaged stanza that names an SSH key is an error, but age's own keys are tried before. */
START_TEST(age_header_try__own_keys_before_ssh_keys)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(secret) public_key = load("agenix/keys/user1.pub");
	AUTO(secret) ssh_key = load("agenix/keys/user1");
	AUTO(buf) text = BUF_INIT;
	struct key32 file_key = { "sixteen bytes!!" };
	struct error err = ERROR_INIT;
	bool opened = false;
	char *share;

	ck_assert_ok(secret_append(&ssh_key, "", 1, &err));
	ck_assert_ok(age_recipients_add(&recipients, secret_span(&public_key), &err));
	ck_assert_ok(age_recipients_add(&recipients, SPAN_LITERAL(TEST_RECIPIENT), &err));
	ck_assert_ok(age_header_write(&recipients, &file_key, &text, &err));
	share = memmem(text.data, text.len, "ssh-ed25519 ", 12);
	ck_assert_ptr_nonnull(share);
	share[sizeof("ssh-ed25519 AAAAAA ") - 1] = '*';

	const char *ssh = (const char *)ssh_key.data;
	ck_assert_ok(try_both(ssh, TEST_IDENTITY, buf_span(&text), &opened, &err));
	ck_assert(opened);
	ck_assert_ok(try_both(TEST_IDENTITY, ssh, buf_span(&text), &opened, &err));
	ck_assert(opened);
	ck_assert_fails(try_both(ssh, ssh, buf_span(&text), &opened, &err), ERROR_FORMAT);
}
END_TEST

START_TEST(age_header_write__needs_a_recipient)
{
	AUTO(age_recipients) none = AGE_RECIPIENTS_INIT;
	AUTO(age_identities) identities = test_identities();
	struct error err = ERROR_INIT;

	ck_assert_fails(write_and_open(&none, &identities, &err), ERROR_USAGE);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("age header");
	TCase *tc = tcase_create("header");

	start_crypto();
	tcase_add_test(tc, age_header_parse__takes_it_apart);
	tcase_add_test(tc, age_header_parse__is_strict);
	tcase_add_test(tc, age_header_find_end__asks_for_more);
	tcase_add_test(tc, age_header__limits);
	tcase_add_test(tc, age_header_write__is_opened_by_each_recipient);
	tcase_add_test(tc, age_header_try__own_keys_before_ssh_keys);
	tcase_add_test(tc, age_header_write__needs_a_recipient);
	suite_add_tcase(s, tc);
	return s;
}
