/* SPDX-License-Identifier: MIT */
/* cli: sops' command line, turned into words for our commands. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "cli/sops.h"
#include "sweep.h"
#include "util/buf.h"

#define FILE_THERE "Makefile" /* the working directory is the top of the source tree */
#define WORDS_MAX 12

static int parse(const char *const *words, struct sops_call *ret_call, struct error *err)
{
	int count = 0;

	while (words[count] != NULL)
		count++;
	return sops_call_parse(count, words, ret_call, err);
}

/* "command word word…" */
static struct buf text_of(const struct sops_call *call)
{
	struct buf text = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(buf_printf(&text, &err, "%s", call->command ? call->command->name : "-"),
			 0);
	for (size_t i = 0; i < call->words_len; i++)
		ck_assert_int_eq(buf_printf(&text, &err, " %s", call->words[i]), 0);
	ck_assert_ptr_null(call->words[call->words_len]);
	return text;
}

static const struct {
	const char *words[WORDS_MAX];
	const char *ours;
} good[] = {
	{ { "decrypt", FILE_THERE }, "decrypt -- Makefile" },
	{ { "decrypt", FILE_THERE, "-i" }, "decrypt --in-place -- Makefile" },
	{ { "-d", FILE_THERE }, "decrypt -- Makefile" },
	{ { "--decrypt", "--extract=[\"a\"]", FILE_THERE },
	  "decrypt --extract [\"a\"] -- Makefile" },
	{ { "-e", "-i", "-a", "age1x", FILE_THERE }, "encrypt --in-place --age age1x -- Makefile" },
	{ { "-r", "-i", "--add-age", "age1x", FILE_THERE },
	  "rotate --in-place --add-age age1x --yes -- Makefile" },
	{ { "--set", "[\"a\"] \"b c\"", FILE_THERE }, "set -- Makefile [\"a\"] \"b c\"" },
	{ { "set", FILE_THERE, "[\"a\"]", "1" }, "set -- Makefile [\"a\"] 1" },
	{ { "set", "--value-stdin", FILE_THERE, "[\"a\"]" },
	  "set --value-stdin -- Makefile [\"a\"]" },
	{ { "groups", "add", "-f", FILE_THERE, "--age", "a", "--age", "b" },
	  "groups add --file Makefile --age a --age b --" },
	{ { "edit", "--", "-x" }, "edit -- -x" },
	{ { FILE_THERE }, "edit -- Makefile" },
	{ { "--kms", "", "decrypt", FILE_THERE }, "decrypt -- Makefile" },
	{ { "decrypt", "--output-type", "nothing", FILE_THERE }, "decrypt -- Makefile" },
	{ { "decrypt", "--output-type", "json", "--output-type", "yaml", FILE_THERE },
	  "decrypt --output-type yaml -- Makefile" },
	{ { "updatekeys", "-y", "a", "b" }, "updatekeys --yes -- a b" },
	/* which refuses, whatever it is given */
	{ { "publish", "--omit-extensions", FILE_THERE }, "publish -- --omit-extensions Makefile" },
	{ { "--in-place=false", "decrypt", FILE_THERE }, "decrypt -- Makefile" },
};

START_TEST(sops_call_parse__makes_words_of_ours)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		AUTO(sops_call) call = SOPS_CALL_INIT;
		AUTO(buf) text = BUF_INIT;
		struct error err = ERROR_INIT;

		ck_assert_msg(parse(good[i].words, &call, &err) == 0, "%s: %s", good[i].ours,
			      err.message);
		text = text_of(&call);
		/* where there is a terminal, rotate asks there */
		if (strstr(good[i].ours, "--yes --") && !memmem(text.data, text.len, "--yes", 5))
			continue;
		ck_assert_msg(span_equal_text(buf_span(&text), good[i].ours), "%s: %.*s",
			      good[i].ours, SPAN_PRINT(buf_span(&text)));
	}
}
END_TEST

static const struct {
	const char *words[WORDS_MAX];
	enum error_kind kind;
	int status;
	const char *text;
} bad[] = {
	{ { "-d", "-e", FILE_THERE }, ERROR_CONFLICT, 0, "more than one of" },
	{ { NULL }, ERROR_NO_FILE, 100, "no file specified" },
	{ { "decrypt", "nowhere" }, ERROR_NO_FILE, 100, "cannot operate on non-existent file" },
	{ { "-r", "--add-age", "x", "nowhere" }, ERROR_NO_FILE, 49, "cannot add or remove keys" },
	{ { "--frob", FILE_THERE }, ERROR_USAGE, 0, "flag provided but not defined: -frob" },
	{ { "decrypt", "--extract" }, ERROR_USAGE, 0, "flag needs an argument: -extract" },
	{ { "--set", "nothing", FILE_THERE }, ERROR_BAD_INDEX, 0, "Invalid --set format" },
	{ { "set", FILE_THERE }, ERROR_USAGE, 100, "" },
	{ { "exec-env", FILE_THERE }, ERROR_USAGE, 1, "" },
	{ { "groups", "delete" }, ERROR_USAGE, 1, "index" },
	{ { "encrypt" }, ERROR_CONFLICT, 0, "--filename-override" },
	{ { "-e", "--kms", "arn:aws", FILE_THERE },
	  ERROR_UNSUPPORTED,
	  0,
	  "--kms is not supported" },
};

START_TEST(sops_call_parse__refuses_as_sops_does)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(sops_call) call = SOPS_CALL_INIT;
		struct error err = ERROR_INIT;

		ck_assert_msg(parse(bad[i].words, &call, &err) == -1, "%zu: %s", i, bad[i].text);
		ck_assert_msg(strstr(err.message, bad[i].text) && err.kind == bad[i].kind &&
				      call.status == bad[i].status,
			      "%zu: %d, status %d: %s", i, (int)err.kind, call.status, err.message);
	}
}
END_TEST

START_TEST(sops_call_parse__answers_by_itself)
{
	static const char *const words[][3] = {
		{ "--version" }, { "decrypt", "--help" }, { "publish", "-h" }, { "help" }
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		AUTO(sops_call) call = SOPS_CALL_INIT;
		struct error err = ERROR_INIT;

		ck_assert_int_eq(parse(words[i], &call, &err), 0);
		ck_assert((call.answer != NULL) == (i == 0) && call.help == (i > 0));
		ck_assert((call.command != NULL) == (i == 1 || i == 2));
	}
}
END_TEST

static int parse_once(const char *const *words)
{
	AUTO(sops_call) call = SOPS_CALL_INIT;
	struct error err = ERROR_INIT;
	const int result = parse(words, &call, &err);

	ck_assert_int_eq(result < 0, err.kind != ERROR_NONE);
	return result;
}

START_TEST(sops_call_parse__survives_failing_allocations)
{
	SWEEP(parse_once(good[_i].words));
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("cli_sops");
	TCase *t = tcase_create("sops_call");

	tcase_add_test(t, sops_call_parse__makes_words_of_ours);
	tcase_add_test(t, sops_call_parse__refuses_as_sops_does);
	tcase_add_test(t, sops_call_parse__answers_by_itself);
	tcase_add_loop_test(t, sops_call_parse__survives_failing_allocations, 0,
			    (int)(sizeof(good) / sizeof(*good)));
	suite_add_tcase(s, t);
	return s;
}
