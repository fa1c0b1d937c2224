/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "sops/select.h"
#include "sops/selection.h"
#include "sweep.h"

static int match(const char *pattern, const char *text, bool *ret_match, struct error *err)
{
	struct sops_regex *regex = NULL;
	int result;

	if (sops_regex_new(pattern, "test", &regex, err) < 0)
		return -1;
	result = sops_regex_match(regex, span_of_text(text), ret_match, err);
	sops_regex_free(regex);
	return result;
}

START_TEST(sops_regex__means_what_it_means_in_sops)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} cases[] = {
		{ "^secret$", "secret", true },
		{ "^secret$", "secret\n", false }, /* the end only, not before a last line break */
		{ "(?m)^b$", "a\nb\nc", true },
		{ "secret", "my secret key", true },
		{ "", "anything", true },
		{ ".", "\n", false },
		{ "(?s).", "\n", true },
		{ "(?i)PASS", "password", true },
		{ "(?i:p)ass", "Pass", true },
		{ "(?i:p)ass", "PASS", false },
		{ "(?P<name>a)b", "ab", true },
		{ "(?<name>a)b", "ab", true },
		{ "(?:a|b)+", "cab", true },
		{ "(?U)a+b", "aab", true },
		{ "\\pL", "\xc3\xa9", true },
		{ "\\p{Greek}", "\xce\xb1", true },
		{ "\\PL", "1", true },
		{ "\\p{^L}", "a", false },
		{ "^\\Qa.b\\E$", "a.b", true },
		{ "^\\Qa.b\\E$", "axb", false },
		{ "^\\Qa.b", "a.b", true },
		{ "a\\z", "a", true },
		{ "a\\z", "a\n", false },
		{ "\\Aa", "a", true },
		{ "\\bkey\\b", "a key b", true },
		{ "[[:alpha:]]+", "x", true },
		{ "[^[:^alpha:]]", "1", false },
		{ "^[]a]+$", "]a", true },
		{ "^[^]a]+$", "bc", true },
		{ "[[a]", "[", true },
		{ "^\\s$", "\v", false }, /* no vertical tab in Go's \s */
		{ "^[\\s]$", "\v", false },
		{ "^[\\S]$", "\v", true },
		{ "^\\S$", "\v", true },
		{ "^\\v$", "\v", true },
		{ "^\\v$", "\n", false },
		{ "^a{2}$", "aa", true },
		{ "^a{2,}$", "aaaa", true },
		{ "^a{1,2}?$", "aa", true },
		{ "^a{,2}$", "a{,2}", true }, /* a brace that counts nothing */
		{ "{", "{", true },
		{ "a{b}", "a{b}", true },
		{ "\\x41\\x{1F600}", "A\xf0\x9f\x98\x80", true },
		{ "^\\101$", "A", true },
		{ "^\\0$", "0", false },
		{ "^\\.\\-\\/$", ".-/", true },
		{ "^my\\ key$", "my key", true },
		{ "^.$", "\xc3\xa9", true }, /* a character, not a byte */
		{ "^(data|stringData)$", "data", true },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct error err = ERROR_INIT;
		bool matches = false;

		ck_assert_msg(match(cases[i].pattern, cases[i].text, &matches, &err) == 0, "%s: %s",
			      cases[i].pattern, err.message);
		ck_assert_msg(matches == cases[i].matches, "%s on %s", cases[i].pattern,
			      cases[i].text);
	}
}
END_TEST

START_TEST(sops_regex_new__refuses_what_sops_lacks)
{
	static const struct {
		const char *pattern, *named;
	} cases[] = {
		{ "a(?=b)", "look-ahead" },
		{ "a(?!b)", "look-ahead" },
		{ "(?<=a)b", "look-behind" },
		{ "(?<!a)b", "look-behind" },
		{ "(a)\\1", "back reference" },
		{ "(?P<n>a)(?P=n)", "back reference" },
		{ "\\g1", "back reference" },
		{ "\\k<n>", "back reference" },
		{ "\\9", "back reference" },
		{ "a++", "possessive" },
		{ "a*+", "possessive" },
		{ "a?+", "possessive" },
		{ "a{2}+", "possessive" },
		{ "a**", "possessive" },
		{ "a*??", "possessive" },
		{ "(?>a)", "atomic" },
		{ "(?(1)a|b)", "conditional" },
		{ "(?R)", "recursion" },
		{ "(?1)", "recursion" },
		{ "(?&n)", "subroutine" },
		{ "(?P>n)", "subroutine" },
		{ "(?|a|b)", "branch reset" },
		{ "a\\Kb", "\\K" },
		{ "\\C", "\\C" },
		{ "\\R", "\\R" },
		{ "\\X", "\\X" },
		{ "\\h", "\\h" },
		{ "\\Z", "\\Z" },
		{ "\\G", "\\G" },
		{ "(?#c)", "comment" },
		{ "(?C1)", "callout" },
		{ "(*ACCEPT)", "verb" },
		{ "(?x)a", "flag" },
		{ "\\p{Xan}", "PCRE2" },
		{ "a{1001}", "1000" },
		{ "a{3,2}", "maximum" },
		{ "(", "" },
		{ ")", "" },
		{ "[", "" },
		{ "[a", "" },
		{ "*a", "" },
		{ "a\\", "" },
		{ "\\y", "" },
		{ "[\\b]", "" },
		{ "[[:nope:]]", "" },
		{ "\\x4", "" },
		{ "\\x{}", "" },
		{ "\\pX{", "" },
		{ "\xff", "UTF-8" },
		{ "[z-a]", "" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct error err = ERROR_INIT;
		bool matches;

		ck_assert_msg(match(cases[i].pattern, "x", &matches, &err) == -1, "%s",
			      cases[i].pattern);
		ck_assert_int_eq(err.kind, ERROR_CONFIG);
		ck_assert_msg(strstr(err.message, cases[i].named) != NULL, "%s: %s",
			      cases[i].pattern, err.message);
	}
}
END_TEST

START_TEST(sops_regex_match__ends_on_a_hostile_pattern)
{
	struct error err = ERROR_INIT;
	bool matches;

	ck_assert_int_eq(match("^(a+)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab",
			       &matches, &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

static int sweep_match(void)
{
	struct error err = ERROR_INIT;
	bool matches;

	return match("^\\Qa.b\\E[[:alpha:]]$", "a.bc", &matches, &err);
}

START_TEST(sops_regex__survives_failing_allocations)
{
	SWEEP(sweep_match());
}
END_TEST

START_TEST(sops_selector_set__takes_one)
{
	AUTO(sops_selector) selector = SOPS_SELECTOR_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(sops_selector_set(&selector, SOPS_ENCRYPTED_SUFFIX, SPAN_INIT, &err), 0);
	ck_assert_ptr_null(selector.text);
	ck_assert_int_eq(sops_selector_set(&selector, SOPS_ENCRYPTED_REGEX, SPAN_LITERAL("a"),
					   &err),
			 0);
	ck_assert_int_eq(sops_selector_set(&selector, SOPS_ENCRYPTED_SUFFIX, SPAN_LITERAL("b"),
					   &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_CONFLICT);
	ck_assert_str_eq(selector.text, "a");
}
END_TEST

static void with_selector(enum sops_selector_kind kind, const char *text,
			  struct sops_selector *selector, struct sops_selection *selection)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(sops_selector_set(selector, kind, span_of_text(text), &err), 0);
	ck_assert_int_eq(sops_selection_init(selection, selector, &err), 0);
}

START_TEST(sops_selection_key__keeps_its_verdicts)
{
	AUTO(sops_selector) selector = SOPS_SELECTOR_INIT;
	AUTO(sops_selection) selection = SOPS_SELECTION_INIT;
	static char keys[1000][16];
	struct error err = ERROR_INIT;

	with_selector(SOPS_ENCRYPTED_REGEX, "7$", &selector, &selection);
	for (int round = 0; round < 3; round++)
		for (size_t i = 0; i < 1000; i++) {
			bool matches;

			(void)snprintf(keys[i], sizeof(keys[i]), "key%zu", i);
			ck_assert_int_eq(sops_selection_key(&selection, span_of_text(keys[i]),
							    &matches, &err),
					 0);
			ck_assert(matches == (i % 10 == 7));
		}
	ck_assert_uint_eq(selection.len, 1000);
}
END_TEST

START_TEST(sops_selection__defaults_to_sops_suffix)
{
	AUTO(sops_selector) selector = SOPS_SELECTOR_INIT;
	AUTO(sops_selection) selection = SOPS_SELECTION_INIT;
	struct error err = ERROR_INIT;
	bool matches;

	ck_assert_int_eq(sops_selection_init(&selection, &selector, &err), 0);
	ck_assert_int_eq(sops_selection_key(&selection, SPAN_LITERAL("a_unencrypted"), &matches,
					    &err),
			 0);
	ck_assert(matches);
	ck_assert(!sops_selection_seals(&selection, true));
	ck_assert(sops_selection_seals(&selection, false));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops_select");
	TCase *t = tcase_create("all");

	tcase_add_test(t, sops_regex__means_what_it_means_in_sops);
	tcase_add_test(t, sops_regex_new__refuses_what_sops_lacks);
	tcase_add_test(t, sops_regex_match__ends_on_a_hostile_pattern);
	tcase_add_test(t, sops_regex__survives_failing_allocations);
	tcase_add_test(t, sops_selector_set__takes_one);
	tcase_add_test(t, sops_selection_key__keeps_its_verdicts);
	tcase_add_test(t, sops_selection__defaults_to_sops_suffix);
	suite_add_tcase(s, t);
	return s;
}
