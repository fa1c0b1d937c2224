/* SPDX-License-Identifier: MIT */
/* cli/rotated_file: the sealed file of a rotation, and its copies. */
#include <check.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/rotated_file.h"
#include "scratch.h"
#include "sweep.h"

static struct error err;
static char directory[PATH_MAX], path[PATH_MAX + 20], copies[PATH_MAX + 20];

static void setup(void)
{
	err = ERROR_INIT;
	scratch_make("rotated", directory);
	snprintf(path, sizeof(path), "%s/openclaw.yaml", directory);
	snprintf(copies, sizeof(copies), "%s/rotation", directory);
}

static void teardown(void)
{
	ck_assert_int_eq(scratch_remove(directory, &err), 0);
	ck_assert_uint_eq(secret_live(), 0);
}

static void put(const char *text)
{
	ck_assert_int_eq(file_write(AT_FDCWD, path, span_of_text(text), 0644, &err), 0);
}

static void expect(const char *name, const char *text)
{
	AUTO(secret) bytes = SECRET_INIT;

	ck_assert_msg(file_read(AT_FDCWD, name, 100, &bytes, &err) == 0, "%s", err.message);
	ck_assert(span_equal_text(secret_span(&bytes), text));
}

static void begin(struct rotated_file *file)
{
	ck_assert_msg(rotated_file_open(path, copies, file, &err) == 0, "%s", err.message);
	ck_assert_msg(rotated_file_begin(file, &err) == 0, "%s", err.message);
}

/* However its path is spelled: with these it would be the file itself that goes at the end. */
START_TEST(rotated_file__keeps_its_copy_within_the_directory)
{
	AUTO(rotated_file) file = ROTATED_FILE_INIT;
	char odd[2 * PATH_MAX];

	put("before");
	snprintf(odd, sizeof(odd), "/../../../..%s", path);
	ck_assert_msg(rotated_file_open(odd, copies, &file, &err) == 0, "%s", err.message);
	ck_assert_msg(rotated_file_begin(&file, &err) == 0, "%s", err.message);
	ck_assert_ptr_null(strstr(file.copies[ROTATED_BEFORE], "/../"));
	expect(file.copies[ROTATED_BEFORE], "before");
	rotated_file_end(&file);
	expect(path, "before");
}
END_TEST

START_TEST(rotated_file__keeps_a_copy_until_it_ends)
{
	AUTO(rotated_file) file = ROTATED_FILE_INIT;
	struct stat status;

	put("before");
	begin(&file);
	put("after");
	expect(file.copies[ROTATED_BEFORE], "before");
	ck_assert_str_eq(strrchr(file.copies[ROTATED_BEFORE], '.'), ".yaml");
	ck_assert_int_eq(stat(file.copies[ROTATED_BEFORE], &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0600);
	ck_assert_int_eq(stat(copies, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0700);
	rotated_file_end(&file);
	expect(path, "after");
	ck_assert_int_eq(rmdir(copies), 0); /* it is empty */
	rotated_file_end(&file);
}
END_TEST

START_TEST(rotated_file_restore__keeps_what_the_gateway_may_have)
{
	AUTO(rotated_file) file = ROTATED_FILE_INIT;

	put("before");
	begin(&file);
	ck_assert_int_eq(rotated_file_restore(&file, &err), 0);
	ck_assert_int_eq(access(file.copies[ROTATED_AFTER], F_OK), -1);
	put("after");
	ck_assert_int_eq(rotated_file_restore(&file, &err), 0);
	expect(path, "before");
	expect(file.copies[ROTATED_BEFORE], "before");
	expect(file.copies[ROTATED_AFTER], "after");
	/* once more: what it was is no news */
	ck_assert_int_eq(rotated_file_restore(&file, &err), 0);
	expect(file.copies[ROTATED_AFTER], "after");
	rotated_file_end(&file);
	ck_assert_int_eq(rmdir(copies), 0);
}
END_TEST

START_TEST(rotated_file_restore__brings_back_what_was_removed)
{
	AUTO(rotated_file) file = ROTATED_FILE_INIT;

	put("before");
	begin(&file);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rotated_file_restore(&file, &err), 0);
	expect(path, "before");
}
END_TEST

START_TEST(rotated_file_open__wants_a_file)
{
	AUTO(rotated_file) file = ROTATED_FILE_INIT;

	ck_assert_int_eq(rotated_file_open(path, copies, &file, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NO_FILE);
	ck_assert_int_eq(file.lock.fd, -1);
}
END_TEST

static int rotate_anew(void)
{
	AUTO(rotated_file) file = ROTATED_FILE_INIT;

	err = ERROR_INIT;
	if (rotated_file_open(path, copies, &file, &err) < 0 || rotated_file_begin(&file, &err) < 0)
		return -1;
	return rotated_file_restore(&file, &err);
}

START_TEST(rotated_file__survives_without_memory)
{
	put("before");
	SWEEP(rotate_anew());
	expect(path, "before");
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("cli/rotated_file");
	TCase *t = tcase_create("rotated_file");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, rotated_file__keeps_its_copy_within_the_directory);
	tcase_add_test(t, rotated_file__keeps_a_copy_until_it_ends);
	tcase_add_test(t, rotated_file_restore__keeps_what_the_gateway_may_have);
	tcase_add_test(t, rotated_file_restore__brings_back_what_was_removed);
	tcase_add_test(t, rotated_file_open__wants_a_file);
	tcase_add_test(t, rotated_file__survives_without_memory);
	suite_add_tcase(s, t);
	return s;
}
