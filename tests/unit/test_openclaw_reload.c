/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "openclaw/reload.h"
#include "sweep.h"

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static int parse(struct span text, unsigned *ret_warnings)
{
	AUTO(secret) copy = SECRET_INIT;

	err = ERROR_INIT;
	if (secret_append_span(&copy, text, &err) < 0)
		return -1;
	return reload_parse(&copy, ret_warnings, &err);
}

/* As OpenClaw 2026.9.6 writes it. */
static const char seen[] = "{\n  \"ok\": true,\n  \"warningCount\": 0\n}\n";

START_TEST(reload_parse__counts_warnings)
{
	unsigned warnings = 7;

	ck_assert_int_eq(parse(span_of_text(seen), &warnings), 0);
	ck_assert_uint_eq(warnings, 0);
	ck_assert_int_eq(parse(SPAN_LITERAL("{\"a\":[],\"warningCount\":999999,\"ok\":true}"),
			       &warnings),
			 0);
	ck_assert_uint_eq(warnings, 999999);
}
END_TEST

START_TEST(reload_parse__refuses_all_else)
{
	static const struct {
		const char *text;
		enum error_kind kind;
	} cases[] = {
		{ "{\"ok\":false,\"warningCount\":0}", ERROR_FINDINGS },
		{ "{\"ok\":true}", ERROR_FORMAT },
		{ "{\"warningCount\":0}", ERROR_FORMAT },
		{ "{\"ok\":\"true\",\"warningCount\":0}", ERROR_FORMAT },
		{ "{\"ok\":true,\"warningCount\":\"0\"}", ERROR_FORMAT },
		{ "{\"ok\":true,\"warningCount\":-1}", ERROR_FORMAT },
		{ "{\"ok\":true,\"warningCount\":1000000}", ERROR_FORMAT },
		{ "{\"ok\":true,\"warningCount\":{}}", ERROR_FORMAT },
		{ "Secrets reloaded.", ERROR_FORMAT },
		{ "[]", ERROR_FORMAT },
	};
	unsigned warnings = 7;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_int_eq(parse(span_of_text(cases[i].text), &warnings), -1);
		ck_assert_msg(err.kind == cases[i].kind, "%s: %s", cases[i].text, err.message);
		ck_assert_uint_eq(warnings, 7);
	}
}
END_TEST

START_TEST(reload_parse__limits_its_size)
{
	AUTO(secret) text = SECRET_INIT;
	unsigned warnings;

	ck_assert_int_eq(secret_append_text(&text, seen, &err), 0);
	while (text.len < RELOAD_MAX)
		ck_assert_int_eq(secret_append_text(&text, " ", &err), 0);
	ck_assert_int_eq(parse(secret_span(&text), &warnings), 0);
	ck_assert_int_eq(secret_append_text(&text, " ", &err), 0);
	ck_assert_int_eq(reload_parse(&text, &warnings, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

/* It is refused, or says another number, or only its white space is another. */
START_TEST(reload_parse__sees_each_flipped_bit)
{
	for (size_t bit = 0; bit < (sizeof(seen) - 1) * 8; bit++) {
		char flipped[sizeof(seen)];
		unsigned warnings = 0;

		memcpy(flipped, seen, sizeof(seen));
		flipped[bit / 8] ^= (char)(1u << bit % 8);
		if (parse(span_of(flipped, sizeof(seen) - 1), &warnings) == 0)
			ck_assert(warnings > 0 || strchr(" \n", seen[bit / 8]) != NULL);
	}
}
END_TEST

static int parse_anew(void)
{
	unsigned warnings;

	return parse(span_of_text(seen), &warnings);
}

START_TEST(reload_parse__survives_without_memory)
{
	SWEEP(parse_anew());
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("openclaw/reload");
	TCase *t = tcase_create("reload");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, reload_parse__counts_warnings);
	tcase_add_test(t, reload_parse__refuses_all_else);
	tcase_add_test(t, reload_parse__limits_its_size);
	tcase_add_test(t, reload_parse__sees_each_flipped_bit);
	tcase_add_test(t, reload_parse__survives_without_memory);
	suite_add_tcase(s, t);
	return s;
}
