/* SPDX-License-Identifier: MIT */
/* activate/single: one value of a manifest, by its name. */
#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/single.h"
#include "crypto/lib.h"
#include "scratch.h"
#include "sweep.h"
#include "util/file.h"

static struct error err;
static char directory[PATH_MAX], manifest[PATH_MAX + 20];

static void setup(void)
{
	err = ERROR_INIT;
	ck_assert_int_eq(crypto_init(&err), 0);
	scratch_make("single", directory);
	snprintf(manifest, sizeof(manifest), "%s/host.yaml", directory);
}

static void teardown(void)
{
	ck_assert_int_eq(scratch_remove(directory, &err), 0);
	ck_assert_uint_eq(secret_live(), 0);
}

static void put(const char *text)
{
	ck_assert_int_eq(file_write(AT_FDCWD, manifest, span_of_text(text), 0644, &err), 0);
}

static void expect(const char *name, const char *file, const char *key)
{
	AUTO(single_place) place = SINGLE_PLACE_INIT;
	char path[PATH_MAX + 20];

	ck_assert_msg(single_find(manifest, name, &place, &err) == 0, "%s", err.message);
	snprintf(path, sizeof(path), "%s/%s", directory, file);
	ck_assert_str_eq(place.file, path);
	ck_assert_str_eq(place.key, key);
}

static void refuse(const char *name, enum error_kind kind)
{
	AUTO(single_place) place = SINGLE_PLACE_INIT;

	err = ERROR_INIT;
	ck_assert_int_eq(single_find(manifest, name, &place, &err), -1);
	ck_assert_int_eq(err.kind, kind);
	ck_assert_ptr_null(place.file);
}

START_TEST(single_find__finds_it_in_each_kind_of_entry)
{
	put("secrets: {s: {file: a.yaml, key: n/S}, whole: {file: w.yaml, key: \"\"}}\n"
	    "environments: {e: {file: b.yaml, keys: [x/E]}}\n"
	    "documents: {d: {file: sub/c.yaml, keys: [D, n/S2]}}\n");
	expect("S", "a.yaml", "n/S");
	expect("E", "b.yaml", "x/E");
	expect("D", "sub/c.yaml", "D");
	expect("S2", "sub/c.yaml", "n/S2");
	refuse("n/S", ERROR_NOT_FOUND);
	refuse("s", ERROR_NOT_FOUND);
}
END_TEST

START_TEST(single_find__takes_what_is_delivered_twice)
{
	put("secrets: {s: {file: a.yaml, key: n/T}}\n"
	    "documents: {d: {file: a.yaml, keys: [n/T]}}\n");
	expect("T", "a.yaml", "n/T");
}
END_TEST

START_TEST(single_find__does_not_choose)
{
	put("secrets: {s: {file: a.yaml, key: n/T}}\n"
	    "documents: {d: {file: a.yaml, keys: [T]}}\n");
	refuse("T", ERROR_CONFIG);
	put("secrets: {s: {file: a.yaml, key: T}, r: {file: b.yaml, key: T}}\n");
	refuse("T", ERROR_CONFIG);
	put("environments: {e: {file: a.yaml, keys: all}}\n"
	    "documents: {d: {file: b.yaml, keys: all}}\n");
	refuse("T", ERROR_CONFIG);
}
END_TEST

START_TEST(single_find__looks_at_whole_files_last)
{
	put("environments: {e: {file: a.yaml, keys: all}}\n"
	    "documents: {d: {file: b.yaml, keys: [T]}}\n");
	expect("T", "b.yaml", "T");
	expect("U", "a.yaml", "U");
}
END_TEST

START_TEST(single_find__knows_how_it_is_delivered)
{
	AUTO(single_place) in_environment = SINGLE_PLACE_INIT;
	AUTO(single_place) in_both = SINGLE_PLACE_INIT;
	AUTO(single_place) in_file = SINGLE_PLACE_INIT;

	put("secrets: {s: {file: a.yaml, key: S}}\n"
	    "environments: {e: {file: a.yaml, keys: [E, B]}}\n"
	    "documents: {d: {file: a.yaml, keys: [B]}}\n");
	ck_assert_int_eq(single_find(manifest, "E", &in_environment, &err), 0);
	ck_assert(!in_environment.in_document && !in_environment.in_file);
	ck_assert_int_eq(single_find(manifest, "B", &in_both, &err), 0);
	ck_assert(in_both.in_document && !in_both.in_file);
	ck_assert_int_eq(single_find(manifest, "S", &in_file, &err), 0);
	ck_assert(!in_file.in_document && in_file.in_file);
}
END_TEST

static void copy(const char *name)
{
	AUTO(secret) bytes = SECRET_INIT;
	char from[PATH_MAX], to[PATH_MAX + 20];

	snprintf(from, sizeof(from), "tests/vectors/activate/%s", name);
	snprintf(to, sizeof(to), "%s/%s", directory, name);
	ck_assert_int_eq(file_read(AT_FDCWD, from, 1 << 16, &bytes, &err), 0);
	ck_assert_int_eq(file_write(AT_FDCWD, to, secret_span(&bytes), 0600, &err), 0);
}

START_TEST(single_open__opens_it)
{
	AUTO(secret) value = SECRET_INIT;
	AUTO(names) notes = NAMES_INIT;
	AUTO(names) more = NAMES_INIT;

	copy("host_key");
	copy("openclaw.yaml");
	put("identities: [host_key]\n"
	    "documents: {d: {file: openclaw.yaml, keys: [telegram/bot-token]}}\n");
	ck_assert_msg(single_open(manifest, "bot-token", NULL, &value, &notes, &err) == 0, "%s",
		      err.message);
	ck_assert(span_equal_text(secret_span(&value), "123456:telegram"));
	ck_assert_int_eq(single_open(manifest, "none", NULL, &value, &more, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
}
END_TEST

START_TEST(single_open__opens_a_copy_in_the_files_place)
{
	AUTO(secret) value = SECRET_INIT;
	AUTO(names) notes = NAMES_INIT;
	char from[PATH_MAX + 20], to[PATH_MAX + 20];

	copy("host_key");
	copy("openclaw.yaml");
	snprintf(from, sizeof(from), "%s/openclaw.yaml", directory);
	snprintf(to, sizeof(to), "%s/copy.yaml", directory);
	ck_assert_int_eq(rename(from, to), 0);
	put("identities: [host_key]\n"
	    "documents: {d: {file: openclaw.yaml, keys: [telegram/bot-token]}}\n");
	ck_assert_msg(single_open(manifest, "bot-token", to, &value, &notes, &err) == 0, "%s",
		      err.message);
	ck_assert(span_equal_text(secret_span(&value), "123456:telegram"));
	secret_release(&value);
	ck_assert_int_eq(single_open(manifest, "bot-token", NULL, &value, &notes, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NO_FILE);
}
END_TEST

static int find_anew(void)
{
	AUTO(single_place) place = SINGLE_PLACE_INIT;

	err = ERROR_INIT;
	return single_find(manifest, "T", &place, &err);
}

START_TEST(single_find__survives_without_memory)
{
	put("secrets: {s: {file: a.yaml, key: n/T}}\n");
	SWEEP(find_anew());
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("activate/single");
	TCase *t = tcase_create("single");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, single_find__finds_it_in_each_kind_of_entry);
	tcase_add_test(t, single_find__takes_what_is_delivered_twice);
	tcase_add_test(t, single_find__does_not_choose);
	tcase_add_test(t, single_find__looks_at_whole_files_last);
	tcase_add_test(t, single_find__knows_how_it_is_delivered);
	tcase_add_test(t, single_open__opens_it);
	tcase_add_test(t, single_open__opens_a_copy_in_the_files_place);
	tcase_add_test(t, single_find__survives_without_memory);
	suite_add_tcase(s, t);
	return s;
}
