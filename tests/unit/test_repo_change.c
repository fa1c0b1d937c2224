/* SPDX-License-Identifier: MIT */
/* Files changed together, and what a run that was killed at any step leaves to the next one. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repo/change.h"
#include "sweep.h"
#include "util/file.h"

static char directory[] = "/tmp/bootseal-unit-XXXXXX";
static struct repo repo;

static void put(const char *path, const char *text)
{
	struct error err = ERROR_INIT;

	ck_assert_msg(file_write(repo.fd, path, span_of_text(text), 0640, &err) == 0, "%s",
		      err.message);
}

static void setup(void)
{
	struct error err = ERROR_INIT;
	char *path;

	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	path = realpath(directory, NULL);
	ck_assert_ptr_nonnull(path);
	repo = REPO_INIT;
	ck_assert_int_eq(repo_find((const char *const *)&path, 1, &repo, &err), 0);
	ck_assert_int_eq(mkdirat(repo.fd, "b", 0755), 0);
	put("a", "old a");
	put("b/c", "old c");
	free(path);
}

static void teardown(void)
{
	struct error err = ERROR_INIT;
	const int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	repo_release(&repo);
	ck_assert_int_eq(file_remove_tree(parent, strrchr(directory, '/') + 1, &err), 0);
	close(parent);
	ck_assert_uint_eq(secret_live(), 0);
}

static bool holds(const char *path, const char *text)
{
	AUTO(secret) there = SECRET_INIT;
	struct error err = ERROR_INIT;

	return file_read(repo.fd, path, 1000, &there, &err) == 0 &&
	       span_equal_text(secret_span(&there), text);
}

static int add(struct repo_change *change, const char *path, const char *old, const char *new,
	       struct error *err)
{
	uint8_t before[HASH_SHA256_LEN];

	hash_sha256(span_of_text(old), before);
	return repo_change_add(change, path, before, span_of_text(new), err);
}

static int begin(struct repo_change *change, struct error *err)
{
	if (repo_change_begin(&repo, "rotate", change, err) < 0 ||
	    add(change, "a", "old a", "new a", err) < 0)
		return -1;
	return add(change, "b/c", "old c", "new c", err);
}

/* As a run leaves it that is killed: with the index or without. */
static void leave(bool whole)
{
	AUTO(repo_change) change = REPO_CHANGE_INIT;
	AUTO(buf) index = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(begin(&change, &err), 0);
	ck_assert_int_eq(repo_change_format(&change, &index, &err), 0);
	if (whole)
		ck_assert_int_eq(file_write(repo.fd, REPO_JOURNAL "/" REPO_INDEX, buf_span(&index),
					    0600, &err),
				 0);
	/* no release: it would clean up */
	file_close_pointer(&change.fd);
	repo_journal_release(&change.journal);
	ck_assert(repo_has_journal(&repo));
}

static int recover(bool *ret_found, struct repo_outcome *outcome, struct error *err)
{
	return repo_recover(&repo, ret_found, outcome, err);
}

START_TEST(commit__replaces_all_and_keeps_modes)
{
	AUTO(repo_change) change = REPO_CHANGE_INIT;
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	struct error err = ERROR_INIT;
	struct stat status;

	ck_assert_int_eq(fchmodat(repo.fd, "a", 0604, 0), 0);
	ck_assert_int_eq(begin(&change, &err), 0);
	ck_assert_int_eq(fstatat(repo.fd, REPO_JOURNAL, &status, 0), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0700);
	ck_assert_int_eq(fstatat(repo.fd, REPO_JOURNAL "/0", &status, 0), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0600);
	ck_assert(holds("a", "old a"));
	ck_assert_msg(repo_change_commit(&change, &outcome, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(outcome.done, 2);
	ck_assert_uint_eq(outcome.left, 0);
	ck_assert(holds("a", "new a") && holds("b/c", "new c"));
	ck_assert_int_eq(fstatat(repo.fd, "a", &status, 0), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0604);
	repo_change_release(&change);
	ck_assert(!repo_has_journal(&repo));
}
END_TEST

START_TEST(release__without_a_commit_changes_nothing)
{
	AUTO(repo_change) change = REPO_CHANGE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(begin(&change, &err), 0);
	repo_change_release(&change);
	ck_assert(!repo_has_journal(&repo));
	ck_assert(holds("a", "old a") && holds("b/c", "old c"));
}
END_TEST

START_TEST(commit__leaves_what_others_changed)
{
	AUTO(repo_change) change = REPO_CHANGE_INIT;
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	struct error err = ERROR_INIT;
	const char *problems;

	ck_assert_int_eq(begin(&change, &err), 0);
	put("b/c", "theirs");
	ck_assert_int_eq(repo_change_commit(&change, &outcome, &err), 0);
	ck_assert_uint_eq(outcome.done, 1);
	ck_assert_uint_eq(outcome.left, 1);
	ck_assert(change.journal.items[1].left && !change.journal.items[0].left);
	ck_assert_int_eq(buf_text(&outcome.problems, &problems, &err), 0);
	ck_assert_str_eq(problems, "b/c: it was changed meanwhile, and stays as it is\n");
	ck_assert(holds("a", "new a") && holds("b/c", "theirs"));
}
END_TEST

START_TEST(recover__rolls_a_whole_journal_forward)
{
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	struct error err = ERROR_INIT;
	bool found;

	leave(true);
	/* killed when one of them was done */
	ck_assert_int_eq(renameat(repo.fd, REPO_JOURNAL "/0", repo.fd, "a"), 0);
	ck_assert_msg(recover(&found, &outcome, &err) == 0, "%s", err.message);
	ck_assert(found);
	ck_assert_str_eq(outcome.command, "rotate");
	ck_assert_uint_eq(outcome.done, 2);
	ck_assert(holds("a", "new a") && holds("b/c", "new c"));
	ck_assert(!repo_has_journal(&repo));
}
END_TEST

START_TEST(recover__removes_a_journal_that_is_not_whole)
{
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	struct error err = ERROR_INIT;
	bool found;

	leave(false);
	ck_assert_int_eq(recover(&found, &outcome, &err), 0);
	ck_assert(!found);
	ck_assert(holds("a", "old a") && holds("b/c", "old c"));
	ck_assert(!repo_has_journal(&repo));
	leave(true);
	put(REPO_JOURNAL "/" REPO_INDEX, "bootseal journal 1\nrotate 1\n");
	ck_assert_int_eq(recover(&found, &outcome, &err), 0);
	ck_assert(!found && holds("a", "old a") && !repo_has_journal(&repo));
}
END_TEST

START_TEST(recover__leaves_damaged_and_changed_files)
{
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	struct error err = ERROR_INIT;
	bool found;

	leave(true);
	put(REPO_JOURNAL "/0", "damaged");
	put("b/c", "theirs");
	ck_assert_int_eq(recover(&found, &outcome, &err), 0);
	ck_assert_uint_eq(outcome.left, 2);
	ck_assert(holds("a", "old a") && holds("b/c", "theirs"));
	ck_assert(!repo_has_journal(&repo));
}
END_TEST

START_TEST(recover__follows_no_symlink)
{
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	struct error err = ERROR_INIT;
	bool found;

	leave(true);
	ck_assert_int_eq(mkdirat(repo.fd, "elsewhere", 0755), 0);
	ck_assert_int_eq(renameat(repo.fd, "b/c", repo.fd, "elsewhere/c"), 0);
	ck_assert_int_eq(unlinkat(repo.fd, "b", AT_REMOVEDIR), 0);
	ck_assert_int_eq(symlinkat("elsewhere", repo.fd, "b"), 0);
	ck_assert_int_eq(recover(&found, &outcome, &err), 0);
	ck_assert_uint_eq(outcome.left, 1);
	ck_assert(holds("elsewhere/c", "old c"));
}
END_TEST

START_TEST(recover__refuses_a_journal_that_is_not_its_own)
{
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
	struct error err = ERROR_INIT;
	bool found;

	/* one that came with a copy or a checkout: another inode */
	leave(true);
	ck_assert_int_eq(renameat(repo.fd, REPO_JOURNAL, repo.fd, "moved"), 0);
	ck_assert_int_eq(mkdirat(repo.fd, REPO_JOURNAL, 0700), 0);
	for (const char *const *name = (const char *const[]){ "0", "1", REPO_INDEX, NULL }; *name;
	     name++) {
		char from[64], to[64];

		snprintf(from, sizeof(from), "moved/%s", *name);
		snprintf(to, sizeof(to), REPO_JOURNAL "/%s", *name);
		ck_assert_int_eq(renameat(repo.fd, from, repo.fd, to), 0);
	}
	ck_assert_int_eq(recover(&found, &outcome, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
	ck_assert(holds("a", "old a"));
	/* one that others may enter */
	ck_assert_int_eq(fchmodat(repo.fd, REPO_JOURNAL, 0755, 0), 0);
	ck_assert_int_eq(recover(&found, &outcome, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
	ck_assert_ptr_nonnull(strstr(err.message, "others may enter"));
}
END_TEST

static int sweep_change(struct error *err)
{
	AUTO(repo_change) change = REPO_CHANGE_INIT;
	AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;

	if (begin(&change, err) < 0 || repo_change_commit(&change, &outcome, err) < 0)
		return -1;
	/* a file that there was no memory for is told of */
	return outcome.left == 0 ? 0 : -1;
}

START_TEST(find__is_the_nearest_git_or_the_outermost_rules)
{
	AUTO(repo) open_to_all = REPO_INIT;
	struct error err = ERROR_INIT;
	char path[256], other[256];
	const char *paths[] = { path, other };

	put(".sops.yaml", "");
	put("b/.sops.yaml", "");
	snprintf(path, sizeof(path), "%s/b/c", repo.path);
	snprintf(other, sizeof(other), "%s/a", repo.path);
	for (size_t i = 1; i < 3; i++) {
		AUTO(repo) found = REPO_INIT;

		ck_assert_int_eq(repo_find(paths, i, &found, &err), 0);
		ck_assert_str_eq(found.path, repo.path);
		ck_assert_str_eq(repo_relative(&found, path), "b/c");
		ck_assert_ptr_null(repo_relative(&found, "/elsewhere"));
		ck_assert_ptr_null(repo_relative(&found, found.path));
	}
	/* a mark in a place like /tmp is nobody's */
	ck_assert_int_eq(fchmod(repo.fd, 0777), 0);
	ck_assert_int_eq(repo_find(paths, 1, &open_to_all, &err), 0);
	ck_assert_str_ne(open_to_all.path, repo.path);
	ck_assert_int_eq(fchmod(repo.fd, 0700), 0);
	ck_assert_int_eq(mkdirat(repo.fd, "b/.git", 0755), 0);
	for (size_t i = 1; i < 3; i++) {
		AUTO(repo) found = REPO_INIT;

		ck_assert_int_eq(repo_find(paths, i, &found, &err), i == 1 ? 0 : -1);
		if (i == 1)
			ck_assert(strlen(found.path) == strlen(repo.path) + 2);
	}
	ck_assert_int_eq(err.kind, ERROR_USAGE);
}
END_TEST

START_TEST(change__lacks_memory)
{
	struct error err = ERROR_INIT;

	for (size_t nth = 1; nth < 200; nth++) {
		bool failed;
		int result;

		put("a", "old a");
		put("b/c", "old c");
		sweep_arm(nth);
		result = sweep_change(&err);
		failed = sweep_disarm();
		if (repo_has_journal(&repo)) {
			AUTO(repo_outcome) outcome = REPO_OUTCOME_INIT;
			bool found;

			ck_assert_int_eq(repo_recover(&repo, &found, &outcome, &err), 0);
		}
		ck_assert(holds("a", "old a") || holds("a", "new a"));
		ck_assert(holds("b/c", "old c") || holds("b/c", "new c"));
		ck_assert(!repo_has_journal(&repo));
		if (!failed) {
			ck_assert_int_eq(result, 0);
			return;
		}
	}
	ck_abort_msg("it never succeeds");
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("repo_change");
	TCase *t = tcase_create("change");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, commit__replaces_all_and_keeps_modes);
	tcase_add_test(t, release__without_a_commit_changes_nothing);
	tcase_add_test(t, commit__leaves_what_others_changed);
	tcase_add_test(t, recover__rolls_a_whole_journal_forward);
	tcase_add_test(t, recover__removes_a_journal_that_is_not_whole);
	tcase_add_test(t, recover__leaves_damaged_and_changed_files);
	tcase_add_test(t, recover__follows_no_symlink);
	tcase_add_test(t, recover__refuses_a_journal_that_is_not_its_own);
	tcase_add_test(t, find__is_the_nearest_git_or_the_outermost_rules);
	tcase_add_test(t, change__lacks_memory);
	suite_add_tcase(s, t);
	return s;
}
