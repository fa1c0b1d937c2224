/* SPDX-License-Identifier: MIT */
/* What a rule would seal and a file's own selector does not. */
#include <check.h>
#include <string.h>

#include "sops/new_values.h"
#include "sweep.h"

static int check_values(const char *before, const char *after, enum sops_selector_kind file_kind,
			const char *file_text, enum sops_selector_kind rule_kind,
			const char *rule_text, struct error *err)
{
	AUTO(secret) old_text = SECRET_INIT;
	AUTO(secret) new_text = SECRET_INIT;
	AUTO(doc) old = DOC_INIT;
	AUTO(doc) new = DOC_INIT;
	AUTO(sops_selector) file = SOPS_SELECTOR_INIT;
	AUTO(sops_selector) rule = SOPS_SELECTOR_INIT;

	if (secret_append_text(&old_text, before, err) < 0 ||
	    secret_append_text(&new_text, after, err) < 0 ||
	    doc_parse(DOC_YAML, &old_text, 0, &old, err) < 0 ||
	    doc_parse(DOC_YAML, &new_text, 0, &new, err) < 0 ||
	    sops_selector_set(&file, file_kind, span_of_text(file_text), err) < 0 ||
	    sops_selector_set(&rule, rule_kind, span_of_text(rule_text), err) < 0)
		return -1;
	return sops_check_new_values(&old, &new, &file, &rule, err);
}

#define BEFORE "a: 1\nm: {k: v}\nl: [x, y]\n"

/* The file seals "secret" alone, the rule all but "open". */
static const struct {
	const char *after;
	const char *refused; /* the line and key; NULL: it passes */
} cases[] = {
	{ BEFORE, NULL },
	{ "a: 1\nm: {k: v}\nl: [y, x]\n", NULL },
	{ "a: 1\nm: {k: v}\nl: [y]\n", NULL },
	{ "a: 1\nm: {k: v}\nl: [v, y]\n", NULL },
	{ "a: 1\nm: {k: v}\nl: [n, y]\n", "line 3, key \"l\"" },
	{ "a: 1\nm: {k: x}\nl: [x, y]\n", "line 2, key \"k\"" },
	{ BEFORE "secret: s\n", NULL },
	{ BEFORE "open: o\n", NULL },
	{ BEFORE "new: ''\nz: ~\n", NULL },
	{ BEFORE "new: n\n", "line 4, key \"new\"" },
	{ "new: n\n" BEFORE, "line 1, key \"new\"" },
	{ "m: {k: v}\nl: [x, y]\na: 1\n", NULL },
	{ "a: 1\nm: {k: v, new: n}\nl: [x]\n", "line 2, key \"new\"" },
	{ "a: 1\nm: {secret: {deep: s}}\nl: [x]\n", NULL },
	{ "a: 1\nl: [x, y, z]\n", "line 2, key \"l\"" },
	{ "a: {b: 1}\n", "line 1, key \"b\"" },
	{ "m: text\n", "line 1, key \"m\"" },
	{ "l: [x]\n---\nnew: n\n", "line 3, key \"new\"" },
	{ "# was there\n" BEFORE, NULL },
	{ BEFORE "open:\n  # new\n  o: 1\n", NULL },
	{ "# new\n" BEFORE, "line 1: a new comment" },
	{ BEFORE "# was there\nopen: 1 # new too\n", "line 5: a new comment" },
};

START_TEST(sops_check_new_values__refuses_what_would_stay_readable)
{
	struct error err = ERROR_INIT;
	const int result =
		check_values(BEFORE "# was there\n", cases[_i].after, SOPS_ENCRYPTED_REGEX,
			     "^secret$", SOPS_UNENCRYPTED_REGEX, "^open$", &err);

	ck_assert_msg((result < 0) == (cases[_i].refused != NULL), "%s", err.message);
	if (!cases[_i].refused)
		return;
	ck_assert_int_eq(err.kind, ERROR_DENIED);
	ck_assert_msg(strstr(err.message, cases[_i].refused) == err.message, "%s", err.message);
}
END_TEST

START_TEST(sops_check_new_values__looks_at_comments)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(check_values("a: 1\n", "a: 1\n# sealed\nb: 2\n", SOPS_ENCRYPTED_SUFFIX,
				      "x", SOPS_ENCRYPTED_COMMENT_REGEX, "sealed", &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
	error_clear(&err);
	ck_assert_int_eq(check_values("a: 1\n", "a: 1\n# open\nb: 2\n", SOPS_ENCRYPTED_SUFFIX, "x",
				      SOPS_ENCRYPTED_COMMENT_REGEX, "sealed", &err),
			 0);
}
END_TEST

START_TEST(sops_check_new_values__looks_at_changes)
{
	static const struct {
		const char *after;
		bool refused;
	} changed[] = {
		{ "a: 1\nsecret: s\nopen: o\n", false },
		{ "'a': 0x1\nsecret: s\nopen: o\n", false },
		{ "'a': '1'\nsecret: s\nopen: o\n", true }, /* of another type */
		{ "a: 1\nsecret: t\nopen: p\n", false },
		{ "a: 2\nsecret: s\nopen: o\n", true },
		{ "a: ''\nsecret: s\nopen: o\n", false },
	};

	for (size_t i = 0; i < sizeof(changed) / sizeof(*changed); i++) {
		struct error err = ERROR_INIT;
		const int result = check_values("a: 1\nsecret: s\nopen: o\n", changed[i].after,
						SOPS_ENCRYPTED_REGEX, "^secret$",
						SOPS_UNENCRYPTED_REGEX, "^open$", &err);

		ck_assert_msg((result < 0) == changed[i].refused, "%zu: %s", i, err.message);
		ck_assert_int_eq(err.kind, changed[i].refused ? ERROR_DENIED : ERROR_NONE);
	}
}
END_TEST

START_TEST(sops_check_new_values__looks_at_what_was_sealed)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(check_values("# seal\na: 1\n", "a: 1\n", SOPS_ENCRYPTED_COMMENT_REGEX,
				      "seal", SOPS_ENCRYPTED_REGEX, "a", &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_DENIED);
}
END_TEST

/* Sealed is what stands below "secret" or behind a comment "seal". */
static const struct {
	const char *before, *after;
	enum sops_selector_kind kind;
	size_t line; /* the first that is told; 0: none */
} exposures[] = {
	{ "secret: s1\nb: v\n", "secret: s2\nb: w\n", SOPS_ENCRYPTED_REGEX, 0 },
	{ "secret: s1\nb: v\n", "b: v\nsecrt: s1\n", SOPS_ENCRYPTED_REGEX, 2 },
	{ "secret: s1\nb: v\n", "secret: s1\nb: s1\n", SOPS_ENCRYPTED_REGEX, 0 },
	{ "secret: s1\nb: s1\n", "b: s1\n", SOPS_ENCRYPTED_REGEX, 0 },
	{ "secret: {k: v1}\n", "x: 1\nsecrt: {k: v1}\n", SOPS_ENCRYPTED_REGEX, 2 },
	{ "secret:\n  # note\n  k: v\n", "x: 1\n# note\nsecret: {}\n", SOPS_ENCRYPTED_REGEX, 2 },
	{ "# note\nsecret:\n  # note\n  k: v\n", "# note\nsecret: {}\n", SOPS_ENCRYPTED_REGEX, 0 },
	{ "secret: true\n", "b: true\n", SOPS_ENCRYPTED_REGEX, 0 },
	{ "# seal\na: v\nb: w\n", "a: other\nb: w\n", SOPS_ENCRYPTED_COMMENT_REGEX, 1 },
	{ "# seal\na: v\nb: w\n", "# seal\na: other\nb: w\n", SOPS_ENCRYPTED_COMMENT_REGEX, 0 },
};

static int find_exposed(size_t i, struct sops_notes *ret_notes, struct error *err)
{
	AUTO(secret) old_text = SECRET_INIT;
	AUTO(secret) new_text = SECRET_INIT;
	AUTO(doc) old = DOC_INIT;
	AUTO(doc) new = DOC_INIT;
	AUTO(sops_selector) selector = SOPS_SELECTOR_INIT;

	if (secret_append_text(&old_text, exposures[i].before, err) < 0 ||
	    secret_append_text(&new_text, exposures[i].after, err) < 0 ||
	    doc_parse(DOC_YAML, &old_text, 0, &old, err) < 0 ||
	    doc_parse(DOC_YAML, &new_text, 0, &new, err) < 0 ||
	    sops_selector_set(&selector, exposures[i].kind,
			      exposures[i].kind == SOPS_ENCRYPTED_REGEX ? SPAN_LITERAL("^secret$")
									: SPAN_LITERAL("seal"),
			      err) < 0)
		return -1;
	return sops_find_exposed(&old, &new, &selector, ret_notes, err);
}

START_TEST(sops_find_exposed__finds_what_was_sealed)
{
	struct sops_notes notes;
	struct error err = ERROR_INIT;

	ck_assert_msg(find_exposed((size_t)_i, &notes, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(notes.len, exposures[_i].line > 0 ? 1 : 0);
	if (notes.len > 0)
		ck_assert_uint_eq(notes.lines[0], exposures[_i].line);
}
END_TEST

static int find_once(void)
{
	struct sops_notes notes;
	struct error err = ERROR_INIT;

	return find_exposed(1, &notes, &err);
}

START_TEST(sops_selector_equals__knows_the_default)
{
	AUTO(sops_selector) none = SOPS_SELECTOR_INIT;
	AUTO(sops_selector) suffix = SOPS_SELECTOR_INIT;
	AUTO(sops_selector) regex = SOPS_SELECTOR_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(sops_selector_set(&suffix, SOPS_UNENCRYPTED_SUFFIX,
					   SPAN_LITERAL("_unencrypted"), &err),
			 0);
	ck_assert_int_eq(sops_selector_set(&regex, SOPS_UNENCRYPTED_REGEX,
					   SPAN_LITERAL("_unencrypted"), &err),
			 0);
	ck_assert(sops_selector_equals(&none, &suffix));
	ck_assert(!sops_selector_equals(&none, &regex));
}
END_TEST

static int check_once(void)
{
	struct error err = ERROR_INIT;

	return check_values(BEFORE, BEFORE "secret: s\n", SOPS_ENCRYPTED_REGEX, "^secret$",
			    SOPS_UNENCRYPTED_REGEX, "^open$", &err);
}

START_TEST(sops_check_new_values__survives_failing_allocations)
{
	SWEEP(check_once());
	SWEEP(find_once());
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops_new_values");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, sops_check_new_values__refuses_what_would_stay_readable, 0,
			    (int)(sizeof(cases) / sizeof(*cases)));
	tcase_add_test(t, sops_check_new_values__looks_at_comments);
	tcase_add_test(t, sops_check_new_values__looks_at_changes);
	tcase_add_test(t, sops_check_new_values__looks_at_what_was_sealed);
	tcase_add_loop_test(t, sops_find_exposed__finds_what_was_sealed, 0,
			    (int)(sizeof(exposures) / sizeof(*exposures)));
	tcase_add_test(t, sops_selector_equals__knows_the_default);
	tcase_add_test(t, sops_check_new_values__survives_failing_allocations);
	suite_add_tcase(s, t);
	return s;
}
