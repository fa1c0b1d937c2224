/* SPDX-License-Identifier: MIT */
/* Whom a rotated file is sealed to, and which files a walk finds. */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repo/files.h"
#include "repo/plan.h"
#include "sweep.h"
#include "util/file.h"

#define ALICE "age1kgp3cjt6ypywa40u3f62z62f6x000mf948hdm69sphluddxmy48sqkzmg7"
#define WEB1 "age1n2607mx799jr4jkrzspef4n74k5sek8yprksp2c9w4csqznayahq7zh604"
#define EVIL "age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw"

/* Groups with a ';' between, keys with a ','. */
static int make(const char *text, struct sops_groups *groups, struct error *err)
{
	struct span rest = span_of_text(text), group;

	while (span_take_until(&rest, ';', &group))
		if (sops_groups_open(groups, err) < 0 ||
		    sops_groups_add_list(groups, groups->len - 1, SOPS_KEY_AGE, group, false, err) <
			    0)
			return -1;
	return 0;
}

static int plan(const char *const texts[4], const char *expected, struct error *err)
{
	AUTO(sops_groups) file = SOPS_GROUPS_INIT;
	AUTO(sops_groups) rule = SOPS_GROUPS_INIT;
	AUTO(sops_groups) more = SOPS_GROUPS_INIT;
	AUTO(sops_groups) less = SOPS_GROUPS_INIT;
	AUTO(sops_groups) after = SOPS_GROUPS_INIT;
	AUTO(sops_groups) wanted = SOPS_GROUPS_INIT;
	const struct repo_wish wish = { texts[1] ? &rule : NULL, &more, &less };

	if (make(texts[0], &file, err) < 0 || (texts[1] && make(texts[1], &rule, err) < 0) ||
	    make(texts[2], &more, err) < 0 || make(texts[3], &less, err) < 0 ||
	    make(expected, &wanted, err) < 0)
		return -1;
	if (repo_plan(&file, &wish, &after, err) < 0)
		return -1;
	ck_assert(sops_groups_same_keys(&after, &wanted));
	return 0;
}

START_TEST(plan__follows_rule_and_command_line_never_the_file)
{
	static const struct {
		const char *texts[4]; /* file, rule, added, removed */
		const char *expected; /* NULL: refused */
	} cases[] = {
		{ { ALICE, ALICE, "", "" }, ALICE },
		{ { ALICE, ALICE "," WEB1, "", "" }, ALICE "," WEB1 },
		{ { ALICE "," EVIL, ALICE, "", "" }, NULL },
		{ { ALICE "," EVIL, ALICE, EVIL, "" }, ALICE "," EVIL },
		{ { ALICE "," EVIL, ALICE, "", EVIL }, ALICE },
		{ { ALICE "," EVIL, ALICE, EVIL, EVIL }, ALICE },
		{ { ALICE, ALICE "," WEB1, "", WEB1 }, ALICE },
		{ { ALICE ";" EVIL, ALICE ";" WEB1, "", "" }, NULL },
		{ { ALICE ";" WEB1, WEB1 ";" ALICE, "", "" }, WEB1 ";" ALICE },
		{ { ALICE ";" WEB1, ALICE ";" WEB1, EVIL, "" }, ALICE "," EVIL ";" WEB1 },
		{ { ALICE "," EVIL, NULL, "", "" }, ALICE "," EVIL },
		{ { ALICE "," EVIL, NULL, WEB1, EVIL }, ALICE "," WEB1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *expected = cases[i].expected ? cases[i].expected : "";
		struct error err = ERROR_INIT;

		ck_assert_msg((plan(cases[i].texts, expected, &err) == 0) == !!cases[i].expected,
			      "case %zu: %s", i, err.message);
		if (!cases[i].expected)
			ck_assert_int_eq(err.kind, ERROR_DENIED);
	}
}
END_TEST

START_TEST(plan_is_named__asks_about_each_key_of_the_file)
{
	AUTO(sops_groups) file = SOPS_GROUPS_INIT;
	AUTO(sops_groups) more = SOPS_GROUPS_INIT;
	AUTO(sops_groups) less = SOPS_GROUPS_INIT;
	const struct repo_wish wish = { NULL, &more, &less };
	struct error err = ERROR_INIT;

	ck_assert_int_eq(make(ALICE "," EVIL, &file, &err), 0);
	ck_assert(!repo_plan_is_named(&file, &wish));
	ck_assert_int_eq(make(ALICE, &more, &err), 0);
	ck_assert(!repo_plan_is_named(&file, &wish));
	ck_assert_int_eq(make(EVIL, &less, &err), 0);
	ck_assert(repo_plan_is_named(&file, &wish));
}
END_TEST

START_TEST(plan__lacks_memory)
{
	static const char *const texts[] = { ALICE ";" WEB1, ALICE ";" WEB1, EVIL, "" };
	struct error err = ERROR_INIT;

	SWEEP(plan(texts, ALICE "," EVIL ";" WEB1, &err));
}
END_TEST

static char directory[] = "/tmp/bootseal-unit-XXXXXX";

static void setup(void)
{
	static const char *const files[] = {
		"b/2",
		"a",
		"b/1",
		".sops.yaml",
		"keys/x.pub",
		"b/keys/3",
		".env",
		".git/config",
		"other/.git/x",
		"other/y",
		".bootseal-journal/0",
		".a.bootseal-00000000",
	};
	struct error err = ERROR_INIT;
	int fd;

	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (const char *const *d = (const char *const[]){ "b/keys", "keys", ".git", "other/.git",
							   ".bootseal-journal", NULL };
	     *d; d++)
		ck_assert_int_eq(file_make_directories(fd, *d, 0755, &err), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		ck_assert_int_eq(file_write(fd, files[i], SPAN_LITERAL("x"), 0644, &err), 0);
	ck_assert_int_eq(symlinkat("a", fd, "link"), 0);
	ck_assert_int_eq(symlinkat("b", fd, "c"), 0);
	close(fd);
}

static void teardown(void)
{
	struct error err = ERROR_INIT;
	const int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_eq(file_remove_tree(parent, strrchr(directory, '/') + 1, &err), 0);
	close(parent);
	ck_assert_uint_eq(secret_live(), 0);
}

static int find(const char *const *names, bool recursive, struct repo_files *files,
		struct error *err)
{
	for (; *names; names++)
		if (repo_files_add(files, *names, recursive, err) < 0)
			return -1;
	repo_files_sort(files);
	return 0;
}

START_TEST(files_add__finds_in_order_what_is_meant)
{
	static const char *const expected[] = { ".env", "a", "b/1", "b/2", "b/keys/3" };
	AUTO(repo_files) files = REPO_FILES_INIT;
	AUTO(buf) named = BUF_INIT;
	struct error err = ERROR_INIT;
	const char *name;

	ck_assert_int_eq(buf_printf(&named, &err, "%s/link", directory), 0);
	ck_assert_int_eq(buf_text(&named, &name, &err), 0);
	ck_assert_msg(find((const char *const[]){ directory, name, directory, NULL }, true, &files,
			   &err) == 0,
		      "%s", err.message);
	ck_assert_uint_eq(files.len, 5);
	for (size_t i = 0; i < 5; i++) {
		const char *path = files.items[i].path + strlen(directory) + 1;

		ck_assert_str_eq(path, expected[i]);
		ck_assert(files.items[i].named == (i == 1));
	}
	ck_assert_str_eq(files.items[1].shown, name);
}
END_TEST

START_TEST(files_add__refuses_a_directory_and_what_is_not_there)
{
	AUTO(repo_files) files = REPO_FILES_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(repo_files_add(&files, directory, false, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_USAGE);
	ck_assert_int_eq(repo_files_add(&files, "/nowhere/x", true, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NO_FILE);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("repo_plan");
	TCase *p = tcase_create("plan"), *f = tcase_create("files");

	tcase_add_test(p, plan__follows_rule_and_command_line_never_the_file);
	tcase_add_test(p, plan_is_named__asks_about_each_key_of_the_file);
	tcase_add_test(p, plan__lacks_memory);
	suite_add_tcase(s, p);
	tcase_add_checked_fixture(f, setup, teardown);
	tcase_add_test(f, files_add__finds_in_order_what_is_meant);
	tcase_add_test(f, files_add__refuses_a_directory_and_what_is_not_there);
	suite_add_tcase(s, f);
	return s;
}
