/* SPDX-License-Identifier: MIT */
/* .sops.yaml; which rule matches and what it says is tested in tests/cli/21-rules.sh, too. */
#include <check.h>
#include <string.h>

#include "sops/rules.h"
#include "sweep.h"
#include "vectors.h"

#define ALICE "age1kgp3cjt6ypywa40u3f62z62f6x000mf948hdm69sphluddxmy48sqkzmg7"
#define FINGERPRINT "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"
#define WEB1 "age1n2607mx799jr4jkrzspef4n74k5sek8yprksp2c9w4csqznayahq7zh604"

#define RULES                                                                                      \
	"keys:\n"                                                                                  \
	"- &alice " ALICE "\n"                                                                     \
	"creation_rules:\n"                                                                        \
	"- path_regex: ^other/\n"                                                                  \
	"  pgp: ABCD\n"                                                                            \
	"- path_regex: \\.yaml$\n"                                                                 \
	"  age: [*alice, \" " WEB1 "\"]\n"                                                         \
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
		{ "b: &b {age: " ALICE "}\ncreation_rules:\n- <<: *b\n  age: ~\n  pgp: " FINGERPRINT
		  "\n",
		  FINGERPRINT },
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
		ck_assert_uint_eq(sops_groups_count(&policy.groups), 1);
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
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_ptr_nonnull(strstr(err.message, "line 5"));
	ck_assert_int_eq(read_rules(SPAN_LITERAL(RULES), "a.json", &policy, &found, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NO_RULE);
}
END_TEST

/* Also of a group: who seals refuses it, and names its line. */
START_TEST(sops_rules_policy__notes_an_empty_group)
{
	static const char *const rules[] = {
		"creation_rules:\n- {}\n",
		"creation_rules:\n- age: ''\n",
		"creation_rules: [{path_regex: no,\n  age: x}, {key_groups: []}]\n",
		"creation_rules: [{key_groups: [{age: [" ALICE "]},\n {}]}]\n",
		"creation_rules: [{key_groups: [{age: [" ALICE "]},\n null]}]\n",
	};
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct error err = ERROR_INIT;
	bool found;

	ck_assert_ok(read_rules(span_of_text(rules[_i]), "a.yaml", &policy, &found, &err));
	ck_assert_uint_eq(policy.empty_line, 2);
	sops_policy_release(&policy);
	policy = SOPS_POLICY_INIT;
	ck_assert_ok(read_rules(SPAN_LITERAL("creation_rules:\n- age: " ALICE "\n"), "a.yaml",
				&policy, &found, &err));
	ck_assert_uint_eq(policy.empty_line, 0);
}
END_TEST

/* All kinds of keys, as sops shows them; its order in a group, and each key once. */
START_TEST(sops_rules_policy__reads_keys_of_all_kinds)
{
	static const struct {
		const char *rule, *expected;
	} cases[] = {
		{ "hc_vault_transit_uri: https://v/v1/t/keys/k\n  azure_keyvault: "
		  "https://z/keys/n\n"
		  "  hckms: [r:u]\n  gcp_kms: a/b, c/d,\n  kms: 'arn:1 + arn:2'\n"
		  "  pgp: [" FINGERPRINT "]\n  age: " ALICE "\n",
		  "age " ALICE ";pgp " FINGERPRINT ";kms arn:1+arn:2;gcp_kms a/b;gcp_kms c/d;hckms "
		  "r:u;azure_kv https://z/keys/n/;hc_vault https://v/v1/t/keys/k;" },
		{ "kms: [arn:1, arn:2]\n  aws_profile: p\n", "kms arn:1||p;kms arn:2||p;" },
		{ "azure_keyvault: https://z/keys/n/v\n", "azure_kv https://z/keys/n/v;" },
		{ "pgp: x\n  key_groups:\n"
		  "  - merge: [{age: [" WEB1 "]}, {merge: [{pgp: [" FINGERPRINT "]}]}]\n"
		  "    age: [" ALICE ", " WEB1 "]\n"
		  "    kms: [{arn: arn:1, role: arn:2, context: {b: 2, a: x}, aws_profile: p},"
		  " {arn: arn:3, context: {b: c}}, {arn: arn:4, aws_profile: p}]\n"
		  "    gcp_kms: [{resource_id: g}]\n    hckms: [{key_id: r:u}]\n"
		  "    azure_keyvault: [{vaultUrl: https://z, key: n, version: v}]\n"
		  "    hc_vault: [https://v/v1/t/keys/k]\n"
		  "  - age: [" ALICE "]\n",
		  "age " WEB1 ";pgp " FINGERPRINT ";age " ALICE
		  ";kms arn:1+arn:2|a:x,b:2|p;kms arn:3|b:c;kms arn:4||p;gcp_kms g;hckms "
		  "r:u;azure_kv "
		  "https://z/keys/n/v;hc_vault https://v/v1/t/keys/k;|age " ALICE ";" },
		{ "key_groups: []\n  age: " ALICE "\n", "age " ALICE ";" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(sops_policy) policy = SOPS_POLICY_INIT;
		AUTO(buf) rules = BUF_INIT;
		AUTO(buf) keys = BUF_INIT;
		struct error err = ERROR_INIT;
		const char *text;
		bool found;

		ck_assert_int_eq(buf_printf(&rules, &err, "creation_rules:\n- %s", cases[i].rule),
				 0);
		ck_assert_msg(read_rules(buf_span(&rules), "a.yaml", &policy, &found, &err) == 0,
			      "%zu: %s", i, err.message);
		for (size_t g = 0; g < policy.groups.len; g++) {
			const struct sops_group *group = &policy.groups.items[g];

			if (g > 0)
				ck_assert_int_eq(buf_append_text(&keys, "|", &err), 0);
			for (size_t k = 0; k < group->len; k++)
				ck_assert_int_eq(
					buf_printf(&keys, &err, "%s %s;",
						   sops_key_kind_names[group->items[k].kind],
						   group->items[k].text),
					0);
		}
		ck_assert_int_eq(buf_text(&keys, &text, &err), 0);
		ck_assert_str_eq(text, cases[i].expected);
	}
}
END_TEST

START_TEST(sops_rules_policy__reads_stores_and_threshold)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct error err = ERROR_INIT;
	bool found;

	ck_assert_int_eq(read_rules(SPAN_LITERAL(
					    "stores: {yaml: {indent: 0}, json: {indent: 3}, "
					    "json_binary: {indent: 0}}\n"
					    "creation_rules: [{shamir_threshold: 2, age: " ALICE
					    "}]\n"),
				    "a", &policy, &found, &err),
			 0);
	ck_assert_uint_eq(policy.indent, 4);
	ck_assert_int_eq(policy.json_indent, 3);
	ck_assert_int_eq(policy.binary_indent, 0);
	ck_assert_uint_eq(policy.groups.threshold, 2);
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

/* A rule with all there is in one. */
#define GROUP_RULES                                                                                \
	"creation_rules:\n"                                                                        \
	"- shamir_threshold: 2\n"                                                                  \
	"  key_groups:\n"                                                                          \
	"  - merge: [{age: [" WEB1 "]}]\n"                                                         \
	"    pgp: [" FINGERPRINT "]\n"                                                             \
	"    kms: [{arn: a, role: b, context: {c: d, e: f}, aws_profile: p}]\n"                    \
	"    azure_keyvault: [{vaultUrl: https://z, key: n, version: v}]\n"                        \
	"  - {gcp_kms: [{resource_id: g}], hckms: [{key_id: r:u}], hc_vault: [v]}\n"               \
	"stores: {json: {indent: 2}, json_binary: {indent: -1}}\n"

START_TEST(sops_rules_policy__survives_each_flipped_bit)
{
	char text[] = RULES GROUP_RULES;
	const size_t len = _i == 0 ? sizeof(RULES) - 1 : sizeof(GROUP_RULES) - 1;

	if (_i == 1)
		memcpy(text, GROUP_RULES, len);

	for (size_t bit = 0; bit < len * 8; bit += stride(1)) {
		AUTO(sops_policy) policy = SOPS_POLICY_INIT;
		struct error err = ERROR_INIT;
		bool found;

		text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
		ck_assert((read_rules(span_of(text, len), "secrets/a.yaml", &policy, &found, &err) <
			   0) == (err.kind != ERROR_NONE));
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

static int read_groups_once(void)
{
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct error err = ERROR_INIT;
	bool found;

	return read_rules(SPAN_LITERAL(GROUP_RULES), "secrets/a.yaml", &policy, &found, &err);
}

START_TEST(sops_rules_policy__survives_failing_allocations)
{
	SWEEP(read_once());
	SWEEP(read_groups_once());
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
	tcase_add_loop_test(t, sops_rules_policy__notes_an_empty_group, 0, 5);
	tcase_add_test(t, sops_rules_policy__reads_keys_of_all_kinds);
	tcase_add_test(t, sops_rules_policy__reads_stores_and_threshold);
	tcase_add_test(t, sops_rules_policy_but_keys__leaves_keys_alone);
	tcase_add_loop_test(t, sops_rules_policy__survives_each_flipped_bit, 0, 2);
	tcase_add_test(t, sops_rules_policy__survives_failing_allocations);
	suite_add_tcase(s, t);
	return s;
}
