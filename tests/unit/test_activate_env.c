/* SPDX-License-Identifier: MIT */
/*
 * activate/env: what systemd would read back. read_assignment() is an own, small
 * telling of systemd.exec(5)'s grammar for EnvironmentFile=, state by state.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "activate/env.h"
#include "sweep.h"
#include "util/text.h"

enum state { BEFORE_KEY, IN_COMMENT, IN_KEY, BEFORE_VALUE, IN_VALUE, IN_SINGLE, IN_DOUBLE };

struct assignment {
	char name[300], value[2000];
	size_t name_len, value_len;
};

/* Reads the first assignment of text; true where there is one. *used is how much it took. */
static bool read_assignment(struct span text, struct assignment *ret, size_t *used)
{
	enum state state = BEFORE_KEY;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < text.len; i++) {
		const char c = (char)text.data[i];
		const bool more = i + 1 < text.len;

		switch (state) {
		case BEFORE_KEY:
			if (c == '#' || c == ';')
				state = IN_COMMENT;
			else if (strchr(" \t\r\n", c) == NULL) {
				state = IN_KEY;
				ret->name[ret->name_len++] = c;
			}
			break;
		case IN_COMMENT:
			if (c == '\n')
				state = BEFORE_KEY;
			break;
		case IN_KEY:
			if (c == '\n') {
				ret->name_len = 0;
				state = BEFORE_KEY;
			} else if (c == '=')
				state = BEFORE_VALUE;
			else
				ret->name[ret->name_len++] = c;
			break;
		case BEFORE_VALUE:
			if (c == '\n') {
				*used = i + 1;
				return true;
			}
			if (c == '\'')
				state = IN_SINGLE;
			else if (c == '"')
				state = IN_DOUBLE;
			else if (strchr(" \t\r", c) == NULL) {
				state = IN_VALUE;
				ret->value[ret->value_len++] = c;
			}
			break;
		case IN_VALUE:
			if (c == '\n') {
				*used = i + 1;
				return true;
			}
			if (c == '\\' && more)
				i++;
			ret->value[ret->value_len++] = (char)text.data[i];
			break;
		case IN_SINGLE:
			if (c == '\'')
				state = BEFORE_VALUE;
			else
				ret->value[ret->value_len++] = c;
			break;
		case IN_DOUBLE:
			if (c == '"')
				state = BEFORE_VALUE;
			else if (c == '\\' && more && strchr("\"\\`$", text.data[i + 1]) != NULL)
				ret->value[ret->value_len++] = (char)text.data[++i];
			else if (c == '\\' && more && text.data[i + 1] == '\n')
				i++;
			else
				ret->value[ret->value_len++] = c;
			break;
		}
	}
	*used = text.len;
	return ret->name_len > 0;
}

static int append(const char *name, struct span value, struct secret *out)
{
	struct error err = ERROR_INIT;
	int status = env_append(out, span_of_text(name), value, &err);

	ck_assert_int_eq(status < 0, err.kind != ERROR_NONE);
	return status;
}

START_TEST(env_append__known_answers)
{
	AUTO(secret) out = SECRET_INIT;

	ck_assert_int_eq(append("A", SPAN_LITERAL("plain+/=._-:"), &out), 0);
	ck_assert_int_eq(append("_b9", SPAN_LITERAL("x $HOME `id` \"q\" \\n 'it'"), &out), 0);
	ck_assert_int_eq(append("E", SPAN_INIT, &out), 0);
	ck_assert_int_eq(append("N", SPAN_LITERAL("two\nlines"), &out), 0);
	ck_assert_int_eq(append("L", SPAN_LITERAL("pa$w\"\\`d"), &out), 0);
	ck_assert_int_eq(append("T", SPAN_LITERAL("$\\"), &out), 0);
	ck_assert(span_equal_text(secret_span(&out),
				  "A=\"plain+/=._-:\"\n"
				  "_b9=\"x \\$HOME \\`id\\` \\\"q\\\" \\\\n 'it'\"\n"
				  "E=\"\"\n"
				  "N=\"two\nlines\"\n"
				  "L='pa$w\"\\`d'\n"
				  "T=\"\\$\\\\\"\n"));
}
END_TEST

/* A random text of up to 40 characters, many of them awkward. */
static size_t random_text(uint8_t *text)
{
	static const char *const pieces[] = { "\"", "\\",   "`",       "$",    "'",           "#",
					      ";",  "=",    "\n",      "\r",   "\t",          " ",
					      "a",  "Z",    "\x01",    "\x7f", "é",           "€",
					      "𝄞",  "\\\n", "export ", "%",    "\xEF\xBB\xBF" };
	size_t count = (size_t)rand() % 40, len = 0;

	for (size_t i = 0; i < count; i++) {
		const char *piece = pieces[(size_t)rand() % (sizeof(pieces) / sizeof(pieces[0]))];

		memcpy(text + len, piece, strlen(piece));
		len += strlen(piece);
	}
	return len;
}

START_TEST(env_append__what_systemd_reads_is_what_was_written)
{
	srand(20260722);
	for (unsigned round = 0; round < 20000; round++) {
		AUTO(secret) out = SECRET_INIT;
		uint8_t first[400], second[400];
		const size_t first_len = random_text(first), second_len = random_text(second);
		struct assignment read;
		struct span rest;
		size_t used;

		ck_assert_int_eq(append("FIRST", span_of(first, first_len), &out), 0);
		ck_assert_int_eq(append("SECOND", span_of(second, second_len), &out), 0);
		rest = secret_span(&out);
		ck_assert(read_assignment(rest, &read, &used));
		ck_assert_str_eq(read.name, "FIRST");
		ck_assert(
			span_equal(span_of(read.value, read.value_len), span_of(first, first_len)));
		rest = span_slice(rest, used, rest.len);
		ck_assert(read_assignment(rest, &read, &used));
		ck_assert_str_eq(read.name, "SECOND");
		ck_assert(span_equal(span_of(read.value, read.value_len),
				     span_of(second, second_len)));
		ck_assert_uint_eq(used, rest.len);
	}
}
END_TEST

START_TEST(env_append__refuses_what_cannot_be_carried)
{
	const struct span values[] = {
		SPAN_LITERAL("a\0b"),
		SPAN_LITERAL("\xff"),
		SPAN_LITERAL("\xed\xa0\x80"),
		SPAN_LITERAL("x\xEF\xB7\x90"),
		SPAN_LITERAL("\xEF\xBF\xBF"),
		SPAN_LITERAL("\xF0\x9F\xBF\xBE"),
		SPAN_LITERAL("\xF4\x8F\xBF\xBF"),
	};
	static const char *const names[] = { "", "1A", "A-B", "A B", "export A", "A=", "Ä", "A\n" };
	AUTO(secret) out = SECRET_INIT;

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		ck_assert_int_eq(append("NAME", values[i], &out), -1);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_int_eq(append(names[i], SPAN_LITERAL("x"), &out), -1);
	ck_assert_uint_eq(out.len, 0);
	/* Their neighbours are characters like others. */
	ck_assert_int_eq(append("A", SPAN_LITERAL("\xEF\xB7\x8F\xEF\xB7\xB0\xEF\xBF\xBD"), &out),
			 0);
	ck_assert_int_eq(append("A", SPAN_LITERAL("\xF0\x9F\xBF\xBD\xF0\x9F\xBE\xBF"), &out), 0);
}
END_TEST

START_TEST(env_append__knows_the_kernels_limit)
{
	AUTO(secret) out = SECRET_INIT;
	uint8_t *text = malloc(ENV_ASSIGNMENT_MAX);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', ENV_ASSIGNMENT_MAX);
	/* "A=" before it */
	ck_assert_int_eq(append("A", span_of(text, ENV_ASSIGNMENT_MAX - 2), &out), 0);
	ck_assert_int_eq(append("A", span_of(text, ENV_ASSIGNMENT_MAX - 1), &out), -1);
	ck_assert_int_eq(append("A", span_of(text, ENV_ASSIGNMENT_MAX), &out), -1);
	free(text);
}
END_TEST

START_TEST(env_append__tells_no_value)
{
	AUTO(secret) out = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(env_append(&out, SPAN_LITERAL("N"), SPAN_LITERAL("hunter2\xff"), &err),
			 -1);
	ck_assert_ptr_null(strstr(err.message, "hunter2"));
	ck_assert_ptr_nonnull(strstr(err.message, "\"N\""));
}
END_TEST

static int append_anew(void)
{
	AUTO(secret) out = SECRET_INIT;
	struct error err = ERROR_INIT;

	return env_append(&out, SPAN_LITERAL("NAME"), SPAN_LITERAL("value"), &err);
}

START_TEST(env_append__survives_lack_of_memory)
{
	SWEEP(append_anew());
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("activate_env");
	TCase *tcase = tcase_create("env");

	tcase_add_checked_fixture(tcase, NULL, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, env_append__known_answers);
	tcase_add_test(tcase, env_append__what_systemd_reads_is_what_was_written);
	tcase_add_test(tcase, env_append__refuses_what_cannot_be_carried);
	tcase_add_test(tcase, env_append__knows_the_kernels_limit);
	tcase_add_test(tcase, env_append__tells_no_value);
	tcase_add_test(tcase, env_append__survives_lack_of_memory);
	suite_add_tcase(s, tcase);
	return s;
}
