/* SPDX-License-Identifier: MIT */
/*
 * keyring/prompt without a terminal, and what it remembers. On one it is tested by the commands.
 */
#include <check.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../src/keyring/answers.h"
#include "keyring/prompt.h"
#include "sweep.h"
#include "vectors.h"

static char path[] = "/tmp/bootseal-prompt.XXXXXX";

/* The variable's file, with this in it. */
static void write_file(const char *text, size_t len, mode_t mode)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fchmod(fd, mode), 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
	ck_assert_int_eq(setenv(KEYRING_PASSPHRASE_VARIABLE, path, 1), 0);
}

static int ask_with(struct keyring_prompt *prompt, enum age_question kind,
		    struct secret *ret_answer, struct error *err)
{
	/* whoever runs the tests has one */
	file_close_pointer(&prompt->terminal);
	return age_prompt_ask(keyring_prompt_use(prompt), kind, "Who", ret_answer, err);
}

static void answers(const char *text, size_t len, const char *expected)
{
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	write_file(text, len, 0600);
	keyring_prompt_open(&prompt);
	ck_assert_uint_eq(prompt.warning.len, 0);
	ck_assert_ok(ask_with(&prompt, AGE_ASK_PASSPHRASE, &answer, &err));
	ck_assert_span(secret_span(&answer), expected);
}

static void refuses(const char *text, size_t len, enum error_kind kind)
{
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	write_file(text, len, 0600);
	keyring_prompt_open(&prompt);
	ck_assert_fails(ask_with(&prompt, AGE_ASK_PASSPHRASE, &answer, &err), kind);
	ck_assert_uint_eq(answer.len, 0);
}

START_TEST(keyring_prompt__the_file_s_first_line)
{
	static char long_line[KEYRING_PASSPHRASE_MAX + 2];

	answers("secret\n", 7, "secret");
	answers("secret", 6, "secret");
	answers("secret\r\n\n  \n", 12, "secret");
	answers(" two words \n", 12, " two words ");
	refuses("", 0, ERROR_EMPTY);
	refuses("\n", 1, ERROR_EMPTY);
	refuses("\r\n", 2, ERROR_EMPTY);
	refuses("a\nb\n", 4, ERROR_FORMAT);
	memset(long_line, 'x', sizeof(long_line));
	refuses(long_line, sizeof(long_line), ERROR_LIMIT);
}
END_TEST

START_TEST(keyring_prompt__warns_of_a_file_for_all)
{
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;

	write_file("secret\n", 7, 0640);
	keyring_prompt_open(&prompt);
	ck_assert(prompt.has_passphrase);
	ck_assert_ptr_nonnull(memmem(prompt.warning.data, prompt.warning.len, "(mode 0640)", 11));
}
END_TEST

/* What it is not for: a plugin's questions, and those of a person. */
START_TEST(keyring_prompt__the_file_answers_passphrases_alone)
{
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;
	bool yes = false;

	write_file("secret\n", 7, 0600);
	keyring_prompt_open(&prompt);
	ck_assert_fails(ask_with(&prompt, AGE_ASK_SECRET, &answer, &err), ERROR_DENIED);
	ck_assert_fails(ask_with(&prompt, AGE_ASK_TEXT, &answer, &err), ERROR_DENIED);
	ck_assert_fails(age_prompt_confirm(keyring_prompt_use(&prompt), "Sure", "yes", "no", &yes,
					   &err),
			ERROR_DENIED);
	ck_assert_ok(ask_with(&prompt, AGE_ASK_NEW_PASSPHRASE, &answer, &err));
	ck_assert_span(secret_span(&answer), "secret");
}
END_TEST

START_TEST(keyring_prompt__nobody_there)
{
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(unsetenv(KEYRING_PASSPHRASE_VARIABLE), 0);
	keyring_prompt_open(&prompt);
	ck_assert_fails(ask_with(&prompt, AGE_ASK_PASSPHRASE, &answer, &err), ERROR_DENIED);
	/* what is wrong with the file is told when it is wanted */
	keyring_prompt_release(&prompt);
	ck_assert_int_eq(setenv(KEYRING_PASSPHRASE_VARIABLE, "/nowhere/at/all", 1), 0);
	keyring_prompt_open(&prompt);
	ck_assert_fails(ask_with(&prompt, AGE_ASK_PASSPHRASE, &answer, &err), ERROR_NO_FILE);
}
END_TEST

static int open_and_ask(struct error *err)
{
	AUTO(keyring_prompt) prompt = KEYRING_PROMPT_INIT;
	AUTO(secret) answer = SECRET_INIT;

	*err = ERROR_INIT;
	keyring_prompt_open(&prompt);
	return ask_with(&prompt, AGE_ASK_PASSPHRASE, &answer, err);
}

START_TEST(keyring_prompt__out_of_memory)
{
	struct error err = ERROR_INIT;

	write_file("secret\n", 7, 0600);
	SWEEP(open_and_ask(&err));
}
END_TEST

static bool finds(const struct keyring_answers *all, const char *question, const char *expected)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;
	bool found;

	ck_assert_ok(keyring_answers_find(all, question, &found, &answer, &err));
	ck_assert(found || answer.len == 0);
	return found && span_equal_text(secret_span(&answer), expected);
}

START_TEST(keyring_answers__are_remembered)
{
	struct keyring_answers *all = keyring_answers_new();

	ck_assert_ptr_nonnull(all);
	ck_assert(!finds(all, "a", "1"));
	keyring_answers_add(all, "a", SPAN_LITERAL("1"));
	keyring_answers_add(all, "b", SPAN_LITERAL("2"));
	keyring_answers_add(all, "c", SPAN_INIT);
	ck_assert(finds(all, "a", "1"));
	ck_assert(finds(all, "b", "2"));
	ck_assert(!finds(all, "c", ""));
	ck_assert(!finds(NULL, "a", "1"));
	keyring_answers_add(NULL, "a", SPAN_LITERAL("1"));
	keyring_answers_free(all);
	keyring_answers_free(NULL);
}
END_TEST

/* What does not fit is asked for again, and nothing else is lost. */
START_TEST(keyring_answers__hold_few)
{
	struct keyring_answers *all = keyring_answers_new();
	static char text[4096];
	char question[16];

	ck_assert_ptr_nonnull(all);
	memset(text, 'x', sizeof(text) - 1);
	keyring_answers_add(all, text, SPAN_LITERAL("1"));
	ck_assert(!finds(all, text, "1"));
	keyring_answers_add(all, "long", span_of_text(text));
	ck_assert(!finds(all, "long", text));
	for (int i = 0; i < 40; i++) {
		snprintf(question, sizeof(question), "%d", i);
		keyring_answers_add(all, question, SPAN_LITERAL("1"));
	}
	ck_assert(finds(all, "0", "1"));
	ck_assert(finds(all, "15", "1"));
	ck_assert(!finds(all, "16", "1"));
	keyring_answers_free(all);
}
END_TEST

/* Another process' answer counts here, and its end forgets nothing. */
START_TEST(keyring_answers__are_shared_by_processes)
{
	struct keyring_answers *all = keyring_answers_new();
	int status = -1;
	const pid_t pid = fork();

	if (pid == 0) {
		keyring_answers_add(all, "a", SPAN_LITERAL("1"));
		keyring_answers_free(all);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert(finds(all, "a", "1"));
	keyring_answers_free(all);
}
END_TEST

static int find_and_drop(const struct keyring_answers *all, struct error *err)
{
	AUTO(secret) answer = SECRET_INIT;
	bool found;

	return keyring_answers_find(all, "a", &found, &answer, err);
}

START_TEST(keyring_answers__out_of_memory)
{
	struct keyring_answers *all = keyring_answers_new();
	struct error err = ERROR_INIT;

	keyring_answers_add(all, "a", SPAN_LITERAL("1"));
	SWEEP(find_and_drop(all, &err));
	keyring_answers_free(all);
}
END_TEST

static void setup(void)
{
	const int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	close(fd);
}

static void teardown(void)
{
	(void)unlink(path);
	memcpy(path + strlen(path) - 6, "XXXXXX", 6);
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("keyring_prompt");
	TCase *tc = tcase_create("prompt");

	start_crypto();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, keyring_prompt__the_file_s_first_line);
	tcase_add_test(tc, keyring_prompt__warns_of_a_file_for_all);
	tcase_add_test(tc, keyring_prompt__the_file_answers_passphrases_alone);
	tcase_add_test(tc, keyring_prompt__nobody_there);
	tcase_add_test(tc, keyring_prompt__out_of_memory);
	tcase_add_test(tc, keyring_answers__are_remembered);
	tcase_add_test(tc, keyring_answers__hold_few);
	tcase_add_test(tc, keyring_answers__are_shared_by_processes);
	tcase_add_test(tc, keyring_answers__out_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
