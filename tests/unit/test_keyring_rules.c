/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "keyring/keyring.h"
#include "keyring/rules.h"
#include "sweep.h"

#define ALICE "age1yt3tfqlfrwdwx0z0ynwplcr6qxcxfaqycuprpmy89nr83ltx74tqdpszlw"
#define BOB "age1a8pk4akrdamj7nvqy3zywgtny8dxz7t5xzu7u8v9mhrayp9freqsqatyrs"
#define WEB1_SSH "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAhj0FpFQn6Z8l6zXD9h2EtYN5um6PquEOMIGsSi5Czg"

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static int parse(const char *text, struct keyring_rules *ret_rules, struct error *err)
{
	AUTO(secret) copy = SECRET_INIT;

	return secret_append_text(&copy, text, err) || keyring_rules_parse(&copy, ret_rules, err)
		       ? -1
		       : 0;
}

/* own: recipients with a space between; NULL for web1's SSH key */
static void recipients_of(const char *own, struct age_recipients *ret_own)
{
	struct span rest = span_of_text(own ? own : WEB1_SSH), one;
	struct error err = ERROR_INIT;

	while (own && span_take_until(&rest, ' ', &one))
		ck_assert_int_eq(age_recipients_add(ret_own, one, &err), 0);
	if (!own)
		ck_assert_int_eq(age_recipients_add(ret_own, rest, &err), 0);
}

static void adds(const char *before, const char *own, size_t rule, const char *after)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	recipients_of(own, &recipients);
	ck_assert_msg(parse(before, &rules, &err) == 0, "%s", err.message);
	ck_assert_msg(keyring_rules_add(&rules, "web1", &recipients, &rule,
					rule == SIZE_MAX ? 0 : 1, &text, &err) == 0,
		      "%s: %s; %s", before, err.message, err.hint);
	ck_assert_msg(span_equal_text(secret_span(&text), after), "from:\n%s\nto:\n%.*s\nnot:\n%s",
		      before, SPAN_PRINT(secret_span(&text)), after);
}

static void cannot_add(const char *before, size_t rule, enum error_kind kind)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	recipients_of(BOB, &recipients);
	ck_assert_msg(parse(before, &rules, &err) == 0, "%s", err.message);
	ck_assert_msg(keyring_rules_add(&rules, "web1", &recipients, &rule, 1, &text, &err) == -1,
		      "from:\n%s\nto:\n%.*s", before, SPAN_PRINT(secret_span(&text)));
	ck_assert_msg(err.kind == kind, "%s: %s", before, err.message);
	ck_assert_uint_eq(text.len, 0);
}

static void removes(const char *before, const char *own, const char *after)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	recipients_of(own, &recipients);
	ck_assert_msg(parse(before, &rules, &err) == 0, "%s", err.message);
	ck_assert_msg(keyring_rules_remove(&rules, "web1", &recipients, &text, &err) == 0,
		      "%s: %s; %s", before, err.message, err.hint);
	ck_assert_msg(span_equal_text(secret_span(&text), after), "from:\n%s\nto:\n%.*s\nnot:\n%s",
		      before, SPAN_PRINT(secret_span(&text)), after);
}

static void cannot_remove(const char *before, enum error_kind kind)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	recipients_of(BOB, &recipients);
	ck_assert_msg(parse(before, &rules, &err) == 0, "%s", err.message);
	ck_assert_msg(keyring_rules_remove(&rules, "web1", &recipients, &text, &err) == -1,
		      "from:\n%s\nto:\n%.*s", before, SPAN_PRINT(secret_span(&text)));
	ck_assert_msg(err.kind == kind, "%s: %s", before, err.message);
}

/* Adding web1 (BOB's key) gives after, and removing it gives before again. */
static void both(const char *before, const char *after)
{
	adds(before, BOB, 0, after);
	adds(after, BOB, 0, after);
	removes(after, BOB, before);
	removes(before, BOB, before);
}

START_TEST(edits__block_style)
{
	both("keys:\n  - &alice " ALICE "\ncreation_rules:\n  - age:\n      - *alice\n",
	     "keys:\n  - &alice " ALICE "\n  - &web1 " BOB
	     "\ncreation_rules:\n  - age:\n      - *alice\n      - *web1\n");
	/* without indentation, as go-yaml would not write it and people do */
	both("keys:\n- &alice " ALICE "\ncreation_rules:\n- path_regex: x\n  age:\n  - *alice\n",
	     "keys:\n- &alice " ALICE "\n- &web1 " BOB
	     "\ncreation_rules:\n- path_regex: x\n  age:\n  - *alice\n  - *web1\n");
}
END_TEST

START_TEST(edits__keep_comments_byte_for_byte)
{
	both("# top\n\nkeys: # who\n  # people\n  - &alice " ALICE
	     "   # laptop\n\n  # hosts\n\ncreation_rules:\n  # all\n  - path_regex: \"a b\"   # x\n"
	     "    age:\n      # here\n      - *alice  # yes\n    # end\n# last",
	     "# top\n\nkeys: # who\n  # people\n  - &alice " ALICE "   # laptop\n  - &web1 " BOB
	     "\n\n  # hosts\n\ncreation_rules:\n  # all\n  - path_regex: \"a b\"   # x\n"
	     "    age:\n      # here\n      - *alice  # yes\n      - *web1\n    # end\n# last");
}
END_TEST

START_TEST(edits__flow_style)
{
	both("keys: [&alice " ALICE "]\ncreation_rules: [{age: [*alice]}]\n",
	     "keys: [&alice " ALICE ", &web1 " BOB "]\ncreation_rules: [{age: [*alice, *web1]}]\n");
	both("keys:\n  - &alice " ALICE "\ncreation_rules:\n  - age: [ *alice ]\n",
	     "keys:\n  - &alice " ALICE "\n  - &web1 " BOB
	     "\ncreation_rules:\n  - age: [ *alice, *web1 ]\n");
	adds("keys: []\ncreation_rules:\n  - age: [" ALICE ",]\n", BOB, 0,
	     "keys: [&web1 " BOB "]\ncreation_rules:\n  - age: [" ALICE ", *web1,]\n");
	removes("keys: [&web1 " BOB ", &alice " ALICE
		"]\ncreation_rules:\n  - age: [*web1, *alice]\n",
		BOB, "keys: [&alice " ALICE "]\ncreation_rules:\n  - age: [*alice]\n");
}
END_TEST

START_TEST(edits__flow_style_with_comments)
{
#define KEYS "keys:\n  - &alice " ALICE "\n"
	both(KEYS "creation_rules:\n  - age: [\n      *alice # her\n    ]\n", KEYS
	     "  - &web1 " BOB "\ncreation_rules:\n  - age: [\n      *alice, *web1 # her\n    ]\n");
	both(KEYS "creation_rules:\n  - age: [\n      *alice, # her\n    ]\n", KEYS
	     "  - &web1 " BOB "\ncreation_rules:\n  - age: [\n      *alice, *web1, # her\n    ]\n");
	adds(KEYS "creation_rules:\n  - age: [ # nobody\n    ]\n", BOB, 0,
	     KEYS "  - &web1 " BOB "\ncreation_rules:\n  - age: [*web1 # nobody\n    ]\n");
	removes("keys: [\n    &alice " ALICE ", # her\n    &web1 " BOB
		" # host\n  ]\ncreation_rules:\n  - age: [*alice]\n",
		BOB,
		"keys: [\n    &alice " ALICE
		", # her\n     # host\n  ]\ncreation_rules:\n  - age: [*alice]\n");
}
END_TEST

START_TEST(edits__two_at_one_place)
{
#define BOTH_KEYS "keys:\n  - &web1 " BOB "\n  - &alice " ALICE "\ncreation_rules:\n  - age: "
	static const char *const lists[] = {
		"[*alice, *web1, " BOB "]",   "[*web1, " BOB ", *alice]",
		"[" BOB ", *alice, *web1]",   "[*web1, *alice, *web1, " BOB "]",
		"[\"" BOB "\",*web1,*alice]",
	};

	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		char before[1024];

		snprintf(before, sizeof before, BOTH_KEYS "%s\n", lists[i]);
		removes(before, BOB, KEYS "creation_rules:\n  - age: [*alice]\n");
	}
}
END_TEST

START_TEST(edits__a_comment_is_no_anchor)
{
	both("keys: # &web1 one\n  # &web1 two\n  - &alice " ALICE
	     "\ncreation_rules:\n  - path_regex: # &web1 three\n      x\n    age: [*alice]\n",
	     "keys: # &web1 one\n  # &web1 two\n  - &alice " ALICE "\n  - &web1 " BOB
	     "\ncreation_rules:\n  - path_regex: # &web1 three\n      x\n    age: [*alice, "
	     "*web1]\n");
	both(KEYS "\"a &web1 b\": c\n'a &web1 ''c': d\ncreation_rules:\n  - age: [*alice]\n",
	     KEYS "  - &web1 " BOB
		  "\n\"a &web1 b\": c\n'a &web1 ''c': d\ncreation_rules:\n  - age: [*alice, "
		  "*web1]\n");
}
END_TEST

START_TEST(edits__merge_keys)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	struct error err = ERROR_INIT;
	static const char lent[] =
		"b: &b\n  age: " ALICE "," BOB "\ncreation_rules:\n  - <<: *b\n    path_regex: x\n";

	/* what is lent must not be hidden by a list of its own */
	cannot_add("b: &b\n  age: " ALICE "\ncreation_rules:\n  - <<: *b\n    path_regex: x\n", 0,
		   ERROR_CONFIG);
	cannot_add("b: &b\n  key_groups: [{age: [" ALICE
		   "]}]\ncreation_rules:\n  - <<: *b\n    age: [" ALICE "]\n",
		   0, ERROR_CONFIG);
	cannot_add("b: &b\n  age: [" ALICE
		   "]\ncreation_rules:\n  - key_groups:\n      - <<: [*b]\n        pgp: [x]\n",
		   0, ERROR_CONFIG);
	both(KEYS "b: &b\n  age: " ALICE "\ncreation_rules:\n  - <<: *b\n    age: [*alice]\n",
	     KEYS "  - &web1 " BOB "\nb: &b\n  age: " ALICE
		  "\ncreation_rules:\n  - <<: *b\n    age: [*alice, *web1]\n");
	ck_assert_int_eq(parse(lent, &rules, &err), 0);
	ck_assert(span_equal_text(buf_span(&rules.items[0].recipients), ALICE "\n" BOB "\n"));
	ck_assert_str_eq(rules.items[0].pattern, "x");
	removes(lent, BOB,
		"b: &b\n  age: " ALICE "\ncreation_rules:\n  - <<: *b\n    path_regex: x\n");
}
END_TEST

START_TEST(edits__text_with_commas)
{
	both("keys:\n  - &a x\ncreation_rules:\n  - age: " ALICE "\n",
	     "keys:\n  - &a x\n  - &web1 " BOB "\ncreation_rules:\n  - age: " ALICE "," BOB "\n");
	both("keys:\n  - &a x\ncreation_rules:\n  - age: '" ALICE "' # q\n",
	     "keys:\n  - &a x\n  - &web1 " BOB "\ncreation_rules:\n  - age: '" ALICE "," BOB
	     "' # q\n");
	both("keys:\n  - &a x\ncreation_rules:\n  - age: >-\n      " ALICE "\n    pgp: \"\"\n",
	     "keys:\n  - &a x\n  - &web1 " BOB "\ncreation_rules:\n  - age: >-\n      " ALICE
	     "," BOB "\n    pgp: \"\"\n");
	removes("creation_rules:\n  - age: >-\n      " BOB ",\n      " ALICE "\n", BOB,
		"creation_rules:\n  - age: >-\n      " ALICE "\n");
	removes("creation_rules:\n  - age: " ALICE "," BOB "," ALICE "\n", BOB,
		"creation_rules:\n  - age: " ALICE "," ALICE "\n");
	removes("creation_rules:\n  - age: " BOB ", " ALICE "\n", BOB,
		"creation_rules:\n  - age: " ALICE "\n");
}
END_TEST

START_TEST(edits__key_groups)
{
	both("keys:\n  - &alice " ALICE "\ncreation_rules:\n  - path_regex: x\n    key_groups:\n   "
	     "   - age:\n          - *alice\n",
	     "keys:\n  - &alice " ALICE "\n  - &web1 " BOB
	     "\ncreation_rules:\n  - path_regex: x\n    key_groups:\n      - age:\n          - "
	     "*alice\n"
	     "          - *web1\n");
	cannot_add("creation_rules:\n  - key_groups:\n    - age: [" ALICE "]\n    - age: [" ALICE
		   "]\n",
		   0, ERROR_CONFIG);
}
END_TEST

START_TEST(edits__line_breaks_of_windows_and_no_last_one)
{
	both("keys:\r\n  - &alice " ALICE "\r\ncreation_rules:\r\n  - age:\r\n      - *alice\r\n",
	     "keys:\r\n  - &alice " ALICE "\r\n  - &web1 " BOB
	     "\r\ncreation_rules:\r\n  - age:\r\n      - *alice\r\n      - *web1\r\n");
	adds("keys:\n  - &alice " ALICE "\ncreation_rules:\n  - age:\n      - *alice", BOB, 0,
	     "keys:\n  - &alice " ALICE "\n  - &web1 " BOB
	     "\ncreation_rules:\n  - age:\n      - *alice\n      - *web1");
}
END_TEST

START_TEST(adds__what_is_not_there_yet)
{
	/* no keys: */
	adds("# top\ncreation_rules:\n  - age:\n      - " ALICE "\n", BOB, 0,
	     "# top\nkeys:\n  - &web1 " BOB "\ncreation_rules:\n  - age:\n      - " ALICE
	     "\n      - *web1\n");
	/* empty ones */
	adds("keys:\ncreation_rules:\n  - path_regex: x\n    age:\n", BOB, 0,
	     "keys:\n  - &web1 " BOB
	     "\ncreation_rules:\n  - path_regex: x\n    age:\n      - *web1\n");
	adds("keys: ~\ncreation_rules:\n  - age: null\n", BOB, 0,
	     "keys: \n  - &web1 " BOB "\ncreation_rules:\n  - age: \n      - *web1\n");
	/* no age: */
	adds("creation_rules:\n  - path_regex: x\n    pgp: FP\n\n  - age: " ALICE "\n", BOB, 0,
	     "keys:\n  - &web1 " BOB "\ncreation_rules:\n  - path_regex: x\n    pgp: FP\n    "
	     "age:\n      - *web1\n\n  - age: " ALICE "\n");
	/* the anchor alone */
	adds("keys:\n  - &alice " ALICE "\n", BOB, SIZE_MAX,
	     "keys:\n  - &alice " ALICE "\n  - &web1 " BOB "\n");
	/* the anchor is there, the alias is not */
	adds("keys:\n  - &web1 " BOB "\ncreation_rules:\n  - age: [" ALICE "]\n", BOB, 0,
	     "keys:\n  - &web1 " BOB "\ncreation_rules:\n  - age: [" ALICE ", *web1]\n");
	/* an anchor of which the name is the beginning */
	adds("keys:\n  - &web10 " ALICE "\ncreation_rules:\n  - age: [*web10]\n", BOB, 0,
	     "keys:\n  - &web10 " ALICE "\n  - &web1 " BOB
	     "\ncreation_rules:\n  - age: [*web10, *web1]\n");
}
END_TEST

START_TEST(adds__to_nothing)
{
	adds("", BOB, SIZE_MAX, "keys:\n  - &web1 " BOB "\n");
	adds("# who\n# what", BOB, SIZE_MAX, "# who\n# what\nkeys:\n  - &web1 " BOB "\n");
	adds("# who\r\n", BOB, SIZE_MAX, "# who\r\nkeys:\r\n  - &web1 " BOB "\r\n");
	adds("creation_rules:\n  - age: \"\"\n", BOB, 0,
	     "keys:\n  - &web1 " BOB "\ncreation_rules:\n  - age: \"" BOB "\"\n");
	adds("creation_rules:\n  - age: '' # none\n", BOB, 0,
	     "keys:\n  - &web1 " BOB "\ncreation_rules:\n  - age: '" BOB "' # none\n");
}
END_TEST

START_TEST(adds__behind_a_byte_order_mark)
{
	adds("\xef\xbb\xbf"
	     "creation_rules:\n  - age: [" ALICE "]\n",
	     BOB, 0,
	     "\xef\xbb\xbf"
	     "keys:\n  - &web1 " BOB "\ncreation_rules:\n  - age: [" ALICE ", *web1]\n");
	adds("\xef\xbb\xbf"
	     "keys:\ncreation_rules:\n  - age: [" ALICE "]\n",
	     BOB, 0,
	     "\xef\xbb\xbf"
	     "keys:\n  - &web1 " BOB "\ncreation_rules:\n  - age: [" ALICE ", *web1]\n");
}
END_TEST

START_TEST(refusals__say_where_and_what_to_do)
{
	static const char *const texts[] = {
		"{\"creation_rules\": [{\"age\": \"" ALICE "\"}]}\n",
		"b: &b {age: " ALICE "}\ncreation_rules:\n  - <<: *b\n",
		"keys: {a: b}\ncreation_rules:\n  - age: " ALICE "\n",
		"keys: &l\n  - " ALICE "\ncreation_rules:\n  - age: *l\n",
		"b: &b\n  creation_rules:\n    - age: " ALICE "\n<<: *b\n",
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
		AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;
		size_t rule = 0;

		recipients_of(BOB, &recipients);
		ck_assert_msg(parse(texts[i], &rules, &err) == 0, "%s", err.message);
		ck_assert_int_eq(keyring_rules_add(&rules, "web1", &recipients, &rule, 1, &text,
						   &err),
				 -1);
		ck_assert_msg(strncmp(err.message, "line ", 5) == 0, "%s", err.message);
		ck_assert_ptr_nonnull(strstr(err.message, " not edited here: "));
		ck_assert_ptr_nonnull(strstr(err.hint, "- &web1 " BOB));
		ck_assert_ptr_nonnull(strstr(err.hint, "*web1 into the rule's \"age\""));
	}
}
END_TEST

START_TEST(adds__to_the_rule_that_is_meant)
{
	adds("keys:\n  - &alice " ALICE "\ncreation_rules:\n  - path_regex: a\n    age: [*alice]\n"
	     "  - path_regex: b\n    age: [*alice]\n",
	     BOB, 1,
	     "keys:\n  - &alice " ALICE "\n  - &web1 " BOB
	     "\ncreation_rules:\n  - path_regex: a\n    age: [*alice]\n"
	     "  - path_regex: b\n    age: [*alice, *web1]\n");
}
END_TEST

START_TEST(adds__behind_nested_lists)
{
	adds("keys:\n  - &users\n    - &alice " ALICE "\n  - &hosts\n    - &web2 " ALICE
	     "\ncreation_rules:\n  - age: [*alice]\n",
	     BOB, 0,
	     "keys:\n  - &users\n    - &alice " ALICE "\n  - &hosts\n    - &web2 " ALICE
	     "\n  - &web1 " BOB "\ncreation_rules:\n  - age: [*alice, *web1]\n");
}
END_TEST

START_TEST(adds__the_recipient_itself_where_keys_come_last)
{
	adds("creation_rules:\n  - age: [" ALICE "]\nkeys:\n  - &alice " ALICE "\n", BOB, 0,
	     "creation_rules:\n  - age: [" ALICE ", " BOB "]\nkeys:\n  - &alice " ALICE
	     "\n  - &web1 " BOB "\n");
}
END_TEST

START_TEST(adds__several_keys_of_one_name)
{
	adds("keys:\n  - &x y\ncreation_rules:\n  - age: []\n", BOB " " ALICE, 0,
	     "keys:\n  - &x y\n  - &web1 " BOB "," ALICE "\ncreation_rules:\n  - age: [*web1]\n");
}
END_TEST

START_TEST(adds__converts_ssh_keys)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t rule = 0;

	recipients_of(NULL, &own);
	ck_assert_int_eq(parse("creation_rules:\n  - age: [" ALICE "]\n", &rules, &err), 0);
	ck_assert_int_eq(keyring_rules_add(&rules, "web1", &own, &rule, 1, &text, &err), 0);
	ck_assert(span_starts_with(secret_span(&text), "keys:\n  - &web1 age1"));
	keyring_rules_release(&rules);
	ck_assert_int_eq(keyring_rules_parse(&text, &rules, &err), 0);
	ck_assert(keyring_rule_has_all(&rules.items[0], &own));
	/* the native spelling is the same key */
	adds("keys:\n  - &web1 " WEB1_SSH "\ncreation_rules:\n  - age: [*web1]\n", NULL, 0,
	     "keys:\n  - &web1 " WEB1_SSH "\ncreation_rules:\n  - age: [*web1]\n");
	removes("keys:\n  - &web1 " WEB1_SSH " root@web1\n  - &alice " ALICE
		"\ncreation_rules:\n  - age: [*alice, \"" WEB1_SSH "\"]\n",
		NULL, "keys:\n  - &alice " ALICE "\ncreation_rules:\n  - age: [*alice]\n");
}
END_TEST

START_TEST(adds__refuses_what_it_cannot_edit)
{
	/* another key under that anchor */
	cannot_add("keys:\n  - &web1 " ALICE "\ncreation_rules:\n  - age: [*web1]\n", 0,
		   ERROR_DENIED);
	cannot_add("keys:\n  - &web1\n    - x\ncreation_rules:\n  - age: [" ALICE "]\n", 0,
		   ERROR_DENIED);
	/* keys as a map, age as an alias, a rule that is an alias, everything in braces */
	cannot_add("keys: {a: " ALICE "}\ncreation_rules:\n  - age: [" ALICE "]\n", 0,
		   ERROR_CONFIG);
	cannot_add("keys:\n  - &l " ALICE "\ncreation_rules:\n  - age: *l\n", 0, ERROR_CONFIG);
	cannot_add("x: &r\n  age: [" ALICE "]\ncreation_rules:\n  - *r\n", 0, ERROR_CONFIG);
	cannot_add("{creation_rules: [{age: [" ALICE "]}]}\n", 0, ERROR_CONFIG);
	cannot_add("creation_rules: [{path_regex: x}]\n", 0, ERROR_CONFIG);
}
END_TEST

START_TEST(removes__from_every_rule)
{
	removes("keys:\n  - &web1 " BOB "\n  - &alice " ALICE
		"\ncreation_rules:\n  - path_regex: a\n    age:\n      - *web1 # gone\n      - "
		"*alice\n"
		"  - path_regex: b\n    key_groups:\n    - age:\n      - *alice\n      - *web1\n  "
		"- age: " ALICE "," BOB "\n",
		BOB,
		"keys:\n  - &alice " ALICE
		"\ncreation_rules:\n  - path_regex: a\n    age:\n      - *alice\n"
		"  - path_regex: b\n    key_groups:\n    - age:\n      - *alice\n  - age: " ALICE
		"\n");
}
END_TEST

START_TEST(removes__an_anchor_that_drifted)
{
	/* keys/web1.pub has another key than the anchor */
	removes("keys:\n  - &web1 " BOB "\n  - &alice " ALICE
		"\ncreation_rules:\n  - age: [*alice, *web1]\n",
		NULL, "keys:\n  - &alice " ALICE "\ncreation_rules:\n  - age: [*alice]\n");
}
END_TEST

START_TEST(removes__leaves_other_kinds_of_keys)
{
	removes("keys:\n  - &web1 " BOB "\ncreation_rules:\n  - pgp: FP\n    age:\n      - *web1\n",
		BOB, "creation_rules:\n  - pgp: FP\n    age:\n");
}
END_TEST

START_TEST(removes__refuses)
{
	cannot_remove("keys:\n  - &web1 " BOB "\ncreation_rules:\n  - age:\n      - *web1\n",
		      ERROR_DENIED);
	cannot_remove("creation_rules:\n  - age: " ALICE "\n  - age: " BOB "\n", ERROR_DENIED);
	cannot_remove("keys:\n  - &web1 " BOB "\ncreation_rules:\n  - age: *web1\n", ERROR_CONFIG);
	cannot_remove("keys:\n  - - &web1 " BOB "\ncreation_rules:\n  - age: [*web1, " ALICE "]\n",
		      ERROR_CONFIG);
	/* an entry without its value would be left, and the anchor with it */
	cannot_remove("keys:\n  - name: web\n    key: &web1 " BOB
		      "\ncreation_rules:\n  - age: [*web1, " ALICE "]\n",
		      ERROR_CONFIG);
	cannot_remove("keys:\n  - name: web\n    key: " BOB "\ncreation_rules:\n  - age: [" ALICE
		      "]\n",
		      ERROR_CONFIG);
	cannot_remove("keys:\n  - &web1 [" BOB "]\ncreation_rules:\n  - age: [" ALICE "]\n",
		      ERROR_CONFIG);
}
END_TEST

START_TEST(parse__reads_rules)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;
	struct error err = ERROR_INIT;
	size_t index = 9;

	recipients_of(BOB " " ALICE, &own);
	ck_assert_int_eq(parse("keys:\n  - &a " ALICE
			       "\ncreation_rules:\n  - path_regex: 1\\.yaml$\n    age: "
			       "[*a]\n    pgp: X\n  - age: " ALICE ", " BOB
			       "\n  - key_groups: [{merge: [{age: "
			       "[*a]}], kms: [{arn: x}]}]\n    age: " BOB "\n",
			       &rules, &err),
			 0);
	ck_assert_uint_eq(rules.len, 3);
	ck_assert_str_eq(rules.items[0].pattern, "1\\.yaml$");
	ck_assert_str_eq(keyring_rule_shown(&rules.items[0]).text, "1\\.yaml$");
	ck_assert_str_eq(keyring_rule_shown(&rules.items[1]).text, "all files");
	ck_assert_uint_eq(rules.items[0].others, 1);
	ck_assert(keyring_rule_has_any(&rules.items[0], &own));
	ck_assert(!keyring_rule_has_all(&rules.items[0], &own));
	ck_assert(keyring_rule_has_all(&rules.items[1], &own));
	ck_assert(span_equal_text(buf_span(&rules.items[2].recipients), ALICE "\n"));
	ck_assert_uint_eq(rules.items[2].others, 1);
	ck_assert_int_eq(keyring_rules_choose(&rules, "2", &index, &err), 0);
	ck_assert_uint_eq(index, 1);
	ck_assert_int_eq(keyring_rules_choose(&rules, "1\\.yaml$", &index, &err), 0);
	ck_assert_uint_eq(index, 0);
	ck_assert_int_eq(keyring_rules_choose(&rules, "4", &index, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NOT_FOUND);
	ck_assert_int_eq(keyring_rules_choose(&rules, "0", &index, &err), -1);
}
END_TEST

static void malformed(const char *text)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(parse(text, &rules, &err) == -1, "%s", text);
	ck_assert_msg(err.kind == ERROR_CONFIG, "%s: kind %d", text, (int)err.kind);
}

START_TEST(parse__refuses_what_is_malformed)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	struct error err = ERROR_INIT;

	malformed("creation_rules: x\n");
	malformed("creation_rules: {a: b}\n");
	malformed("creation_rules: [x]\n");
	malformed("creation_rules: [{age: {a: b}}]\n");
	malformed("creation_rules: [{age: [[a]]}]\n");
	malformed("a: [\n");
	malformed("- a\n");
	malformed("a: *b\n");
	ck_assert_int_eq(parse("", &rules, &err), 0);
	ck_assert_uint_eq(rules.len, 0);
}
END_TEST

static int edit_and_drop(struct error *err)
{
	AUTO(keyring_rules) rules = KEYRING_RULES_INIT;
	AUTO(age_recipients) own = AGE_RECIPIENTS_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) gone = SECRET_INIT;
	size_t rule = 0;

	return age_recipients_add(&own, SPAN_LITERAL(BOB), err) ||
			       parse("keys:\n  - &a " ALICE "\ncreation_rules:\n  - age: [*a, " BOB
				     "]\n",
				     &rules, err) ||
			       keyring_rules_add(&rules, "web1", &own, &rule, 1, &text, err) ||
			       keyring_rules_remove(&rules, "web1", &own, &gone, err)
		       ? -1
		       : 0;
}

START_TEST(rules__survive_failed_allocations)
{
	struct error err = ERROR_INIT;

	SWEEP(edit_and_drop(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("keyring_rules");
	TCase *t = tcase_create("keyring_rules");

	tcase_add_checked_fixture(t, NULL, teardown);
	tcase_add_test(t, edits__block_style);
	tcase_add_test(t, edits__keep_comments_byte_for_byte);
	tcase_add_test(t, edits__flow_style);
	tcase_add_test(t, edits__flow_style_with_comments);
	tcase_add_test(t, edits__two_at_one_place);
	tcase_add_test(t, edits__a_comment_is_no_anchor);
	tcase_add_test(t, edits__merge_keys);
	tcase_add_test(t, edits__text_with_commas);
	tcase_add_test(t, edits__key_groups);
	tcase_add_test(t, edits__line_breaks_of_windows_and_no_last_one);
	tcase_add_test(t, adds__what_is_not_there_yet);
	tcase_add_test(t, adds__to_nothing);
	tcase_add_test(t, adds__behind_a_byte_order_mark);
	tcase_add_test(t, refusals__say_where_and_what_to_do);
	tcase_add_test(t, adds__to_the_rule_that_is_meant);
	tcase_add_test(t, adds__behind_nested_lists);
	tcase_add_test(t, adds__the_recipient_itself_where_keys_come_last);
	tcase_add_test(t, adds__several_keys_of_one_name);
	tcase_add_test(t, adds__converts_ssh_keys);
	tcase_add_test(t, adds__refuses_what_it_cannot_edit);
	tcase_add_test(t, removes__from_every_rule);
	tcase_add_test(t, removes__an_anchor_that_drifted);
	tcase_add_test(t, removes__leaves_other_kinds_of_keys);
	tcase_add_test(t, removes__refuses);
	tcase_add_test(t, parse__reads_rules);
	tcase_add_test(t, parse__refuses_what_is_malformed);
	tcase_add_test(t, rules__survive_failed_allocations);
	suite_add_tcase(s, t);
	return s;
}
