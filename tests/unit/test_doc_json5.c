/* SPDX-License-Identifier: MIT */
/* JSON5: what is read and what is refused, and that a change leaves all else as it was. */
#include <check.h>
#include <math.h>
#include <string.h>

#include "json5_leaves.h"
#include "sweep.h"
#include "vectors.h"

static struct secret secret_of(struct span text)
{
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_append_span(&out, text, &err), 0);
	return out;
}

static void parse(const char *text, struct doc *ret_doc)
{
	AUTO(secret) copy = secret_of(span_of_text(text));
	struct error err = ERROR_INIT;

	ck_assert_msg(json5_parse(&copy, ret_doc, &err) == 0, "%s: %s", text, err.message);
}

static void check_text(struct span is, const char *want)
{
	ck_assert_msg(span_equal_text(is, want), "is:\n%.*s\nwant:\n%s", SPAN_PRINT(is), want);
}

/* What it holds, a line each (json5_leaves.h). */
static const char *const held[][2] = {
	{ "{}", "[]\t{}\n" },
	{ " [] // x", "[]\t[]\n" },
	{ "/**/null/* * /*/", "[]\tnull\n" },
	{ "{a: 1, 'b': 2, \"c\": 3,}", "[\"a\"]\tn\"1\"\n[\"b\"]\tn\"2\"\n[\"c\"]\tn\"3\"\n" },
	{ "{$a_1: {_: [1, [true, false,],],},}",
	  "[\"$a_1\",\"_\",0]\tn\"1\"\n[\"$a_1\",\"_\",1,0]\ttrue\n[\"$a_1\",\"_\",1,1]\tfalse\n" },
	{ "[+1, -.5, 5., 0xFf, -0X10, 1E+3, .5e-1, 0]",
	  "[0]\tn\"+1\"\n[1]\tn\"-.5\"\n[2]\tn\"5.\"\n[3]\tn\"0xFf\"\n[4]\tn\"-0X10\"\n[5]\tn\"1E+"
	  "3\"\n"
	  "[6]\tn\".5e-1\"\n[7]\tn\"0\"\n" },
	{ "[Infinity, -Infinity, +NaN]",
	  "[0]\tn\"Infinity\"\n[1]\tn\"-Infinity\"\n[2]\tn\"+NaN\"\n" },
	{ "['it\\'s \"x\"', \"it's \\\"x\\\"\"]",
	  "[0]\t\"it's \\\"x\\\"\"\n[1]\t\"it's \\\"x\\\"\"\n" },
	{ "'one \\\ntwo \\\r\nthree \\\xe2\x80\xa8"
	  "four'",
	  "[]\t\"one two three four\"\n" },
	{ "'\\x41\\u0042\\a\\/\\v\\0\\'\\\"\\\\'", "[]\t\"ABa/\\u000b\\u0000'\\\"\\\\\"\n" },
	{ "'\\ud83d\\ude00 \xc3\xbc\xe2\x80\xa8'", "[]\t\"\xf0\x9f\x98\x80 \xc3\xbc\\u2028\"\n" },
	{ "{\\u0061b\\u0031: 1}", "[\"ab1\"]\tn\"1\"\n" },
	{ "\xef\xbb\xbf{\xc2\xa0"
	  "a\xe2\x80\x83:\xe3\x80\x80"
	  "1\f\v}",
	  "[\"a\"]\tn\"1\"\n" },
	{ "// a\r// b\xe2\x80\xa9{/* } */a:// x\n1/**/,//\n}", "[\"a\"]\tn\"1\"\n" },
	{ "{null: null, true: true, 'a b': 1, '': 2, \"\xc3\xbc\": 3}",
	  "[\"null\"]\tnull\n[\"true\"]\ttrue\n[\"a "
	  "b\"]\tn\"1\"\n[\"\"]\tn\"2\"\n[\"\xc3\xbc\"]\tn\"3\"\n" },
};

START_TEST(json5_parse__reads)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(secret) list = SECRET_INIT;
	struct error err = ERROR_INIT;

	parse(held[_i][0], &doc);
	ck_assert_int_eq(json5_list(&doc, &list, &err), 0);
	check_text(secret_span(&list), held[_i][1]);
}
END_TEST

static const struct {
	const char *text, *why;
	enum error_kind kind;
} bad[] = {
	{ "", "empty", ERROR_EMPTY },
	{ " // x\n", "empty", ERROR_EMPTY },
	{ "{\na: 1,\nb 2}", "line 3", ERROR_FORMAT },
	{ "{a: 1, a: 2}", "second key \"a\"", ERROR_FORMAT },
	{ "{a: 1,\n\"\\u0061\": 2}", "line 2: a second key", ERROR_FORMAT },
	{ "{a: {b: 1, c: {}, b: 2}}", "second key \"b\"", ERROR_FORMAT },
	{ "{a: 1", "too early", ERROR_FORMAT },
	{ "{a", "too early", ERROR_FORMAT },
	{ "{a:", "too early", ERROR_FORMAT },
	{ "[1,,2]", "neither", ERROR_FORMAT },
	{ "[,]", "neither", ERROR_FORMAT },
	{ "{,}", "a key must", ERROR_FORMAT },
	{ "{a: 1 b: 2}", "comma or }", ERROR_FORMAT },
	{ "[1 2]", "comma or ]", ERROR_FORMAT },
	{ "{a: 1]", "comma or }", ERROR_FORMAT },
	{ "{} {}", "behind the end", ERROR_FORMAT },
	{ "{a: 1} /* x", "comment has no end", ERROR_FORMAT },
	{ "/*/", "comment has no end", ERROR_FORMAT },
	{ "{/ a: 1}", "a key must", ERROR_FORMAT },
	{ "'a", "too early", ERROR_FORMAT },
	{ "'a\"", "too early", ERROR_FORMAT },
	{ "'a\\", "too early", ERROR_FORMAT },
	{ "'a\nb'", "line break in a string", ERROR_FORMAT },
	{ "'\\1'", "digit", ERROR_FORMAT },
	{ "'\\01'", "digit behind", ERROR_FORMAT },
	{ "'\\x4'", "\\x without", ERROR_FORMAT },
	{ "'\\u004'", "\\u without", ERROR_FORMAT },
	{ "'\\ud83d'", "surrogate", ERROR_FORMAT },
	{ "'\\ude00\\ud83d'", "surrogate", ERROR_FORMAT },
	{ "{1a: 1}", "in quotes", ERROR_FORMAT },
	{ "{a-b: 1}", "in quotes", ERROR_FORMAT },
	{ "{\\u0031: 1}", "in quotes", ERROR_FORMAT },
	{ "{a\\x41: 1}", "escape in a key", ERROR_FORMAT },
	{ "{\xc3\xbc: 1}", "not ASCII", ERROR_FORMAT },
	{ "{a\xc3\xbc: 1}", "not ASCII", ERROR_FORMAT },
	{ "[01]", "neither", ERROR_FORMAT },
	{ "[0x]", "neither", ERROR_FORMAT },
	{ "[.]", "neither", ERROR_FORMAT },
	{ "[1e]", "neither", ERROR_FORMAT },
	{ "[+ 1]", "neither", ERROR_FORMAT },
	{ "[--1]", "neither", ERROR_FORMAT },
	{ "[infinity]", "neither", ERROR_FORMAT },
	{ "[undefined]", "neither", ERROR_FORMAT },
	{ "[`x`]", "neither", ERROR_FORMAT },
	{ "\"\xff\"", "UTF-8", ERROR_FORMAT },
};

START_TEST(json5_parse__refuses)
{
	AUTO(secret) text = secret_of(span_of_text(bad[_i].text));
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(json5_parse(&text, &doc, &err), -1);
	ck_assert_int_eq(err.kind, bad[_i].kind);
	ck_assert_msg(strstr(err.message, bad[_i].why), "%s: %s", bad[_i].text, err.message);
	check_text(secret_span(&text), bad[_i].text);
}
END_TEST

/* count times middle, between head and tail */
static int parse_many(const char *head, const char *middle, const char *tail, size_t count,
		      enum error_kind *ret_kind)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	const size_t len = strlen(middle);
	int status = secret_append_text(&text, head, &err);

	ck_assert(status == 0 && secret_grow(&text, count * len, &err) == 0);
	for (size_t i = 0; len > 1 && i < count; i++)
		memcpy(text.data + text.len + i * len, middle, len);
	if (len == 1)
		memset(text.data + text.len, middle[0], count);
	text.len += count * len;
	ck_assert_int_eq(secret_append_text(&text, tail, &err), 0);
	status = json5_parse(&text, &doc, &err);
	*ret_kind = err.kind;
	return status;
}

START_TEST(json5_parse__has_limits)
{
	enum error_kind kind;

	ck_assert_int_eq(parse_many("", "[", "", JSON5_DEPTH_MAX, &kind), -1);
	ck_assert_int_eq(kind, ERROR_FORMAT);
	ck_assert_int_eq(parse_many("", "[", "", JSON5_DEPTH_MAX + 1, &kind), -1);
	ck_assert_int_eq(kind, ERROR_LIMIT);
	ck_assert_int_eq(parse_many("[", "1,", "]", JSON5_NODES_MAX - 2, &kind), 0);
	ck_assert_int_eq(parse_many("[", "1,", "]", JSON5_NODES_MAX - 1, &kind), -1);
	ck_assert_int_eq(kind, ERROR_LIMIT);
	ck_assert_int_eq(parse_many("1", " ", "", JSON5_TEXT_MAX - 1, &kind), 0);
	ck_assert_int_eq(parse_many("1", " ", "", JSON5_TEXT_MAX, &kind), -1);
	ck_assert_int_eq(kind, ERROR_LIMIT);
}
END_TEST

START_TEST(json5_parse__limits_the_keys_of_a_map)
{
	for (unsigned more = 0; more < 2; more++) {
		AUTO(secret) text = SECRET_INIT;
		AUTO(doc) doc = DOC_INIT;
		struct error err = ERROR_INIT;
		char entry[32];

		ck_assert_int_eq(secret_append_text(&text, "{", &err), 0);
		for (unsigned i = 0; i < JSON5_MEMBERS_MAX + more; i++) {
			snprintf(entry, sizeof(entry), "k%u: 1,", i);
			ck_assert_int_eq(secret_append_text(&text, entry, &err), 0);
		}
		ck_assert_int_eq(secret_append_text(&text, "}", &err), 0);
		ck_assert_int_eq(json5_parse(&text, &doc, &err), more == 0 ? 0 : -1);
		ck_assert(more == 0 || err.kind == ERROR_LIMIT);
	}
}
END_TEST

START_TEST(json5_number__is_that_of_javascript)
{
	AUTO(doc) doc = DOC_INIT;
	double number;
	uint32_t node = 2;

	parse("[0x10, -1.5e2, +.5, Infinity, NaN, '1', true]", &doc);
	ck_assert(json5_number(&doc, node++, &number) && fabs(number - 16) < 1e-9);
	ck_assert(json5_number(&doc, node++, &number) && fabs(number + 150) < 1e-9);
	ck_assert(json5_number(&doc, node++, &number) && fabs(number - .5) < 1e-9);
	ck_assert(json5_number(&doc, node++, &number) && isinf(number));
	ck_assert(json5_number(&doc, node++, &number) && isnan(number));
	ck_assert(!json5_number(&doc, node++, &number));
	ck_assert(!json5_number(&doc, node++, &number));
	ck_assert(!json5_number(&doc, 1, &number));
}
END_TEST

/* The entry "x", found by walking down first children until there is one. */
static uint32_t find_x(const struct doc *doc)
{
	for (uint32_t node = 1; node < doc->len; node++)
		if (span_equal_text(doc_key(doc, node), "x"))
			return node;
	return 2;
}

static const char *const replaced[][2] = {
	{ "{a: 1, x: 'y', b: 2}", "{a: 1, x: {\"v\": 1}, b: 2}" },
	{ "{x: [1, /* 2 */ 3] // c\n}", "{x: {\"v\": 1} // c\n}" },
	{ "[1, 'b']", "[{\"v\": 1}, 'b']" },
};

START_TEST(json5_replace__changes_that_value_alone)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	parse(replaced[_i][0], &doc);
	ck_assert_int_eq(json5_replace(&doc, find_x(&doc), SPAN_LITERAL("{\"v\": 1}"), &text, &err),
			 0);
	check_text(secret_span(&text), replaced[_i][1]);
}
END_TEST

static const char *const added[][2] = {
	{ "{}", "{\"n\": 1}" },
	{ "{\n}", "{\"n\": 1\n}" },
	{ "{ // c\n}", "{\"n\": 1 // c\n}" },
	{ "{a: 1}", "{a: 1, n: 1}" },
	{ "{ a: 1 }", "{ a: 1, n: 1 }" },
	{ "{'a': 1,}", "{'a': 1, \"n\": 1,}" },
	{ "{\n  \"a\": 1\n}\n", "{\n  \"a\": 1,\n  \"n\": 1\n}\n" },
	{ "{\r\n\ta: 1, // c\r\n}", "{\r\n\ta: 1, // c\r\n\tn: 1,\r\n}" },
	{ "{\n  a: 1 // c\n  // d\n}", "{\n  a: 1, // c\n  n: 1\n  // d\n}" },
	{ "{\n  a: 1 /* c\n  d */\n}", "{\n  a: 1, n: 1 /* c\n  d */\n}" },
	{ "{\n  a: 1 /* c */ , /* d */ // e\n}", "{\n  a: 1 /* c */ , /* d */ // e\n  n: 1,\n}" },
	{ "{a: 1 // c\n}", "{a: 1, n: 1 // c\n}" },
	{ "{\n  a: {\n    b: 2,\n  },\n}", "{\n  a: {\n    b: 2,\n  },\n  n: 1,\n}" },
};

START_TEST(json5_add__goes_behind_the_last_entry)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc) again = DOC_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	parse(added[_i][0], &doc);
	ck_assert_int_eq(json5_add(&doc, 1, SPAN_LITERAL("n"), SPAN_LITERAL("1"), &text, &err), 0);
	check_text(secret_span(&text), added[_i][1]);
	ck_assert_int_eq(json5_parse(&text, &again, &err), 0);
}
END_TEST

START_TEST(json5_add__quotes_a_key_that_needs_it)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	parse("{a: 1}", &doc);
	ck_assert_int_eq(json5_add(&doc, 1, SPAN_LITERAL("my \"key\""), SPAN_LITERAL("[]"), &text,
				   &err),
			 0);
	check_text(secret_span(&text), "{a: 1, \"my \\\"key\\\"\": []}");
}
END_TEST

static const char *const removed[][2] = {
	{ "{x: 1}", "{}" },
	{ "{ x: 1, }", "{  }" },
	{ "{x: 1, b: 2}", "{ b: 2}" },
	{ "{a: 1, x: 2}", "{a: 1 }" },
	{ "{a: 1, x: 2,}", "{a: 1, }" },
	{ "{\n  a: 1,\n  x: 2\n}", "{\n  a: 1\n}" },
	{ "{\n  a: 1, // c\n  x: 2 // d\n}", "{\n  a: 1 // c\n}" },
	{ "{\n  x: {\n    a: 1,\n  },\n  b: 2,\n}", "{\n  b: 2,\n}" },
	{ "{\r\n  x: 1,\r\n  b: 2\r\n}", "{\r\n  b: 2\r\n}" },
	{ "{\n  // of x\n  x: 1,\n}", "{\n  // of x\n}" },
	{ "[1, 2]", "[ 2]" },
};

START_TEST(json5_remove__takes_the_comma_along)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc) again = DOC_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	parse(removed[_i][0], &doc);
	ck_assert_int_eq(json5_remove(&doc, find_x(&doc), &text, &err), 0);
	check_text(secret_span(&text), removed[_i][1]);
	ck_assert_int_eq(json5_parse(&text, &again, &err), 0);
}
END_TEST

static const char whole[] =
	"// c\n{a: 'x\\u00fc\\\n', \"b\": [+.5, 0x1F, {c: null,},], d: \"&\\x41\", }";

/* Each bit flipped: an error and the text as it was, or values that can be listed. */
START_TEST(json5__survives_flipped_bits)
{
	for (size_t i = 0; i < (sizeof(whole) - 1) * 8; i += stride(1)) {
		AUTO(secret) text = secret_of(SPAN_LITERAL(whole));
		AUTO(secret) list = SECRET_INIT;
		AUTO(doc) doc = DOC_INIT;
		struct error err = ERROR_INIT;

		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
		if (json5_parse(&text, &doc, &err) < 0) {
			ck_assert_int_ne(err.kind, ERROR_NONE);
			ck_assert_uint_eq(text.len, sizeof(whole) - 1);
			continue;
		}
		ck_assert_int_eq(json5_list(&doc, &list, &err), 0);
	}
}
END_TEST

static int do_all(void)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) one = SECRET_INIT;
	AUTO(secret) two = SECRET_INIT;
	AUTO(secret) three = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	if (secret_append_text(&text, whole, &err) < 0 || json5_parse(&text, &doc, &err) < 0 ||
	    json5_add(&doc, 1, SPAN_LITERAL("n"), SPAN_LITERAL("1"), &one, &err) < 0 ||
	    json5_remove(&doc, 2, &two, &err) < 0 ||
	    json5_replace(&doc, 2, SPAN_LITERAL("1"), &three, &err) < 0) {
		ck_assert_int_ne(err.kind, ERROR_NONE);
		return -1;
	}
	return 0;
}

START_TEST(json5__sweep)
{
	SWEEP(do_all());
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

#define LOOP(test, cases)                                                                          \
	tcase_add_loop_test(tc, test, 0, (int)(sizeof(cases) / sizeof((cases)[0])))

Suite *suite(void)
{
	Suite *s = suite_create("doc/json5");
	TCase *tc = tcase_create("json5");

	start_crypto();
	tcase_add_checked_fixture(tc, NULL, teardown);
	LOOP(json5_parse__reads, held);
	LOOP(json5_parse__refuses, bad);
	tcase_add_test(tc, json5_parse__has_limits);
	tcase_add_test(tc, json5_parse__limits_the_keys_of_a_map);
	tcase_add_test(tc, json5_number__is_that_of_javascript);
	LOOP(json5_replace__changes_that_value_alone, replaced);
	LOOP(json5_add__goes_behind_the_last_entry, added);
	tcase_add_test(tc, json5_add__quotes_a_key_that_needs_it);
	LOOP(json5_remove__takes_the_comma_along, removed);
	tcase_add_test(tc, json5__survives_flipped_bits);
	tcase_add_test(tc, json5__sweep);
	suite_add_tcase(s, tc);
	return s;
}
