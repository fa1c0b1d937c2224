/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/keyring.h"
#include "keyring/root.h"
#include "sweep.h"
#include "util/file.h"

#define ALICE "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPntlbf7gr08GgKqCkYXq7PexnSzVzRd6mO6i3IBKe7u"
#define WEB1 "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAhj0FpFQn6Z8l6zXD9h2EtYN5um6PquEOMIGsSi5Czg"
#define BOB "age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw"

static char directory[] = "/tmp/bootseal-unit-XXXXXX";
static int root = -1;

static void setup(void)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
	root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ck_assert_int_ge(root, 0);
}

static void teardown(void)
{
	struct error err = ERROR_INIT;
	int parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(parent, 0);
	ck_assert_int_eq(file_remove_tree(parent, strrchr(directory, '/') + 1, &err), 0);
	close(parent);
	close(root);
	ck_assert_uint_eq(secret_live(), 0);
}

static void put(const char *path, const char *text)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(file_make_directories(root, "keys", 0755, &err), 0);
	ck_assert_int_eq(file_write(root, path, span_of_text(text), 0644, &err), 0);
}

START_TEST(is_name__takes_letters_digits_dash_underscore)
{
	char longest[KEYRING_NAME_MAX + 2];

	ck_assert(keyring_is_name(span_of_text("web1")));
	ck_assert(keyring_is_name(span_of_text("1-a_B")));
	ck_assert(!keyring_is_name(span_of_text("")));
	ck_assert(!keyring_is_name(span_of_text("-a")));
	ck_assert(!keyring_is_name(span_of_text("_a")));
	ck_assert(!keyring_is_name(span_of_text("web1.example")));
	ck_assert(!keyring_is_name(span_of_text("a b")));
	ck_assert(!keyring_is_name(span_of_text("../a")));
	ck_assert(!keyring_is_name(span_of_text("\xc3\xa4")));
	ck_assert(!keyring_is_name(span_of("a\0b", 3)));
	memset(longest, 'a', sizeof(longest));
	ck_assert(keyring_is_name(span_of(longest, KEYRING_NAME_MAX)));
	ck_assert(!keyring_is_name(span_of(longest, KEYRING_NAME_MAX + 1)));
}
END_TEST

START_TEST(check_name__proposes_a_good_one)
{
	static const char *const cases[][2] = {
		{ "web1.example", "web1-example" },
		{ "a@b c", "a-b-c" },
		{ "-x-", "x" },
		{ "..", "" },
		{ "_a..b_", "a-b_" },
	};
	char proposal[KEYRING_NAME_MAX + 1];
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		keyring_propose_name(span_of_text(cases[i][0]), proposal);
		ck_assert_str_eq(proposal, cases[i][1]);
		ck_assert(!proposal[0] || keyring_is_name(span_of_text(proposal)));
	}
	ck_assert_int_eq(keyring_check_name(span_of_text("web1.example"), &err), -1);
	ck_assert_int_eq(err.kind, ERROR_USAGE);
	ck_assert_ptr_nonnull(strstr(err.hint, "web1-example"));
	ck_assert_int_eq(keyring_check_name(span_of_text("\x1b[31m"), &err), -1);
	ck_assert_ptr_null(strchr(err.message, '\x1b'));
}
END_TEST

START_TEST(parse_file__takes_keys_comments_and_blank_lines)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(keyring_parse_file(SPAN_LITERAL("# alice\r\n\n" ALICE " a comment\n  " BOB
							 "\n"),
					    &recipients, &err),
			 0);
	ck_assert_uint_eq(recipients.len, 2);
}
END_TEST

static void refuse(const char *text, enum error_kind kind)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(keyring_parse_file(span_of_text(text), &recipients, &err), -1);
	ck_assert_msg(err.kind == kind, "%s: kind %d", text, (int)err.kind);
	ck_assert_uint_eq(recipients.len, 0);
	/* a private key may be in it: nothing is quoted */
	ck_assert_ptr_null(strstr(err.message, "quoted"));
}

START_TEST(parse_file__refuses_and_quotes_nothing)
{
	refuse("", ERROR_EMPTY);
	refuse("# only a comment\n", ERROR_EMPTY);
	refuse(BOB "\nquoted\n", ERROR_FORMAT);
	refuse("ssh-ed25519 quoted\n", ERROR_FORMAT);
	refuse(BOB "quoted\n", ERROR_FORMAT);
	refuse("-----BEGIN OPENSSH PRIVATE KEY-----\nquoted\n", ERROR_DENIED);
	refuse("AGE-SECRET-KEY-1quoted\n", ERROR_DENIED);
	refuse(ALICE "\nage-secret-key-1quoted\n", ERROR_DENIED);
	refuse("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUquoted\n", ERROR_DENIED);
}
END_TEST

START_TEST(parse_file__has_limits)
{
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(buf) text = BUF_INIT;
	AUTO(secret) large = SECRET_INIT;
	struct error err = ERROR_INIT;

	for (int i = 0; i < KEYRING_KEYS_MAX; i++)
		ck_assert_int_eq(buf_append_text(&text, BOB "\n", &err), 0);
	ck_assert_int_eq(keyring_parse_file(buf_span(&text), &recipients, &err), 0);
	ck_assert_uint_eq(recipients.len, KEYRING_KEYS_MAX);
	ck_assert_int_eq(buf_append_text(&text, BOB "\n", &err), 0);
	age_recipients_release(&recipients);
	ck_assert_int_eq(keyring_parse_file(buf_span(&text), &recipients, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_int_eq(secret_reserve(&large, KEYRING_FILE_MAX + 1, &err), 0);
	memset(large.data, '\n', KEYRING_FILE_MAX + 1);
	ck_assert_int_eq(keyring_parse_file(span_of(large.data, KEYRING_FILE_MAX + 1), &recipients,
					    &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	ck_assert_int_eq(keyring_parse_file(span_of(large.data, KEYRING_FILE_MAX), &recipients,
					    &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_EMPTY);
}
END_TEST

START_TEST(parse_file__flipped_bits_are_noticed)
{
	char text[] = BOB;

	for (size_t bit = 0; bit < 8 * strlen(BOB); bit++) {
		AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
		struct error err = ERROR_INIT;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		/* "\n" and "#" would end or hide the key, but never in the middle of a good one */
		ck_assert_int_eq(keyring_parse_file(span_of(text, strlen(BOB)), &recipients, &err),
				 -1);
		ck_assert_int_ne(err.kind, ERROR_NONE);
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}
END_TEST

static int load(struct keyring *ret_keyring, struct error *err)
{
	AUTO(keyring) keyring = KEYRING_INIT;

	if (keyring_read(root, &keyring, err) || keyring_parse(&keyring, err))
		return -1;
	*ret_keyring = keyring;
	keyring = KEYRING_INIT;
	return 0;
}

START_TEST(read__takes_names_in_order_and_keeps_problems_apart)
{
	AUTO(keyring) keyring = KEYRING_INIT;
	struct error err = ERROR_INIT;

	put("keys/web1.pub", WEB1 "\n");
	put("keys/alice.pub", ALICE "\n" BOB "\n");
	put("keys/README", "not a key\n");
	put("keys/.hidden.pub", "not a key\n");
	put("keys/broken.pub", "not a key\n");
	put("keys/a.b.pub", BOB "\n");
	ck_assert_int_eq(mkdirat(root, "keys/directory.pub", 0755), 0);
	ck_assert_int_eq(mkfifoat(root, "keys/fifo.pub", 0644), 0);
	ck_assert_int_eq(symlinkat("nowhere", root, "keys/link.pub"), 0);
	ck_assert_int_eq(load(&keyring, &err), 0);
	ck_assert_uint_eq(keyring.len, 7);
	ck_assert_str_eq(keyring.names[0].name, "a.b");
	ck_assert_str_eq(keyring.names[1].name, "alice");
	ck_assert_uint_eq(keyring.names[1].recipients.len, 2);
	for (size_t i = 0; i < keyring.len; i++) {
		bool good = strcmp(keyring.names[i].name, "alice") == 0 ||
			    strcmp(keyring.names[i].name, "web1") == 0;

		ck_assert_msg(good == !keyring.names[i].problem, "%s", keyring.names[i].name);
	}
	ck_assert_ptr_nonnull(strstr(keyring_find(&keyring, "broken")->problem, "keys/broken.pub"));
	ck_assert_ptr_nonnull(strstr(keyring_find(&keyring, "broken")->problem, "line 1"));
	ck_assert_ptr_null(keyring_find(&keyring, "nobody"));
}
END_TEST

START_TEST(read__without_directory_is_empty)
{
	AUTO(keyring) keyring = KEYRING_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(load(&keyring, &err), 0);
	ck_assert_uint_eq(keyring.len, 0);
}
END_TEST

START_TEST(owner__knows_a_key_in_both_spellings)
{
	AUTO(keyring) keyring = KEYRING_INIT;
	struct error err = ERROR_INIT;
	char converted[] = "age";

	put("keys/web1.pub", WEB1 " root@web1\n");
	put("keys/bob.pub", BOB "\n");
	ck_assert_int_eq(load(&keyring, &err), 0);
	ck_assert_str_eq(keyring_owner_of_text(&keyring, SPAN_LITERAL(WEB1))->name, "web1");
	ck_assert_str_eq(keyring_owner_of_text(&keyring, SPAN_LITERAL(BOB))->name, "bob");
	ck_assert_ptr_null(keyring_owner_of_text(&keyring, SPAN_LITERAL(ALICE)));
	ck_assert_ptr_null(keyring_owner_of_text(&keyring, span_of_text(converted)));
	ck_assert_ptr_null(keyring_owner_of_text(&keyring, SPAN_INIT));
}
END_TEST

START_TEST(name_recipients__puts_names_into_messages)
{
	AUTO(keyring) keyring = KEYRING_INIT;
	struct error err = ERROR_INIT;

	put("keys/bob.pub", BOB "\n");
	ck_assert_int_eq(load(&keyring, &err), 0);
	error_set(&err, ERROR_NO_KEY, "no identity matches (" BOB ", age1zzz) or " WEB1);
	error_hint(&err, "ask %s", BOB);
	keyring_name_recipients(&keyring, &err);
	ck_assert_str_eq(err.message, "no identity matches (bob (" BOB "), age1zzz) or " WEB1);
	ck_assert_str_eq(err.hint, "ask bob (" BOB ")");
}
END_TEST

START_TEST(name_recipients__leaves_a_message_without_room)
{
	AUTO(keyring) keyring = KEYRING_INIT;
	struct error err = ERROR_INIT;
	char before[ERROR_MESSAGE_MAX];

	put("keys/bob.pub", BOB "\n");
	ck_assert_int_eq(load(&keyring, &err), 0);
	error_set(&err, ERROR_NO_KEY, "%s %0700d", BOB, 0);
	strcpy(before, err.message);
	keyring_name_recipients(&keyring, &err);
	ck_assert_str_eq(err.message, before);
}
END_TEST

static int load_and_drop(struct error *err)
{
	AUTO(keyring) keyring = KEYRING_INIT;

	return load(&keyring, err);
}

START_TEST(keyring__survives_failed_allocations)
{
	struct error err = ERROR_INIT;

	put("keys/web1.pub", WEB1 "\n");
	put("keys/alice.pub", ALICE "\n" BOB "\n");
	SWEEP(load_and_drop(&err));
}
END_TEST

START_TEST(root_find__goes_upward)
{
	AUTO(keyring_root) found = KEYRING_ROOT_INIT;
	struct error err = ERROR_INIT;
	struct stat a, b;
	char path[sizeof(directory) + 16];

	put("keys/web1.pub", WEB1 "\n");
	ck_assert_int_eq(file_make_directories(root, "a/b", 0755, &err), 0);
	snprintf(path, sizeof(path), "%s/a/b", directory);
	ck_assert_int_eq(keyring_root_find(path, &found, &err), 0);
	ck_assert_int_eq(fstat(found.fd, &a), 0);
	ck_assert_int_eq(fstat(root, &b), 0);
	ck_assert_uint_eq(a.st_ino, b.st_ino);
	ck_assert_str_eq(found.path + strlen(path), "/../..");
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("keyring_names");
	TCase *t = tcase_create("keyring_names");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, is_name__takes_letters_digits_dash_underscore);
	tcase_add_test(t, check_name__proposes_a_good_one);
	tcase_add_test(t, parse_file__takes_keys_comments_and_blank_lines);
	tcase_add_test(t, parse_file__refuses_and_quotes_nothing);
	tcase_add_test(t, parse_file__has_limits);
	tcase_add_test(t, parse_file__flipped_bits_are_noticed);
	tcase_add_test(t, read__takes_names_in_order_and_keeps_problems_apart);
	tcase_add_test(t, read__without_directory_is_empty);
	tcase_add_test(t, owner__knows_a_key_in_both_spellings);
	tcase_add_test(t, name_recipients__puts_names_into_messages);
	tcase_add_test(t, name_recipients__leaves_a_message_without_room);
	tcase_add_test(t, keyring__survives_failed_allocations);
	tcase_add_test(t, root_find__goes_upward);
	suite_add_tcase(s, t);
	return s;
}
