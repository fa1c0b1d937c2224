/* SPDX-License-Identifier: MIT */
/* activate/credential, and the manifest's "credentials". */
#include <check.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "activate/credential.h"
#include "activate/manifest.h"
#include "sweep.h"
#include "util/file.h"

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

/* --- the peer's name --- */

/* As systemd 252 was seen to give it. */
static const char given[] = "\0adf9d86b6eda275e/unit/foobar.service/credx";
static const struct span address = { (const uint8_t *)given, sizeof(given) - 1 };

START_TEST(credential_parse__takes_systemds_name_apart)
{
	struct credential credential;

	ck_assert_int_eq(credential_parse(address, &credential, &err), 0);
	ck_assert_str_eq(credential.unit, "foobar.service");
	ck_assert_str_eq(credential.name, "credx");
	ck_assert_int_eq(credential_parse(SPAN_LITERAL("\0a/unit/u/n"), &credential, &err), 0);
	ck_assert_str_eq(credential.unit, "u");
	ck_assert_str_eq(credential.name, "n");
}
END_TEST

START_TEST(credential_parse__takes_no_other)
{
	const struct span names[] = {
		SPAN_LITERAL(""),
		SPAN_LITERAL("\0"),
		SPAN_LITERAL("a/unit/u/n"),
		SPAN_LITERAL("/run/a/unit/u/n"),
		SPAN_LITERAL("\0\0a/unit/u/n"),
		SPAN_LITERAL("\0/unit/u/n"),
		SPAN_LITERAL("\0g/unit/u/n"),
		SPAN_LITERAL("\0A/unit/u/n"),
		SPAN_LITERAL("\0a\0/unit/u/n"),
		SPAN_LITERAL("\00123456789abcdef0/unit/u/n"),
		SPAN_LITERAL("\0a/unit/u"),
		SPAN_LITERAL("\0a/unit/u/"),
		SPAN_LITERAL("\0a/unit//n"),
		SPAN_LITERAL("\0a/unit/u/n/"),
		SPAN_LITERAL("\0a/unit/u/n/n"),
		SPAN_LITERAL("\0a/unit/u/n\0"),
		SPAN_LITERAL("\0a/unit/u\0/n"),
		SPAN_LITERAL("\0a/unit/u/\0n"),
		SPAN_LITERAL("\0a/Unit/u/n"),
		SPAN_LITERAL("\0a/unit"),
	};
	struct credential credential;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		err = ERROR_INIT;
		ck_assert_msg(credential_parse(names[i], &credential, &err) == -1, "%zu", i);
		ck_assert_int_eq(err.kind, ERROR_DENIED);
	}
}
END_TEST

START_TEST(credential_parse__takes_no_part_that_is_too_long)
{
	struct credential credential;
	char name[256] = "\0a/unit/u/";
	const size_t start = 10;

	memset(name + start, 'n', sizeof(name) - start);
	ck_assert_int_eq(credential_parse(span_of(name, start + CREDENTIAL_NAME_MAX - 1),
					  &credential, &err),
			 0);
	ck_assert_uint_eq(strlen(credential.name), CREDENTIAL_NAME_MAX - 1);
	ck_assert_int_eq(credential_parse(span_of(name, start + CREDENTIAL_NAME_MAX), &credential,
					  &err),
			 -1);
}
END_TEST

/* A flipped bit is refused, or asks for something else, or is one of the number's. */
START_TEST(credential_parse__sees_each_flipped_bit)
{
	for (size_t bit = 0; bit < address.len * 8; bit++) {
		struct credential credential;
		uint8_t flipped[sizeof(given) - 1];

		memcpy(flipped, given, sizeof(flipped));
		flipped[bit / 8] ^= (uint8_t)(1u << bit % 8);
		err = ERROR_INIT;
		if (credential_parse(span_of(flipped, sizeof(flipped)), &credential, &err) < 0) {
			ck_assert_int_eq(err.kind, ERROR_DENIED);
			continue;
		}
		ck_assert(bit / 8 <= 16 || strcmp(credential.unit, "foobar.service") != 0 ||
			  strcmp(credential.name, "credx") != 0);
		ck_assert_uint_eq(flipped[0], 0);
	}
}
END_TEST

/* --- a connection --- */

static socklen_t abstract(struct sockaddr_un *ret, struct span name)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	memcpy(ret->sun_path, name.data, name.len);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + name.len);
}

/* ours is the end that a server has; theirs is bound to name, if that is not empty. */
static void connect_as(struct span name, int *ours, int *theirs)
{
	const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un own, server = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(server);

	*theirs = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&server, sizeof(server.sun_family)), 0);
	ck_assert_int_eq(listen(listening, 1), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&server, &len), 0);
	if (name.len > 0)
		ck_assert_int_eq(bind(*theirs, (struct sockaddr *)&own, abstract(&own, name)), 0);
	ck_assert_int_eq(connect(*theirs, (struct sockaddr *)&server, len), 0);
	*ours = accept(listening, NULL, NULL);
	ck_assert_int_ge(*ours, 0);
	close(listening);
}

START_TEST(credential_ask__asks_the_kernel_for_the_peers_name)
{
	AUTO_FD int ours = -1;
	AUTO_FD int theirs = -1;
	struct credential credential;

	connect_as(address, &ours, &theirs);
	ck_assert_msg(credential_ask(ours, &credential, &err) == 0, "%s", err.message);
	ck_assert_str_eq(credential.unit, "foobar.service");
	ck_assert_str_eq(credential.name, "credx");
}
END_TEST

START_TEST(credential_ask__takes_the_longest_name)
{
	AUTO_FD int ours = -1;
	AUTO_FD int theirs = -1;
	struct credential credential;
	char name[sizeof(((struct sockaddr_un *)NULL)->sun_path)] = "\0a/unit/u/";

	memset(name + 10, 'n', sizeof(name) - 10);
	connect_as(span_of(name, sizeof(name)), &ours, &theirs);
	ck_assert_msg(credential_ask(ours, &credential, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(strlen(credential.name), sizeof(name) - 10);
}
END_TEST

START_TEST(credential_ask__refuses_who_has_no_such_name)
{
	AUTO_FD int ours = -1;
	AUTO_FD int theirs = -1;
	struct credential credential;

	connect_as(SPAN_INIT, &ours, &theirs);
	ck_assert_int_eq(credential_ask(ours, &credential, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
}
END_TEST

START_TEST(credential_ask__refuses_what_is_no_connection)
{
	AUTO_FD int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un server = { .sun_family = AF_UNIX };
	struct credential credential;
	int ends[2];

	ck_assert_int_eq(bind(listening, (struct sockaddr *)&server, sizeof(server.sun_family)), 0);
	ck_assert_int_eq(listen(listening, 1), 0);
	ck_assert_int_eq(credential_ask(listening, &credential, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_USAGE);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(credential_ask(ends[0], &credential, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_USAGE);
	close(ends[0]);
	close(ends[1]);
	ck_assert_int_eq(credential_ask(-1, &credential, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_USAGE);
}
END_TEST

START_TEST(credential_give__writes_the_value)
{
	AUTO_FD int ours = -1;
	AUTO_FD int theirs = -1;
	char bytes[16];

	connect_as(address, &ours, &theirs);
	ck_assert_int_eq(credential_give(ours, SPAN_LITERAL("a\0b"), &err), 0);
	file_close_pointer(&ours);
	ck_assert_int_eq(read(theirs, bytes, sizeof(bytes)), 3);
	ck_assert_mem_eq(bytes, "a\0b", 3);
	ck_assert_int_eq(read(theirs, bytes, sizeof(bytes)), 0);
}
END_TEST

/* A peer that has gone is an error, and no signal. */
START_TEST(credential_refuse__ends_with_a_peer_that_has_enough)
{
	AUTO_FD int ours = -1;
	AUTO_FD int theirs = -1;

	/* As process_harden() does. */
	ck_assert(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	connect_as(address, &ours, &theirs);
	file_close_pointer(&theirs);
	ck_assert(!credential_refuse(ours));
}
END_TEST

/* --- the manifest --- */

static int parse(const char *text, struct manifest *manifest, struct error *said)
{
	AUTO(secret) copy = SECRET_INIT;

	return secret_append_text(&copy, text, said) < 0
		       ? -1
		       : manifest_parse(&copy, "host.yaml", manifest, said);
}

static const char whole[] = "credentials:\n"
			    "  # a comment among units\n"
			    "  app.service:\n"
			    "    # and one among names\n"
			    "    token: {file: a.yaml, key: b/c}\n"
			    "    tls.key: {file: b.json, format: yaml, key: \"\"}\n"
			    "  web@1.socket: {token: {file: a.yaml, key: d}, age: {file: c.age}}\n";

START_TEST(manifest_parse__reads_credentials)
{
	AUTO(manifest) manifest = MANIFEST_INIT;
	const struct manifest *credentials;

	ck_assert_msg(parse(whole, &manifest, &err) == 0, "%s", err.message);
	credentials = manifest.credentials;
	ck_assert_uint_eq(manifest.len, 0);
	ck_assert_uint_eq(manifest.files.len, 0);
	ck_assert_uint_eq(credentials->len, 4);
	ck_assert_uint_eq(credentials->files.len, 3);
	ck_assert_str_eq(credentials->entries[0].name, "app.service/token");
	ck_assert_str_eq(credentials->entries[0].keys.items[0], "b/c");
	ck_assert_str_eq(credentials->entries[1].name, "app.service/tls.key");
	ck_assert_int_eq(manifest_file_format(credentials, 1), DOC_YAML);
	ck_assert_str_eq(credentials->entries[2].name, "web@1.socket/token");
	ck_assert_uint_eq(credentials->entries[2].file, 0);
	ck_assert_str_eq(credentials->entries[3].keys.items[0], "");
	ck_assert(manifest_file_is_age(credentials, 2));
}
END_TEST

/* The longest names that systemd can bind a socket to; one byte more is refused. */
START_TEST(manifest_parse__knows_how_long_a_credentials_name_can_be)
{
	const char *const unit = "a.service";
	char text[512], name[256];

	for (size_t more = 0; more < 2; more++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		memset(name, 'n', sizeof(name));
		name[MANIFEST_CREDENTIAL_MAX - strlen(unit) + more] = '\0';
		snprintf(text, sizeof(text), "credentials: {%s: {%s: {file: f, key: k}}}\n", unit,
			 name);
		ck_assert_int_eq(parse(text, &manifest, &err), more == 0 ? 0 : -1);
	}
	ck_assert_ptr_nonnull(strstr(err.message, "with the unit's name at most 83"));
}
END_TEST

static const struct {
	const char *text, *message;
} bad[] = {
	{ "credentials: {}\n", "no secrets, environments, documents or credentials" },
	{ "credentials: {a.service: {}}\n", "no secrets, environments, documents or credentials" },
	{ "credentials: {a.service: {t: {file: f, key: k}}}\ntemplates: {t: {content: x}}\n",
	  "no secrets, environments, documents or credentials" },
	{ "credentials: [a.service]\n", "\"credentials\" must be a map of units" },
	{ "credentials: {a.service: [t]}\n", "\"a.service\" must be a map of credentials" },
	{ "credentials:\n  a.service:\n    t: f\n", "line 3: \"t\" must be a map with \"file:\"" },
	{ "credentials: {a: {t: {file: f, key: k}}}\n", "\"a\" is no unit name" },
	{ "credentials: {\"\": {t: {file: f, key: k}}}\n", "\"\" has no credentials" },
	{ "credentials: {a.timer: {t: {file: f, key: k}}}\n", "\"a.timer\" has no credentials" },
	{ "credentials: {a/b.service: {t: {file: f, key: k}}}\n", "is no unit name" },
	{ "credentials: {a.service: {t/u: {file: f, key: k}}}\n", "cannot name a credential" },
	{ "credentials: {a.service: {\"t:u\": {file: f, key: k}}}\n", "cannot name a credential" },
	{ "credentials: {a.service: {..: {file: f, key: k}}}\n", "cannot name a credential" },
	{ "credentials: {a.service: {.: {file: f, key: k}}}\n", "cannot name a credential" },
	{ "credentials: {a.service: {\"\": {file: f, key: k}}}\n", "cannot name a credential" },
	{ "credentials: {a.service: {\"a\\nb\": {file: f, key: k}}}\n",
	  "cannot name a credential" },
	{ "credentials: {a.service: {t: {key: k}}}\n", "\"a.service/t\" has no \"file\"" },
	{ "credentials: {a.service: {t: {file: f}}}\n", "\"a.service/t\" has no \"key\"" },
	{ "credentials: {a.service: {t: {file: f, keys: all}}}\n", "unknown field \"keys\"" },
	{ "credentials: {a.service: {t: {file: f, key: k, owner: x}}}\n",
	  "unknown field \"owner\"" },
	{ "credentials: {a.service: {t: {file: f, key: k, mode: \"0400\"}}}\n",
	  "unknown field \"mode\"" },
	{ "credentials: {a.service: {t: {file: f, key: k, restart: [a.service]}}}\n",
	  "unknown field \"restart\"" },
	{ "credentials: {a.service: {t: {file: ../f, key: k}}}\n", "has a part \".\" or \"..\"" },
	{ "credentials: {a.service: {t: {file: f.age, key: k}}}\n", "an age file has no keys" },
	{ "credentials:\n  a.service: {t: {file: f, format: json, key: k}}\n"
	  "  b.service: {t: {file: f, format: yaml, key: k}}\n",
	  "line 1: file \"f\" is json to one name and yaml to \"b.service/t\"" },
};

START_TEST(manifest_parse__says_what_is_wrong_with_credentials)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO(manifest) manifest = MANIFEST_INIT;

		err = ERROR_INIT;
		ck_assert_msg(parse(bad[i].text, &manifest, &err) == -1, "%s", bad[i].text);
		ck_assert_msg(strstr(err.message, bad[i].message) != NULL, "\"%s\" says \"%s\"",
			      bad[i].text, err.message);
	}
}
END_TEST

static int parse_whole(void)
{
	AUTO(manifest) manifest = MANIFEST_INIT;
	struct error said = ERROR_INIT;

	return parse(whole, &manifest, &said);
}

START_TEST(manifest_parse__survives_allocation_failure)
{
	SWEEP(parse_whole());
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate/credential");
	TCase *tc = tcase_create("credential");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, credential_parse__takes_systemds_name_apart);
	tcase_add_test(tc, credential_parse__takes_no_other);
	tcase_add_test(tc, credential_parse__takes_no_part_that_is_too_long);
	tcase_add_test(tc, credential_parse__sees_each_flipped_bit);
	tcase_add_test(tc, credential_ask__asks_the_kernel_for_the_peers_name);
	tcase_add_test(tc, credential_ask__takes_the_longest_name);
	tcase_add_test(tc, credential_ask__refuses_who_has_no_such_name);
	tcase_add_test(tc, credential_ask__refuses_what_is_no_connection);
	tcase_add_test(tc, credential_give__writes_the_value);
	tcase_add_test(tc, credential_refuse__ends_with_a_peer_that_has_enough);
	tcase_add_test(tc, manifest_parse__reads_credentials);
	tcase_add_test(tc, manifest_parse__knows_how_long_a_credentials_name_can_be);
	tcase_add_test(tc, manifest_parse__says_what_is_wrong_with_credentials);
	tcase_add_test(tc, manifest_parse__survives_allocation_failure);
	suite_add_tcase(s, tc);
	return s;
}
