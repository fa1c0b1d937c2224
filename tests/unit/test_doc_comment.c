/* SPDX-License-Identifier: MIT */
/* The container of each comment, against what sops says (tests/vectors/doc). */
#include <check.h>

#include "../../src/doc/internal.h"
#include "doc_fake.h"
#include "doc_text.h"
#include "util/buf.h"
#include "util/file.h"

#include <fcntl.h>

static void add_path(struct buf *out, const struct doc *doc, uint32_t node)
{
	struct error err = ERROR_INIT;
	const uint32_t parent = doc->nodes[node].parent;

	if (doc->nodes[node].kind == DOC_STREAM)
		return;
	add_path(out, doc, parent);
	if (doc->nodes[parent].kind == DOC_MAP)
		ck_assert_int_eq(buf_append_span(out, doc_key(doc, node), &err) ||
					 buf_append_text(out, ":", &err),
				 0);
}

/* "path: C text" for comments, "path: V" for values, a line each, in sops' order. */
static void describe(const struct doc *doc, struct buf *out)
{
	uint32_t *order = calloc(doc->len, sizeof(*order));
	struct error err = ERROR_INIT;

	doc_order(doc, order);
	for (uint32_t i = 0; i < doc->len; i++) {
		const uint32_t node = order[i];
		const bool is_comment = doc->nodes[node].kind == DOC_COMMENT;
		AUTO(buf) path = BUF_INIT;
		const char *text;

		if (doc->nodes[node].kind != DOC_SCALAR && !is_comment)
			continue;
		add_path(&path, doc, is_comment ? doc_comment_container(doc, node, 0) : node);
		ck_assert_int_eq(buf_text(&path, &text, &err), 0);
		ck_assert_int_eq(buf_printf(out, &err, "%s%s%s", text, path.len > 0 ? "" : ":",
					    is_comment ? " C " : " V"),
				 0);
		if (is_comment)
			ck_assert_int_eq(buf_append_span(out, doc_value(doc, node), &err), 0);
		ck_assert_int_eq(buf_append_text(out, "\n", &err), 0);
	}
	free(order);
}

/* A line of the fixture in the form of describe(); false for what sops does not see. */
static void add_expected(struct buf *out, struct span line)
{
	struct span path, rest = line;
	struct error err = ERROR_INIT;
	const uint8_t *quote;

	ck_assert(span_take_until(&rest, ' ', &path));
	ck_assert_int_eq(buf_append_span(out, path, &err), 0);
	rest = span_trim(rest);
	if (!span_starts_with(rest, "COMMENT") && !span_starts_with(rest, "LISTCOMMENT")) {
		ck_assert_int_eq(buf_append_text(out, " V\n", &err), 0);
		return;
	}
	quote = memchr(rest.data, '"', rest.len);
	ck_assert_int_eq(buf_append_text(out, " C ", &err), 0);
	ck_assert_int_eq(buf_append(out, quote + 1, (size_t)(rest.data + rest.len - 1 - quote - 1),
				    &err),
			 0);
	ck_assert_int_eq(buf_append_text(out, "\n", &err), 0);
}

static void check_case(struct secret *yaml, struct buf *expected)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(secret) copy = SECRET_INIT;
	AUTO(buf) got = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_append_span(&copy, secret_span(yaml), &err), 0);
	ck_assert_msg(doc_parse(DOC_YAML, yaml, 0, &doc, &err) == 0, "%s", err.message);
	ck_assert_int_eq(doc_place_comments(&doc, &err), 0);
	describe(&doc, &got);
	/* what the fixture calls lost, and a copied comment of an alias, are not compared */
	if (memmem(copy.data, copy.len, "lost", 4) == NULL && doc.expanded_len == 0)
		ck_assert_msg(span_equal(buf_span(&got), buf_span(expected)),
			      "%.*s\ngot:\n%.*s\nexpected:\n%.*s", SPAN_PRINT(secret_span(&copy)),
			      SPAN_PRINT(buf_span(&got)), SPAN_PRINT(buf_span(expected)));
	buf_clear(expected);
}

START_TEST(doc_place_comments__agrees_with_sops)
{
	AUTO(secret) fixture = SECRET_INIT;
	AUTO(secret) yaml = SECRET_INIT;
	AUTO(buf) expected = BUF_INIT;
	struct error err = ERROR_INIT;
	struct span rest, line;
	size_t cases = 0;

	ck_assert_int_eq(file_read(AT_FDCWD, "tests/vectors/doc/comment_attachment.txt", 1 << 20,
				   &fixture, &err),
			 0);
	rest = secret_span(&fixture);
	while (span_take_line(&rest, &line)) {
		if (span_starts_with(line, "    | ")) {
			ck_assert_int_eq(secret_append_span(&yaml, span_slice(line, 6, line.len),
							    &err) ||
						 secret_append_text(&yaml, "\n", &err),
					 0);
		} else if (line.len == 0 && yaml.len > 0) {
			check_case(&yaml, &expected);
			cases++;
		} else if (line.len > 0 && !span_starts_with(line, "doc ")) {
			add_expected(&expected, line);
		}
	}
	ck_assert_uint_eq(cases, 22);
}
END_TEST

/* The metadata that will follow are not the value. */
START_TEST(yaml_scan_comments__knows_an_empty_value_behind_a_tag)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(buf) got = BUF_INIT;
	struct error err = ERROR_INIT;

	parse_well(DOC_YAML, "l:\n# x\n- 2\n# foot\nb: !\n", &doc);
	ck_assert_int_eq(yaml_scan_comments(&doc, &err), 0);
	describe(&doc, &got);
	ck_assert_msg(span_equal_text(buf_span(&got), "l: C  x\nl: V\n: C  foot\nb: V\n"), "%.*s",
		      SPAN_PRINT(buf_span(&got)));
}
END_TEST

START_TEST(doc_comment_container__offers_the_enclosing_ones)
{
	static const char text[] = "a:\n  b:\n    c: 1\n    # x\nd:\n  e: 1\n";
	AUTO(doc) doc = DOC_INIT;
	AUTO(secret) copy = SECRET_INIT;
	struct error err = ERROR_INIT;
	uint32_t comment = 0, root;
	bool seen_root = false, seen_b = false, seen_next = false;

	ck_assert_int_eq(secret_append_text(&copy, text, &err), 0);
	ck_assert_int_eq(doc_parse(DOC_YAML, &copy, 0, &doc, &err), 0);
	root = doc_root(&doc, 0);
	while (doc.nodes[comment].kind != DOC_COMMENT)
		comment++;
	for (unsigned nth = 0; doc_comment_container(&doc, comment, nth) != DOC_NONE; nth++) {
		const uint32_t container = doc_comment_container(&doc, comment, nth);

		ck_assert_uint_lt(nth, 5);
		seen_root |= container == root;
		seen_b |= span_equal_text(doc_key(&doc, container), "b");
		seen_next |= span_equal_text(doc_key(&doc, container), "d");
	}
	ck_assert(seen_root && seen_b && seen_next);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("doc/comment");
	TCase *tc = tcase_create("comment");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, yaml_scan_comments__knows_an_empty_value_behind_a_tag);
	tcase_add_test(tc, doc_place_comments__agrees_with_sops);
	tcase_add_test(tc, doc_comment_container__offers_the_enclosing_ones);
	suite_add_tcase(s, tc);
	return s;
}
