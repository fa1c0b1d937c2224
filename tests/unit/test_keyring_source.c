/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "keyring/keyring.h"
#include "keyring/scan.h"
#include "keyring/source.h"
#include "sweep.h"

#define KEY1 "AAAAC3NzaC1lZDI1NTE5AAAAIPntlbf7gr08GgKqCkYXq7PexnSzVzRd6mO6i3IBKe7u"
#define KEY2 "AAAAC3NzaC1lZDI1NTE5AAAAIAhj0FpFQn6Z8l6zXD9h2EtYN5um6PquEOMIGsSi5Czg"
#define ED1 "ssh-ed25519 " KEY1
#define ED2 "ssh-ed25519 " KEY2
#define ECDSA                                                                                      \
	"ecdsa-sha2-nistp256 "                                                                     \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7"                 \
	"opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg="
#define RSA                                                                                        \
	"ssh-rsa "                                                                                 \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQC9URApVEBhn6VAb2EH4XjnxuwQLqaTYifJjTf1Ao"                   \
	"d/9201ix+dBKLzb+FcWEftxoRVAdbZwYfBoDjgxcpSyOkIT4EzC23pOOlHqM8xr+scRJ7c"                   \
	"G3zmkcDlPzYXkRWxHnrnr129oy8SMN3mkzvUQcRBSoonRrRyq4qJ5Cbwg6uzumurl5y4r3"                   \
	"PYRIRh8z2U7no+zwp6PCwssk10oqWaFLJUXpqTbX49ot4BtRYMgeb0Yan7Ii5J23BSUEta"                   \
	"A33IjEYztU/Mhl31svWJvi9tOyfco6W9odi19xvoImyt3iReh+ZsLhyngLe/Aav2rE3+nT"                   \
	"GVVvliY0n6oz8IUEZPZAZ9"
#define RSA_SHORT                                                                                  \
	"ssh-rsa "                                                                                 \
	"AAAAB3NzaC1yc2EAAAADAQABAAAAgQCiOUNPj5KjPyfRrtiAtb4EFrw19MzkYgznZ414ex"                   \
	"bbBXF1a6EpyUV634A3T9ZwkUeFjwZks/79uqI1Xn+Ju+ix+1wioYoCBTuQcNcGuf/36IZ0"                   \
	"zNwKiEaMZLqBIWJDfts55XIzSOoGoEHeI9c6ANIpTScWcAthZrHFCeoeAGoYbQ=="
#define FINGERPRINT2 "SHA256:rAsAH23D943RH0mSFtsF26SzgUITKs227sPVJ/MKCpo"
#define BOB "age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw"

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static void takes(const char *text, const char *expected)
{
	AUTO(buf) lines = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(keyring_take_keys(span_of_text(text), SPAN_INIT, &lines, &err) == 0, "%s: %s",
		      text, err.message);
	ck_assert_msg(span_equal_text(buf_span(&lines), expected), "%s: %.*s", text,
		      SPAN_PRINT(buf_span(&lines)));
}

static void refuses(const char *text, enum error_kind kind)
{
	AUTO(buf) lines = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(keyring_take_keys(span_of_text(text), SPAN_INIT, &lines, &err), -1);
	ck_assert_msg(err.kind == kind, "%s: kind %d, %s", text, (int)err.kind, err.message);
	ck_assert_ptr_null(strstr(err.message, "quoted"));
}

START_TEST(take_keys__from_all_forms)
{
	takes(ED1 " alice@laptop\n", ED1 " alice@laptop\n");
	takes(ED1, ED1 "\n");
	takes("# a comment\r\n\r\n" ED1 " x\r\n", ED1 " x\n");
	takes("from=\"10.0.0.1\",no-pty " ED1 " alice\n", ED1 " alice\n");
	takes("restrict " ED1 "\n", ED1 "\n");
	takes("web1.example,10.0.0.1 " ED1 "\n", ED1 " web1.example,10.0.0.1\n");
	takes("[web1.example]:2222 " ED1 "\n", ED1 " [web1.example]:2222\n");
	takes("|1|w4XybAqNatHz+J2deb+VdAqeeQo=|GaG9OBnRwsUSWvHlU7t9LIRuKiI= " ED1 "\n", ED1 "\n");
	takes(BOB "\n", BOB "\n");
	takes(" " BOB " \n" ED1 "\n", BOB "\n" ED1 "\n");
}
END_TEST

START_TEST(take_keys__each_key_once)
{
	takes(ED1 " a\n" ED1 " b\n" ED2 " c\n", ED1 " a\n" ED2 " c\n");
	takes("web1 " ED1 "\n10.0.0.1 " ED1 "\n", ED1 " web1\n");
}
END_TEST

START_TEST(take_keys__tells_what_was_skipped)
{
	takes("web1 " ECDSA "\nweb1 " ED1 "\n",
	      "# skipped a key of type ecdsa-sha2-nistp256: only ssh-ed25519 and ssh-rsa can be "
	      "sealed to\n" ED1 " web1\n");
	takes("@cert-authority * " ED2 "\nweb1 " ED1 "\n",
	      "# skipped a key of type ssh-ed25519: a certificate authority's\n" ED1 " web1\n");
}
END_TEST

static void takes_type(const char *text, const char *type, const char *expected)
{
	AUTO(buf) lines = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(keyring_take_keys(span_of_text(text), span_of_text(type), &lines, &err) == 0,
		      "%s: %s", text, err.message);
	ck_assert_msg(span_equal_text(buf_span(&lines), expected), "%s: %.*s", text,
		      SPAN_PRINT(buf_span(&lines)));
}

START_TEST(take_keys__of_a_host_the_best)
{
	takes("web1 " RSA "\n", RSA " web1\n");
	takes("web1 " ECDSA "\nweb1 " RSA "\n",
	      "# skipped a key of type ecdsa-sha2-nistp256: only ssh-ed25519 and ssh-rsa can be "
	      "sealed to\n" RSA " web1\n");
	takes("web1 " RSA "\nweb1 " ED1 "\n",
	      "# skipped a key of type ssh-rsa: of a host's keys, ssh-ed25519 is taken\n" ED1
	      " web1\n");
	/* a certificate authority's is none of its own */
	takes("@cert-authority web1 " ED1 "\nweb1 " RSA "\n",
	      "# skipped a key of type ssh-ed25519: a certificate authority's\n" RSA " web1\n");
	takes("web1 " RSA_SHORT "\nweb1 " ED1 "\n",
	      "# skipped a key of type ssh-rsa: of a host's keys, ssh-ed25519 is taken\n" ED1
	      " web1\n");
	/* a person's are all taken */
	takes(RSA " a\n" ED1 " b\n", RSA " a\n" ED1 " b\n");
	refuses("web1 " RSA "\nweb2 " RSA_SHORT "\nweb2 " ED1 "\nweb3 " ED2 "\n", ERROR_DENIED);
	refuses("web1 " RSA_SHORT "\n", ERROR_NOT_FOUND);
	refuses(RSA_SHORT "\n", ERROR_UNSUPPORTED);
}
END_TEST

START_TEST(take_keys__of_the_wanted_type)
{
	takes_type("web1 " RSA "\nweb1 " ED1 "\n", "ssh-rsa",
		   RSA " web1\n# skipped a key of type ssh-ed25519: another type is wanted\n");
	takes_type(ED1 " a\n" BOB "\n", "ssh-rsa",
		   "# skipped a key of type ssh-ed25519: another type is wanted\n" BOB "\n");
	takes_type("web1 " RSA "\nweb1 " ED1 "\n", "ssh-ed25519",
		   "# skipped a key of type ssh-rsa: another type is wanted\n" ED1 " web1\n");
}
END_TEST

START_TEST(take_keys__says_why_none_is_left)
{
	AUTO(buf) lines = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(keyring_take_keys(SPAN_LITERAL("web1 " RSA_SHORT "\n"), SPAN_INIT, &lines,
					   &err),
			 -1);
	ck_assert_str_eq(err.message, "no key that can be sealed to: skipped a key of type "
				      "ssh-rsa: an RSA key of 1024 bits is too short");
}
END_TEST

START_TEST(take_keys__drops_comments_that_steer_a_terminal)
{
	takes(ED1 " a\x1b[31mb\n", ED1 "\n");
	takes(ED1 " \xe2\x80\xae\n", ED1 "\n");
	takes(ED1 " \xff\n", ED1 "\n");
}
END_TEST

START_TEST(take_keys__refuses)
{
	refuses("", ERROR_NOT_FOUND);
	refuses("web1 " ECDSA "\n", ERROR_NOT_FOUND);
	refuses("quoted\n", ERROR_FORMAT);
	refuses("ssh-ed25519 quoted\n", ERROR_FORMAT);
	refuses("age1quoted\n", ERROR_FORMAT);
	refuses(ED1 "\nquoted quoted quoted\n", ERROR_FORMAT);
	refuses("-----BEGIN OPENSSH PRIVATE KEY-----\nquoted\n", ERROR_DENIED);
	refuses("# created\n# public key: " BOB "\nAGE-SECRET-KEY-1quoted\n", ERROR_DENIED);
	refuses("@revoked web1 " ED1 "\n", ERROR_DENIED);
	refuses("web1 " ED1 "\nweb2 " ED2 "\n", ERROR_DENIED);
}
END_TEST

START_TEST(take_keys__names_the_line)
{
	AUTO(buf) lines = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(keyring_take_keys(span_of_text(ED1 "\n\nssh-rsa x\n"), SPAN_INIT, &lines,
					   &err),
			 -1);
	ck_assert_ptr_nonnull(strstr(err.message, "line 3"));
}
END_TEST

/* What is wanted of a scan that shows ED1 (and an ECDSA key) where known_hosts holds this. */
static enum error_kind scan_with(const char *known, unsigned port, struct buf *ret_lines)
{
	const struct keyring_known files[] = { { "known", span_of_text(known) } };
	struct error err = ERROR_INIT;
	const char *output = port == 22 ? "web1 " ECDSA "\nweb1 " ED1 "\n"
					: "[web1]:2222 " ECDSA "\n[web1]:2222 " ED1 "\n";

	if (keyring_take_scan(span_of_text(output), SPAN_INIT, "web1", port, files, 1, ret_lines,
			      &err) == 0)
		return ERROR_NONE;
	return err.kind;
}

static enum error_kind verdict(const char *known, unsigned port)
{
	AUTO(buf) lines = BUF_INIT;

	return scan_with(known, port, &lines);
}

START_TEST(take_scan__compares_with_what_is_known)
{
	AUTO(buf) lines = BUF_INIT;

	ck_assert_int_eq(verdict("", 22), ERROR_NONE);
	ck_assert_int_eq(verdict("web2 " ED2 "\n", 22), ERROR_NONE);
	ck_assert_int_eq(verdict("web1 " ED2 "\n", 22), ERROR_DENIED);
	ck_assert_int_eq(verdict("web1 " ED2 "\nweb1 " ED1 "\n", 22), ERROR_NONE);
	ck_assert_int_eq(verdict("web1 " ED1 "\nweb1 " ED2 "\n", 22), ERROR_NONE);
	ck_assert_int_eq(verdict("* " ED2 "\n", 22), ERROR_DENIED);
	ck_assert_int_eq(verdict("!web1,* " ED2 "\n", 22), ERROR_NONE);
	ck_assert_int_eq(verdict("web1 " ED2 "\n", 2222), ERROR_NONE);
	ck_assert_int_eq(verdict("[web1]:2222 " ED2 "\n", 2222), ERROR_DENIED);
	ck_assert_int_eq(verdict("@revoked * " ED1 "\nweb1 " ED1 "\n", 22), ERROR_DENIED);
	ck_assert_int_eq(verdict("web1 " ED1 "\n@revoked * " ED1 "\n", 22), ERROR_DENIED);
	ck_assert_int_eq(verdict("@cert-authority web1 " ED2 "\n", 22), ERROR_NONE);
	ck_assert_int_eq(verdict("web1 broken\n\xff\n", 22), ERROR_NONE);
	ck_assert_int_eq(scan_with("web1 " ED1 "\n", 22, &lines), ERROR_NONE);
	ck_assert(
		span_starts_with(buf_span(&lines), "# the ssh-ed25519 key is the one in known\n"));
}
END_TEST

static int take_and_drop(const char *text, struct error *err)
{
	AUTO(buf) lines = BUF_INIT;

	return keyring_take_keys(span_of_text(text), SPAN_INIT, &lines, err);
}

START_TEST(take_keys__survives_failed_allocations)
{
	struct error err = ERROR_INIT;

	SWEEP(take_and_drop("web1 " ECDSA "\nweb1 " RSA "\n" BOB "\n", &err));
}
END_TEST

START_TEST(take_keys__flipped_bits)
{
	char text[] = ED1;

	for (size_t bit = 8 * strlen("ssh-ed25519 "); bit < 8 * strlen(ED1); bit++) {
		AUTO(buf) lines = BUF_INIT;
		struct error err = ERROR_INIT;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		/* another key is a key: but never the same one, and never an unset error */
		if (keyring_take_keys(span_of(text, strlen(ED1)), SPAN_INIT, &lines, &err) == 0)
			ck_assert(!span_equal_text(buf_span(&lines), ED1 "\n"));
		else
			ck_assert_int_ne(err.kind, ERROR_NONE);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}
END_TEST

START_TEST(check_fingerprint__is_the_one_of_ssh_keygen)
{
	AUTO(age_recipients) one = AGE_RECIPIENTS_INIT;
	AUTO(age_recipients) age = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(age_recipients_add(&one, SPAN_LITERAL(ED2), &err), 0);
	ck_assert_int_eq(age_recipients_add(&age, SPAN_LITERAL(BOB), &err), 0);
	ck_assert_int_eq(keyring_check_fingerprint(&one, FINGERPRINT2, &err), 0);
	ck_assert_int_eq(keyring_check_fingerprint(&one, "SHA256:x", &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
	ck_assert_int_eq(keyring_check_fingerprint(&one, "MD5:x", &err), -1);
	ck_assert_int_eq(err.kind, ERROR_USAGE);
	ck_assert_int_eq(keyring_check_fingerprint(&age, FINGERPRINT2, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_USAGE);
}
END_TEST

START_TEST(host_parse__names_addresses_ports)
{
	static const struct {
		const char *text, *name;
		unsigned port; /* 0: refused */
	} cases[] = {
		{ "web1", "web1", 22 },
		{ "web1.example:2222", "web1.example", 2222 },
		{ "10.0.0.1:22", "10.0.0.1", 22 },
		{ "2001:db8::1", "2001:db8::1", 22 },
		{ "[2001:db8::1]:2222", "2001:db8::1", 2222 },
		{ "[web1]", "web1", 22 },
		{ "", "", 0 },
		{ ":22", "", 0 },
		{ "web1:", "", 0 },
		{ "web1:0", "", 0 },
		{ "web1:65536", "", 0 },
		{ "web1:22x", "", 0 },
		{ "-oProxyCommand=x", "", 0 },
		{ "[-x]:22", "", 0 },
		{ "[web1", "", 0 },
		{ "[web1]22", "", 0 },
		{ "[web1]:", "", 0 },
		{ "root@web1", "", 0 },
		{ "a b", "", 0 },
		{ "a\nb", "", 0 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct keyring_host host = { .port = 0 };
		struct error err = ERROR_INIT;
		int status = keyring_host_parse(cases[i].text, &host, &err);

		ck_assert_msg((status == 0) == (cases[i].port != 0), "%s", cases[i].text);
		ck_assert_uint_eq(host.port, cases[i].port);
		ck_assert_str_eq(host.name, cases[i].name);
		ck_assert_int_eq(err.kind, status ? ERROR_USAGE : ERROR_NONE);
	}
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("keyring_source");
	TCase *t = tcase_create("keyring_source");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, take_keys__from_all_forms);
	tcase_add_test(t, take_keys__each_key_once);
	tcase_add_test(t, take_keys__tells_what_was_skipped);
	tcase_add_test(t, take_keys__of_a_host_the_best);
	tcase_add_test(t, take_keys__of_the_wanted_type);
	tcase_add_test(t, take_keys__says_why_none_is_left);
	tcase_add_test(t, take_keys__drops_comments_that_steer_a_terminal);
	tcase_add_test(t, take_keys__refuses);
	tcase_add_test(t, take_keys__names_the_line);
	tcase_add_test(t, take_scan__compares_with_what_is_known);
	tcase_add_test(t, take_keys__survives_failed_allocations);
	tcase_add_test(t, take_keys__flipped_bits);
	tcase_add_test(t, check_fingerprint__is_the_one_of_ssh_keygen);
	tcase_add_test(t, host_parse__names_addresses_ports);
	suite_add_tcase(s, t);
	return s;
}
