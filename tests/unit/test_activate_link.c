/* SPDX-License-Identifier: MIT */
/* activate/link: what is made and replaced, and what is refused. With other users' directories in tests/cli. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/link.h"
#include "scratch.h"
#include "sweep.h"
#include "util/file.h"

static char directory[] = "/tmp/bootseal-unit-XXXXXX";
static char path[128];
static struct link_wish wish;
static struct error err;
static bool made;

static void setup(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	wish = (struct link_wish){ .path = path,
				   .target = "/run/secrets/a",
				   .owner = { geteuid(), getegid() } };
	err = ERROR_INIT;
}

static void teardown(void)
{
	struct error ignored = ERROR_INIT;

	ck_assert_int_eq(scratch_remove(directory, &ignored), 0);
}

static int make(const char *name)
{
	snprintf(path, sizeof(path), "%s/%s", directory, name);
	err = ERROR_INIT;
	return link_make(&wish, &made, &err);
}

static void expect_link(void)
{
	char text[64];
	ssize_t len = readlink(path, text, sizeof(text) - 1);

	ck_assert_int_gt(len, 0);
	text[len] = '\0';
	ck_assert_str_eq(text, wish.target);
}

START_TEST(link_make__makes_parents_and_replaces_files)
{
	int fd;

	ck_assert_msg(make("x/y/link") == 0, "%s", err.message);
	ck_assert(made);
	expect_link();
	ck_assert_msg(make("x/y/link") == 0, "%s", err.message);
	ck_assert(!made);
	wish.target = "/run/secrets/b";
	ck_assert_int_eq(make("x/y/link"), 0);
	ck_assert(made);
	expect_link();
	ck_assert_int_eq(unlink(path), 0);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	ck_assert_int_ge(fd, 0);
	close(fd);
	ck_assert_int_eq(make("x/y/link"), 0);
	expect_link();
}
END_TEST

START_TEST(link_make__refuses_what_is_no_parent)
{
	char other[128];

	ck_assert_int_eq(make("a"), 0);
	ck_assert_int_eq(make("a/link"), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "is a link that others than root may have made"));
	/* /tmp is everyone's, and so is what lies in it. */
	snprintf(other, sizeof(other), "%s/d", directory);
	ck_assert_int_eq(mkdir(other, 0755), 0);
	snprintf(other, sizeof(other), "%s/to-d", directory);
	ck_assert_int_eq(symlink("d", other), 0);
	ck_assert_int_eq(make("to-d/link"), -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
	/* Only an empty directory gives way. */
	snprintf(other, sizeof(other), "%s/d/x", directory);
	ck_assert_int_eq(mkdir(other, 0755), 0);
	ck_assert_int_eq(make("d"), -1);
	ck_assert_int_eq(rmdir(other), 0);
	ck_assert_int_eq(make("d"), 0);
	expect_link();
	snprintf(path, sizeof(path), "/proc/self/status/x");
	ck_assert_int_eq(link_make(&wish, &made, &err), -1);
}
END_TEST

START_TEST(link_remove__removes_what_leads_below_alone)
{
	struct stat status;

	ck_assert_int_eq(make("x/link"), 0);
	wish.target = "/run/secret";
	ck_assert_int_eq(link_remove(&wish, &err), 0);
	ck_assert_int_eq(lstat(path, &status), 0);
	wish.target = "/run/secrets/a";
	ck_assert_int_eq(link_remove(&wish, &err), 0);
	ck_assert_int_eq(lstat(path, &status), 0);
	wish.target = "/run/secrets";
	ck_assert_msg(link_remove(&wish, &err) == 0, "%s", err.message);
	ck_assert_int_eq(lstat(path, &status), -1);
	/* What is not there is no error, nor are its parents made. */
	ck_assert_int_eq(link_remove(&wish, &err), 0);
	snprintf(path, sizeof(path), "%s/none/link", directory);
	ck_assert_int_eq(link_remove(&wish, &err), 0);
	ck_assert_int_eq(err.kind, ERROR_NONE);
	snprintf(path, sizeof(path), "%s/none", directory);
	ck_assert_int_eq(lstat(path, &status), -1);
}
END_TEST

static int remove_anew(void)
{
	err = ERROR_INIT;
	return link_remove(&wish, &err);
}

START_TEST(link__survives_lack_of_memory)
{
	SWEEP(make("x/y/link"));
	SWEEP(remove_anew());
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_link");
	TCase *tcase = tcase_create("link");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, link_make__makes_parents_and_replaces_files);
	tcase_add_test(tcase, link_make__refuses_what_is_no_parent);
	tcase_add_test(tcase, link_remove__removes_what_leads_below_alone);
	tcase_add_test(tcase, link__survives_lack_of_memory);
	suite_add_tcase(s, tcase);
	return s;
}
