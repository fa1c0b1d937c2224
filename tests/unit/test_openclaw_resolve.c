/* SPDX-License-Identifier: MIT */
/* openclaw/resolve: published files in a folder of the test's own. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openclaw/resolve.h"
#include "scratch.h"
#include "sweep.h"
#include "util/file.h"

static struct error err;
static char folder[64];
static struct manifest manifest;
static struct resolve_place place;

static void add(enum manifest_kind kind, const char *name, const char *key,
		enum manifest_lifetime lifetime)
{
	struct manifest_entry *entry;

	ck_assert_int_eq(manifest_add_entry(&manifest, &entry, &err), 0);
	entry->kind = kind;
	entry->lifetime = lifetime;
	entry->name = strdup(name);
	entry->all_keys = key == NULL;
	if (key != NULL)
		ck_assert_int_eq(names_add(&entry->keys, span_of_text(key), &err), 0);
}

/* name is below the folder: live/… or live.ready/… */
static void put(const char *name, struct span bytes)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	ck_assert_int_eq(file_write(AT_FDCWD, path, bytes, 0600, &err), 0);
}

static void setup(void)
{
	char path[100];

	err = ERROR_INIT;
	manifest = MANIFEST_INIT;
	snprintf(folder, sizeof(folder), "/tmp/bootseal-resolve.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/live/sub", folder);
	ck_assert_int_eq(file_make_directories(AT_FDCWD, path, 0755, &err), 0);
	snprintf(path, sizeof(path), "%s/live.ready", folder);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/live", folder);
	manifest.directory = strdup(path);
	ck_assert_int_eq(resolve_open(&manifest, &place, &err), 0);
}

static void teardown(void)
{
	resolve_place_release(&place);
	manifest_release(&manifest);
	ck_assert_int_eq(scratch_remove(folder, &err), 0);
	ck_assert_uint_eq(secret_live(), 0);
}

static int resolve(const char *id, struct secret *out)
{
	AUTO(names) ids = NAMES_INIT;

	if (names_add(&ids, span_of_text(id), &err) < 0)
		return -1;
	return resolve_answer(&manifest, &place, &ids, out, &err);
}

static void expect(const char *id, const char *wanted)
{
	AUTO(secret) out = SECRET_INIT;

	ck_assert_int_eq(resolve(id, &out), 0);
	ck_assert_int_eq(secret_append(&out, "", 1, &err), 0);
	ck_assert_str_eq((const char *)out.data, wanted);
}

#define VALUE(id, value) "{\"protocolVersion\":1,\"values\":{\"" id "\":\"" value "\"}}\n"
#define FAILED(id, code)                                                                           \
	"{\"protocolVersion\":1,\"values\":{},\"errors\":{\"" id "\":{\"code\":\"" code "\"}}}\n"

START_TEST(resolve_answer__gives_a_secret_by_its_name)
{
	add(MANIFEST_SECRET, "sub/token", "TOKEN", MANIFEST_BOOT);
	expect("sub/token", FAILED("sub/token", "NOT_FOUND"));
	put("live/sub/token", SPAN_LITERAL("a \"b\"\n"));
	expect("sub/token", VALUE("sub/token", "a \\\"b\\\""));
	expect("TOKEN", FAILED("TOKEN", "NOT_FOUND"));
}
END_TEST

START_TEST(resolve_answer__gives_keys_of_documents)
{
	add(MANIFEST_DOCUMENT, "all.json", NULL, MANIFEST_BOOT);
	add(MANIFEST_DOCUMENT, "sub/some.json", "nested/B", MANIFEST_UNTIL_READY);
	put("live/all.json", SPAN_LITERAL("{\"A\":\"one\",\"E\":\"\",\"N\":1}\n"));
	expect("A", VALUE("A", "one"));
	expect("B", FAILED("B", "NOT_FOUND"));
	expect("E", FAILED("E", "UNUSABLE_VALUE"));
	expect("N", FAILED("N", "UNUSABLE_VALUE"));
	expect("all.json", FAILED("all.json", "NOT_FOUND"));
	put("live/sub/some.json", SPAN_LITERAL("{\"B\":\"not here\"}\n"));
	expect("B", FAILED("B", "NOT_FOUND"));
}
END_TEST

START_TEST(resolve_answer__looks_where_a_unit_is_waited_for)
{
	add(MANIFEST_DOCUMENT, "some.json", "nested/B", MANIFEST_UNTIL_READY);
	put("live.ready/some.json", SPAN_LITERAL("{\"B\":\"two\"}\n"));
	expect("B", VALUE("B", "two"));
}
END_TEST

START_TEST(resolve_answer__does_not_choose_between_two_values)
{
	add(MANIFEST_DOCUMENT, "a.json", "A", MANIFEST_BOOT);
	add(MANIFEST_DOCUMENT, "b.json", "b/A", MANIFEST_UNTIL_READY);
	put("live/a.json", SPAN_LITERAL("{\"A\":\"same\"}\n"));
	expect("A", VALUE("A", "same"));
	put("live.ready/b.json", SPAN_LITERAL("{\"A\":\"same\"}\n"));
	expect("A", VALUE("A", "same"));
	put("live.ready/b.json", SPAN_LITERAL("{\"A\":\"Same\"}\n"));
	expect("A", FAILED("A", "AMBIGUOUS_DUPLICATE_KEY"));
	put("live.ready/b.json", SPAN_LITERAL("{\"A\":\n"));
	expect("A", FAILED("A", "UNUSABLE_VALUE"));
}
END_TEST

START_TEST(resolve_answer__gives_some_where_others_fail)
{
	AUTO(names) ids = NAMES_INIT;
	AUTO(secret) out = SECRET_INIT;

	add(MANIFEST_DOCUMENT, "broken.json", "B", MANIFEST_BOOT);
	add(MANIFEST_SECRET, "bytes", "", MANIFEST_BOOT);
	add(MANIFEST_SECRET, "good", "G", MANIFEST_BOOT);
	put("live/broken.json", SPAN_LITERAL("[\"B\"]\n"));
	put("live/bytes", SPAN_LITERAL("\xff"));
	put("live/good", SPAN_LITERAL("g"));
	ck_assert_int_eq(names_add_once(&ids, "B", &err), 0);
	ck_assert_int_eq(names_add_once(&ids, "good", &err), 0);
	ck_assert_int_eq(names_add_once(&ids, "bytes", &err), 0);
	ck_assert_int_eq(resolve_answer(&manifest, &place, &ids, &out, &err), 0);
	ck_assert_int_eq(secret_append(&out, "", 1, &err), 0);
	ck_assert_str_eq((const char *)out.data,
			 "{\"protocolVersion\":1,\"values\":{\"good\":\"g\"},\"errors\":{"
			 "\"B\":{\"code\":\"UNUSABLE_VALUE\"},"
			 "\"bytes\":{\"code\":\"UNUSABLE_VALUE\"}}}\n");
}
END_TEST

START_TEST(resolve_answer__follows_no_link)
{
	char path[100];

	add(MANIFEST_SECRET, "link", "L", MANIFEST_BOOT);
	add(MANIFEST_SECRET, "out/target", "T", MANIFEST_BOOT);
	put("target", SPAN_LITERAL("outside"));
	snprintf(path, sizeof(path), "%s/live/link", folder);
	ck_assert_int_eq(symlink("../target", path), 0);
	snprintf(path, sizeof(path), "%s/live/out", folder);
	ck_assert_int_eq(symlink("..", path), 0);
	expect("link", FAILED("link", "NOT_FOUND"));
	expect("out/target", FAILED("out/target", "NOT_FOUND"));
}
END_TEST

START_TEST(resolve_answer__limits_a_value_and_the_answer)
{
	AUTO(secret) large = SECRET_INIT;
	AUTO(secret) out = SECRET_INIT;

	add(MANIFEST_SECRET, "large", "L", MANIFEST_BOOT);
	ck_assert_int_eq(secret_reserve(&large, RESOLVE_ANSWER_MAX + 1, &err), 0);
	memset(large.data, 'a', RESOLVE_ANSWER_MAX + 1);
	large.len = RESOLVE_ANSWER_MAX + 1;
	put("live/large", secret_span(&large));
	expect("large", FAILED("large", "UNUSABLE_VALUE"));
	large.len = RESOLVE_ANSWER_MAX;
	put("live/large", secret_span(&large));
	ck_assert_int_eq(resolve("large", &out), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

START_TEST(resolve_open__takes_what_is_not_there_as_nothing)
{
	resolve_place_release(&place);
	free(manifest.directory);
	manifest.directory = strdup("/nonexistent/secrets");
	ck_assert_int_eq(resolve_open(&manifest, &place, &err), 0);
	ck_assert_int_eq(place.live_fd, -1);
	add(MANIFEST_SECRET, "a", "A", MANIFEST_BOOT);
	expect("a", FAILED("a", "NOT_FOUND"));
}
END_TEST

static int resolve_anew(void)
{
	AUTO(secret) out = SECRET_INIT;

	err = ERROR_INIT;
	return resolve("A", &out);
}

static int open_anew(void)
{
	AUTO(resolve_place) again = RESOLVE_PLACE_INIT;

	err = ERROR_INIT;
	return resolve_open(&manifest, &again, &err);
}

START_TEST(resolve_answer__survives_without_memory)
{
	add(MANIFEST_DOCUMENT, "a.json", "A", MANIFEST_BOOT);
	add(MANIFEST_DOCUMENT, "b.json", "A", MANIFEST_BOOT);
	put("live/a.json", SPAN_LITERAL("{\"A\":\"same\"}\n"));
	put("live/b.json", SPAN_LITERAL("{\"A\":\"s\\u0061me\"}\n"));
	SWEEP(resolve_anew());
	SWEEP(open_anew());
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("openclaw/resolve");
	TCase *t = tcase_create("resolve");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, resolve_answer__gives_a_secret_by_its_name);
	tcase_add_test(t, resolve_answer__gives_keys_of_documents);
	tcase_add_test(t, resolve_answer__looks_where_a_unit_is_waited_for);
	tcase_add_test(t, resolve_answer__does_not_choose_between_two_values);
	tcase_add_test(t, resolve_answer__gives_some_where_others_fail);
	tcase_add_test(t, resolve_answer__follows_no_link);
	tcase_add_test(t, resolve_answer__limits_a_value_and_the_answer);
	tcase_add_test(t, resolve_open__takes_what_is_not_there_as_nothing);
	tcase_add_test(t, resolve_answer__survives_without_memory);
	suite_add_tcase(s, t);
	return s;
}
