/* SPDX-License-Identifier: MIT */
/* Trees are written as sops 3.13 writes them. */
#include <check.h>

#include "doc_fake.h"
#include "sweep.h"

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static void check_text(struct span text, const char *expected)
{
	ck_assert_msg(span_equal_text(text, expected), "got:\n%.*s\nexpected:\n%s",
		      SPAN_PRINT(text), expected);
}

/* As go-yaml's emitter spells them. */
static const struct {
	const char *value, *text;
} strings[] = {
	{ "", "\"\"" },
	{ "x", "x" },
	{ "two words", "two words" },
	{ "true", "\"true\"" },
	{ "yes", "\"yes\"" },
	{ "n", "\"n\"" },
	{ "12", "\"12\"" },
	{ "1e3", "\"1e3\"" },
	{ "2026-01-01T00:00:00Z", "\"2026-01-01T00:00:00Z\"" },
	{ "12:30:45", "\"12:30:45\"" },
	{ "~", "\"~\"" },
	{ "- x", "'- x'" },
	{ "-x", "-x" },
	{ "a: b", "'a: b'" },
	{ "a:b", "a:b" },
	{ "x #y", "'x #y'" },
	{ "x#y", "x#y" },
	{ "x:", "'x:'" },
	{ "[x", "'[x'" },
	{ "x]", "x]" },
	{ "it's", "it's" },
	{ "'x", "'''x'" },
	{ " x", "' x'" },
	{ "x ", "'x '" },
	{ "---x", "'---x'" },
	{ "x\ty", "\"x\\ty\"" },
	{ "x\"\ty", "\"x\\\"\\ty\"" },
	{ "\x1b", "\"\\e\"" },
	{ "\x7f", "\"\\x7F\"" },
	{ "é", "é" },
	{ "a\nb", "|-\n    a\n    b" },
	{ "a\n", "|\n    a" },
	{ "a\n\n", "|+\n    a\n" },
	{ "\n", "|4+\n" },
	{ " a\nb", "|4-\n     a\n    b" },
	{ "a \nb", "\"a \\nb\"" },
	{ "a\n b", "|-\n    a\n     b" },
};

START_TEST(doc_tree_emit_yaml__quotes_as_sops_does)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) out = SECRET_INIT;
	struct error err = ERROR_INIT;
	char expected[256];

	ck_assert_int_eq(doc_tree_open_map(&tree, NULL, &err), 0);
	ck_assert_int_eq(doc_tree_scalar(&tree, "k", DOC_TYPE_STRING,
					 span_of_text(strings[_i].value), &err),
			 0);
	doc_tree_close(&tree);
	ck_assert_int_eq(doc_tree_emit_yaml(&tree, 0, 4, 0, &out, &err), 0);
	snprintf(expected, sizeof(expected), "k: %s\n", strings[_i].text);
	check_text(secret_span(&out), expected);
}
END_TEST

static int build(struct doc_tree *tree, struct error *err)
{
	if (doc_tree_open_map(tree, NULL, err) < 0 || doc_tree_open_list(tree, "l", err) < 0 ||
	    doc_tree_open_map(tree, NULL, err) < 0 ||
	    doc_tree_scalar(tree, "a", DOC_TYPE_INT, SPAN_LITERAL("1"), err) < 0 ||
	    doc_tree_open_map(tree, "m", err) < 0 ||
	    doc_tree_scalar(tree, "t", DOC_TYPE_STRING, SPAN_LITERAL("x\ny\n"), err) < 0)
		return -1;
	doc_tree_close(tree);
	doc_tree_close(tree);
	if (doc_tree_open_list(tree, NULL, err) < 0 ||
	    doc_tree_scalar(tree, NULL, DOC_TYPE_BOOL, SPAN_LITERAL("true"), err) < 0 ||
	    doc_tree_scalar(tree, NULL, DOC_TYPE_NULL, SPAN_INIT, err) < 0)
		return -1;
	doc_tree_close(tree);
	doc_tree_close(tree);
	if (doc_tree_open_map(tree, "e", err) < 0)
		return -1;
	doc_tree_close(tree);
	if (doc_tree_open_list(tree, "f", err) < 0)
		return -1;
	doc_tree_close(tree);
	doc_tree_close(tree);
	return 0;
}

static const struct {
	unsigned indent, base;
	const char *text;
} layouts[] = {
	{ 4, 0,
	  "l:\n    - a: 1\n      m:\n        t: |\n            x\n            y\n"
	  "    - - true\n      - null\ne: {}\nf: []\n" },
	{ 2, 0,
	  "l:\n  - a: 1\n    m:\n      t: |\n        x\n        y\n"
	  "  - - true\n    - null\ne: {}\nf: []\n" },
	{ 4, 4,
	  "    l:\n        - a: 1\n          m:\n            t: |\n                x\n"
	  "                y\n        - - true\n          - null\n    e: {}\n    f: []\n" },
};

START_TEST(doc_tree_emit_yaml__lays_out_as_sops_does)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) out = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(build(&tree, &err), 0);
	ck_assert_int_eq(doc_tree_emit_yaml(&tree, 0, layouts[_i].indent, layouts[_i].base, &out,
					    &err),
			 0);
	check_text(secret_span(&out), layouts[_i].text);
}
END_TEST

static int build_and_emit(struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) out = SECRET_INIT;

	return build(&tree, err) < 0 || doc_tree_emit_yaml(&tree, 0, 4, 0, &out, err) < 0 ? -1 : 0;
}

START_TEST(doc_tree__survives_every_failing_allocation)
{
	struct error err = ERROR_INIT;

	SWEEP(build_and_emit(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("doc/tree");
	TCase *tc = tcase_create("tree");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, doc_tree_emit_yaml__quotes_as_sops_does, 0,
			    (int)(sizeof(strings) / sizeof(*strings)));
	tcase_add_loop_test(tc, doc_tree_emit_yaml__lays_out_as_sops_does, 0,
			    (int)(sizeof(layouts) / sizeof(*layouts)));
	tcase_add_test(tc, doc_tree__survives_every_failing_allocation);
	suite_add_tcase(s, tc);
	return s;
}
