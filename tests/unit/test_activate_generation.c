/* SPDX-License-Identifier: MIT */
/* activate: generation, target's link and lock, owner. Mounts are tried in tests/cli. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/generation.h"
#include "activate/target.h"
#include "sweep.h"
#include "util/file.h"

static char directory[] = "/tmp/bootseal-unit-XXXXXX";
static int dir_fd;
static struct error err;

static void setup(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	dir_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(dir_fd, 0);
	err = ERROR_INIT;
}

static void teardown(void)
{
	const int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	close(dir_fd);
	ck_assert_int_eq(file_remove_tree(parent, strrchr(directory, '/') + 1, &err), 0);
	close(parent);
	ck_assert_uint_eq(secret_live(), 0);
}

static mode_t mode_of(const char *path)
{
	struct stat status;

	ck_assert_int_eq(fstatat(dir_fd, path, &status, AT_SYMLINK_NOFOLLOW), 0);
	return status.st_mode & 07777;
}

static bool is_there(const char *path)
{
	struct stat status;

	return fstatat(dir_fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

static void expect_text(const char *path, const char *text)
{
	AUTO(secret) data = SECRET_INIT;

	ck_assert_msg(file_read(dir_fd, path, 1000, &data, &err) == 0, "%s", err.message);
	ck_assert(span_equal_text(secret_span(&data), text));
}

/* A plan of two files: x/y/token "one" 0440, and b "" 0000. */
static struct plan_file files[2];

static void make_plan(struct plan *plan)
{
	const struct owner self = { geteuid(), getegid() };

	ck_assert_int_eq(secret_append_text(&plan->bytes, "one", &err), 0);
	files[0] = (struct plan_file){ "x/y/token", 0, 3, self, 0440, PLAN_NEW, true };
	files[1] = (struct plan_file){ "b", 3, 0, self, 0, PLAN_NEW, true };
	plan->files = files;
	plan->len = 2;
}

static struct generation_new make_new(const struct plan *plan, uint64_t current)
{
	return (struct generation_new){ dir_fd,
					current,
					current + 1,
					plan,
					SPAN_LITERAL("{}\n"),
					SPAN_LITERAL("restart a.service\n"),
					false,
					0 };
}

START_TEST(generation_number__is_strict)
{
	static const char *const none[] = {
		"",      "0", "07", "1x", "x1", "-1", "+1", " 1", "1 ", ".", "1000000000000000000",
		"1.json"
	};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		ck_assert_uint_eq(generation_number(none[i]), 0);
	ck_assert_uint_eq(generation_number("1"), 1);
	ck_assert_uint_eq(generation_number("999999999999999999"), 999999999999999999u);
}
END_TEST

START_TEST(generation_build__gives_owner_and_mode_whatever_the_umask)
{
	AUTO(secret) bytes = SECRET_INIT;
	struct plan plan = PLAN_INIT;
	struct generation_new new;
	mode_t old;

	make_plan(&plan);
	bytes = plan.bytes;
	new = make_new(&plan, 0);
	for (unsigned round = 0; round < 2; round++) {
		old = umask(round == 0 ? 0777 : 0);
		ck_assert_msg(generation_build(&new, &err) == 0, "%s", err.message);
		umask(old);
		ck_assert_uint_eq(mode_of("1"), 0700);
		ck_assert_int_eq(generation_publish(dir_fd, 1, &err), 0);
		ck_assert_uint_eq(mode_of("1"), 0751);
		ck_assert_uint_eq(mode_of("1/x"), 0751);
		ck_assert_uint_eq(mode_of("1/x/y"), 0751);
		ck_assert_uint_eq(mode_of("1/x/y/token"), 0440);
		ck_assert_uint_eq(mode_of("1/b"), 0);
		ck_assert_uint_eq(mode_of("1/" GENERATION_RECORD), 0400);
		ck_assert_uint_eq(mode_of("1/" GENERATION_UNITS), 0400);
		expect_text("1/x/y/token", "one");
		expect_text("1/" GENERATION_UNITS, "restart a.service\n");
	}
}
END_TEST

START_TEST(generation_build__removes_what_killed_runs_left)
{
	AUTO(secret) bytes = SECRET_INIT;
	struct plan plan = PLAN_INIT;
	struct generation_new new;

	make_plan(&plan);
	bytes = plan.bytes;
	new = make_new(&plan, 3);
	ck_assert_int_eq(mkdirat(dir_fd, "3", 0751), 0);
	ck_assert_int_eq(mkdirat(dir_fd, "4", 0700), 0);
	ck_assert_int_eq(file_write(dir_fd, "4/left", SPAN_LITERAL("x"), 0400, &err), 0);
	ck_assert_int_eq(mkdirat(dir_fd, "17", 0700), 0);
	ck_assert_int_eq(mkdirat(dir_fd, "other", 0700), 0);
	ck_assert_int_eq(generation_build(&new, &err), 0);
	ck_assert(is_there("3") && is_there("4") && is_there("other"));
	ck_assert(!is_there("17") && !is_there("4/left"));
}
END_TEST

START_TEST(generation_build__leaves_nothing_after_an_error)
{
	AUTO(secret) bytes = SECRET_INIT;
	struct plan plan = PLAN_INIT;
	struct generation_new new;

	make_plan(&plan);
	bytes = plan.bytes;
	new = make_new(&plan, 0);
	/* Two files of one name cannot be; a manifest has no such. */
	files[1].name = "x/y/token";
	ck_assert_int_eq(generation_build(&new, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
	ck_assert(!is_there("1"));
	files[1].name = "x/y/token/below";
	ck_assert_int_eq(generation_build(&new, &err), -1);
	ck_assert(!is_there("1"));
}
END_TEST

static enum generation_state compare(const struct plan *plan, size_t file)
{
	enum generation_state state = GENERATION_NEW;

	ck_assert_msg(generation_compare(dir_fd, 1, plan, file, &state, &err) == 0, "%s",
		      err.message);
	return state;
}

START_TEST(generation_compare__sees_bytes_owner_and_mode)
{
	AUTO(secret) bytes = SECRET_INIT;
	struct plan plan = PLAN_INIT;
	struct generation_new new;

	make_plan(&plan);
	bytes = plan.bytes;
	new = make_new(&plan, 0);
	ck_assert_int_eq(compare(&plan, 0), GENERATION_NEW);
	ck_assert_int_eq(generation_build(&new, &err), 0);
	ck_assert_int_eq(compare(&plan, 0), GENERATION_SAME);
	files[0].mode = 0400;
	ck_assert_int_eq(compare(&plan, 0), GENERATION_CHANGED);
	files[0].mode = 0440;
	files[0].owner.uid++;
	ck_assert_int_eq(compare(&plan, 0), GENERATION_CHANGED);
	files[0].owner.uid--;
	plan.bytes.data[2] = 'x';
	ck_assert_int_eq(compare(&plan, 0), GENERATION_CHANGED);
	plan.bytes.data[2] = 'e';
	files[0].len = 2;
	ck_assert_int_eq(compare(&plan, 0), GENERATION_CHANGED);
	files[0].name = "x/z";
	ck_assert_int_eq(compare(&plan, 0), GENERATION_NEW);
	files[0].name = "x/y/token/below";
	ck_assert_int_eq(compare(&plan, 0), GENERATION_NEW);
	files[0].name = "x/y";
	ck_assert_int_eq(compare(&plan, 0), GENERATION_CHANGED);
}
END_TEST

START_TEST(generation_prune__keeps_and_closes)
{
	static const char *const all[] = { "1", "2", "3", "4", "5", "nix", "06" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ck_assert_int_eq(mkdirat(dir_fd, all[i], 0751), 0);
	ck_assert_int_eq(fchmodat(dir_fd, "5", 0751, 0), 0);
	ck_assert_int_eq(generation_prune(dir_fd, 5, 2, &err), 0);
	ck_assert(!is_there("1") && !is_there("2"));
	ck_assert(is_there("nix") && is_there("06"));
	ck_assert_uint_eq(mode_of("3"), 0700);
	ck_assert_uint_eq(mode_of("4"), 0700);
	ck_assert_uint_eq(mode_of("5"), 0751);
	ck_assert_int_eq(generation_prune(dir_fd, 5, 100, &err), 0);
	ck_assert(is_there("3"));
	ck_assert_int_eq(generation_prune(dir_fd, 5, 0, &err), 0);
	ck_assert(is_there("5") && !is_there("3") && !is_there("4"));
}
END_TEST

static int build_anew(const struct generation_new *new)
{
	enum generation_state state;

	if (generation_build(new, &err) < 0 ||
	    generation_compare(dir_fd, new->number, new->plan, 0, &state, &err) < 0)
		return -1;
	return generation_prune(dir_fd, new->number, 0, &err);
}

START_TEST(generation__survives_lack_of_memory)
{
	AUTO(secret) bytes = SECRET_INIT;
	struct plan plan = PLAN_INIT;
	struct generation_new new;

	make_plan(&plan);
	bytes = plan.bytes;
	new = make_new(&plan, 0);
	SWEEP(build_anew(&new));
	ck_assert(is_there("1/x/y/token"));
}
END_TEST

static void open_target(struct target *target)
{
	char path[100];

	snprintf(path, sizeof(path), "%s/secrets", directory);
	ck_assert_msg(target_open(path, NULL, target, &err) == 0, "%s", err.message);
}

START_TEST(target__switches_by_a_relative_link)
{
	AUTO(target) target = TARGET_INIT;
	uint64_t number = 1;
	char link[100] = "";

	open_target(&target);
	ck_assert_int_eq(target.kind, TARGET_ABSENT);
	ck_assert_int_eq(target_current(&target, &number, &err), 0);
	ck_assert_uint_eq(number, 0);
	ck_assert_int_eq(target_switch(&target, 7, &err), 0);
	ck_assert_int_eq(target_current(&target, &number, &err), 0);
	ck_assert_uint_eq(number, 7);
	ck_assert_int_gt(readlinkat(dir_fd, "secrets", link, sizeof(link) - 1), 0);
	ck_assert_str_eq(link, "secrets.d/7");
	/* A run killed before the rename left this. */
	ck_assert_int_eq(symlinkat("secrets.d/8", dir_fd, ".secrets.next"), 0);
	ck_assert_int_eq(target_switch(&target, 8, &err), 0);
	ck_assert(!is_there(".secrets.next"));
	ck_assert_int_eq(target_current(&target, &number, &err), 0);
	ck_assert_uint_eq(number, 8);
}
END_TEST

START_TEST(target_current__refuses_what_is_not_ours)
{
	static const char *const links[] = { "/etc",        "secrets.d",      "secrets.d/",
					     "secrets.d/0", "secrets.d/../x", "other.d/1",
					     "secrets.dx/1" };
	AUTO(target) target = TARGET_INIT;
	uint64_t number;

	open_target(&target);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		ck_assert_int_eq(symlinkat(links[i], dir_fd, "secrets"), 0);
		ck_assert_int_eq(target_current(&target, &number, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_DENIED);
		ck_assert_int_eq(unlinkat(dir_fd, "secrets", 0), 0);
	}
	/* An empty directory gives way; one with something in it does not. */
	ck_assert_int_eq(mkdirat(dir_fd, "secrets", 0755), 0);
	ck_assert_int_eq(target_current(&target, &number, &err), 0);
	ck_assert_int_eq(mkdirat(dir_fd, "secrets/x", 0755), 0);
	ck_assert_int_eq(target_current(&target, &number, &err), -1);
	ck_assert_int_eq(unlinkat(dir_fd, "secrets/x", AT_REMOVEDIR), 0);
	ck_assert_int_eq(target_switch(&target, 1, &err), 0);
	ck_assert_int_eq(unlinkat(dir_fd, "secrets", 0), 0);
	ck_assert_int_eq(file_write(dir_fd, "secrets", SPAN_LITERAL("x"), 0600, &err), 0);
	ck_assert_int_eq(target_current(&target, &number, &err), -1);
}
END_TEST

START_TEST(target_open__refuses_a_parent_that_others_write)
{
	AUTO(target) target = TARGET_INIT;
	char path[100];

	snprintf(path, sizeof(path), "%s/secrets", directory);
	ck_assert_int_eq(fchmod(dir_fd, 0777), 0);
	ck_assert_int_eq(target_open(path, NULL, &target, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
	ck_assert_int_eq(fchmod(dir_fd, 0770), 0);
	ck_assert_int_eq(target_open(path, NULL, &target, &err), -1);
	ck_assert_int_eq(fchmod(dir_fd, 0755), 0);
	ck_assert_int_eq(symlinkat("/etc", dir_fd, "secrets.d"), 0);
	ck_assert_int_eq(target_open(path, NULL, &target, &err), -1);
	ck_assert_int_eq(target_open("secrets", NULL, &target, &err), -1);
	ck_assert_int_eq(target_open("/", NULL, &target, &err), -1);
	ck_assert_int_eq(target_open("/a/../b", NULL, &target, &err), -1);
	ck_assert_int_eq(target_open("/a//b", NULL, &target, &err), -1);
	ck_assert_int_eq(target_open("/a/b/", NULL, &target, &err), -1);
}
END_TEST

START_TEST(target_lock__is_not_that_of_a_removed_file)
{
	AUTO(target) target = TARGET_INIT;
	AUTO(lock) lock = LOCK_INIT;
	AUTO(lock) again = LOCK_INIT;

	open_target(&target);
	ck_assert_int_eq(target_lock(&target, &lock, &err), 0);
	ck_assert_uint_eq(mode_of(".secrets.lock"), 0600);
	ck_assert_int_eq(target_remove(&target, &err), 0);
	ck_assert(!is_there(".secrets.lock"));
	ck_assert_int_eq(target_lock(&target, &again, &err), 0);
	ck_assert(is_there(".secrets.lock"));
}
END_TEST

START_TEST(owner_find__knows_names_numbers_and_defaults)
{
	struct owner owner = { 77, 77 };

	ck_assert_int_eq(owner_find(NULL, NULL, &owner, &err), 0);
	ck_assert_uint_eq(owner.uid, geteuid());
	ck_assert_int_eq(owner_find("root", NULL, &owner, &err), 0);
	ck_assert_uint_eq(owner.uid, 0);
	ck_assert_uint_eq(owner.gid, 0);
	ck_assert_int_eq(owner_find("4000000000", "12", &owner, &err), 0);
	ck_assert_uint_eq(owner.uid, 4000000000u);
	ck_assert_uint_eq(owner.gid, 12);
	ck_assert_int_eq(owner_find("0", "root", &owner, &err), 0);
	ck_assert_uint_eq(owner.gid, 0);
}
END_TEST

START_TEST(owner_find__refuses_the_unknown)
{
	static const char *const names[] = { "",           "nobody-has-this-name",
					     "4294967295", "4294967296",
					     "-1",         "99999999999999999999",
					     "root:x",     "ro ot" };
	struct owner owner = { 77, 77 };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		ck_assert_int_eq(owner_find(names[i], NULL, &owner, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_CONFIG);
		ck_assert_int_eq(owner_find("root", names[i], &owner, &err), -1);
	}
	ck_assert_uint_eq(owner.uid, 77);
}
END_TEST

START_TEST(generation_keep__takes_what_is_there)
{
	AUTO(secret) bytes = SECRET_INIT;
	AUTO(secret) kept = SECRET_INIT;
	struct plan plan = PLAN_INIT;
	struct generation_new new;
	struct plan_file file = { .name = "x/y/token", .mode = 0400 };
	bool there = false;

	make_plan(&plan);
	bytes = plan.bytes;
	new = make_new(&plan, 0);
	files[1].fate = PLAN_LEFT_OUT;
	ck_assert_int_eq(generation_build(&new, &err), 0);
	ck_assert(!is_there("1/b"));
	ck_assert_int_eq(secret_append_text(&kept, "before", &err), 0);
	ck_assert_int_eq(generation_keep(dir_fd, 1, &file, &kept, &there, &err), 0);
	ck_assert(there);
	ck_assert(span_equal_text(secret_span(&kept), "beforeone"));
	ck_assert_uint_eq(file.mode, 0440);
	ck_assert_uint_eq(file.owner.uid, geteuid());
	/* Nothing, a directory, a link. */
	ck_assert_int_eq(symlinkat("x/y/token", dir_fd, "1/link"), 0);
	for (size_t i = 0; i < 4; i++) {
		static const char *const names[] = { "b", "x", "link", "x/y/token/z" };

		file.name = names[i];
		ck_assert_int_eq(generation_keep(dir_fd, 1, &file, &kept, &there, &err), 0);
		ck_assert(!there);
	}
	ck_assert_uint_eq(kept.len, 9);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_generation");
	TCase *tcase = tcase_create("generation");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, generation_number__is_strict);
	tcase_add_test(tcase, generation_build__gives_owner_and_mode_whatever_the_umask);
	tcase_add_test(tcase, generation_build__removes_what_killed_runs_left);
	tcase_add_test(tcase, generation_build__leaves_nothing_after_an_error);
	tcase_add_test(tcase, generation_compare__sees_bytes_owner_and_mode);
	tcase_add_test(tcase, generation_prune__keeps_and_closes);
	tcase_add_test(tcase, generation__survives_lack_of_memory);
	tcase_add_test(tcase, target__switches_by_a_relative_link);
	tcase_add_test(tcase, target_current__refuses_what_is_not_ours);
	tcase_add_test(tcase, target_open__refuses_a_parent_that_others_write);
	tcase_add_test(tcase, target_lock__is_not_that_of_a_removed_file);
	tcase_add_test(tcase, owner_find__knows_names_numbers_and_defaults);
	tcase_add_test(tcase, owner_find__refuses_the_unknown);
	tcase_add_test(tcase, generation_keep__takes_what_is_there);
	suite_add_tcase(s, tcase);
	return s;
}
