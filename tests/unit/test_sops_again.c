/* SPDX-License-Identifier: MIT */
/*
 * Files that sops wrote, sealed again: what did not change keeps its line. Values that a comment selects, set.
 */
#include <check.h>
#include <string.h>

#include "sops_text.h"
#include "sweep.h"

static const struct {
	const char *file;
	enum doc_format format;
} fixtures[] = {
	{ "sops/enc/comments.yaml", DOC_YAML },
	{ "sops/enc/scalars.yaml", DOC_YAML },
	{ "sops/enc/empties.yaml", DOC_YAML },
	{ "sops/enc/sel_unenc_comment.yaml", DOC_YAML },
	{ "sops/enc/sel_enc_regex.yaml", DOC_YAML },
	{ "sops/enc/indent2.yaml", DOC_YAML },
	{ "sops/enc/types.json", DOC_JSON },
	{ "sops/enc/basic.env", DOC_DOTENV },
	{ "sops/enc/default.ini", DOC_INI },
};

static int seal_again(enum doc_format format, struct span sealed,
		      const struct age_identities *identities, struct secret *ret_again,
		      struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) plain = SECRET_INIT;

	if (open_text(format, sealed, identities, &file, err) < 0 ||
	    sops_file_plaintext(&file, &plain, err) < 0)
		return -1;
	return sops_file_reseal(&file, &plain, ret_again, NULL, err);
}

/* An older one is raised; mac and lastmodified are right as they are. */
static bool is_version(struct span line)
{
	return memmem(line.data, line.len, "version", 7);
}

static void expect_same_lines(struct span before, struct span after, const char *name)
{
	struct span old, new;

	while (span_take_until(&before, '\n', &old)) {
		ck_assert_msg(span_take_until(&after, '\n', &new), "%s: a line is missing", name);
		ck_assert_msg(span_equal(old, new) || (is_version(old) && is_version(new)),
			      "%s: %.*s\n%.*s", name, SPAN_PRINT(old), SPAN_PRINT(new));
	}
	ck_assert_msg(span_equal(before, after), "%s: more at the end", name);
}

START_TEST(sops_file_reseal__keeps_the_lines_of_sops)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) sealed = load(fixtures[_i].file);
	AUTO(secret) again = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(seal_again(fixtures[_i].format, secret_span(&sealed), &identities, &again,
				 &err) == 0,
		      "%s: %s", fixtures[_i].file, err.message);
	expect_same_lines(secret_span(&sealed), secret_span(&again), fixtures[_i].file);
}
END_TEST

/* The escapes that say how a value was spelled are a part of the text that is replaced. */
START_TEST(sops_file_rotate__keeps_the_spelling)
{
	static const struct {
		enum doc_format format;
		const char *text;
	} cases[] = {
		{ DOC_YAML, "a: y\nb: \"y\"\nc: 'x'\nd: [x, \"y\", 'z']\ne: |\n  a\n" },
		{ DOC_JSON, "{\"a\": \"x\\/y\", \"b\": \"\\u00e9\", \"c\": \"\\u00C9<\"}" },
		{ DOC_INI, "[s]\na = x\nb = \"x\"\nc = `x`\n" },
	};
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(sops_groups) groups = SOPS_GROUPS_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_file) again = SOPS_FILE_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) rotated = SECRET_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(seal_text(cases[_i].format, cases[_i].text, &sealed, &err), 0);
	ck_assert_int_eq(open_text(cases[_i].format, secret_span(&sealed), &identities, &file,
				   &err),
			 0);
	ck_assert_int_eq(sops_groups_copy(&file.meta.groups, &groups, &err), 0);
	ck_assert_int_eq(sops_file_rotate(&file, &groups, NULL, &rotated, &err), 0);
	ck_assert_int_eq(open_text(cases[_i].format, secret_span(&rotated), &identities, &again,
				   &err),
			 0);
	ck_assert_int_eq(sops_file_plaintext(&again, &plain, &err), 0);
	ck_assert_msg(span_equal_text(secret_span(&plain), cases[_i].text), "%.*s",
		      SPAN_PRINT(secret_span(&plain)));
}
END_TEST

static const struct {
	const char *before, *index, *value, *after; /* value NULL: taken out */
	enum sops_selector_kind kind;
} selected[] = {
	/* what follows the comment now is another value */
	{ "x: 1\n# mark\na: 1\nb: 2\n", "[\"a\"]", NULL, "x: 1\n# mark\nb: 2\n",
	  SOPS_UNENCRYPTED_COMMENT_REGEX },
	{ "x: 1\n# mark\na: 1\nb: 2\n", "[\"a\"]", NULL, "x: 1\n# mark\nb: 2\n",
	  SOPS_ENCRYPTED_COMMENT_REGEX },
	{ "m:\n    # mark\n    - a\n    - b\n", "[\"m\"][0]", NULL, "m:\n    # mark\n    - b\n",
	  SOPS_ENCRYPTED_COMMENT_REGEX },
	{ "m:\n    a: 1\n    # mark\n", "[\"m\"][\"b\"]", "v",
	  "m:\n    a: 1\n    # mark\n    b: v\n", SOPS_UNENCRYPTED_COMMENT_REGEX },
	{ "m:\n    a: 1\n    # mark\n", "[\"m\"][\"b\"]", "v",
	  "m:\n    a: 1\n    # mark\n    b: v\n", SOPS_ENCRYPTED_COMMENT_REGEX },
};

static int set(size_t i, const struct age_identities *identities, struct secret *ret_plain,
	       struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) after = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_file) again = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(doc_tree) value = DOC_TREE_INIT;

	if (secret_append_text(&text, selected[i].before, err) < 0 ||
	    sops_groups_open(&policy.groups, err) < 0 ||
	    sops_groups_add(&policy.groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(RECIPIENT), err) < 0 ||
	    sops_selector_set(&policy.selector, selected[i].kind, SPAN_LITERAL("mark"), err) < 0 ||
	    sops_seal(DOC_YAML, &text, &policy, &sealed, NULL, err) < 0 ||
	    open_text(DOC_YAML, secret_span(&sealed), identities, &file, err) < 0 ||
	    doc_path_parse(selected[i].index, &path, err) < 0)
		return -1;
	if (!selected[i].value) {
		if (sops_file_unset(&file, &path, false, &after, err) < 0)
			return -1;
	} else if (doc_tree_scalar(&value, NULL, DOC_TYPE_STRING, span_of_text(selected[i].value),
				   err) < 0 ||
		   sops_file_set(&file, &path, &value, false, &after, err) < 0) {
		return -1;
	}
	if (open_text(DOC_YAML, secret_span(&after), identities, &again, err) < 0)
		return -1;
	return sops_file_plaintext(&again, ret_plain, err);
}

START_TEST(sops_file_set__seals_what_a_comment_selects_now)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(set((size_t)_i, &identities, &plain, &err) == 0, "%s", err.message);
	ck_assert_msg(span_equal_text(secret_span(&plain), selected[_i].after), "%.*s",
		      SPAN_PRINT(secret_span(&plain)));
}
END_TEST

static struct age_identities swept_identities;
static struct secret swept;
static size_t swept_case;

static int seal_again_once(void)
{
	AUTO(secret) again = SECRET_INIT;
	struct error err = ERROR_INIT;

	return seal_again(fixtures[swept_case].format, secret_span(&swept), &swept_identities,
			  &again, &err);
}

static int set_once(void)
{
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	return set(0, &swept_identities, &plain, &err);
}

START_TEST(sops_file_reseal__survives_failing_allocations)
{
	static const size_t cases[] = { 0, 8 };

	swept_case = cases[_i];
	swept = load(fixtures[swept_case].file);
	swept_identities = identities_of("sops/keys/age1.txt");
	SWEEP(seal_again_once());
	if (_i == 0)
		SWEEP(set_once());
	secret_release(&swept);
	age_identities_release(&swept_identities);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops_again");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, NULL, expect_no_secrets);
	tcase_set_timeout(t, 600);
	tcase_add_loop_test(t, sops_file_reseal__keeps_the_lines_of_sops, 0,
			    (int)(sizeof(fixtures) / sizeof(*fixtures)));
	tcase_add_loop_test(t, sops_file_rotate__keeps_the_spelling, 0, 3);
	tcase_add_loop_test(t, sops_file_set__seals_what_a_comment_selects_now, 0,
			    (int)(sizeof(selected) / sizeof(*selected)));
	tcase_add_loop_test(t, sops_file_reseal__survives_failing_allocations, 0, 2);
	suite_add_tcase(s, t);
	return s;
}
