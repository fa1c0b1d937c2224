/* SPDX-License-Identifier: MIT */
/* activate/revision: the texts that git keeps; whole repositories are in tests/cli. */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/revision.h"
#include "scratch.h"
#include "util/file.h"

#define SHA1 "0123456789abcdef0123456789abcdef01234567"
#define SHA256 SHA1 "0123456789abcdef01234567"

static char commit[REVISION_MAX], ref[REVISION_REF_MAX];

START_TEST(revision_parse_head__takes_a_commit_or_a_ref)
{
	ck_assert(revision_parse_head(SPAN_LITERAL(SHA1 "\n"), commit, ref));
	ck_assert_str_eq(commit, SHA1);
	ck_assert_str_eq(ref, "");
	ck_assert(revision_parse_head(SPAN_LITERAL(SHA256), commit, ref));
	ck_assert_str_eq(commit, SHA256);
	ck_assert(revision_parse_head(SPAN_LITERAL("ref: refs/heads/a/b\n"), commit, ref));
	ck_assert_str_eq(commit, "");
	ck_assert_str_eq(ref, "refs/heads/a/b");
}
END_TEST

START_TEST(revision_parse_head__refuses_what_is_neither)
{
	static const char *const texts[] = { "",
					     "ref:",
					     "ref: HEAD",
					     "ref: refs/../../etc/passwd",
					     "ref: /refs/heads/x",
					     "0123456789abcdef",
					     SHA1 "0",
					     "0123456789ABCDEF0123456789abcdef01234567" };
	char *large = calloc(1, REVISION_REF_MAX + 16);

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		ck_assert_msg(!revision_parse_head(span_of_text(texts[i]), commit, ref), "%s",
			      texts[i]);
	ck_assert(!revision_parse_head(SPAN_LITERAL("ref: refs/a\0b"), commit, ref));
	ck_assert_ptr_nonnull(large);
	memset(large, 'x', REVISION_REF_MAX + 5);
	memcpy(large, "ref: refs/", 10);
	ck_assert(!revision_parse_head(span_of_text(large), commit, ref));
	large[REVISION_REF_MAX + 4] = '\0';
	ck_assert(revision_parse_head(span_of_text(large), commit, ref));
	ck_assert_uint_eq(strlen(ref), REVISION_REF_MAX - 1);
	free(large);
}
END_TEST

START_TEST(revision_parse_packed__finds_its_line)
{
	static const char text[] = "# pack-refs with: peeled\n" SHA256 " refs/heads/main2\n" SHA1
				   " refs/heads/main\n^" SHA256 "\nx refs/heads/bad\n";

	ck_assert(revision_parse_packed(span_of_text(text), "refs/heads/main", commit));
	ck_assert_str_eq(commit, SHA1);
	ck_assert(!revision_parse_packed(span_of_text(text), "refs/heads/mai", commit));
	ck_assert(!revision_parse_packed(span_of_text(text), "refs/heads/bad", commit));
	ck_assert(!revision_parse_packed(SPAN_INIT, "refs/heads/main", commit));
}
END_TEST

/* Everything that can stand in a repository's place: nothing is waited for, nothing is said. */
START_TEST(revision_find__says_nothing_of_what_is_none)
{
	char directory[] = "/tmp/bootseal-unit-XXXXXX", path[64];
	struct error err = ERROR_INIT;
	int fd;

	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/.git", directory);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	revision_find(directory, commit);
	ck_assert_str_eq(commit, "");
	snprintf(path, sizeof(path), "%s/.git/HEAD", directory);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	revision_find(directory, commit);
	ck_assert_str_eq(commit, "");
	ck_assert_int_eq(unlink(path), 0);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	ck_assert_int_eq(write(fd, SHA1, 40), 40);
	close(fd);
	revision_find(directory, commit);
	ck_assert_str_eq(commit, SHA1);
	path[strlen(path) - 5] = '\0';
	ck_assert_int_eq(chmod(path, 0777), 0);
	revision_find(directory, commit);
	ck_assert_str_eq(commit, "");
	revision_find("/nonexistent", commit);
	ck_assert_str_eq(commit, "");
	ck_assert_int_eq(scratch_remove(directory, &err), 0);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_revision");
	TCase *tcase = tcase_create("revision");

	tcase_add_test(tcase, revision_parse_head__takes_a_commit_or_a_ref);
	tcase_add_test(tcase, revision_parse_head__refuses_what_is_neither);
	tcase_add_test(tcase, revision_parse_packed__finds_its_line);
	tcase_add_test(tcase, revision_find__says_nothing_of_what_is_none);
	suite_add_tcase(s, tcase);
	return s;
}
