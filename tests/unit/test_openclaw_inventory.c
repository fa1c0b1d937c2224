/* SPDX-License-Identifier: MIT */
/* openclaw/inventory: read with another user's rights, whatever links lead there; and what counts as root's. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/values.h"
#include "openclaw/inventory.h"
#include "openclaw/survey.h"
#include "util/file.h"
#include "util/text.h"
#include "vectors.h"

#define NOBODY 65534

static char place[] = "/tmp/bootseal-inventory-XXXXXX";
static char path_of[512];
static struct error err;

static const char *at(const char *name)
{
	snprintf(path_of, sizeof(path_of), "%s/%s", place, name);
	return path_of;
}

static void put(const char *name, mode_t mode)
{
	const int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "secret", 6), 6);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static void setup(void)
{
	err = ERROR_INIT;
	snprintf(place, sizeof(place), "/tmp/bootseal-inventory-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(place));
	ck_assert_int_eq(chmod(place, 0755), 0);
	put("own", 0600);
	put("open", 0644);
	ck_assert_int_eq(symlink("own", at("link")), 0);
	ck_assert_int_eq(mkdir(at("closed"), 0700), 0);
	put("closed/file", 0644);
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
	ck_assert_int_eq(file_remove_tree(AT_FDCWD, place, &err), 0);
}

static const struct inventory_item *look(struct inventory *inventory, const char *name)
{
	ck_assert_msg(inventory_add(inventory, at(name), &err) == 0, "%s", err.message);
	return inventory_find(inventory, at(name));
}

START_TEST(inventory_add__reads_with_the_users_rights)
{
	static const char *const closed[] = { "own", "link", "closed/file", "closed" };
	AUTO(inventory) inventory = INVENTORY_INIT;
	const struct inventory_item *item;

	if (geteuid() != 0)
		return; /* only root can take on another's rights */
	inventory.user = (struct inventory_user){ "nobody", NOBODY, NOBODY };
	for (size_t i = 0; i < sizeof(closed) / sizeof(*closed); i++) {
		item = look(&inventory, closed[i]);
		ck_assert_msg(!item->is_read && item->bytes.len == 0, "%s", closed[i]);
		ck_assert_int_eq(item->reason, EACCES);
		ck_assert_uint_eq(geteuid(), 0);
		ck_assert_uint_eq(getegid(), 0);
	}
	item = look(&inventory, "open");
	ck_assert(item->is_read && span_equal_text(secret_span(&item->bytes), "secret"));
	/* whatever a process does with its own rights */
	ck_assert_int_eq(setegid(0), 0);
	ck_assert_int_eq(access(at("own"), R_OK), 0);
}
END_TEST

START_TEST(inventory_find_shown__finds_the_only_one)
{
	static const char *const paths[] = { "/a\"b", "/a\\\"b", "/new\nline", "/new\\nline" };
	AUTO(inventory) inventory = INVENTORY_INIT;
	char one[400] = "/", two[400] = "/";

	for (size_t i = 0; i < 4; i++) {
		AUTO(secret) none = SECRET_INIT;

		ck_assert_int_eq(inventory_put(&inventory, paths[i], &none, &err), 0);
	}
	for (size_t i = 0; i < 4; i++) {
		const struct text_shown shown = text_printable_text(paths[i]);

		ck_assert_str_eq(inventory_find_shown(&inventory, span_of_text(shown.text))->path,
				 paths[i]);
	}
	ck_assert_ptr_null(inventory_find_shown(&inventory, SPAN_LITERAL("/a")));
	/* two that look alike where they are cut */
	memset(one + 1, 'x', sizeof(one) - 2);
	memset(two + 1, 'x', sizeof(two) - 3);
	for (size_t i = 0; i < 2; i++) {
		AUTO(secret) none = SECRET_INIT;

		ck_assert_int_eq(inventory_put(&inventory, i == 0 ? one : two, &none, &err), 0);
		ck_assert_int_eq(
			inventory_find_shown(&inventory,
					     span_of_text(text_printable_text(one).text)) != NULL,
			i == 0);
	}
}
END_TEST

START_TEST(inventory_add__sorts_names)
{
	static const char *const names[] = { "b", "a", "c" };
	AUTO(inventory) inventory = INVENTORY_INIT;
	char path[600];

	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", place, names[i]);
		ck_assert_int_eq(mkdir(path, 0700), 0);
	}
	ck_assert_int_eq(inventory_add(&inventory, place, &err), 0);
	ck_assert_msg(memmem(inventory.items[0].bytes.data, inventory.items[0].bytes.len, "a\0b\0c",
			     6) != NULL,
		      "they are not in order");
}
END_TEST

START_TEST(inventory_add_trusted__reads_with_the_callers)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	const struct inventory_item *item;

	inventory.user = (struct inventory_user){ "nobody", NOBODY, NOBODY };
	ck_assert_int_eq(inventory_add_trusted(&inventory, at("own"), &err), 0);
	item = inventory_find(&inventory, at("own"));
	ck_assert(item->is_read && span_equal_text(secret_span(&item->bytes), "secret"));
	/* once */
	ck_assert_int_eq(inventory_add_trusted(&inventory, at("own"), &err), 0);
	ck_assert_uint_eq(inventory.len, 1);
}
END_TEST

/* What is his by where it lies, and nothing that a link or a second name leads to. */
START_TEST(inventory_add_beneath__stays_below)
{
	static const char *const refused[] = { "his/link", "his/second", "his/way/own", "own" };
	AUTO(inventory) inventory = INVENTORY_INIT;
	const struct inventory_item *item;
	char top[512], second[520];

	if (geteuid() != 0)
		return; /* only root can take on another's rights */
	ck_assert_int_eq(mkdir(at("his"), 0755), 0);
	ck_assert_int_eq(chown(at("his"), NOBODY, NOBODY), 0);
	snprintf(top, sizeof(top), "%s", at("his"));
	put("his/roots", 0600);
	put("his/closed", 0);
	ck_assert_int_eq(chown(at("his/closed"), NOBODY, NOBODY), 0);
	ck_assert_int_eq(symlink("../own", at("his/link")), 0);
	ck_assert_int_eq(symlink("..", at("his/way")), 0);
	snprintf(second, sizeof(second), "%s/second", top);
	ck_assert_int_eq(link(at("own"), second), 0);
	inventory.user = (struct inventory_user){ "nobody", NOBODY, NOBODY };
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		ck_assert_int_eq(inventory_add_beneath(&inventory, top, at(refused[i]), &err), 0);
		item = inventory_find(&inventory, at(refused[i]));
		ck_assert_msg(!item->is_read && item->reason == EACCES, "%s", refused[i]);
	}
	ck_assert_int_eq(inventory_add_beneath(&inventory, top, at("his/roots"), &err), 0);
	ck_assert_int_eq(inventory_add_beneath(&inventory, top, at("his/closed"), &err), 0);
	for (size_t i = 1; i <= 2; i++) {
		item = &inventory.items[inventory.len - i];
		ck_assert(item->is_read && item->rights == INVENTORY_BENEATH);
		ck_assert(span_equal_text(secret_span(&item->bytes), "secret"));
	}
	/* a directory that is not his has nothing of his below it */
	ck_assert_int_eq(inventory_add_beneath(&inventory, place, at("closed/file"), &err), 0);
	ck_assert(!inventory_find(&inventory, at("closed/file"))->is_read);
}
END_TEST

START_TEST(survey_is_roots_own__where_nobody_else_writes)
{
	ck_assert(survey_is_roots_own("/etc/passwd"));
	ck_assert(survey_is_roots_own("/usr/lib/x"));
	ck_assert(!survey_is_roots_own("/tmp/x"));
	ck_assert(!survey_is_roots_own("/proc/self/cwd/x"));
	ck_assert(!survey_is_roots_own("/etc/there-is-no-such-directory/x"));
	ck_assert(!survey_is_roots_own(at("own")));
}
END_TEST

START_TEST(survey_is_named_by_root__names_a_whole_path)
{
	const struct survey survey = { .config = "/etc/oc/openclaw.json",
				       .state = "/etc/oc/state" };
	const struct survey none = { .home = "/home/oc" };
	AUTO(secret) records = SECRET_INIT;

	ck_assert_int_eq(values_put(&records,
				    &(struct value){ CHECK_TRUSTED, SPAN_LITERAL("/etc/oc.env"),
						     SPAN_INIT },
				    &err),
			 0);
	ck_assert_int_eq(values_put(&records,
				    &(struct value){ CHECK_WANTED, SPAN_LITERAL("/etc/wanted"),
						     SPAN_INIT },
				    &err),
			 0);
	ck_assert(survey_is_named_by_root(&none, secret_span(&records), "/etc/oc.env"));
	ck_assert(!survey_is_named_by_root(&none, secret_span(&records), "/etc/oc.env2"));
	ck_assert(!survey_is_named_by_root(&none, secret_span(&records), "/etc/wanted"));
	ck_assert(!survey_is_named_by_root(&none, secret_span(&records), "/etc/x/../oc.env"));
	ck_assert(survey_is_named_by_root(&survey, SPAN_INIT, "/etc/oc/openclaw.json"));
	ck_assert(survey_is_named_by_root(&survey, SPAN_INIT, "/etc/oc/state/.env"));
	ck_assert(!survey_is_named_by_root(&survey, SPAN_INIT, "/etc/oc/state2/.env"));
	ck_assert(!survey_is_named_by_root(&survey, SPAN_INIT, "/etc/oc/state/../.env"));
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("openclaw/inventory");
	TCase *t = tcase_create("inventory");

	start_crypto();
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, inventory_add__reads_with_the_users_rights);
	tcase_add_test(t, inventory_find_shown__finds_the_only_one);
	tcase_add_test(t, inventory_add__sorts_names);
	tcase_add_test(t, inventory_add_trusted__reads_with_the_callers);
	tcase_add_test(t, inventory_add_beneath__stays_below);
	tcase_add_test(t, survey_is_roots_own__where_nobody_else_writes);
	tcase_add_test(t, survey_is_named_by_root__names_a_whole_path);
	suite_add_tcase(s, t);
	return s;
}
