/* SPDX-License-Identifier: MIT */
/* What a YAML text is taken for: types, keys, values, and what is refused. */
#include <check.h>

#include "doc_fake.h"
#include "sweep.h"

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static int parse_bytes(const void *bytes, size_t len, unsigned flags, struct doc *ret_doc,
		       struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	int status;

	if (secret_append(&text, bytes, len, err) < 0)
		return -1;
	status = doc_parse(DOC_YAML, &text, flags, ret_doc, err);
	/* taken over on success alone */
	ck_assert(status == 0 ? text.data == NULL : text.len == len);
	return status;
}

static void parse(const char *text, struct doc *ret_doc)
{
	struct error err = ERROR_INIT;

	ck_assert_msg(parse_bytes(text, strlen(text), 0, ret_doc, &err) == 0, "%s\n%s", err.message,
		      text);
}

/* One plain scalar: its type, what the MAC covers, what is sealed. */
static const struct {
	const char *text;
	enum doc_type type;
	const char *canonical, *plain; /* NULL: as the canonical one */
} scalars[] = {
	{ "x", DOC_TYPE_STRING, "x", NULL },
	{ "yes", DOC_TYPE_STRING, "yes", NULL },
	{ "on", DOC_TYPE_STRING, "on", NULL },
	{ "y", DOC_TYPE_STRING, "y", NULL },
	{ "12:30:45", DOC_TYPE_STRING, "12:30:45", NULL },
	{ "2024-01-01T10:00:00", DOC_TYPE_STRING, "2024-01-01T10:00:00", NULL },
	{ "0x", DOC_TYPE_STRING, "0x", NULL },
	{ "1e400", DOC_TYPE_STRING, "1e400", NULL },
	{ "1.2.3", DOC_TYPE_STRING, "1.2.3", NULL },
	{ "._5", DOC_TYPE_STRING, "._5", NULL },
	{ "tRue", DOC_TYPE_STRING, "tRue", NULL },
	{ "nul", DOC_TYPE_STRING, "nul", NULL },
	{ "2024-02-30", DOC_TYPE_STRING, "2024-02-30", NULL },
	{ "2023-02-29", DOC_TYPE_STRING, "2023-02-29", NULL },
	{ "'1'", DOC_TYPE_STRING, "1", NULL },
	{ "\"true\"", DOC_TYPE_STRING, "true", NULL },
	{ "!!str 1", DOC_TYPE_STRING, "1", NULL },
	{ "!x 1", DOC_TYPE_STRING, "1", NULL },
	{ "! 1", DOC_TYPE_INT, "1", NULL },
	{ "!!float 3", DOC_TYPE_FLOAT, "3", NULL },
	{ "!!binary aGk=", DOC_TYPE_STRING, "hi", NULL },
	{ "~", DOC_TYPE_NULL, "", "~" },
	{ "Null", DOC_TYPE_NULL, "", "Null" },
	{ "true", DOC_TYPE_BOOL, "True", NULL },
	{ "True", DOC_TYPE_BOOL, "True", "true" },
	{ "TRUE", DOC_TYPE_BOOL, "True", "TRUE" },
	{ "false", DOC_TYPE_BOOL, "False", NULL },
	{ "0", DOC_TYPE_INT, "0", NULL },
	{ "-1", DOC_TYPE_INT, "-1", NULL },
	{ "-0", DOC_TYPE_INT, "0", "-0" },
	{ "+5", DOC_TYPE_INT, "5", "+5" },
	{ "0777", DOC_TYPE_INT, "511", "00511" },
	{ "0o17", DOC_TYPE_INT, "15", "00015" },
	{ "0b11", DOC_TYPE_INT, "3", "000003" },
	{ "0x1F", DOC_TYPE_INT, "31", "000031" },
	{ "0x1f", DOC_TYPE_INT, "31", "031" },
	{ "-0x1f", DOC_TYPE_INT, "-31", "-031" },
	{ "1_000", DOC_TYPE_INT, "1000", NULL },
	{ "9223372036854775807", DOC_TYPE_INT, "9223372036854775807", NULL },
	{ "-9223372036854775808", DOC_TYPE_INT, "-9223372036854775808", NULL },
	{ "18446744073709551616", DOC_TYPE_FLOAT, "18446744073709552000", "18446744073709551616" },
	{ "08", DOC_TYPE_FLOAT, "8", "08" },
	{ "1.0", DOC_TYPE_FLOAT, "1", "1.0" },
	{ "2.50", DOC_TYPE_FLOAT, "2.5", "2.50" },
	{ "1e3", DOC_TYPE_FLOAT, "1000", "1e3" },
	{ "1e21", DOC_TYPE_FLOAT, "1000000000000000000000", "1e21" },
	{ "1.5e-7", DOC_TYPE_FLOAT, "0.00000015", "1.5e-7" },
	{ "-0.0", DOC_TYPE_FLOAT, "-0", "-0.0" },
	{ ".5", DOC_TYPE_FLOAT, "0.5", ".5" },
	{ "5.", DOC_TYPE_FLOAT, "5", "5." },
	{ "0.1", DOC_TYPE_FLOAT, "0.1", NULL },
	{ "0.0001", DOC_TYPE_FLOAT, "0.0001", NULL },
	{ "0.00001", DOC_TYPE_FLOAT, "0.00001", "00.00001" },
	{ "00.00001", DOC_TYPE_FLOAT, "0.00001", "000.00001" },
	{ "-0.00001", DOC_TYPE_FLOAT, "-0.00001", "-00.00001" },
	{ "123456.125", DOC_TYPE_FLOAT, "123456.125", NULL },
	{ "123456789.125", DOC_TYPE_FLOAT, "123456789.125", "0123456789.125" },
	{ "100000000000000000000", DOC_TYPE_FLOAT, "100000000000000000000",
	  "0100000000000000000000" },
	{ "9007199254740993.0", DOC_TYPE_FLOAT, "9007199254740992", "9007199254740993.0" },
	{ "1.7976931348623157e308", DOC_TYPE_FLOAT,
	  "1797693134862315700000000000000000000000000000000000000000000000000000000000000000000000"
	  "00"
	  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "00"
	  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "00"
	  "000000000000000000000000000000000000000",
	  "1.7976931348623157e308" },
	{ "2.2250738585072014e-308", DOC_TYPE_FLOAT,
	  "0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "00000000000000000000000000000000000000000000022250738585072014",
	  "2.2250738585072014e-308" },
	{ "5e-324", DOC_TYPE_FLOAT,
	  "0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
	  "00000000000000000000000000000000000000000000000000000000000005",
	  "5e-324" },
	{ ".inf", DOC_TYPE_FLOAT, "+Inf", "inf" },
	{ "-.Inf", DOC_TYPE_FLOAT, "-Inf", NULL },
	{ ".nan", DOC_TYPE_FLOAT, "NaN", "nan" },
	{ "2024-01-02", DOC_TYPE_TIME, "2024-01-02T00:00:00Z", "2024-01-02T00:00:00.000000000Z" },
	{ "2024-1-2", DOC_TYPE_TIME, "2024-01-02T00:00:00Z", NULL },
	{ "2001-12-14t21:59:43.10-05:00", DOC_TYPE_TIME, "2001-12-14T21:59:43.1-05:00", NULL },
	{ "2001-12-14T21:59:43.10-05:00", DOC_TYPE_TIME, "2001-12-14T21:59:43.1-05:00",
	  "2001-12-14T21:59:43.10-05:00" },
	{ "2001-12-15 2:59:43.10", DOC_TYPE_TIME, "2001-12-15T02:59:43.1Z", NULL },
	{ "2024-01-01T00:00:00+00:00", DOC_TYPE_TIME, "2024-01-01T00:00:00Z",
	  "2024-01-01T00:00:00+00:00" },
};

START_TEST(doc_parse__types_scalars_as_go_yaml_does)
{
	AUTO(doc) doc = DOC_INIT;
	char text[512], scratch[DOC_CANONICAL_MAX], again[DOC_CANONICAL_MAX];
	struct error err = ERROR_INIT;
	struct span canonical, plain, from_plain;
	uint32_t node;

	snprintf(text, sizeof(text), "k: %s\n", scalars[_i].text);
	parse(text, &doc);
	node = doc_find(&doc, doc_root(&doc, 0), SPAN_LITERAL("k"));
	ck_assert_uint_eq(doc.nodes[node].type, scalars[_i].type);
	ck_assert_int_eq(doc_canonical(&doc, node, scratch, &canonical, &err), 0);
	ck_assert_msg(span_equal_text(canonical, scalars[_i].canonical), "%s is %.*s",
		      scalars[_i].text, SPAN_PRINT(canonical));
	ck_assert_int_eq(doc_plain(&doc, node, again, &plain, &err), 0);
	ck_assert_msg(span_equal_text(plain, scalars[_i].plain ? scalars[_i].plain
							       : scalars[_i].canonical),
		      "%s sealed as %.*s", scalars[_i].text, SPAN_PRINT(plain));
	if (scalars[_i].type == DOC_TYPE_NULL)
		return;
	/* what sops reads of it is hashed the same */
	ck_assert_int_eq(doc_canonical_plain(scalars[_i].type, plain, scratch, &from_plain, &err),
			 0);
	ck_assert(span_equal_text(from_plain, scalars[_i].canonical));
}
END_TEST

static const struct {
	const char *text, *why;
	enum error_kind kind;
} refused[] = {
	{ "", "empty", ERROR_EMPTY },
	{ "# only a comment\n", "empty but for comments", ERROR_COMMENTS },
	{ "\n\n", "empty", ERROR_EMPTY },
	{ "- a\n", "top level is a list", ERROR_FORMAT },
	{ "text\n", "line 1: the top level is no map", ERROR_FORMAT },
	{ "a: 1\n---\n- b\n", "line 3: the top level is a list", ERROR_FORMAT },
	{ "a: 1\nb: 2\na: 3\n", "line 3: the key \"a\" is there already, on line 1", ERROR_FORMAT },
	{ "x:\n  a: 1\n  'a': 3\n", "line 3: the key \"a\" is there already, on line 2",
	  ERROR_FORMAT },
	{ "x: {b: 1, b: 2}\n", "the key \"b\" is there already", ERROR_FORMAT },
	{ "\"e\\e[1m\": 1\n\"e\\e[1m\": 1\n", "\"e\\x1b[1m\"", ERROR_FORMAT },
	{ "1: x\n", "line 1: a key that is no string", ERROR_TYPE },
	{ "a:\n  true: x\n", "line 2: a key that is no string", ERROR_TYPE },
	{ "~: x\n", "a key that is no string", ERROR_TYPE },
	{ "2024-01-02: x\n", "a key that is no string", ERROR_TYPE },
	{ "? [a]\n: x\n", "a key that is no string", ERROR_FORMAT },
	{ "{a: b}: c\n", "a key that is no string", ERROR_FORMAT },
	{ "a: *x\n", "line 1: an alias without its anchor", ERROR_FORMAT },
	{ "a: &x\n  b: *x\n", "line 2: an alias within what it names", ERROR_FORMAT },
	{ "a: !!int x\n", "does not fit its tag", ERROR_FORMAT },
	{ "a: !!binary x\n", "no base64", ERROR_FORMAT },
	{ "a: [1\n", "line ", ERROR_FORMAT },
	{ "a: 'x\n", "line ", ERROR_FORMAT },
	{ "a: b: c\n", "line 1", ERROR_FORMAT },
	{ "a: 1\n\tb: 2\n", "line 2", ERROR_FORMAT },
	{ "a: \"\\q\"\n", "line 1", ERROR_FORMAT },
	{ "a: \xff\n", "line 1: not valid UTF-8", ERROR_FORMAT },
	{ "a: 1\nb: \xc3(\n", "line 2: not valid UTF-8", ERROR_FORMAT },
	{ "\xff\xfe"
	  "a",
	  "UTF-16", ERROR_FORMAT },
	{ "\xfe\xff", "UTF-16", ERROR_FORMAT },
	{ "a: \x01\n", "not valid YAML", ERROR_FORMAT },
};

START_TEST(doc_parse__refuses_with_one_clear_line)
{
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(parse_bytes(refused[_i].text, strlen(refused[_i].text), 0, &doc, &err),
			 -1);
	ck_assert_msg(err.kind == refused[_i].kind, "%u: %s", err.kind, err.message);
	ck_assert_msg(strstr(err.message, refused[_i].why) != NULL, "%s", err.message);
	ck_assert(strchr(err.message, '\n') == NULL);
}
END_TEST

START_TEST(doc_parse__refuses_nul_and_utf_16_without_a_mark)
{
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(parse_bytes("a: 1\n\0", 6, 0, &doc, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "NUL"));
	ck_assert_int_eq(parse_bytes("a\0:\0 \0", 6, 0, &doc, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.message, "UTF-16"));
}
END_TEST

/* depth maps or lists in each other, the document's own map included */
static int parse_nested(int depth, const char *open, const char *close, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;

	if (secret_append_text(&text, "a: ", err) < 0)
		return -1;
	for (int i = 1; i < depth; i++)
		ck_assert_int_eq(secret_append_text(&text, open, err), 0);
	for (int i = 1; i < depth; i++)
		ck_assert_int_eq(secret_append_text(&text, close, err), 0);
	return doc_parse(DOC_YAML, &text, 0, &doc, err);
}

START_TEST(doc_parse__limits_the_depth)
{
	static const char *const brackets[][2] = { { "[", "]" }, { "{a: ", "}" } };

	for (size_t i = 0; i < 2; i++) {
		struct error err = ERROR_INIT;

		ck_assert_int_eq(parse_nested(DOC_DEPTH_MAX - 1, brackets[i][0], brackets[i][1],
					      &err),
				 0);
		ck_assert_int_eq(parse_nested(DOC_DEPTH_MAX, brackets[i][0], brackets[i][1], &err),
				 0);
		ck_assert_int_eq(parse_nested(DOC_DEPTH_MAX + 1, brackets[i][0], brackets[i][1],
					      &err),
				 -1);
		ck_assert_int_eq(err.kind, ERROR_LIMIT);
	}
}
END_TEST

/* a: &a [x, …], b: &b [*a, …]: 9 to the power of levels values */
static int parse_bomb(int levels, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	char line[128];

	ck_assert_int_eq(secret_append_text(&text, "a0: &a0 [x,x,x,x,x,x,x,x,x]\n", err), 0);
	for (int i = 1; i < levels; i++) {
		int len = snprintf(line, sizeof(line), "a%d: &a%d [", i, i);

		for (int k = 0; k < 9; k++)
			len += snprintf(line + len, sizeof(line) - (size_t)len, "*a%d%s", i - 1,
					k < 8 ? "," : "]\n");
		ck_assert_int_eq(secret_append_text(&text, line, err), 0);
	}
	return doc_parse(DOC_YAML, &text, 0, &doc, err);
}

START_TEST(doc_parse__defuses_alias_bombs)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(parse_bomb(4, &err), 0);
	ck_assert_int_eq(parse_bomb(9, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

START_TEST(doc_parse__keeps_aliases_where_asked)
{
	static const char text[] = "a: &x {b: 1}\nc: *x\nd: &y z\ne: *y\n";
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	uint32_t node;

	ck_assert_int_eq(parse_bytes(text, sizeof(text) - 1, DOC_KEEP_ALIASES, &doc, &err), 0);
	ck_assert(span_equal_text(secret_span(&doc.text), text));
	node = doc_find(&doc, doc_root(&doc, 0), SPAN_LITERAL("c"));
	ck_assert_uint_eq(doc.nodes[node].kind, DOC_ALIAS);
	ck_assert_uint_eq(doc.nodes[doc.nodes[node].value].kind, DOC_MAP);
	node = doc_find(&doc, doc_root(&doc, 0), SPAN_LITERAL("e"));
	ck_assert(span_equal_text(doc_value(&doc, node), "z"));
}
END_TEST

START_TEST(doc_parse__writes_aliases_out_and_says_where)
{
	AUTO(doc) doc = DOC_INIT;

	parse("a: &x\n  b: [1, 0x1F]\nc:\n  <<: *x # here\n  d: *x\n", &doc);
	ck_assert_uint_eq(doc.expanded_len, 2);
	ck_assert_uint_eq(doc.expanded[0], 4);
	ck_assert_uint_eq(doc.expanded[1], 5);
	ck_assert_msg(span_equal_text(secret_span(&doc.text),
				      "a: &x\n  b: [1, 0x1F]\nc:\n  <<: {b: [1, 0x1F]} # here\n"
				      "  d:\n    b:\n      - 1\n      - 0x1F\n"),
		      "%.*s", SPAN_PRINT(secret_span(&doc.text)));
}
END_TEST

START_TEST(doc_parse__finds_equal_keys_among_many)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	char line[64];

	for (int i = 0; i < 100000; i++) {
		const int len = snprintf(line, sizeof(line), "key_%d: x\n", i);

		ck_assert_int_eq(secret_append(&text, line, (size_t)len, &err), 0);
	}
	ck_assert_int_eq(secret_append_text(&text, "key_77777: y\n", &err), 0);
	ck_assert_int_eq(doc_parse(DOC_YAML, &text, 0, &doc, &err), -1);
	ck_assert_str_eq(err.message,
			 "line 100001: the key \"key_77777\" is there already, on line 77778");
}
END_TEST

/* libyaml is not shown the inside of "ENC[…]": values and places are those of the whole text. */
START_TEST(doc_parse__reads_sealed_texts_whole)
{
#define ENC "ENC[AES256_GCM,data:AAAAAAAAAAAAAAAA+/==,iv:BBBB=,tag:CC==,type:str]"
	static const char text[] = "a: " ENC " #" ENC "\nb: '" ENC "' # d\nc: [\"" ENC "\", x]\n"
				   "d: |\n  e: " ENC "\nf: \"\\x45NC[AAAA]\"\ng: \"" ENC "\\n\"\n"
				   "? '" ENC "'\n: h\n";
	static const char *const values[] = { ENC,         ENC,      ENC, "x", "e: " ENC "\n",
					      "ENC[AAAA]", ENC "\n", "h" };
	AUTO(doc) doc = DOC_INIT;
	size_t seen = 0;

	for (int whole = 0; whole < 2; whole++) {
		/* the second time without what makes it read the text again */
		AUTO(doc) other = DOC_INIT;

		parse(whole ? text : "a: " ENC "\nb: x # c\nc: '" ENC "'\n", whole ? &doc : &other);
		if (whole)
			continue;
		ck_assert(span_equal_text(doc_value(&other, 2), ENC));
		ck_assert(span_equal_text(doc_value(&other, 3), "x"));
		ck_assert(span_equal_text(doc_value(&other, 4), " c"));
		ck_assert(span_equal_text(doc_value(&other, 5), ENC));
	}
	for (uint32_t i = 0; i < doc.len; i++)
		if (doc.nodes[i].kind == DOC_SCALAR) {
			ck_assert_msg(span_equal_text(doc_value(&doc, i), values[seen]), "%.*s",
				      SPAN_PRINT(doc_value(&doc, i)));
			seen++;
		}
	ck_assert_uint_eq(seen, 8);
	ck_assert(span_equal_text(doc_key(&doc, doc.len - 1), ENC));
}
END_TEST

START_TEST(doc_parse__numbers_lines_and_walks)
{
	AUTO(doc) doc = DOC_INIT;
	uint32_t root, a, b;

	parse("# c\na: 1\n# d\nb: [x, y]\n---\n---\nc: 1\n", &doc);
	root = doc_root(&doc, 0);
	a = doc_child(&doc, root);
	b = doc_sibling(&doc, a);
	ck_assert(span_equal_text(doc_key(&doc, a), "a"));
	ck_assert(span_equal_text(doc_key(&doc, b), "b"));
	ck_assert_uint_eq(doc_line(&doc, b), 4);
	ck_assert_uint_eq(doc_sibling(&doc, b), DOC_NONE);
	ck_assert_uint_eq(doc_child(&doc, a), DOC_NONE);
	ck_assert_uint_eq(doc_child(&doc, doc_root(&doc, 1)), DOC_NONE);
	ck_assert_uint_ne(doc_find(&doc, doc_root(&doc, 2), SPAN_LITERAL("c")), DOC_NONE);
	ck_assert_uint_eq(doc_find(&doc, root, SPAN_LITERAL("x")), DOC_NONE);
	ck_assert_uint_eq(doc_root(&doc, 3), DOC_NONE);
}
END_TEST

static int parse_some(struct error *err)
{
	static const char text[] = "# c\na: \"\\x41\"\nb: &x [1, {c: 'it''s'}]\nd: *x\n";
	AUTO(secret) copy = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;

	if (secret_append_text(&copy, text, err) < 0 ||
	    doc_parse(DOC_YAML, &copy, 0, &doc, err) < 0)
		return -1;
	return doc_place_comments(&doc, err);
}

START_TEST(doc_parse__survives_every_failing_allocation)
{
	struct error err = ERROR_INIT;

	SWEEP(parse_some(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("doc/parse");
	TCase *tc = tcase_create("parse");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_set_timeout(tc, 600);
	tcase_add_loop_test(tc, doc_parse__types_scalars_as_go_yaml_does, 0,
			    (int)(sizeof(scalars) / sizeof(*scalars)));
	tcase_add_loop_test(tc, doc_parse__refuses_with_one_clear_line, 0,
			    (int)(sizeof(refused) / sizeof(*refused)));
	tcase_add_test(tc, doc_parse__refuses_nul_and_utf_16_without_a_mark);
	tcase_add_test(tc, doc_parse__limits_the_depth);
	tcase_add_test(tc, doc_parse__defuses_alias_bombs);
	tcase_add_test(tc, doc_parse__keeps_aliases_where_asked);
	tcase_add_test(tc, doc_parse__writes_aliases_out_and_says_where);
	tcase_add_test(tc, doc_parse__finds_equal_keys_among_many);
	tcase_add_test(tc, doc_parse__reads_sealed_texts_whole);
	tcase_add_test(tc, doc_parse__numbers_lines_and_walks);
	tcase_add_test(tc, doc_parse__survives_every_failing_allocation);
	suite_add_tcase(s, tc);
	return s;
}
