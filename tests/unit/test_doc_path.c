/* SPDX-License-Identifier: MIT */
#include <check.h>

#include "doc/path.h"
#include "sweep.h"

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static const struct {
	const char *text, *shown; /* NULL: refused */
} indices[] = {
	{ "[\"a\"]", "[\"a\"]" },
	{ "['a'][0][\"b c\"]", "[\"a\"][0][\"b c\"]" },
	{ "[\"a]b\"]", "[\"a]b\"]" },
	{ "[\"\"]", "[\"\"]" },
	{ "[12]", "[12]" },
	{ "[\"a\\n\"]", "[\"a\\\\n\"]" },
	{ "", NULL },
	{ "a", NULL },
	{ "[a]", NULL },
	{ "[]", NULL },
	{ "[-1]", NULL },
	{ "[\"a]", NULL },
	{ "[\"a'\"", NULL },
	{ "[\"a\"][", NULL },
	{ "[\"a\"]x", NULL },
	{ "x[\"a\"]", NULL },
	{ "[99999999999999999999]", NULL },
};

START_TEST(doc_path_parse__reads_sops_indices)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(buf) shown = BUF_INIT;
	struct error err = ERROR_INIT;
	const char *text;
	const int status = doc_path_parse(indices[_i].text, &path, &err);

	if (indices[_i].shown == NULL) {
		ck_assert_int_eq(status, -1);
		ck_assert_int_eq(err.kind, ERROR_BAD_INDEX);
		return;
	}
	ck_assert_msg(status == 0, "%s", err.message);
	ck_assert_int_eq(doc_path_format(&path, path.len, &shown, &err), 0);
	ck_assert_int_eq(buf_text(&shown, &text, &err), 0);
	ck_assert_str_eq(text, indices[_i].shown);
}
END_TEST

START_TEST(doc_path_parse_slashes__splits_keys)
{
	static const char *const bad[] = { "/", "/a", "a/", "a//b" };
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(doc_path) empty = DOC_PATH_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(doc_path_parse_slashes("a/b c/0", &path, &err), 0);
	ck_assert_uint_eq(path.len, 3);
	ck_assert(span_equal_text(doc_path_key(&path, 1), "b c"));
	ck_assert(!path.parts[2].is_index);
	ck_assert_int_eq(doc_path_parse_slashes("", &empty, &err), 0);
	ck_assert_uint_eq(empty.len, 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(doc_path) none = DOC_PATH_INIT;

		ck_assert_int_eq(doc_path_parse_slashes(bad[i], &none, &err), -1);
	}
}
END_TEST

START_TEST(doc_path_parse__limits_the_parts)
{
	for (size_t parts = DOC_PATH_MAX - 1; parts <= DOC_PATH_MAX + 1; parts++) {
		AUTO(doc_path) path = DOC_PATH_INIT;
		AUTO(buf) text = BUF_INIT;
		struct error err = ERROR_INIT;
		const char *string;

		for (size_t i = 0; i < parts; i++)
			ck_assert_int_eq(buf_append_text(&text, "[0]", &err), 0);
		ck_assert_int_eq(buf_text(&text, &string, &err), 0);
		ck_assert_int_eq(doc_path_parse(string, &path, &err),
				 parts <= DOC_PATH_MAX ? 0 : -1);
	}
}
END_TEST

static const struct {
	const char *path;
	size_t parts;      /* that are followed */
	const char *value; /* of the node reached; NULL: a container */
} follows[] = {
	{ "[\"a\"]", 1, NULL },
	{ "[\"a\"][\"b\"]", 2, "1" },
	{ "[\"a\"][\"x\"][\"y\"]", 1, NULL },
	{ "[\"l\"][0]", 2, "x" },
	{ "[\"l\"][1]", 2, "y" },
	{ "[\"l\"][2]", 1, NULL },
	{ "[\"a\"][\"b\"][\"c\"]", 2, "1" },
	{ "[\"none\"]", 0, NULL },
};

START_TEST(doc_path_follow__goes_as_far_as_it_can)
{
	static const char yaml[] = "a:\n  # c\n  b: 1\nl:\n  # c\n  - x\n"
				   "  - ENC[AES256_GCM,data:x,type:comment]\n  - y\n";
	AUTO(doc) doc = DOC_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	struct error err = ERROR_INIT;
	uint32_t node;
	size_t parts;

	ck_assert_int_eq(secret_append_text(&text, yaml, &err), 0);
	ck_assert_int_eq(doc_parse(DOC_YAML, &text, 0, &doc, &err), 0);
	ck_assert_int_eq(doc_path_parse(follows[_i].path, &path, &err), 0);
	ck_assert_int_eq(doc_path_follow(&doc, &path, &node, &parts, &err), 0);
	ck_assert_uint_eq(parts, follows[_i].parts);
	if (follows[_i].value == NULL)
		ck_assert(doc.nodes[node].kind != DOC_SCALAR);
	else
		ck_assert(span_equal_text(doc_value(&doc, node), follows[_i].value));
}
END_TEST

static const struct {
	const char *path, *counted; /* NULL: a comment */
} counts[] = {
	{ "[\"l\"][0]", NULL },      { "[\"l\"][1]", "x" },     { "[\"l\"][2]", NULL },
	{ "[\"l\"][3]", NULL },      { "[\"l\"][4]", "y" },     { "[\"l\"][5][1]", "z" },
	{ "[\"l\"][5][0]", NULL },   { "[\"l\"][5][2]", NULL }, /* for sops it belongs there */
	{ "[\"l\"][6]", "" },        { "[\"l\"][7]", "" },      { "[\"none\"][7]", "" },
	{ "[\"l\"][\"k\"][0]", "" }, { "[\"a\"][\"b\"]", "1" },
};

static int count_values(const char *yaml, const char *index, struct doc *ret_doc,
			struct doc_path *ret_path, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;

	if (secret_append_text(&text, yaml, err) < 0 ||
	    doc_parse(DOC_YAML, &text, 0, &doc, err) < 0 || doc_path_parse(index, &path, err) < 0 ||
	    doc_path_count_values(&doc, &path, err) < 0)
		return -1;
	*ret_doc = doc;
	*ret_path = path;
	doc = DOC_INIT;
	path = DOC_PATH_INIT;
	return 0;
}

static const char counted_yaml[] = "a:\n  # c\n  b: 1\nl:\n  # c\n  - x\n"
				   "  - ENC[AES256_GCM,data:x,type:comment]\n  - y # d\n"
				   "  -\n    # e\n    - z\n  # f\n";

START_TEST(doc_path_count_values__leads_to_the_same)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(buf) shown = BUF_INIT;
	struct error err = ERROR_INIT;
	const char *text;
	uint32_t node;
	size_t parts;

	if (!counts[_i].counted) {
		ck_assert_int_eq(count_values(counted_yaml, counts[_i].path, &doc, &path, &err),
				 -1);
		ck_assert_int_eq(err.kind, ERROR_BAD_INDEX);
		return;
	}
	ck_assert_int_eq(count_values(counted_yaml, counts[_i].path, &doc, &path, &err), 0);
	ck_assert_int_eq(doc_path_follow(&doc, &path, &node, &parts, &err), 0);
	ck_assert_int_eq(parts == path.len, counts[_i].counted[0] != '\0');
	if (parts == path.len)
		ck_assert(span_equal_text(doc_value(&doc, node), counts[_i].counted));
	/* messages show what was written */
	ck_assert_int_eq(doc_path_format(&path, path.len, &shown, &err), 0);
	ck_assert_int_eq(buf_text(&shown, &text, &err), 0);
	ck_assert_str_eq(text, counts[_i].path);
}
END_TEST

static int count_once(struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;

	return count_values(counted_yaml, "[\"l\"][5][1]", &doc, &path, err);
}

START_TEST(doc_path_count_values__survives_every_failing_allocation)
{
	struct error err = ERROR_INIT;

	SWEEP(count_once(&err));
}
END_TEST

static int parse_and_format(struct error *err)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(buf) shown = BUF_INIT;

	return doc_path_parse("[\"a\"][0]", &path, err) < 0 ||
			       doc_path_format(&path, path.len, &shown, err) < 0
		       ? -1
		       : 0;
}

START_TEST(doc_path_parse__survives_every_failing_allocation)
{
	struct error err = ERROR_INIT;

	SWEEP(parse_and_format(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("doc/path");
	TCase *tc = tcase_create("path");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, doc_path_parse__reads_sops_indices, 0,
			    (int)(sizeof(indices) / sizeof(*indices)));
	tcase_add_test(tc, doc_path_parse_slashes__splits_keys);
	tcase_add_test(tc, doc_path_parse__limits_the_parts);
	tcase_add_loop_test(tc, doc_path_follow__goes_as_far_as_it_can, 0,
			    (int)(sizeof(follows) / sizeof(*follows)));
	tcase_add_loop_test(tc, doc_path_count_values__leads_to_the_same, 0,
			    (int)(sizeof(counts) / sizeof(*counts)));
	tcase_add_test(tc, doc_path_count_values__survives_every_failing_allocation);
	tcase_add_test(tc, doc_path_parse__survives_every_failing_allocation);
	suite_add_tcase(s, tc);
	return s;
}
