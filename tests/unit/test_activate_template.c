/* SPDX-License-Identifier: MIT */
/* activate/template: what a template becomes, with each encoder, and what it cannot carry. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "activate/env.h"
#include "activate/template.h"
#include "activate/values.h"
#include "sweep.h"
#include "util/buf.h"

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

/* Secrets a and b/c, and behind them the template t of that content. */
static int parse(const char *content, struct manifest *manifest)
{
	AUTO(secret) text = SECRET_INIT;
	struct manifest_entry *entry;

	if (secret_append_text(&text,
			       "secrets:\n  a: {file: f, key: a}\n  b/c: {file: f, key: b}\n",
			       &err) < 0 ||
	    manifest_parse(&text, "host.yaml", manifest, &err) < 0 ||
	    manifest_add_entry(manifest, &entry, &err) < 0)
		return -1;
	entry->kind = MANIFEST_TEMPLATE;
	entry->name = strdup("t");
	if (entry->name == NULL)
		return error_memory(&err);
	return template_parse(manifest, 2, span_of_text(content), &err);
}

/* What t becomes with these values of a and b/c. */
static int render(const char *content, struct span a, struct span b, struct secret *ret_text)
{
	static const struct owner owners[3] = { { 0, 0 }, { 0, 0 }, { 0, 0 } };
	AUTO(manifest) manifest = MANIFEST_INIT;
	AUTO(secret) values = SECRET_INIT;
	AUTO(plan) plan = PLAN_INIT;
	struct faults none = FAULTS_INIT;
	struct span given;

	if (parse(content, &manifest) < 0 ||
	    values_put(&values, &(struct value){ 1, SPAN_INIT, b }, &err) < 0 ||
	    values_put(&values, &(struct value){ 0, SPAN_INIT, a }, &err) < 0)
		return -1;
	given = secret_span(&values);
	if (plan_make(&manifest, owners, &given, &none, &plan, &err) < 0 ||
	    plan_render(&manifest, &none, &plan, &err) < 0)
		return -1;
	return secret_append_span(ret_text, plan_bytes(&plan, 2), &err);
}

static const struct {
	const char *content, *a, *rendered;
} good[] = {
	{ "no placeholder", "x", "no placeholder" },
	{ "{{a}}", "x", "x" },
	{ "{{ a }}", "", "" },
	{ "{{\ta  }}{{a}}", "x", "xx" },
	{ "<{{ b/c }}>{{ a }}\n", "x", "<B>x\n" },
	{ "{{ a }}", "{{ b/c }}", "{{ b/c }}" },
	{ "{{ a }}{{ b/c }}", "{{ b/", "{{ b/B" },
	{ "{ {a}} }} {{ \"{{\" }} a }}", "x", "{ {a}} }} {{ a }}" },
	{ "{{ a | json }}", "a\"b\\\n\xc3\xa9</\x01", "\"a\\\"b\\\\\\n\xc3\xa9</\\u0001\"" },
	{ "{{ a|json }}", "", "\"\"" },
	{ "x={{ a | shell }};", "it's $HOME `x`\n\\", "x='it'\\''s $HOME `x`\n\\';" },
	{ "{{ a | shell }}", "\xff''", "'\xff'\\'''\\'''" },
	{ "{{ a | shell }}", "", "''" },
	{ "A={{ a | env }}\n", "$a`b\"c\\\n'd'#", "A=\"\\$a\\`b\\\"c\\\\\n'd'#\"\n" },
	{ "{{ a | env }}", "", "\"\"" },
};

START_TEST(template_render__puts_values_in)
{
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		AUTO(secret) text = SECRET_INIT;

		ck_assert_msg(render(good[i].content, span_of_text(good[i].a), SPAN_LITERAL("B"),
				     &text) == 0,
			      "%s: %s", good[i].content, err.message);
		ck_assert_msg(span_equal_text(secret_span(&text), good[i].rendered),
			      "%s gives %.*s", good[i].content, (int)text.len,
			      (const char *)text.data);
	}
}
END_TEST

START_TEST(template_render__carries_any_byte_as_it_is)
{
	AUTO(secret) text = SECRET_INIT;

	ck_assert_int_eq(render("<{{ a }}>", SPAN_LITERAL("\0\xff{{"), SPAN_INIT, &text), 0);
	ck_assert(span_equal(secret_span(&text), SPAN_LITERAL("<\0\xff{{>")));
}
END_TEST

static const struct {
	const char *content;
	struct span a;
	const char *message;
} bad[] = {
	{ "{{ a | shell }}", { (const uint8_t *)"x\0y", 3 }, "the value of \"a\": it holds a NUL" },
	{ "{{ a | env }}", { (const uint8_t *)"x\0y", 3 }, "the value of \"a\" holds a NUL" },
	{ "{{ a | env }}", { (const uint8_t *)"\xff", 1 }, "no UTF-8 text that systemd takes" },
	{ "{{ a | env }}", { (const uint8_t *)"\xef\xbf\xbf", 3 }, "that systemd takes" },
	{ "{{ a | json }}", { (const uint8_t *)"\xff", 1 }, "the value of \"a\": no UTF-8" },
};

START_TEST(template_render__refuses_what_cannot_be_carried)
{
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		AUTO(secret) text = SECRET_INIT;

		err = ERROR_INIT;
		ck_assert_int_eq(render(bad[i].content, bad[i].a, SPAN_INIT, &text), -1);
		ck_assert_msg(strstr(err.message, bad[i].message) != NULL, "%s", err.message);
		ck_assert_msg(strncmp(err.message, "\"t\": ", 5) == 0, "%s", err.message);
	}
}
END_TEST

START_TEST(template_render__refuses_a_value_that_is_too_long_for_a_variable)
{
	static uint8_t long_value[ENV_ASSIGNMENT_MAX];
	AUTO(secret) text = SECRET_INIT;

	memset(long_value, 'x', sizeof(long_value));
	ck_assert_int_eq(render("A={{ a | env }}", span_of(long_value, sizeof(long_value)),
				SPAN_INIT, &text),
			 -1);
	ck_assert_ptr_nonnull(strstr(err.message, "too long"));
}
END_TEST

/* One after the other, so that whatever is cut off at the end of a buffer is seen by a sanitizer. */
START_TEST(template_parse__survives_being_cut_and_flipped)
{
	static const char whole[] =
		"a {{ a }}\n{{ \"{{\" }}{{b/c | json}} {{ a|env }} }} {{a | shell}}";
	AUTO_FREE char *text = strdup(whole);

	for (size_t bit = 0; bit < 8 * (sizeof(whole) - 1); bit++) {
		AUTO(manifest) manifest = MANIFEST_INIT;
		char *copy;

		text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
		copy = strndup(text, bit / 8 + bit % 2);
		ck_assert_ptr_nonnull(copy);
		err = ERROR_INIT;
		ck_assert((parse(text, &manifest) < 0) == (err.kind != ERROR_NONE));
		manifest_release(&manifest);
		err = ERROR_INIT;
		ck_assert((parse(copy, &manifest) < 0) == (err.kind != ERROR_NONE));
		text[bit / 8] = whole[bit / 8];
		free(copy);
	}
}
END_TEST

static int render_anew(void)
{
	AUTO(secret) text = SECRET_INIT;

	return render("<{{ a }}{{ a | json }}{{ b/c | shell }}{{ a | env }}>", SPAN_LITERAL("it's"),
		      SPAN_LITERAL("b"), &text);
}

START_TEST(template_render__survives_lack_of_memory)
{
	SWEEP(render_anew());
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("activate_template");
	TCase *tcase = tcase_create("template");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 600);
	tcase_add_test(tcase, template_render__puts_values_in);
	tcase_add_test(tcase, template_render__carries_any_byte_as_it_is);
	tcase_add_test(tcase, template_render__refuses_what_cannot_be_carried);
	tcase_add_test(tcase, template_render__refuses_a_value_that_is_too_long_for_a_variable);
	tcase_add_test(tcase, template_parse__survives_being_cut_and_flipped);
	tcase_add_test(tcase, template_render__survives_lack_of_memory);
	suite_add_tcase(s, tcase);
	return s;
}
