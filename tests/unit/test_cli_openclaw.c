/* SPDX-License-Identifier: MIT */
/* cli/openclaw: which program root runs, and cli/rotated_value: which value is no API key. */
#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/openclaw.h"
#include "cli/rotated_value.h"
#include "scratch.h"
#include "sweep.h"
#include "util/file.h"

static struct error err;
static char directory[PATH_MAX], program[PATH_MAX + 20];

static void setup(void)
{
	err = ERROR_INIT;
	scratch_make("openclaw", directory);
	snprintf(program, sizeof(program), "%s/openclaw", directory);
}

static void teardown(void)
{
	ck_assert_int_eq(scratch_remove(directory, &err), 0);
	ck_assert_uint_eq(secret_live(), 0);
}

static void put(const char *text, mode_t mode)
{
	ck_assert_int_eq(file_write(AT_FDCWD, program, span_of_text(text), mode, &err), 0);
	ck_assert_int_eq(chmod(program, mode), 0);
}

static int find(void)
{
	AUTO(openclaw_program) found = OPENCLAW_PROGRAM_INIT;

	err = ERROR_INIT;
	return openclaw_find_program(program, &found, &err);
}

START_TEST(openclaw_find_program__is_as_named_for_who_is_not_root)
{
	AUTO(openclaw_program) found = OPENCLAW_PROGRAM_INIT;

	if (geteuid() == 0)
		return;
	ck_assert_int_eq(openclaw_find_program("anything", &found, &err), 0);
	ck_assert_str_eq(found.path, "anything");
	ck_assert_ptr_null(found.search);
}
END_TEST

START_TEST(openclaw_find_program__takes_what_is_roots_alone)
{
	AUTO(openclaw_program) found = OPENCLAW_PROGRAM_INIT;

	if (geteuid() != 0)
		return;
	put("#! /bin/sh -e\n", 0755);
	ck_assert_msg(openclaw_find_program(program, &found, &err) == 0, "%s", err.message);
	ck_assert_str_eq(found.path, program);
	ck_assert_ptr_nonnull(found.search);
	put("#!/usr/bin/env -S sh -e --max=1\n", 0755);
	ck_assert_msg(find() == 0, "%s", err.message);
	put("#!/usr/bin/env -Ssh -e\n", 0755);
	ck_assert_msg(find() == 0, "%s", err.message);
	put("#!", 0755);
	ck_assert_msg(find() == 0, "%s", err.message);
	put("", 0755);
	ck_assert_msg(find() == 0, "%s", err.message);
}
END_TEST

static void refuse(enum error_kind kind)
{
	ck_assert_int_eq(find(), -1);
	ck_assert_msg(err.kind == kind, "%s", err.message);
}

static const char *const looked_up[] = {
	"#!/usr/bin/env no-such-program\n",
	"#!/usr/bin/env -Sno-such-program\n",
	"#!/usr/bin/env -S no-such-program -e\n",
	"#!/usr/bin/env -iSno-such-program -e\n",
	"#!/usr/bin/env -S A=b no-such-program\n",
	"#!/usr/bin/env --split-string=no-such-program\n",
	"#!/usr/bin/env -S PATH=/usr/bin sh\n",
	"#!/usr/bin/env -S -u sh sh\n",
	"#!/usr/bin/env -S -C /usr bin/env\n",
	"#!/usr/bin/env --s=sh\n",
	"#!/usr/bin/env -S \"sh\"\n",
	"#!/usr/bin/env -S sh \\_x\n",
	"#!/usr/bin/env -S sh ${HOME}\n",
	"#!/usr/bin/env -S sh ./x\n",
	"#!/usr/bin/env sh /bin/sh\n",
	"#!/usr/bin/env usr/bin/env\n",
	"#!/usr/bin/env\n",
	"#!sh\n",
	"#!/bin/sh x/y\n",
	"#!/usr/bin/nice --x=/bin/sh\n",
};

START_TEST(openclaw_find_program__refuses_what_others_can_change)
{
	if (geteuid() != 0)
		return;
	refuse(ERROR_SYSTEM);
	put("#!/bin/sh\n", 0775);
	refuse(ERROR_DENIED);
	put("#!/bin/sh\n", 0757);
	refuse(ERROR_DENIED);
	for (size_t i = 0; i < sizeof(looked_up) / sizeof(*looked_up); i++) {
		put(looked_up[i], 0755);
		refuse(ERROR_DENIED);
	}
	put("#!/bin/sh\n", 0755);
	ck_assert_int_eq(chmod(directory, 0777), 0);
	refuse(ERROR_DENIED);
	ck_assert_int_eq(chmod(directory, 01777), 0);
	ck_assert_msg(find() == 0, "%s", err.message);
	ck_assert_int_eq(unlink(program), 0);
	ck_assert_int_eq(symlink(program, program), 0);
	refuse(ERROR_SYSTEM);
}
END_TEST

START_TEST(openclaw_find_program__survives_without_memory)
{
	put("#!/usr/bin/env sh\n", 0755);
	SWEEP(find());
}
END_TEST

static int check_value(const void *bytes, size_t len)
{
	err = ERROR_INIT;
	return rotated_check_value(span_of(bytes, len), &err);
}

START_TEST(rotated_check_value__takes_what_a_header_can_carry)
{
	static const char *const good[] = { "sk-1", "sk-1\n", "a b", "a\tb", "\"$%{}\\", "ü" };
	static const char *const bad[] = { "",    "\n",    "   ",      "\t\n",  "a\n\n", "a\nb",
					   "a\r", "a\r\n", "a\x1b[0m", "a\x7f", " a",    "a \n" };

	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(check_value(good[i], strlen(good[i])) == 0, "%s", good[i]);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		ck_assert_msg(check_value(bad[i], strlen(bad[i])) == -1, "%zu", i);
		ck_assert_int_eq(err.kind, ERROR_USAGE);
	}
	ck_assert_int_eq(check_value("a\0b", 3), -1);
}
END_TEST

START_TEST(rotated_check_ways__refuses_what_no_reload_brings)
{
	AUTO(single_place) place = SINGLE_PLACE_INIT;

	place.in_generation = true;
	place.file = strdup("/etc/bootseal/openclaw.yaml");
	ck_assert_int_eq(rotated_check_ways("K", &place, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	place.in_file = true;
	ck_assert_int_eq(rotated_check_ways("K", &place, &err), 0);
	place.in_file = false;
	place.in_document = true;
	ck_assert_int_eq(rotated_check_ways("K", &place, &err), 0);
	ck_assert_int_eq(names_add(&place.told, span_of_text("gw.service"), &err), 0);
	ck_assert_int_eq(rotated_check_ways("K", &place, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("cli/openclaw");
	TCase *t = tcase_create("openclaw");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, openclaw_find_program__is_as_named_for_who_is_not_root);
	tcase_add_test(t, openclaw_find_program__takes_what_is_roots_alone);
	tcase_add_test(t, openclaw_find_program__refuses_what_others_can_change);
	tcase_add_test(t, openclaw_find_program__survives_without_memory);
	tcase_add_test(t, rotated_check_value__takes_what_a_header_can_carry);
	tcase_add_test(t, rotated_check_ways__refuses_what_no_reload_brings);
	suite_add_tcase(s, t);
	return s;
}
