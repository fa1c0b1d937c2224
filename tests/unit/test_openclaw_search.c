/* SPDX-License-Identifier: MIT */
/* openclaw/search, openclaw/inventory and openclaw/listener: what is looked at on a host. */
#include <arpa/inet.h>
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "openclaw/inventory.h"
#include "openclaw/listener.h"
#include "openclaw/search.h"
#include "scratch.h"
#include "sweep.h"
#include "util/file.h"
#include "vectors.h"

#define VALUE "a-secret-value"
#define CHUNK ((size_t)1 << 20)

static char directory[PATH_MAX];

static const char *at(const char *name)
{
	static char path[2 * PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void setup(void)
{
	scratch_make("search", directory);
}

static void teardown(void)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(scratch_remove(directory, &err), 0);
	ck_assert_uint_eq(secret_live(), 0);
}

static int search(const struct names *passed_over, struct names *found, bool *whole)
{
	struct search_values values = { .len = 0 };
	struct error err = ERROR_INIT;

	search_add(&values, SPAN_LITERAL(VALUE));
	search_add(&values, SPAN_LITERAL(VALUE));
	search_add(&values, SPAN_INIT);
	ck_assert_uint_eq(values.len, 1);
	return search_directory(directory, SEARCH_ANY_OWNER, &values, passed_over, found, whole,
				&err);
}

/* The value at that place of a file of two chunks. */
static void put_large(const char *name, size_t place)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_reserve(&text, 2 * CHUNK + 100, &err), 0);
	memset(text.data, 'x', 2 * CHUNK + 100);
	memcpy(text.data + place, VALUE, strlen(VALUE));
	text.len = 2 * CHUNK + 100;
	scratch_put(directory, name, secret_span(&text));
}

START_TEST(search_directory__finds_it_across_pieces)
{
	for (size_t place = CHUNK - 16; place < CHUNK + 2; place += stride(1)) {
		AUTO(names) none = NAMES_INIT;
		AUTO(names) found = NAMES_INIT;
		bool whole = false;

		put_large("large", place);
		ck_assert_int_eq(search(&none, &found, &whole), 0);
		ck_assert(whole && found.len == 1);
	}
}
END_TEST

START_TEST(search_directory__looks_into_files_alone)
{
	AUTO(names) over = NAMES_INIT;
	AUTO(names) found = NAMES_INIT;
	struct error err = ERROR_INIT;
	bool whole = false;

	ck_assert_int_eq(mkdir(at("sub"), 0700), 0);
	scratch_put(directory, "sub/there", SPAN_LITERAL("x" VALUE "x"));
	scratch_put(directory, "over", SPAN_LITERAL(VALUE));
	scratch_put(directory, "not", SPAN_LITERAL("a-secret-valu"));
	ck_assert_int_eq(symlink("sub", at("link")), 0);
	ck_assert_int_eq(symlink("sub/there", at("second")), 0);
	ck_assert_int_eq(mkfifo(at("fifo"), 0600), 0);
	ck_assert_int_eq(names_add(&over, span_of_text(at("over")), &err), 0);
	ck_assert_int_eq(search(&over, &found, &whole), 0);
	ck_assert(whole);
	ck_assert_uint_eq(found.len, 1);
	ck_assert_str_eq(found.items[0], at("sub/there"));
}
END_TEST

START_TEST(search_directory__passes_over_directories)
{
	AUTO(names) over = NAMES_INIT;
	AUTO(names) found = NAMES_INIT;
	struct error err = ERROR_INIT;
	bool whole = false;

	ck_assert_int_eq(mkdir(at("node_modules"), 0700), 0);
	ck_assert_int_eq(mkdir(at("sub"), 0700), 0);
	ck_assert_int_eq(mkdir(at("another"), 0700), 0);
	scratch_put(directory, "node_modules/a", SPAN_LITERAL(VALUE));
	scratch_put(directory, "sub/a", SPAN_LITERAL(VALUE));
	scratch_put(directory, "another/a", SPAN_LITERAL(VALUE));
	scratch_put(directory, "z", SPAN_LITERAL(VALUE));
	ck_assert_int_eq(names_add(&over, span_of_text(at("sub")), &err), 0);
	ck_assert_int_eq(search(&over, &found, &whole), 0);
	ck_assert(whole);
	ck_assert_uint_eq(found.len, 2);
	ck_assert_str_eq(found.items[0], at("z")); /* files first */
	ck_assert_str_eq(found.items[1], at("another/a"));
}
END_TEST

/* The line breaks of a private key are written in many a way. */
START_TEST(search_add__takes_the_longest_line)
{
	static const char *const texts[] = {
		"a\nMIIEvQIBADANBgkq\nb\n",
		"a\\nMIIEvQIBADANBgkq\\nb",
		"MIIEvQIBADANBgkq\na",
		"\"-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkq\\n-----END KEY-----\\n\"",
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct search_values values = { .len = 0 };

		search_add(&values, span_of_text(texts[i]));
		ck_assert_uint_eq(values.len, 2);
		ck_assert(search_text(SPAN_LITERAL("x MIIEvQIBADANBgkq"), &values));
		ck_assert(!search_text(SPAN_LITERAL("x MIIEvQIBADANBgk"), &values));
	}
}
END_TEST

/* /tmp/openclaw-UID: made by whoever was first. */
START_TEST(search_directory__looks_into_its_owners_alone)
{
	const struct names none = NAMES_INIT;
	struct search_values values = { .len = 0 };

	search_add(&values, SPAN_LITERAL(VALUE));
	ck_assert_int_eq(mkdir(at("logs"), 0700), 0);
	scratch_put(directory, "logs/there", SPAN_LITERAL(VALUE));
	ck_assert_int_eq(symlink("logs", at("link")), 0);
	for (unsigned i = 0; i < 3; i++) {
		AUTO(names) found = NAMES_INIT;
		struct error err = ERROR_INIT;
		bool whole = false;

		ck_assert_int_eq(search_directory(at(i < 2 ? "logs" : "link"),
						  i == 1 ? getuid() + 1 : getuid(), &values, &none,
						  &found, &whole, &err),
				 0);
		ck_assert(whole);
		ck_assert_uint_eq(found.len, i == 0 ? 1 : 0);
	}
}
END_TEST

START_TEST(search_all__looks_into_state_and_home)
{
	AUTO(names) none = NAMES_INIT;
	AUTO(names) found = NAMES_INIT;
	struct search_values values = { .len = 0 };
	struct error err = ERROR_INIT;
	char state[2 * PATH_MAX];
	bool whole = false;

	(void)snprintf(state, sizeof(state), "%s", at("state"));
	ck_assert_int_eq(mkdir(state, 0700), 0);
	scratch_put(directory, "state/a", SPAN_LITERAL(VALUE));
	scratch_put(directory, ".bashrc", SPAN_LITERAL(VALUE));
	search_add(&values, SPAN_LITERAL(VALUE));
	ck_assert_int_eq(search_all(&(struct search_places){ state, directory, 4242, 4242, NULL },
				    &values, &none, &found, &whole, &err),
			 0);
	ck_assert_uint_eq(found.len, 2); /* each once */
	ck_assert_int_eq(search_all(&(struct search_places){ NULL, "/", 4242, 4242, NULL }, &values,
				    &none, &found, &whole, &err),
			 0);
	ck_assert_uint_eq(found.len, 2);
}
END_TEST

START_TEST(search_directory__says_what_it_did_not_reach)
{
	AUTO(names) none = NAMES_INIT;
	AUTO(names) found = NAMES_INIT;
	char path[PATH_MAX] = "d";
	bool whole = true;

	for (size_t i = 0; i <= SEARCH_DEPTH_MAX; i++) {
		ck_assert_int_eq(mkdir(at(path), 0700), 0);
		strncat(path, "/d", sizeof(path) - strlen(path) - 1);
	}
	ck_assert_int_eq(search(&none, &found, &whole), 0);
	ck_assert(!whole);
}
END_TEST

static int add_and_search(void)
{
	AUTO(names) none = NAMES_INIT;
	AUTO(names) found = NAMES_INIT;
	AUTO(inventory) inventory = INVENTORY_INIT;
	struct error err = ERROR_INIT;
	bool whole;

	if (inventory_add(&inventory, at("file"), &err) < 0 ||
	    inventory_add(&inventory, directory, &err) < 0)
		return -1;
	return search(&none, &found, &whole);
}

START_TEST(search__sweep)
{
	scratch_put(directory, "file", SPAN_LITERAL(VALUE));
	SWEEP(add_and_search());
}
END_TEST

START_TEST(inventory_add__says_what_is_there)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	struct error err = ERROR_INIT;
	const struct inventory_item *item;

	scratch_put(directory, "file", SPAN_LITERAL("text"));
	ck_assert_int_eq(symlink("file", at("link")), 0);
	ck_assert_int_eq(symlink("gone", at("broken")), 0);
	ck_assert_int_eq(mkfifo(at("fifo"), 0600), 0);
	for (size_t i = 0; i < 2; i++) {
		static const char *const names[] = { "file", "link", "broken", "fifo", "absent" };

		for (size_t k = 0; k < 5; k++)
			ck_assert_int_eq(inventory_add(&inventory, at(names[k]), &err), 0);
		ck_assert_int_eq(inventory_add(&inventory, directory, &err), 0);
	}
	ck_assert_uint_eq(inventory.len, 6);
	item = inventory_find(&inventory, at("file"));
	ck_assert(item->exists && item->is_read && !item->is_cut);
	ck_assert(span_equal_text(secret_span(&item->bytes), "text"));
	item = inventory_find(&inventory, at("link"));
	ck_assert(S_ISLNK(item->itself.st_mode) && S_ISREG(item->target.st_mode) && item->is_read);
	item = inventory_find(&inventory, at("broken"));
	ck_assert(item->exists && !item->is_read && item->target.st_mode == 0);
	item = inventory_find(&inventory, at("fifo"));
	ck_assert(item->exists && !item->is_read && S_ISFIFO(item->target.st_mode));
	item = inventory_find(&inventory, at("absent"));
	ck_assert(!item->exists && item->reason == ENOENT);
	item = inventory_find(&inventory, directory);
	ck_assert(item->is_read && memmem(item->bytes.data, item->bytes.len, "fifo\0", 5) != NULL);
	ck_assert_ptr_null(inventory_find(&inventory, "/nowhere"));
}
END_TEST

START_TEST(inventory_add__limits_a_file)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	struct error err = ERROR_INIT;
	const struct inventory_item *item;

	scratch_put(directory, "file", SPAN_LITERAL("text"));
	ck_assert_int_eq(truncate(at("file"), (off_t)INVENTORY_FILE_MAX + 1), 0);
	ck_assert_int_eq(inventory_add(&inventory, at("file"), &err), 0);
	item = inventory_find(&inventory, at("file"));
	ck_assert(item->is_read && item->is_cut && item->bytes.len == INVENTORY_FILE_MAX);
}
END_TEST

START_TEST(listener_find__knows_whose_it_is)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
				       .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(address);
	AUTO_FD int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct error err = ERROR_INIT;
	enum listener_state state;
	unsigned port;

	ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, len), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	port = ntohs(address.sin_port);
	ck_assert_int_eq(listener_find(port, geteuid(), &state, &err), 0);
	ck_assert_int_eq(state, LISTENER_DOWN);
	ck_assert_int_eq(listen(fd, 1), 0);
	ck_assert_int_eq(listener_find(port, geteuid(), &state, &err), 0);
	ck_assert_int_eq(state, LISTENER_UP);
	ck_assert_int_eq(listener_find(port, geteuid() + 1, &state, &err), 0);
	ck_assert_int_eq(state, LISTENER_ANOTHER);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("openclaw/search");
	TCase *tc = tcase_create("search");

	start_crypto();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, search_directory__finds_it_across_pieces);
	tcase_add_test(tc, search_directory__looks_into_files_alone);
	tcase_add_test(tc, search_directory__passes_over_directories);
	tcase_add_test(tc, search_add__takes_the_longest_line);
	tcase_add_test(tc, search_all__looks_into_state_and_home);
	tcase_add_test(tc, search_directory__looks_into_its_owners_alone);
	tcase_add_test(tc, search_directory__says_what_it_did_not_reach);
	tcase_add_test(tc, search__sweep);
	tcase_add_test(tc, inventory_add__says_what_is_there);
	tcase_add_test(tc, inventory_add__limits_a_file);
	tcase_add_test(tc, listener_find__knows_whose_it_is);
	suite_add_tcase(s, tc);
	return s;
}
