/* SPDX-License-Identifier: MIT */
/* activate/needs: paths found, links followed, and how a unit names them. */
#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/needs.h"
#include "scratch.h"
#include "sweep.h"
#include "util/file.h"

static struct error err;
static char directory[PATH_MAX];

static const char *at(const char *name)
{
	static char path[PATH_MAX];

	ck_assert_int_lt(snprintf(path, sizeof(path), "%s/%s", directory, name), (int)sizeof(path));
	return path;
}

static void put(const char *name, const char *text)
{
	ck_assert_int_eq(file_write(AT_FDCWD, at(name), span_of_text(text), 0644, &err), 0);
}

static void setup(void)
{
	err = ERROR_INIT;
	scratch_make("needs", directory);
}

static void teardown(void)
{
	ck_assert_int_eq(scratch_remove(directory, &err), 0);
	ck_assert_uint_eq(secret_live(), 0);
}

static int find(struct names *paths, struct names *notes)
{
	return needs_find(at("host.yaml"), paths, notes, &err);
}

START_TEST(needs_find__names_all_that_a_manifest_does)
{
	AUTO(names) paths = NAMES_INIT;
	AUTO(names) notes = NAMES_INIT;

	put("host.yaml", "identities: [/etc/key, key]\n"
			 "secrets: {a: {file: sub/a.yaml, key: k}, b: {file: sub/a.yaml, key: l}}\n"
			 "credentials: {c.service: {d: {file: c.age}}}\n");
	ck_assert_msg(find(&paths, &notes) == 0, "%s", err.message);
	ck_assert_uint_eq(notes.len, 0);
	ck_assert_uint_eq(paths.len, 5);
	ck_assert_str_eq(paths.items[0], at("host.yaml"));
	ck_assert_str_eq(paths.items[1], "/etc/key");
	ck_assert_str_eq(paths.items[2], at("key"));
	ck_assert_str_eq(paths.items[3], at("sub/a.yaml"));
	ck_assert_str_eq(paths.items[4], at("c.age"));
}
END_TEST

START_TEST(needs_find__follows_links_as_far_as_they_are_there)
{
	AUTO(names) paths = NAMES_INIT;
	AUTO(names) notes = NAMES_INIT;

	put("host.yaml", "identities: [key]\nsecrets: {a: {file: loop, key: k}}\n");
	ck_assert_int_eq(symlink("one/./two/../key", at("key")), 0);
	ck_assert_int_eq(mkdir(at("real"), 0755), 0);
	ck_assert_int_eq(symlink("real", at("one")), 0);
	ck_assert_int_eq(symlink("/not/there/yet", at("real/key")), 0);
	ck_assert_int_eq(symlink("loop", at("loop")), 0);
	ck_assert_msg(find(&paths, &notes) == 0, "%s", err.message);
	ck_assert(names_have(&paths, at("key")));
	ck_assert(names_have(&paths, at("one/key")));
	ck_assert(names_have(&paths, at("real/key")));
	ck_assert(names_have(&paths, "/not/there/yet"));
	ck_assert(names_have(&paths, at("loop")));
	ck_assert_uint_eq(paths.len, 6);
}
END_TEST

/* A link may say what no unit can name, or more than any path has room for. */
START_TEST(needs_find__leaves_out_what_cannot_be_named)
{
	AUTO(names) paths = NAMES_INIT;
	AUTO(names) notes = NAMES_INIT;
	char deep[PATH_MAX];

	put("host.yaml", "identities: [odd, long, above]\nsecrets: {a: {file: f, key: k}}\n");
	ck_assert_int_eq(symlink("a\nRequires=x", at("odd")), 0);
	memset(deep, 'x', sizeof(deep));
	deep[sizeof(deep) - 2] = '\0';
	ck_assert_int_eq(symlink(deep, at("long")), 0);
	ck_assert_int_eq(symlink("../../../../../../../../..", at("above")), 0);
	ck_assert_msg(find(&paths, &notes) == 0, "%s", err.message);
	ck_assert_uint_eq(notes.len, 1);
	ck_assert_ptr_nonnull(strstr(notes.items[0], "cannot be named in a unit"));
	ck_assert(names_have(&paths, "/"));
	for (size_t i = 0; i < paths.len; i++)
		ck_assert_ptr_null(strchr(paths.items[i], '\n'));
}
END_TEST

START_TEST(needs_find__names_the_manifest_where_it_cannot_be_read)
{
	AUTO(names) paths = NAMES_INIT;
	AUTO(names) notes = NAMES_INIT;

	ck_assert_int_eq(find(&paths, &notes), -1);
	ck_assert_int_eq(err.kind, ERROR_NO_FILE);
	ck_assert_uint_eq(paths.len, 1);
	ck_assert_str_eq(paths.items[0], at("host.yaml"));
}
END_TEST

START_TEST(needs_format__spells_what_systemd_would_take_for_more)
{
	AUTO(names) paths = NAMES_INIT;
	AUTO(secret) text = SECRET_INIT;

	ck_assert_int_eq(names_add(&paths, SPAN_LITERAL("/a b"), &err), 0);
	ck_assert_int_eq(names_add(&paths, SPAN_LITERAL("/50%h$x"), &err), 0);
	ck_assert_int_eq(needs_format(&paths, &text, &err), 0);
	ck_assert(span_equal_text(secret_span(&text), "[Unit]\nRequiresMountsFor=\"/a b\"\n"
						      "RequiresMountsFor=\"/50%%h$x\"\n"));
}
END_TEST

static int find_and_format(void)
{
	AUTO(names) paths = NAMES_INIT;
	AUTO(names) notes = NAMES_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error said = ERROR_INIT;

	return needs_find(at("host.yaml"), &paths, &notes, &said) < 0
		       ? -1
		       : needs_format(&paths, &text, &said);
}

START_TEST(needs_find__survives_allocation_failure)
{
	put("host.yaml",
	    "secrets: {a: {file: f, key: k}}\ncredentials: {c.service: {d: {file: c.age}}}\n");
	ck_assert_int_eq(symlink("other", at("f")), 0);
	SWEEP(find_and_format());
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate/needs");
	TCase *tc = tcase_create("needs");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, needs_find__names_all_that_a_manifest_does);
	tcase_add_test(tc, needs_find__follows_links_as_far_as_they_are_there);
	tcase_add_test(tc, needs_find__leaves_out_what_cannot_be_named);
	tcase_add_test(tc, needs_find__names_the_manifest_where_it_cannot_be_read);
	tcase_add_test(tc, needs_format__spells_what_systemd_would_take_for_more);
	tcase_add_test(tc, needs_find__survives_allocation_failure);
	suite_add_tcase(s, tc);
	return s;
}
