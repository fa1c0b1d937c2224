/* SPDX-License-Identifier: MIT */
/* ssh: public key lines, fingerprints, host names of known_hosts lines. */
#include <check.h>
#include <string.h>

#include "age/convert.h"
#include "ssh/convert.h"
#include "ssh/hosts.h"
#include "ssh/pubkey.h"
#include "ssh/wire.h"
#include "sweep.h"
#include "vectors.h"

#define BASE64 "AAAAC3NzaC1lZDI1NTE5AAAAIOHz+U0YtjINc54dZiJNclfmEFifF7RXCFlNlTbuZBji"
#define KEY "ssh-ed25519 " BASE64
#define AGE "age17044m9wgakla6pzftf4srtl3h5mcsr85jysgt5fg23zpnta8sfdqhzn452"

static void expect(const char *line, const char *prefix, const char *comment)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	struct error err = ERROR_INIT;
	char text[AGE_X25519_TEXT_MAX], fingerprint[SSH_FINGERPRINT_MAX];

	ck_assert_msg(ssh_public_key_parse(span_of_text(line), &key, &err) == 0, "%s: %s", line,
		      err.message);
	ck_assert_span(key.prefix, prefix);
	ck_assert_span(key.comment, comment);
	ck_assert_span(key.type, SSH_ED25519_TYPE);
	ck_assert_uint_eq(key.wire.len, SSH_ED25519_WIRE_LEN);
	ck_assert_int_eq(key.marker, SSH_MARKER_NONE);
	ck_assert_ok(age_text_of_ssh(&key, text, &err));
	ck_assert_str_eq(text, AGE);
	ssh_fingerprint(buf_span(&key.wire), fingerprint);
	ck_assert_str_eq(fingerprint, "SHA256:wEPu5zkkhaJZhOM5BFhVJnRbJC7OEuRKz/lt2XCrN8I");
}

START_TEST(ssh_public_key_parse__takes_every_place_that_keys_stand_in)
{
	expect(KEY, "", "");
	expect(KEY "\n", "", "");
	expect("  " KEY "\r\n", "", "");
	expect(KEY " joerg@turingmachine", "", "joerg@turingmachine");
	expect(KEY "\ta comment of words ", "", "a comment of words");
	expect("ssh-ed25519\t \t" BASE64, "", "");
	expect("host.example " KEY, "host.example", "");
	expect("[host.example]:2222,192.0.2.1 " KEY " x", "[host.example]:2222,192.0.2.1", "x");
	expect("|1|mQ3M6iByg5MkH6g13YcUPkx2oW4=|DDWce03WLcwfzZ8MGH6FQ0DwnFI= " KEY,
	       "|1|mQ3M6iByg5MkH6g13YcUPkx2oW4=|DDWce03WLcwfzZ8MGH6FQ0DwnFI=", "");
	expect("no-pty,command=\"echo ssh-ed25519 a\\\" b\",from=\"*.x\" " KEY " me",
	       "no-pty,command=\"echo ssh-ed25519 a\\\" b\",from=\"*.x\"", "me");
	expect("ssh-ed25519 " KEY, "ssh-ed25519", "");
}
END_TEST

static void refuse(const char *line)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	struct error err = ERROR_INIT;

	ck_assert_fails(ssh_public_key_parse(span_of_text(line), &key, &err), ERROR_FORMAT);
}

START_TEST(ssh_public_key_parse__refuses_what_is_none)
{
	refuse("");
	refuse("#" KEY);
	refuse("ssh-ed25519");
	refuse(BASE64);
	refuse("ssh-rsa " BASE64);
	refuse("ssh-ed25519 " BASE64 "=");
	refuse("ssh-ed25519 !" BASE64);
	refuse("ssh-ed25519 AAAA");
	refuse("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI");
	refuse("a b " KEY);
	refuse("\"open quote " KEY);
	refuse("@unknown host " KEY);
	refuse("-----BEGIN OPENSSH PRIVATE KEY-----");
	ck_assert(ssh_line_is_blank(SPAN_LITERAL(" \t\r\n")));
	ck_assert(ssh_line_is_blank(SPAN_LITERAL(" # host SSH-2.0")));
	ck_assert(!ssh_line_is_blank(SPAN_LITERAL(KEY)));
}
END_TEST

START_TEST(ssh_public_key_parse__limits_the_line)
{
	static char line[SSH_LINE_MAX + 2];
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
	AUTO(ssh_public_key) longer = SSH_PUBLIC_KEY_INIT;
	struct error err = ERROR_INIT;

	memset(line, 'c', sizeof(line));
	memcpy(line, KEY " ", sizeof(KEY));
	ck_assert_ok(ssh_public_key_parse(span_of(line, SSH_LINE_MAX), &key, &err));
	ck_assert_fails(ssh_public_key_parse(span_of(line, SSH_LINE_MAX + 1), &longer, &err),
			ERROR_LIMIT);
}
END_TEST

START_TEST(ssh_public_to_x25519__refuses_other_keys)
{
	AUTO(secret) rsa = load("ssh/id_rsa.pub");
	AUTO(secret) ecdsa = load("ssh/id_ecdsa.pub");
	const struct {
		struct span line;
		enum error_kind kind;
	} cases[] = {
		{ secret_span(&rsa), ERROR_UNSUPPORTED },
		{ secret_span(&ecdsa), ERROR_UNSUPPORTED },
		{ SPAN_LITERAL("@revoked * " KEY), ERROR_DENIED },
		{ SPAN_LITERAL("@cert-authority *.example " KEY), ERROR_DENIED },
		/* 31 bytes; 32 bytes and one more; a point of low order */
		{ SPAN_LITERAL(
			  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAH+Hz+U0YtjINc54dZiJNclfmEFifF7RXCFlN"
			  "lTbuZBg="),
		  ERROR_FORMAT },
		{ SPAN_LITERAL(
			  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOHz+U0YtjINc54dZiJNclfmEFifF7RXCFlN"
			  "lTbuZBjiAA=="),
		  ERROR_FORMAT },
		{ SPAN_LITERAL(
			  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
			  "AAAAAAAA"),
		  ERROR_FORMAT },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
		struct error err = ERROR_INIT;
		uint8_t point[32];

		ck_assert_ok(ssh_public_key_parse(cases[i].line, &key, &err));
		ck_assert_fails(ssh_public_to_x25519(&key, point, &err), cases[i].kind);
	}
}
END_TEST

START_TEST(ssh_public_key_parse__of_ssh_keyscan)
{
	AUTO(secret) scan = load("ssh-to-age/keyscan.txt");
	struct span rest = secret_span(&scan), line;
	struct error err = ERROR_INIT;
	int keys = 0, ed25519 = 0;

	while (span_take_line(&rest, &line)) {
		AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
		uint8_t point[32];

		if (ssh_line_is_blank(line))
			continue;
		ck_assert_ok(ssh_public_key_parse(line, &key, &err));
		ck_assert(span_ends_with(key.prefix, ".thalheim.io"));
		keys++;
		if (span_equal_text(key.type, SSH_ED25519_TYPE)) {
			ed25519++;
			ck_assert_ok(ssh_public_to_x25519(&key, point, &err));
		}
	}
	ck_assert_int_eq(keys, 4);
	ck_assert_int_eq(ed25519, 2);
}
END_TEST

/* How many lines of the fixture name host? */
static int count_matches(const char *host, unsigned port)
{
	AUTO(secret) file = load("ssh/known_hosts");
	struct span rest = secret_span(&file), line;
	struct error err = ERROR_INIT;
	int matches = 0;

	while (span_take_line(&rest, &line)) {
		AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;

		if (ssh_line_is_blank(line))
			continue;
		ck_assert_ok(ssh_public_key_parse(line, &key, &err));
		matches += key.marker == SSH_MARKER_NONE && ssh_hosts_match(key.prefix, host, port);
	}
	return matches;
}

START_TEST(ssh_hosts_match__of_a_known_hosts_file)
{
	ck_assert_int_eq(count_matches("h1.example", 22), 1);
	ck_assert_int_eq(count_matches("H1.Example", 22), 1);
	ck_assert_int_eq(count_matches("h1.example", 2222), 1);
	ck_assert_int_eq(count_matches("h1.example", 2223), 0);
	ck_assert_int_eq(count_matches("h2.example", 22), 1);
	ck_assert_int_eq(count_matches("192.0.2.7", 22), 1);
	ck_assert_int_eq(count_matches("h2.example", 2222), 0);
	ck_assert_int_eq(count_matches("h3.example", 2222), 1);
	ck_assert_int_eq(count_matches("h3.example", 22), 0);
	ck_assert_int_eq(count_matches("a.wild.example", 22), 1);
	ck_assert_int_eq(count_matches("not.wild.example", 22), 0);
	ck_assert_int_eq(count_matches("h1.exampl", 22), 0);
}
END_TEST

START_TEST(ssh_hosts_match__patterns)
{
	static char name[600];

	ck_assert(ssh_hosts_match(SPAN_LITERAL("a?c*"), "abc", 22));
	ck_assert(ssh_hosts_match(SPAN_LITERAL("*b*d"), "abcbd", 22));
	ck_assert(!ssh_hosts_match(SPAN_LITERAL("*b*d"), "abcbde", 22));
	ck_assert(!ssh_hosts_match(SPAN_LITERAL("a?c"), "ac", 22));
	ck_assert(!ssh_hosts_match(SPAN_LITERAL(""), "a", 22));
	ck_assert(!ssh_hosts_match(SPAN_LITERAL("*,!a"), "a", 22));
	ck_assert(!ssh_hosts_match(SPAN_LITERAL("|1|"), "a", 22));
	ck_assert(!ssh_hosts_match(SPAN_LITERAL("|1|AAAA|AAAA"), "a", 22));
	ck_assert(
		ssh_hosts_match(SPAN_LITERAL("*a*a*a*a*a*a*a*b"), "aaaaaaaaaaaaaaaaaaaaaaab", 22));
	memset(name, 'a', sizeof(name) - 1);
	ck_assert(!ssh_hosts_match(SPAN_LITERAL("*"), name, 22));
}
END_TEST

/* Whatever is read must be consistent: type inside and outside, all within the line. */
START_TEST(ssh_public_key_parse__each_changed_bit)
{
	char line[] = "host.example " KEY " comment";

	for (size_t bit = 0; bit < 8 * (sizeof(line) - 1); bit++) {
		AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;
		struct error err = ERROR_INIT;

		line[bit / 8] = (char)(line[bit / 8] ^ (1 << bit % 8));
		int result = ssh_public_key_parse(span_of_text(line), &key, &err);
		ck_assert((result == 0) == (err.kind == ERROR_NONE));
		ck_assert(result < 0 || span_equal_text(key.type, SSH_ED25519_TYPE));
		line[bit / 8] = (char)(line[bit / 8] ^ (1 << bit % 8));
	}
}
END_TEST

static int parse_once(struct error *err)
{
	AUTO(ssh_public_key) key = SSH_PUBLIC_KEY_INIT;

	return ssh_public_key_parse(SPAN_LITERAL("host " KEY), &key, err);
}

START_TEST(ssh_public_key_parse__survives_want_of_memory)
{
	struct error err = ERROR_INIT;

	SWEEP(parse_once(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("ssh pubkey");
	TCase *tc = tcase_create("pubkey");

	start_crypto();
	tcase_add_test(tc, ssh_public_key_parse__takes_every_place_that_keys_stand_in);
	tcase_add_test(tc, ssh_public_key_parse__refuses_what_is_none);
	tcase_add_test(tc, ssh_public_key_parse__limits_the_line);
	tcase_add_test(tc, ssh_public_to_x25519__refuses_other_keys);
	tcase_add_test(tc, ssh_public_key_parse__of_ssh_keyscan);
	tcase_add_test(tc, ssh_hosts_match__of_a_known_hosts_file);
	tcase_add_test(tc, ssh_hosts_match__patterns);
	tcase_add_test(tc, ssh_public_key_parse__each_changed_bit);
	tcase_add_test(tc, ssh_public_key_parse__survives_want_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
