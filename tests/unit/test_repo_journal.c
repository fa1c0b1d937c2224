/* SPDX-License-Identifier: MIT */
/* The journal's index: what is not whole is no index. */
#include <check.h>
#include <string.h>

#include "repo/journal.h"
#include "sweep.h"

static int make(struct repo_journal *ret_journal, struct error *err)
{
	static const char *const paths[] = { "secrets/web1.yaml", "a\nb", ".env" };
	AUTO(repo_journal) journal = REPO_JOURNAL_INIT;
	uint8_t before[HASH_SHA256_LEN], after[HASH_SHA256_LEN];

	strcpy(journal.command, "updatekeys");
	journal.inode = 18446744073709551615u;
	for (size_t i = 0; i < 3; i++) {
		memset(before, (int)i, sizeof(before));
		memset(after, 0xf0 + (int)i, sizeof(after));
		if (repo_journal_add(&journal, span_of_text(paths[i]), before, after, err) < 0)
			return -1;
	}
	*ret_journal = journal;
	journal = REPO_JOURNAL_INIT;
	return 0;
}

static int make_text(struct buf *ret_text, struct error *err)
{
	AUTO(repo_journal) journal = REPO_JOURNAL_INIT;

	return make(&journal, err) < 0 ? -1 : repo_journal_format(&journal, ret_text, err);
}

START_TEST(journal_parse__gives_back_what_was_formatted)
{
	AUTO(repo_journal) journal = REPO_JOURNAL_INIT;
	AUTO(repo_journal) again = REPO_JOURNAL_INIT;
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(make(&journal, &err), 0);
	ck_assert_int_eq(repo_journal_format(&journal, &text, &err), 0);
	ck_assert_msg(repo_journal_parse(buf_span(&text), &again, &err) == 0, "%s", err.message);
	ck_assert_str_eq(again.command, "updatekeys");
	ck_assert_uint_eq(again.inode, journal.inode);
	ck_assert_uint_eq(again.len, 3);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_str_eq(again.items[i].path, journal.items[i].path);
		ck_assert_mem_eq(again.items[i].before, journal.items[i].before, HASH_SHA256_LEN);
		ck_assert_mem_eq(again.items[i].after, journal.items[i].after, HASH_SHA256_LEN);
	}
}
END_TEST

START_TEST(journal_parse__refuses_each_cut_and_each_flipped_bit)
{
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(make_text(&text, &err), 0);
	for (size_t len = 0; len < text.len; len++) {
		AUTO(repo_journal) journal = REPO_JOURNAL_INIT;

		ck_assert_int_eq(repo_journal_parse(span_of(text.data, len), &journal, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
		ck_assert_uint_eq(journal.len, 0);
	}
	for (size_t bit = 0; bit < text.len * 8; bit++) {
		AUTO(repo_journal) journal = REPO_JOURNAL_INIT;

		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(repo_journal_parse(buf_span(&text), &journal, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
		text.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(journal_parse__refuses_what_none_of_ours_would_say)
{
	static const char *const heads[] = {
		"updatekeys 18446744073709551616\n", /* an inode too large */
		"updatekeys \n",
		" 1\n",
		"update/keys 1\n",
		"updatekeys 1 2\n",
		"averylongnameofacommandthatisnone 1\n",
		"updatekeys -1\n",
		"updatekeys 1\nx",
	};

	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		AUTO(repo_journal) journal = REPO_JOURNAL_INIT;
		AUTO(buf) text = BUF_INIT;
		struct error err = ERROR_INIT;
		uint8_t digest[HASH_SHA256_LEN];

		ck_assert_int_eq(buf_printf(&text, &err, "bootseal journal 1\n%s", heads[i]), 0);
		hash_sha256(buf_span(&text), digest);
		ck_assert_int_eq(buf_append_text(&text, "end ", &err), 0);
		for (size_t k = 0; k < sizeof(digest); k++)
			ck_assert_int_eq(buf_printf(&text, &err, "%02x", digest[k]), 0);
		ck_assert_int_eq(buf_append_text(&text, "\n", &err), 0);
		ck_assert_int_eq(repo_journal_parse(buf_span(&text), &journal, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_FORMAT);
	}
}
END_TEST

START_TEST(path_is_good__refuses_what_leads_elsewhere)
{
	static const char *const bad[] = {
		"",
		"/",
		"/a",
		"a/",
		"a//b",
		"./a",
		"a/.",
		"..",
		"../a",
		"a/../b",
		".git",
		".git/config",
		".GIT/x",
		"a/.git/hooks/x",
		".bootseal-journal/0",
	};
	static const char *const good[] = {
		"a", "a/b.yaml", ".env", ".github/x", "...", "a/.gitx"
	};
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(!repo_path_is_good(span_of_text(bad[i])), "%s", bad[i]);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		ck_assert_msg(repo_path_is_good(span_of_text(good[i])), "%s", good[i]);
	ck_assert(!repo_path_is_good(SPAN_LITERAL("a\0b")));
	for (size_t i = 0; i < 4096; i++)
		ck_assert_int_eq(buf_append_text(&text, "a", &err), 0);
	ck_assert(!repo_path_is_good(buf_span(&text)));
	ck_assert(repo_path_is_good(span_of(text.data, 4095)));
}
END_TEST

static int there_and_back(struct error *err)
{
	AUTO(repo_journal) journal = REPO_JOURNAL_INIT;
	AUTO(buf) text = BUF_INIT;

	return make_text(&text, err) < 0 ? -1 : repo_journal_parse(buf_span(&text), &journal, err);
}

START_TEST(journal__lacks_memory)
{
	struct error err = ERROR_INIT;

	SWEEP(there_and_back(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("repo_journal");
	TCase *t = tcase_create("index");

	tcase_add_test(t, journal_parse__gives_back_what_was_formatted);
	tcase_add_test(t, journal_parse__refuses_each_cut_and_each_flipped_bit);
	tcase_add_test(t, journal_parse__refuses_what_none_of_ours_would_say);
	tcase_add_test(t, path_is_good__refuses_what_leads_elsewhere);
	tcase_add_test(t, journal__lacks_memory);
	suite_add_tcase(s, t);
	return s;
}
