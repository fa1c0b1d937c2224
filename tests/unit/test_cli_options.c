/* SPDX-License-Identifier: MIT */
/* cli: options, and the table of exit statuses. */
#include <check.h>
#include <string.h>

#include "cli/exit.h"
#include "cli/options.h"
#include "sweep.h"

struct values {
	bool armor;
	const char *output;
	struct option_texts recipients;
	unsigned long count;
};

static const struct option_spec specs[] = {
	{ "armor", 'a', NULL, "", OPTION_FLAG, offsetof(struct values, armor) },
	{ "output", 'o', "FILE", "", OPTION_TEXT, offsetof(struct values, output) },
	{ "recipient", 'r', "RECIPIENT", "", OPTION_TEXTS, offsetof(struct values, recipients) },
	{ "count", 0, "N", "", OPTION_NUMBER, offsetof(struct values, count) },
	{ .name = NULL },
};

static const struct command plain = { .name = "age",
				      .synopsis = "[INPUT]",
				      .options = specs,
				      .options_size = sizeof(struct values),
				      .max_args = 1 };
static const struct command dashed = { .name = "dashed",
				       .synopsis = "",
				       .options = specs,
				       .options_size = sizeof(struct values),
				       .min_args = 1,
				       .max_args = 1,
				       .single_dash = true };

/* Parses words, the last of which is NULL; on success *ret_values is a copy. */
static int parse(const struct command *command, const char *const *words, struct values *ret_values,
		 struct options *ret_options, struct error *err)
{
	int count = 0;

	while (words[count] != NULL)
		count++;
	if (options_parse(command, false, count, words, ret_options, err) < 0)
		return -1;
	memcpy(ret_values, ret_options->values, sizeof(*ret_values));
	return 0;
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

START_TEST(options_parse__takes_every_spelling)
{
	AUTO(options) options = OPTIONS_INIT;
	struct error err = ERROR_INIT;
	struct values v;

	ck_assert_int_eq(parse(&plain,
			       WORDS("-ao", "x", "in", "-rA", "--recipient", "B", "--recipient=C",
				     "--count=7", "-v"),
			       &v, &options, &err),
			 0);
	ck_assert(v.armor && options.verbose);
	ck_assert_str_eq(v.output, "x");
	ck_assert_uint_eq(v.recipients.len, 3);
	ck_assert_str_eq(v.recipients.items[0], "A");
	ck_assert_str_eq(v.recipients.items[2], "C");
	ck_assert_uint_eq(v.count, 7);
	ck_assert_uint_eq(options.args_len, 1);
	ck_assert_str_eq(options.args[0], "in");
}
END_TEST

START_TEST(options_parse__ends_options_at_two_dashes)
{
	AUTO(options) options = OPTIONS_INIT;
	struct error err = ERROR_INIT;
	struct values v;

	ck_assert_int_eq(parse(&plain, WORDS("--", "-a"), &v, &options, &err), 0);
	ck_assert(!v.armor);
	ck_assert_str_eq(options.args[0], "-a");
	options_release(&options);
	ck_assert_int_eq(parse(&plain, WORDS("-"), &v, &options, &err), 0);
	ck_assert_str_eq(options.args[0], "-");
}
END_TEST

START_TEST(options_parse__takes_one_dash_where_asked)
{
	AUTO(options) options = OPTIONS_INIT;
	struct error err = ERROR_INIT;
	struct values v;

	ck_assert_int_eq(parse(&dashed, WORDS("-armor", "-output=x", "--count", "1", "-o"), &v,
			       &options, &err),
			 -1);
	err = ERROR_INIT;
	ck_assert_int_eq(parse(&dashed, WORDS("-armor", "-output=x", "--count", "1", "in"), &v,
			       &options, &err),
			 0);
	ck_assert(v.armor);
	ck_assert_str_eq(v.output, "x");
}
END_TEST

START_TEST(options_parse__refuses_what_is_wrong)
{
	static const struct {
		const char *words[4];
		const char *text;
	} bad[] = {
		{ { "--armour" }, "age: unknown option \"--armour\"" },
		{ { "-x" }, "age: unknown option \"-x\"" },
		{ { "-a", "--armor" }, "age: --armor is given twice" },
		{ { "--output" }, "age: --output needs a value (FILE)" },
		{ { "--armor=1" }, "age: --armor takes no value" },
		{ { "--count", "-1" }, "age: --count takes a whole number, not \"-1\"" },
		{ { "--count", "1x" }, "age: --count takes a whole number, not \"1x\"" },
		{ { "a", "b\x1b" }, "age: one argument too many: \"b\\x1b\"" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO(options) options = OPTIONS_INIT;
		struct error err = ERROR_INIT;
		struct values v;

		ck_assert_int_eq(parse(&plain, bad[i].words, &v, &options, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_USAGE);
		ck_assert_str_eq(err.message, bad[i].text);
		ck_assert_str_ne(err.hint, "");
	}
}
END_TEST

static int parse_once(void)
{
	AUTO(options) options = OPTIONS_INIT;
	struct error err = ERROR_INIT;
	struct values v;

	return parse(&plain, WORDS("-a", "x"), &v, &options, &err);
}

START_TEST(options_parse__survives_no_memory)
{
	SWEEP(parse_once());
}
END_TEST

START_TEST(options_find_command__offers_the_nearest)
{
	struct error err = ERROR_INIT;
	const struct command *command;
	int words;

	ck_assert_int_eq(options_find_command(1, WORDS("help"), &command, &words, &err), 0);
	ck_assert_str_eq(command->name, "help");
	ck_assert_int_eq(options_find_command(1, WORDS("halp"), &command, &words, &err), -1);
	ck_assert_str_eq(err.hint, "did you mean \"help\"?");
}
END_TEST

/* Every kind has a status that is not success, and no two tables of commands clash. */
START_TEST(exit_status_of__is_never_success_for_an_error)
{
	for (int kind = ERROR_NONE + 1; kind <= ERROR_BUG; kind++)
		ck_assert_msg(exit_status_of((enum error_kind)kind) != 0, "kind %d", kind);
	ck_assert_int_eq(exit_status_of(ERROR_NONE), 0);
}
END_TEST

START_TEST(commands__are_well_formed)
{
	for (const struct command *const *c = commands; *c != NULL; c++) {
		const struct option_spec *option = (*c)->options;
		size_t count = 0;

		ck_assert((*c)->run != NULL);
		ck_assert((*c)->min_args <= (*c)->max_args);
		ck_assert_uint_lt(strlen((*c)->summary), 65);
		for (const struct command *const *d = c + 1; *d != NULL; d++)
			ck_assert_str_ne((*c)->name, (*d)->name);
		for (; option != NULL && option->name != NULL; option++, count++)
			ck_assert_msg(option->offset < (*c)->options_size &&
					      (option->value == NULL) ==
						      (option->type == OPTION_FLAG),
				      "%s --%s", (*c)->name, option->name);
		/* one bit each in the parser */
		ck_assert_uint_lt(count, 64);
	}
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("cli_options");
	TCase *t = tcase_create("all");

	tcase_add_test(t, options_parse__takes_every_spelling);
	tcase_add_test(t, options_parse__ends_options_at_two_dashes);
	tcase_add_test(t, options_parse__takes_one_dash_where_asked);
	tcase_add_test(t, options_parse__refuses_what_is_wrong);
	tcase_add_test(t, options_parse__survives_no_memory);
	tcase_add_test(t, options_find_command__offers_the_nearest);
	tcase_add_test(t, exit_status_of__is_never_success_for_an_error);
	tcase_add_test(t, commands__are_well_formed);
	suite_add_tcase(s, t);
	return s;
}
