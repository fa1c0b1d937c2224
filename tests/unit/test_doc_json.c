/* SPDX-License-Identifier: MIT */
/* JSON: what is read, what is refused, and that all comes back byte for byte (doc_fake.h). */
#include <check.h>

#include "doc_text.h"
#include "sweep.h"

/* Each comes back as it was, and sealing says so. */
static const char *const exact[] = {
	"{}",
	"{}\n",
	"{ }\n",
	"{\n}\n",
	"{\n\n\t}",
	" \n{\"a\":1}\n\n",
	"{\"a\": 1, \"b\": [1, 2,3 , {\"c\": null}], \"d\": {}}",
	"{\n  \"a\": \"x\",\n  \"b\": true\n}\n",
	"{\r\n    \"a\": \"x\",\r\n    \"b\" : false\r\n}\r\n",
	"{\n\"a\":\n1}",
	"{ \"a\" : 1 , \"b\" : 2 }",
	"{\"a\": -0, \"b\": -0.0, \"c\": 1.50, \"d\": 1E+3, \"e\": 0.0, \"f\": 1e-7}",
	"{\"a\": 9223372036854775807, \"b\": 9223372036854775808, \"c\": -9223372036854775809}",
	"{\"a\": 1000000000000000000000, \"b\": 123456789012345678901234567890.5}",
	"{\"a\": 0.00000015, \"b\": [-1000000000000000000000, 1e21, 1E-7, 0.0000010]}",
	"{\"a\": \"\", \"b\": \" \", \"c\": \"\\\"\\\\\\n\\t\\b\\f\\r\"}",
	"{\"a\": \"<b> & c\", \"b\": \"\\u003cb\\u003e \\u0026 c\"}",
	"{\"a\": \"f\xc3\xbcr\", \"b\": \"f\\u00fcr\", \"c\": \"f\\u00FCr\"}",
	"{\"a\": \"\\ud83d\\ude00\", \"b\": \"\xf0\x9f\x98\x80\", \"c\": \"\\uD83D\\uDE00 <\"}",
	"{\"a\": \"http:\\/\\/x\\/\", \"b\": \"http://x/\", \"c\": \"\\u00fc\\/\"}",
	"{\"a\": \"\xe2\x80\xa8\", \"b\": \"\\u2028\", \"c\": \"\\u2028 \xc3\xbc\"}",
	"{\"a\": \"<\\u2028\", \"b\": \"<\xe2\x80\xa9\", \"c\": \"\\u003c\xe2\x80\xa9\"}",
	"{\"a\": \"\\u0000\\u001f\x7f\"}",
	"{\"k\\u0065y\": 1, \"f\xc3\xbcr\": 2, \"\": 3, \"a\\/b\": 4}",
	"{\"a\": 1, \"a\": 2, \"b\": {\"sops\": 1, \"sops\": 2}}",
	"{\"a\": \"ENC\", \"b\": \"ENC[\", \"c\": \"true\", \"d\": \"1\"}",
};

START_TEST(json__comes_back)
{
	check_round_trip(DOC_JSON, exact[_i], exact[_i], true);
}
END_TEST

/* Sealing says that these come back otherwise, and with the same values. */
static const char *const inexact[][2] = {
	{ "{\"a\": \"\\u0041\"}", "{\"a\": \"A\"}" },
	{ "{\"a\": \"\\u000a\"}", "{\"a\": \"\\n\"}" },
	{ "{\"a\": \"/\\/\"}", "{\"a\": \"//\"}" },
	{ "{\"a\": \"\\u00fc\xc3\xbc\"}", "{\"a\": \"\xc3\xbc\xc3\xbc\"}" },
	{ "{\"a\": \"\\u00fC\"}", "{\"a\": \"\xc3\xbc\"}" },
};

START_TEST(json__says_what_comes_back_otherwise)
{
	check_round_trip(DOC_JSON, inexact[_i][0], inexact[_i][1], false);
}
END_TEST

static const struct {
	const char *text, *why;
	enum error_kind kind;
} bad[] = {
	{ "", "empty", ERROR_FORMAT },
	{ " \n", "empty", ERROR_FORMAT },
	{ "[1]", "top level", ERROR_FORMAT },
	{ "1", "top level", ERROR_FORMAT },
	{ "\"a\"", "top level", ERROR_FORMAT },
	{ "{\"a\": 1", "too early", ERROR_FORMAT },
	{ "{\"a\": ", "too early", ERROR_FORMAT },
	{ "{\"a\"", "too early", ERROR_FORMAT },
	{ "{\"a", "too early", ERROR_FORMAT },
	{ "{\"a\\", "too early", ERROR_FORMAT },
	{ "{", "too early", ERROR_FORMAT },
	{ "{\"a\": 1}x", "behind the end", ERROR_FORMAT },
	{ "{\"a\": 1}\n{\"b\": 2}", "line 2", ERROR_FORMAT },
	{ "{\"a\": 1,}", "a key", ERROR_FORMAT },
	{ "{\"a\": [1,]}", "neither", ERROR_FORMAT },
	{ "{\"a\": [1 2]}", "comma or ]", ERROR_FORMAT },
	{ "{\"a\": 1 \"b\": 2}", "comma or }", ERROR_FORMAT },
	{ "{\"a\" 1}", "colon", ERROR_FORMAT },
	{ "{a: 1}", "a key", ERROR_FORMAT },
	{ "{1: 1}", "a key", ERROR_FORMAT },
	{ "{\"a\": tru}", "neither", ERROR_FORMAT },
	{ "{\"a\": True}", "neither", ERROR_FORMAT },
	{ "{\"a\": nan}", "neither", ERROR_FORMAT },
	{ "{\"a\": 01}", "neither", ERROR_FORMAT },
	{ "{\"a\": +1}", "neither", ERROR_FORMAT },
	{ "{\"a\": 1.}", "neither", ERROR_FORMAT },
	{ "{\"a\": .5}", "neither", ERROR_FORMAT },
	{ "{\"a\": 1e}", "neither", ERROR_FORMAT },
	{ "{\"a\": 0x1F}", "neither", ERROR_FORMAT },
	{ "{\"a\": -}", "neither", ERROR_FORMAT },
	{ "{\"a\": 1e400}", "64 bits", ERROR_FORMAT },
	{ "{\"a\": 'x'}", "neither", ERROR_FORMAT },
	{ "{\"a\": \"x\ty\"}", "control character", ERROR_FORMAT },
	{ "{\"a\": \"x\ny\"}", "control character", ERROR_FORMAT },
	{ "{\"a\": \"\\x41\"}", "an escape", ERROR_FORMAT },
	{ "{\"a\": \"\\u12g4\"}", "hexadecimal", ERROR_FORMAT },
	{ "{\"a\": \"\\u12\"}", "hexadecimal", ERROR_FORMAT },
	{ "{\"a\": \"\\ud800\"}", "surrogate", ERROR_FORMAT },
	{ "{\"a\": \"\\ud800x\"}", "surrogate", ERROR_FORMAT },
	{ "{\"a\": \"\\ud800\\u0041\"}", "surrogate", ERROR_FORMAT },
	{ "{\"a\": \"\\udc00\"}", "surrogate", ERROR_FORMAT },
	{ "{\"a\": \"\xff\"}", "UTF-8", ERROR_FORMAT },
	{ "{\"a\": \"\xed\xa0\x80\"}", "UTF-8", ERROR_FORMAT },
	{ "\xef\xbb\xbf{}", "byte order mark", ERROR_FORMAT },
	{ "{\"a\": 1} // x", "behind the end", ERROR_FORMAT },
	{ "{/* x */}", "a key", ERROR_FORMAT },
	{ "{\"sops\": 1, \"a\": 2, \"s\\u006fps\": 3}", "second top-level key", ERROR_FORMAT },
};

START_TEST(json_parse__refuses)
{
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(parse_as(DOC_JSON, bad[_i].text, 0, &doc, &err) == -1, "%s", bad[_i].text);
	ck_assert_msg(strstr(err.message, bad[_i].why) != NULL, "%s: %s", bad[_i].text,
		      err.message);
	ck_assert_int_eq(err.kind, bad[_i].kind);
}
END_TEST

static const struct {
	const char *text;
	enum doc_type type;
	const char *canonical, *plain;
} scalars[] = {
	{ "0", DOC_TYPE_INT, "0", "0" },
	{ "-0", DOC_TYPE_INT, "0", "-0" },
	{ "25", DOC_TYPE_INT, "25", "25" },
	{ "9223372036854775807", DOC_TYPE_INT, "9223372036854775807", "9223372036854775807" },
	{ "-9223372036854775808", DOC_TYPE_INT, "-9223372036854775808", "-9223372036854775808" },
	{ "9223372036854775808", DOC_TYPE_FLOAT, "9223372036854775807", NULL },
	{ "1e3", DOC_TYPE_FLOAT, "1000", "1e3" },
	{ "1.50", DOC_TYPE_FLOAT, "1.5", "1.50" },
	{ "-0.0", DOC_TYPE_FLOAT, "-0", "-0.0" },
	{ "1e21", DOC_TYPE_FLOAT, "1000000000000000000000", "1e21" },
	{ "1.5e-7", DOC_TYPE_FLOAT, "0.00000015", "1.5e-7" },
	{ "0.000001", DOC_TYPE_FLOAT, "0.000001", "0.000001" },
	{ "0.00000015", DOC_TYPE_FLOAT, "0.00000015", "00.00000015" },
	{ "-1000000000000000000000", DOC_TYPE_FLOAT, "-1000000000000000000000",
	  "-01000000000000000000000" },
	{ "4.9e-325", DOC_TYPE_FLOAT, "0", "4.9e-325" },
	{ "true", DOC_TYPE_BOOL, "True", "True" },
	{ "false", DOC_TYPE_BOOL, "False", "False" },
	{ "\"yes\"", DOC_TYPE_STRING, "yes", "yes" },
	{ "\"\\u00fc\\ud83d\\ude00\"", DOC_TYPE_STRING, "\xc3\xbc\xf0\x9f\x98\x80",
	  "\xc3\xbc\xf0\x9f\x98\x80" },
};

START_TEST(json_parse__knows_types)
{
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	char scratch[DOC_CANONICAL_MAX];
	struct span text;

	ck_assert_msg(parse_as(DOC_JSON, scalars[_i].text, DOC_ANY_VALUE, &doc, &err) == 0, "%s",
		      err.message);
	ck_assert_int_eq(doc.nodes[1].type, scalars[_i].type);
	if (!scalars[_i].plain)
		return;
	ck_assert_int_eq(doc_canonical(&doc, 1, scratch, &text, &err), 0);
	check_text(text, scalars[_i].canonical);
	ck_assert_int_eq(doc_plain(&doc, 1, scratch, &text, &err), 0);
	check_text(text, scalars[_i].plain);
}
END_TEST

START_TEST(json_parse__keeps_spans)
{
	AUTO(doc) doc = DOC_INIT;
	uint32_t node;

	parse_well(DOC_JSON, "{\"a\": {\"b\": [1, \"x\\ny\"]},\n \"c\": null}", &doc);
	node = doc_find(&doc, doc_root(&doc, 0), SPAN_LITERAL("c"));
	ck_assert_uint_ne(node, DOC_NONE);
	ck_assert_uint_eq(doc_line(&doc, node), 2);
	node = doc_find(&doc, doc_root(&doc, 0), SPAN_LITERAL("a"));
	node = doc_child(&doc, node);
	check_text(doc_key(&doc, node), "b");
	node = doc_sibling(&doc, doc_child(&doc, node));
	check_text(doc_value(&doc, node), "x\ny");
	check_text(span_of(doc.text.data + doc.nodes[node].start,
			   doc.nodes[node].end - doc.nodes[node].start),
		   "\"x\\ny\"");
}
END_TEST

static int parse_nested(size_t depth, const char *open, const char *close, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;

	secret_of("{\"a\":", &text);
	for (size_t i = 1; i < depth; i++)
		secret_of(open, &text);
	secret_of("1", &text);
	for (size_t i = 1; i < depth; i++)
		secret_of(close, &text);
	secret_of("}", &text);
	return doc_parse(DOC_JSON, &text, 0, &doc, err);
}

START_TEST(json_parse__limits_the_depth)
{
	static const char *const brackets[][2] = { { "[", "]" }, { "{\"a\":", "}" } };

	for (size_t i = 0; i < 2; i++) {
		struct error err = ERROR_INIT;

		ck_assert_int_eq(parse_nested(DOC_DEPTH_MAX, brackets[i][0], brackets[i][1], &err),
				 0);
		ck_assert_int_eq(parse_nested(DOC_DEPTH_MAX + 1, brackets[i][0], brackets[i][1],
					      &err),
				 -1);
		ck_assert_int_eq(err.kind, ERROR_LIMIT);
	}
}
END_TEST

static int parse_digits(size_t len, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;

	secret_of("{\"a\": 0.", &text);
	for (size_t i = 2; i < len; i++)
		secret_of("5", &text);
	secret_of("}", &text);
	return doc_parse(DOC_JSON, &text, 0, &doc, err);
}

START_TEST(json_parse__limits_numbers)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(parse_digits(1000, &err), 0);
	ck_assert_int_eq(parse_digits(1001, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

/* sops' own sealed form, as it spells what was in other formats; %s is an element. */
static void open_values(const char *before, const char *expected)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;

	secret_of(before, &sealed);
	open_again(DOC_JSON, &sealed, &text);
	check_text(secret_span(&text), expected);
}

#define FAKE(hex, type)                                                                            \
	"\"ENC[AES256_GCM,data:" hex ",iv:" FAKE_IV ",tag:" FAKE_TAG ",type:" type "]\""

START_TEST(json_open__spells_what_json_has_not)
{
	/* 0x1F of YAML, .5, +1, an integer that old versions took for a float, a time, 1 for true */
	open_values("{\"a\": " FAKE("30303030303331", "int") "}", "{\"a\": 31}");
	open_values("{\"a\": " FAKE("2e35", "float") "}", "{\"a\": 0.5}");
	open_values("{\"a\": " FAKE("2b31", "int") "}", "{\"a\": 1}");
	open_values("{\"a\": " FAKE("3235", "float") "}", "{\"a\": 25}");
	open_values("{\"a\": " FAKE("2d30", "float") "}", "{\"a\": -0.0}");
	/* 0.0000001, and the same as sealed here; 1000000 */
	open_values("{\"a\": " FAKE("302e30303030303031", "float") "}", "{\"a\": 1e-7}");
	open_values("{\"a\": " FAKE("30302e30303030303031", "float") "}", "{\"a\": 0.0000001}");
	open_values("{\"a\": " FAKE("31303030303030", "float") "}", "{\"a\": 1000000}");
	open_values("{\"a\": " FAKE("323032302d30312d30315430303a30303a30305a", "time") "}",
		    "{\"a\": \"2020-01-01T00:00:00Z\"}");
	open_values("{\"a\": " FAKE("31", "bool") "}", "{\"a\": true}");
	open_values("{\"a\": " FAKE("3c26", "str") "}", "{\"a\": \"\\u003c\\u0026\"}");
}
END_TEST

START_TEST(json_open__drops_comments_of_lists)
{
	open_values("{\"a\": [" FAKE("31", "comment") "]}", "{\"a\": []}");
	open_values("{\"a\": [" FAKE("31", "comment") ", 1]}", "{\"a\": [1]}");
	open_values("{\"a\": [1, " FAKE("31", "comment") "]}", "{\"a\": [1]}");
	open_values("{\"a\": [" FAKE("31", "comment") ", " FAKE("31", "comment") "]}",
		    "{\"a\": []}");
	open_values("{\"a\": [1,\n" FAKE("31", "comment") ",\n" FAKE("31", "comment") ",\n 2]}",
		    "{\"a\": [1,\n2]}");
}
END_TEST

START_TEST(json_open__refuses)
{
	static const char *const sealed[] = {
		"{\"a\": " FAKE("31", "comment") "}",
		"{\"a\": " FAKE("2b496e66", "float") "}",
		"{\"a\": " FAKE("ff", "str") "}",
		"{\"a\": " FAKE("78", "int") "}",
	};

	for (size_t i = 0; i < sizeof(sealed) / sizeof(*sealed); i++) {
		AUTO(secret) text = SECRET_INIT;
		AUTO(secret) opened = SECRET_INIT;
		struct error err = ERROR_INIT;

		secret_of(sealed[i], &text);
		ck_assert_int_eq(fake_open_as(DOC_JSON, &text, &opened, &err), -1);
		ck_assert_int_ne(err.kind, ERROR_BUG);
	}
}
END_TEST

static const struct {
	const char *before;
	enum doc_type type;
	const char *value, *after;
} sets[] = {
	{ "{\"k\": \"old\", \"l\": 1}", DOC_TYPE_STRING, "n\"<\n",
	  "{\"k\": \"n\\\"\\u003c\\n\", \"l\": 1}" },
	{ "{\"k\": \"old\"}", DOC_TYPE_INT, "5", "{\"k\": 5}" },
	{ "{\"k\": 1}", DOC_TYPE_NULL, "", "{\"k\": null}" },
	{ "{\"k\": 1}", DOC_TYPE_BOOL, "True", "{\"k\": true}" },
	{ "{\"k\": {\"a\": 1}, \"l\": 1}", DOC_TYPE_STRING, "x", "{\"k\": \"x\", \"l\": 1}" },
	{ "{\"k\": \"E\\u004eC[AX,type:str]\"}", DOC_TYPE_STRING, "ENC[AY,type:str]",
	  "{\"k\": \"E\\u004eC[AY,type:str]\"}" },
	{ "{\"k\": \"a\\u0026\"}", DOC_TYPE_STRING, "ENC[AY,type:str]",
	  "{\"k\": \"ENC[AY,type:str]\"}" },
};

START_TEST(json_set__changes_that_value_alone)
{
	check_set(DOC_JSON, sets[_i].before, "k", sets[_i].type, sets[_i].value, sets[_i].after);
}
END_TEST

/* {"x": [1, true]} */
static void build(struct doc_tree *tree)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(doc_tree_open_map(tree, NULL, &err), 0);
	ck_assert_int_eq(doc_tree_open_list(tree, "x", &err), 0);
	ck_assert_int_eq(doc_tree_scalar(tree, NULL, DOC_TYPE_INT, SPAN_LITERAL("1"), &err), 0);
	ck_assert_int_eq(doc_tree_scalar(tree, NULL, DOC_TYPE_BOOL, SPAN_LITERAL("true"), &err), 0);
	doc_tree_close(tree);
	doc_tree_close(tree);
}

static const struct {
	const char *before, *container, *after; /* container NULL: the top */
} appends[] = {
	{ "{\"a\": 1}", NULL, "{\"a\": 1, \"new\": {\"x\": [1, true]}}" },
	{ "{\"a\":1,\"b\":2}", NULL, "{\"a\":1,\"b\":2,\"new\":{\"x\":[1,true]}}" },
	{ "{\n  \"a\": 1\n}\n", NULL,
	  "{\n  \"a\": 1,\n  \"new\": {\n    \"x\": [\n      1,\n      true\n    ]\n  }\n}\n" },
	{ "{\r\n\t\"a\": 1\r\n}", NULL,
	  "{\r\n\t\"a\": 1,\r\n\t\"new\": {\r\n\t\t\"x\": "
	  "[\r\n\t\t\t1,\r\n\t\t\ttrue\r\n\t\t]\r\n\t}\r\n}" },
	{ "{\n \"a\": [1, 2]\n}", "a", "{\n \"a\": [1, 2, {\"x\": [1, true]}]\n}" },
	{ "{\n \"a\": [1]\n}", "a", "{\n \"a\": [1, {\"x\": [1, true]}]\n}" },
	{ "{\n \"a\": []\n}", "a",
	  "{\n \"a\": [\n  {\n   \"x\": [\n    1,\n    true\n   ]\n  }\n ]\n}" },
	{ "{\"a\": {}, \"b\": 1}", "a", "{\"a\": {\"new\": {\"x\": [1, true]}}, \"b\": 1}" },
	{ "{\n \"a\": 1,\n \"sops\": {}\n}", NULL,
	  "{\n \"a\": 1,\n \"new\": {\n  \"x\": [\n   1,\n   true\n  ]\n },\n \"sops\": {}\n}" },
	{ "{\"a\": 1, \"sops\": {}}", NULL,
	  "{\"a\": 1, \"new\": {\"x\": [1, true]}, \"sops\": {}}" },
	{ "{\"sops\": {}}", NULL, "{\"new\": {\"x\": [1, true]}, \"sops\": {}}" },
	{ "{\"sops\": {}, \"a\": 1}", NULL,
	  "{\"sops\": {}, \"a\": 1, \"new\": {\"x\": [1, true]}}" },
};

START_TEST(json_append__goes_behind_the_last_entry)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	uint32_t container;

	build(&tree);
	parse_well(DOC_JSON, appends[_i].before, &doc);
	container = appends[_i].container ? find(&doc, appends[_i].container) : doc_root(&doc, 0);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	ck_assert_int_eq(doc_edit_append(&edit, container, SPAN_LITERAL("new"), &tree, &err), 0);
	ck_assert_int_eq(doc_edit_finish(&edit, &text, &err), 0);
	check_text(secret_span(&text), appends[_i].after);
}
END_TEST

static const struct {
	const char *before, *after; /* without "k" */
} removals[] = {
	{ "{\"k\": 1}", "{}" },
	{ "{ \"k\": 1 }", "{}" },
	{ "{\n\t\"k\": 1\n}\n", "{}\n" },
	{ "{\"k\": 1, \"a\": 2}", "{\"a\": 2}" },
	{ "{\"a\": 2, \"k\": 1}", "{\"a\": 2}" },
	{ "{\n \"a\": 2,\n \"k\": {\"x\": 1},\n \"b\": 3\n}", "{\n \"a\": 2,\n \"b\": 3\n}" },
	{ "{\n \"a\": 2 ,\n \"k\": 1\n}", "{\n \"a\": 2 \n}" },
};

START_TEST(json_remove__takes_the_comma_along)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	parse_well(DOC_JSON, removals[_i].before, &doc);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	ck_assert_int_eq(doc_edit_remove(&edit, find(&doc, "k"), &err), 0);
	ck_assert_int_eq(doc_edit_finish(&edit, &text, &err), 0);
	check_text(secret_span(&text), removals[_i].after);
}
END_TEST

START_TEST(json_replace__keeps_the_layout)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	build(&tree);
	parse_well(DOC_JSON, "{\n  \"a\": {\n    \"k\": 1\n  },\n  \"b\": 2\n}\n", &doc);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	ck_assert_int_eq(doc_edit_replace(&edit, find(&doc, "k"), &tree, &err), 0);
	ck_assert_int_eq(doc_edit_finish(&edit, &text, &err), 0);
	check_text(
		secret_span(&text),
		"{\n  \"a\": {\n    \"k\": {\n      \"x\": [\n        1,\n        true\n      ]\n"
		"    }\n  },\n  \"b\": 2\n}\n");
}
END_TEST

static const struct {
	enum doc_type type;
	const char *value, *json;
} emitted[] = {
	{ DOC_TYPE_STRING, "<&>\"\\\n\x01\xe2\x80\xa9\xc3\xbc\x7f",
	  "\"\\u003c\\u0026\\u003e\\\"\\\\\\n\\u0001\\u2029\xc3\xbc\x7f\"" },
	{ DOC_TYPE_NULL, "", "null" },
	{ DOC_TYPE_INT, "0x1F", "31" },
	{ DOC_TYPE_FLOAT, "1e3", "1000" },
	{ DOC_TYPE_FLOAT, "1e21", "1e+21" },
	{ DOC_TYPE_FLOAT, "123456789012345680000", "123456789012345680000" },
	{ DOC_TYPE_FLOAT, "-1.5e-7", "-1.5e-7" },
	{ DOC_TYPE_FLOAT, "0.000001", "0.000001" },
	{ DOC_TYPE_FLOAT, "1.7976931348623157e308", "1.7976931348623157e+308" },
	{ DOC_TYPE_FLOAT, "5e-324", "5e-324" },
	{ DOC_TYPE_FLOAT, "-0.0", "-0.0" },
	{ DOC_TYPE_BOOL, "TRUE", "true" },
	{ DOC_TYPE_TIME, "2020-01-01", "\"2020-01-01T00:00:00Z\"" },
};

START_TEST(doc_tree_emit__writes_json_as_sops_does)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) out = SECRET_INIT;
	AUTO(secret) expected = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(doc_tree_open_map(&tree, NULL, &err), 0);
	ck_assert_int_eq(doc_tree_scalar(&tree, "a", emitted[_i].type,
					 span_of_text(emitted[_i].value), &err),
			 0);
	ck_assert_int_eq(doc_tree_open_list(&tree, "l", &err), 0);
	doc_tree_close(&tree);
	doc_tree_close(&tree);
	ck_assert_int_eq(doc_tree_emit(DOC_JSON, &tree, DOC_INDENT_SOPS, &out, &err), 0);
	secret_of("{\n\t\"a\": ", &expected);
	secret_of(emitted[_i].json, &expected);
	secret_of(",\n\t\"l\": []\n}\n", &expected);
	ck_assert(span_equal(secret_span(&out), secret_span(&expected)));
}
END_TEST

static const char bits[] =
	"{\"a\": \"x\\u00fc\\n\", \"b\": [1.5, true, {\"c\": null}], \"d\": \"&/\"}";

/* Each bit flipped, of a document and of its sealed text: an error, or something that comes back. */
START_TEST(json__survives_flipped_bits)
{
	AUTO(secret) whole = SECRET_INIT;
	bool is_exact;

	seal(DOC_JSON, bits, &whole, &is_exact);
	for (size_t i = 0; i < (sizeof(bits) - 1) * 8; i++) {
		AUTO(secret) text = SECRET_INIT;
		AUTO(secret) before = SECRET_INIT;
		AUTO(secret) sealed = SECRET_INIT;
		AUTO(secret) opened = SECRET_INIT;
		struct error err = ERROR_INIT;

		secret_of(bits, &text);
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
		ck_assert_int_eq(secret_append_span(&before, secret_span(&text), &err), 0);
		if (fake_seal_as(DOC_JSON, &text, &sealed, &is_exact, &err) < 0) {
			ck_assert_int_ne(err.kind, ERROR_NONE);
			ck_assert(span_equal(secret_span(&text), secret_span(&before)) ||
				  text.len == 0);
			continue;
		}
		open_again(DOC_JSON, &sealed, &opened);
		ck_assert(!is_exact || span_equal(secret_span(&opened), secret_span(&before)));
	}
	for (size_t i = 0; i < whole.len * 8; i++) {
		AUTO(secret) text = SECRET_INIT;
		AUTO(secret) opened = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_int_eq(secret_append_span(&text, secret_span(&whole), &err), 0);
		text.data[i / 8] ^= (uint8_t)(1u << i % 8);
		if (fake_open_as(DOC_JSON, &text, &opened, &err) < 0)
			ck_assert_int_ne(err.kind, ERROR_NONE);
	}
}
END_TEST

static int round_trip(struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	bool is_exact;

	if (secret_append_text(&text, bits, err) < 0 ||
	    fake_seal_as(DOC_JSON, &text, &sealed, &is_exact, err) < 0 ||
	    fake_open_as(DOC_JSON, &sealed, &opened, err) < 0)
		return -1;
	return 0;
}

static int convert_from(enum doc_format from, const char *before, enum doc_format to,
			struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	size_t documents;

	if (secret_append_text(&text, before, err) < 0)
		return -1;
	return doc_convert(from, &text, to, DOC_INDENT_SOPS, ret_text, &documents, err);
}

static int convert_once(struct error *err)
{
	AUTO(secret) yaml = SECRET_INIT;

	return convert_from(DOC_JSON, bits, DOC_YAML, &yaml, err);
}

START_TEST(json__sweep)
{
	struct error err = ERROR_INIT;

	SWEEP(round_trip(&err));
	SWEEP(convert_once(&err));
}
END_TEST

static const struct {
	enum doc_format from, to;
	const char *before, *after;
} conversions[] = {
	{ DOC_YAML, DOC_JSON, "# c\na: 0x1F # d\nb: [x, 2020-01-01, ~, 1e21, yes]\nc: {}\n",
	  "{\n\t\"a\": 31,\n\t\"b\": [\n\t\t\"x\",\n\t\t\"2020-01-01T00:00:00Z\",\n\t\tnull,\n"
	  "\t\t1e+21,\n\t\t\"yes\"\n\t],\n\t\"c\": {}\n}\n" },
	{ DOC_YAML, DOC_JSON, "a: 1\n---\nb: 2\n", "{\n\t\"a\": 1\n}\n" },
	{ DOC_YAML, DOC_JSON, "a: &x {b: 1}\nc: *x\n",
	  "{\n\t\"a\": {\n\t\t\"b\": 1\n\t},\n\t\"c\": {\n\t\t\"b\": 1\n\t}\n}\n" },
	{ DOC_JSON, DOC_YAML,
	  "{\"a\": \"yes\", \"b\": [1, \"x\\ny\\n\", {\"c\": null, \"d\": 1e21}], \"e\": 1.50, "
	  "\"f\": 1000000.5, \"g\": {}, \"h\": 1e6, \"i\": \"\"}",
	  "a: \"yes\"\nb:\n    - 1\n    - |\n      x\n      y\n    - c: null\n      d: 1e+21\n"
	  "e: 1.5\nf: 1.0000005e+06\ng: {}\nh: 1e+06\ni: \"\"\n" },
	{ DOC_BINARY, DOC_YAML, "x\ny\n", "data: |\n    x\n    y\n" },
	{ DOC_BINARY, DOC_JSON, "x", "{\n\t\"data\": \"x\"\n}\n" },
	{ DOC_JSON, DOC_BINARY, "{\"a\": 1, \"data\": \"x\\u0000\\n\"}", NULL },
	{ DOC_YAML, DOC_BINARY, "data: |\n  a\n  b\n", "a\nb\n" },
};

START_TEST(doc_convert__keeps_values)
{
	AUTO(secret) after = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(convert_from(conversions[_i].from, conversions[_i].before, conversions[_i].to,
				   &after, &err) == 0,
		      "%s", err.message);
	if (conversions[_i].after)
		check_text(secret_span(&after), conversions[_i].after);
	else
		ck_assert(span_equal(secret_span(&after), SPAN_LITERAL("x\0\n")));
}
END_TEST

START_TEST(doc_convert__counts_documents)
{
	static const char *const texts[] = { "a: 1\n", "a: 1\n---\nb: 2\n",
					     "a: 1\n---\n---\nb: 2\n" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		AUTO(secret) text = SECRET_INIT;
		AUTO(secret) out = SECRET_INIT;
		struct error err = ERROR_INIT;
		size_t documents = 0;

		ck_assert_int_eq(secret_append_text(&text, texts[i], &err), 0);
		ck_assert_int_eq(doc_convert(DOC_YAML, &text, DOC_DOTENV, DOC_INDENT_SOPS, &out,
					     &documents, &err),
				 0);
		ck_assert_uint_eq(documents, i + 1);
		ck_assert(span_equal_text(secret_span(&out), "a=1\n"));
	}
}
END_TEST

START_TEST(doc_convert__refuses)
{
	static const struct {
		enum doc_format from, to;
		const char *before;
		enum error_kind kind;
	} cases[] = {
		{ DOC_YAML, DOC_JSON, "a: .inf\n", ERROR_DUMP },
		{ DOC_YAML, DOC_JSON, "a: 1\nsops: {}\n", ERROR_SEALED },
		{ DOC_YAML, DOC_BINARY, "a: 1\n", ERROR_DUMP },
		{ DOC_JSON, DOC_BINARY, "{\"data\": 1}", ERROR_DUMP },
		{ DOC_BINARY, DOC_JSON, "\xff", ERROR_DUMP },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) after = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_int_eq(convert_from(cases[i].from, cases[i].before, cases[i].to, &after,
					      &err),
				 -1);
		ck_assert_int_eq(err.kind, cases[i].kind);
	}
}
END_TEST

START_TEST(doc_format_of_name__goes_by_the_end)
{
	static const struct {
		const char *name;
		enum doc_format format;
	} names[] = {
		{ "a.yaml", DOC_YAML },
		{ "a.yml", DOC_YAML },
		{ "x/.env", DOC_DOTENV },
		{ "a.json", DOC_JSON },
		{ "a.ini", DOC_INI },
		{ "a.yaml.enc", DOC_BINARY },
		{ "a.YAML", DOC_BINARY },
		{ "a.json5", DOC_BINARY },
		{ ".env.production", DOC_BINARY },
		{ "yaml", DOC_BINARY },
		{ "", DOC_BINARY },
		{ "a.sops.json", DOC_JSON },
	};
	enum doc_format format = DOC_YAML;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		ck_assert_int_eq(doc_format_of_name(names[i].name), names[i].format);
	ck_assert(doc_format_of_type("dotenv", &format) && format == DOC_DOTENV);
	ck_assert(!doc_format_of_type("JSON", &format) && !doc_format_of_type("", &format));
}
END_TEST

#define LOOP(test, table) tcase_add_loop_test(tc, test, 0, sizeof(table) / sizeof(*(table)))

Suite *suite(void)
{
	Suite *s = suite_create("doc/json");
	TCase *tc = tcase_create("json");

	tcase_add_checked_fixture(tc, NULL, teardown);
	LOOP(json__comes_back, exact);
	LOOP(json__says_what_comes_back_otherwise, inexact);
	LOOP(json_parse__refuses, bad);
	LOOP(json_parse__knows_types, scalars);
	tcase_add_test(tc, json_parse__keeps_spans);
	tcase_add_test(tc, json_parse__limits_the_depth);
	tcase_add_test(tc, json_parse__limits_numbers);
	tcase_add_test(tc, json_open__spells_what_json_has_not);
	tcase_add_test(tc, json_open__drops_comments_of_lists);
	tcase_add_test(tc, json_open__refuses);
	LOOP(json_set__changes_that_value_alone, sets);
	LOOP(json_append__goes_behind_the_last_entry, appends);
	LOOP(json_remove__takes_the_comma_along, removals);
	tcase_add_test(tc, json_replace__keeps_the_layout);
	LOOP(doc_tree_emit__writes_json_as_sops_does, emitted);
	tcase_add_test(tc, json__survives_flipped_bits);
	tcase_add_test(tc, json__sweep);
	LOOP(doc_convert__keeps_values, conversions);
	tcase_add_test(tc, doc_convert__counts_documents);
	tcase_add_test(tc, doc_convert__refuses);
	tcase_add_test(tc, doc_format_of_name__goes_by_the_end);
	suite_add_tcase(s, tc);
	return s;
}
