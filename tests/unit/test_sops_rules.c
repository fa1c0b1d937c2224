/* SPDX-License-Identifier: MIT */
/* .sops.yaml; which rule matches and what it says is tested in tests/cli/21-rules.sh, too. */
#include <check.h>
#include <string.h>

#include "sops/rules.h"
#include "sweep.h"
#include "vectors.h"

#define ALICE "age1kgp3cjt6ypywa40u3f62z62f6x000mf948hdm69sphluddxmy48sqkzmg7"
#define WEB1 "age1n2607mx799jr4jkrzspef4n74k5sek8yprksp2c9w4csqznayahq7zh604"

#define RULES                                                                                      \
	"keys:\n"                                                                                  \
	"- &alice " ALICE "\n"                                                                     \
	"creation_rules:\n"                                                                        \
	"- path_regex: ^other/\n"                                                                  \
	"  pgp: ABCD\n"                                                                            \
	"- path_regex: \\.yaml$\n"                                                                 \
	"  age: [*alice, \"" WEB1 ", \"]\n"                                                        \
	"  encrypted_regex: ^(data|token)$\n"                                                      \
	"  mac_only_encrypted: true\n"                                                             \
	"stores:\n"                                                                                \
	"  yaml: {indent: 2}\n"

static int read_rules(struct span rules, const char *target, struct sops_policy *ret_policy,
		      bool *ret_found, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (secret_append_span(&text, rules, err) < 0)
		return -1;
	return sops_rules_policy(&text, ".sops.yaml", target, ret_policy, ret_found, err);
}

START_TEST(sops_rules_policy__takes_the_first_that_matches)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct error err = ERROR_INIT;
	bool found;

	ck_assert_msg(read_rules(SPAN_LITERAL(RULES), "secrets/a.yaml", &policy, &found, &err) == 0,
		      "%s", err.message);
	ck_assert(found);
	ck_assert_uint_eq(sops_groups_count(&policy.groups), 2);
	ck_assert_str_eq(policy.groups.items[0].items[0].text, ALICE);
	ck_assert_str_eq(policy.groups.items[0].items[1].text, WEB1);
	ck_assert_int_eq(policy.selector.kind, SOPS_ENCRYPTED_REGEX);
	ck_assert_str_eq(policy.selector.text, "^(data|token)$");
	ck_assert(policy.mac_only_encrypted);
	ck_assert_uint_eq(policy.indent, 2);
}
END_TEST

/* As sops 3.13.3 does: an entry of its own first, then the first map that has it. */
START_TEST(sops_rules_policy__follows_merge_keys)
{
	static const struct {
		const char *rules, *expected;
	} cases[] = {
		{ "b: &b {age: " ALICE "}\ncreation_rules:\n- <<: *b\n  path_regex: yaml\n",
		  ALICE },
		{ "b: &b {age: " ALICE ", path_regex: no}\nc: &c {age: " WEB1
		  ", pgp: X}\ncreation_rules:\n- <<: [*b, {pgp: \"\"}, *c]\n  path_regex: yaml\n",
		  ALICE },
		{ "b: &b {age: " ALICE "}\ncreation_rules:\n- <<: *b\n  age: " WEB1 "\n", WEB1 },
		{ "b: &b {age: " ALICE "}\nc: &c {<<: *b}\ncreation_rules:\n- <<: *c\n", ALICE },
		{ "b: &b {age: " ALICE "}\ncreation_rules:\n- <<: *b\n  age: ~\n", NULL },
		{ "b: &b {creation_rules: [{age: " ALICE "}]}\n<<: *b\n", ALICE },
		{ "b: &b {age: [" ALICE "]}\ncreation_rules:\n- key_groups:\n  - <<: [*b]\n",
		  ALICE },
		{ "b: &b {age: [" ALICE
		  "]}\ncreation_rules:\n- key_groups:\n  - <<: [*b]\n    age: [" WEB1 "]\n",
		  WEB1 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(sops_policy) policy = SOPS_POLICY_INIT;
		struct error err = ERROR_INIT;
		bool found;

		ck_assert_msg(read_rules(span_of_text(cases[i].rules), "a.yaml", &policy, &found,
					 &err) == 0,
			      "%s: %s", cases[i].rules, err.message);
		ck_assert(found);
		ck_assert_uint_eq(sops_groups_count(&policy.groups), (cases[i].expected ? 1 : 0));
		if (cases[i].expected)
			ck_assert_str_eq(policy.groups.items[0].items[0].text, cases[i].expected);
	}
}
END_TEST

START_TEST(sops_rules_policy__names_the_line)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct error err = ERROR_INIT;
	bool found;

	ck_assert_int_eq(read_rules(SPAN_LITERAL(RULES), "other/a.yaml", &policy, &found, &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.message, "line 5"));
	ck_assert_int_eq(read_rules(SPAN_LITERAL(RULES), "a.json", &policy, &found, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
}
END_TEST

START_TEST(sops_rules_policy_but_keys__leaves_keys_alone)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	bool found;

	ck_assert_int_eq(secret_append_text(&text, RULES, &err), 0);
	ck_assert_int_eq(sops_rules_policy_but_keys(&text, ".sops.yaml", "other/a.yaml", &policy,
						    &found, &err),
			 0);
	ck_assert(found);
	ck_assert_uint_eq(sops_groups_count(&policy.groups), 0);
}
END_TEST

START_TEST(sops_rules_policy__survives_each_flipped_bit)
{
	char text[] = RULES;

	for (size_t bit = 0; bit < (sizeof(text) - 1) * 8; bit++) {
		AUTO(sops_policy) policy = SOPS_POLICY_INIT;
		struct error err = ERROR_INIT;
		bool found;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		ck_assert((read_rules(span_of(text, sizeof(text) - 1), "secrets/a.yaml", &policy,
				      &found, &err) < 0) == (err.kind != ERROR_NONE));
		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
	}
}
END_TEST

static int read_once(void)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct error err = ERROR_INIT;
	bool found;

	return read_rules(SPAN_LITERAL(RULES), "secrets/a.yaml", &policy, &found, &err);
}

START_TEST(sops_rules_policy__survives_failing_allocations)
{
	SWEEP(read_once());
}
END_TEST

static void expect_no_secrets(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("sops_rules");
	TCase *t = tcase_create("all");

	start_crypto();
	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, NULL, expect_no_secrets);
	tcase_add_test(t, sops_rules_policy__takes_the_first_that_matches);
	tcase_add_test(t, sops_rules_policy__follows_merge_keys);
	tcase_add_test(t, sops_rules_policy__names_the_line);
	tcase_add_test(t, sops_rules_policy_but_keys__leaves_keys_alone);
	tcase_add_test(t, sops_rules_policy__survives_each_flipped_bit);
	tcase_add_test(t, sops_rules_policy__survives_failing_allocations);
	suite_add_tcase(s, t);
	return s;
}
