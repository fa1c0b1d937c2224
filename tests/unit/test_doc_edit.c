/* SPDX-License-Identifier: MIT */
/* Documents are sealed (without cryptography: doc_fake.h) and must come back, byte for byte. */
#include <check.h>

#include "doc_text.h"
#include "sweep.h"
#include "vectors.h"

/* Each comes back as it was, and sealing says so. */
static const char *const exact[] = {
	"a: 1\n",
	"a: 1",
	"a:\n",
	"a:",
	"{}\n",
	"{}",
	"{ }\n",
	"---\n",
	"---",
	"--- {}\n",
	"---\n---\na: 1\n",
	"---\na: 1\n...\n",
	"a: 1\n...\n# after\n",
	"a: 1\n---\nb: 2\n",
	"a: 1\n---\n---\nb: 2",
	"# head\n\na: 1\n\n\n# foot\n\n",
	"a: 1 # one\nb: 2\t# two\n",
	"a: 1 \nb: 2\t\nc: x  \n",
	"{a: b}\n",
	"{a: b}",
	"{a: b,}\n",
	"{a: b, }\n",
	"{ a: b }\n# foot\n",
	"{a: b # c\n}\n",
	"{\"a\": 1, \"b\": [1, \"x\", 'y', z], \"c\": {\"d\": null}}\n",
	"{\n  \"a\": \"x\",\n  \"b\": [\n    true\n  ]\n}\n",
	"{a: b}\n---\n{c: d}\n",
	"a: [x, 'y', \"z\", 1, 2.50, true, ~]\n",
	"a: [x,'y',\"z\",]\nb: {c: d,e: 'f'}\n",
	"a: [\n  x, # one\n  y # two\n  # three\n]\n",
	"a: [[], {}, [[]]]\n",
	"a: [b: c, 'd': e]\n",
	"a: 'x'\nb: \"x\"\nc: x\n",
	"a: 'it''s'\nb: \"a\\tb\\n\"\nc: 'say \"x\"'\n",
	"a: \"1\"\nb: 'true'\nc: \"\"\nd: ''\n",
	"a: yes\nb: 12:30:45\nc: off\nd: emoji😀\n",
	"a: 0.00001\nb: [100000000000000000000, 00.00001, -1e-5, +123456789.5, 123456789.5]\n",
	"a: 2.50\nb: 1e3\nc: TRUE\nd: +5\ne: 1.0\nf: .5\ng: True\nh: false\n",
	"a: 0x1f\nb: 0x1F\nc: 0755\nd: 0o17\ne: 0b101\nf: -0x10\n",
	"a: .inf\nb: -.inf\nc: .nan\nd: .Inf\ne: +.inf\nf: .NAN\n",
	"a: 2024-01-02\nb: 2024-01-02T03:04:05Z\nc: 2001-12-14T21:59:43.10-05:00\n",
	"a: null\nb: ~\nc: NULL\nd:\n",
	"a: !!str 12\nb: !local x\nc: ! x\n",
	"a: &x 1\nb: &y\n  c: 2\n",
	"a: |\n  one\n  two\n",
	"a: |\n  one\n\n  two\n\n\nb: 1\n",
	"a: |-\n  one\nb: |+\n  two\n\nc: |+\n\n\nd: 1\n",
	"a: |2\n   one\n  two\nb: |1-\n  one\n",
	"a: >\n  folded\nb: >-\n  folded\n\n  twice\nc: >+\n  x\n\n",
	"a: | # comment\n  one\n",
	"a: |-   # comment\n  one",
	"a: |\n  one",
	"a: |+\n  one\n\n",
	"a: |\n  - not a list\n  # not a comment\n  key: value\n",
	"a: |\n      deep\n        deeper\nb:\n  - |\n    in a list\n  - >\n    folded\n",
	"l:\n- a\n- b: 1\n  c: 2\n- - x\n  - y\n-\n- ''\n",
	"l:\n  - # comment\n    a: 1\n  # between\n  - b\n  # last\n# out\n",
	"a:\n    b:\n        c: 1\n    # c\n# d\n",
	"a:   x\nb :  y\n'c':   z\n\"d\": w\n? e\n: f\n",
	"  a: 1\n  b:\n   c: 2\n",
	"a: 1\r\nb: |\r\n  one\r\n  two\r\n\r\n# c\r\nc: 'x'\r\n",
	"a: 1\r\n# c\r\nb: 2",
	"\357\273\277a: 1\n# c\nb: é\n",
	"\xef\xbb\xbf{a: 1}\n",
	"%YAML 1.1\n---\na: 1\n",
	"%TAG !e! tag:example.org,2000:\n---\na: !e!x y\n",
	"é: ü # ß\n日本: 語 # 😀\n\"\xc3\xa9x\": |\n  日本語\n  😀\n",
	"a: http://h:80/p?q=1#f\nb: a b  c\nc: x#y\nd: -x\ne: ?x\nf: :x\n",
	"a: ENC\nb: 'ENC['\nc: [ENC]\nd: ENC[x]\n",
	"unicode: \"\\t\"\nescaped: \"a\\\\b\\\"c\"\n",
	"#\n#x\n## y\na: 1\n",
	"t: |+\n \nb: 1\n",
	"a:\n  t: |\n    ",
	"t: |+\n\n   \n \nb: 1\n",
	"b: |+\n \n\n   ",
	"? a\n? b # c: d\n",
	"{a, ? b, \"c\" # d\n, e: f}\n",
	"x:\n  - ? b\n  - c\n",
};

START_TEST(doc_edit__gives_back_the_same_bytes)
{
	check_round_trip(DOC_YAML, exact[_i], exact[_i], true);
}
END_TEST

/* What does not come back as it was: the list of bootseal-format(7). Sealing says so. */
static const struct {
	const char *before, *after;
} inexact[] = {
	{ "a: one\n  two\n", "a: one two\n" },
	{ "a: 'one\n  two'\n", "a: 'one two'\n" },
	{ "a: \"one\n  two\"\n", "a: \"one two\"\n" },
	{ "a: one\n\n  two\nb: 1\n", "a: |-\n    one\n    two\nb: 1\n" },
	{ "a: >\n  one\n  two\n", "a: >\n  one two\n" },
	{ "a: >\n  one\n   two\n", "a: |\n  one\n   two\n" },
	{ "a: |\n  one\n \n  two\n", "a: |\n  one\n\n  two\n" },
	{ "a: |\r\n  one\n  two\r\n", "a: |\r\n  one\r\n  two\r\n" },
	{ "a: \"\\x41\"\n", "a: \"A\"\n" },
	{ "a: \"\\u00e9\"\n", "a: \"é\"\n" },
	{ "a: \"tab\there\"\n", "a: \"tab\\there\"\n" },
	{ "t: >+\n ", "t: >-\n " },
	{ "t: |+\n   ", "t: |-\n   " },
	{ "a: 1_000\n", "a: 1000\n" },
	{ "a: 0X1F\n", "a: 31\n" },
	{ "a: 2024-1-2\n", "a: 2024-01-02T00:00:00Z\n" },
	{ "a: 2001-12-15 2:59:43.10\n", "a: 2001-12-15T02:59:43.1Z\n" },
	{ "a: !!int \"3\"\n", "a: 3\n" },
	{ "a: !!binary aGVsbG8=\n", "a: hello\n" },
	{ "a: !!binary /w==\n", "a: !!binary /w==\n" },
	{ "a: &x 1\nb: *x\n", "a: &x 1\nb: 1\n" },
	{ "a: &x\n  b: 1\nc: *x\n", "a: &x\n  b: 1\nc:\n  b: 1\n" },
	{ "a: &x {b: 1}\nc:\n  <<: *x\n", "a: &x {b: 1}\nc:\n  <<:\n    b: 1\n" },
	{ "a: &x [1, z]\nb: [*x, *x]\n", "a: &x [1, z]\nb: [[1, z], [1, z]]\n" },
};

START_TEST(doc_edit__names_what_does_not_come_back)
{
	check_round_trip(DOC_YAML, inexact[_i].before, inexact[_i].after, false);
}
END_TEST

/* As sops writes it: every sealed text plain. The values open as sops would write them. */
static const struct {
	const char *plain; /* after "str:" and so on */
	enum doc_type type;
	const char *opened;
} foreign[] = {
	{ "text", DOC_TYPE_STRING, "text" },
	{ "yes", DOC_TYPE_STRING, "\"yes\"" },
	{ "12", DOC_TYPE_STRING, "\"12\"" },
	{ "12:30:45", DOC_TYPE_STRING, "\"12:30:45\"" },
	{ "2024-01-02", DOC_TYPE_STRING, "\"2024-01-02\"" },
	{ "null", DOC_TYPE_STRING, "\"null\"" },
	{ "<<", DOC_TYPE_STRING, "\"<<\"" },
	{ "# x", DOC_TYPE_STRING, "'# x'" },
	{ "a: b", DOC_TYPE_STRING, "'a: b'" },
	{ "it's: x", DOC_TYPE_STRING, "'it''s: x'" },
	{ " x", DOC_TYPE_STRING, "' x'" },
	{ "x\ty", DOC_TYPE_STRING, "\"x\\ty\"" },
	{ "\xf0\x9f\x98\x80", DOC_TYPE_STRING, "\"\xf0\x9f\x98\x80\"" },
	{ "one\ntwo\n", DOC_TYPE_STRING, "|\n    one\n    two" },
	{ "one\ntwo", DOC_TYPE_STRING, "|-\n    one\n    two" },
	{ "one\n\n\n", DOC_TYPE_STRING, "|+\n    one\n\n" },
	{ " one\ntwo", DOC_TYPE_STRING, "|4-\n     one\n    two" },
	{ "one \ntwo", DOC_TYPE_STRING, "\"one \\ntwo\"" },
	{ "one\r\ntwo", DOC_TYPE_STRING, "\"one\\r\\ntwo\"" },
	{ "31", DOC_TYPE_INT, "31" },
	{ "True", DOC_TYPE_BOOL, "true" },
	{ "false", DOC_TYPE_BOOL, "False" },
	{ "1.5", DOC_TYPE_FLOAT, "1.5" },
	{ "1", DOC_TYPE_FLOAT, "1" },
	{ "+Inf", DOC_TYPE_FLOAT, ".inf" },
	{ "-Inf", DOC_TYPE_FLOAT, "-.inf" },
	{ "NaN", DOC_TYPE_FLOAT, ".nan" },
	{ "10000000000000000000", DOC_TYPE_FLOAT, "1e+19" },
	{ "1000000", DOC_TYPE_FLOAT, "1e+06" },
	{ "100000", DOC_TYPE_FLOAT, "100000" },
	{ "123456789.5", DOC_TYPE_FLOAT, "1.234567895e+08" },
	{ "-0.00001", DOC_TYPE_FLOAT, "-1e-05" },
	{ "0.0001", DOC_TYPE_FLOAT, "0.0001" },
	{ "-00.00001", DOC_TYPE_FLOAT, "-0.00001" },
	{ "000.00001", DOC_TYPE_FLOAT, "00.00001" },
	{ "2024-01-02T00:00:00Z", DOC_TYPE_TIME, "2024-01-02T00:00:00Z" },
};

START_TEST(doc_edit__opens_what_sops_seals)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	struct error err = ERROR_INIT;
	char expected[256];

	ck_assert_int_eq(fake_sealed(foreign[_i].type, span_of_text(foreign[_i].plain), &sealed,
				     &err),
			 0);
	ck_assert_int_eq(secret_append_text(&text, "k: ", &err), 0);
	ck_assert_int_eq(secret_append_span(&text, secret_span(&sealed), &err), 0);
	ck_assert_int_eq(secret_append_text(&text, "\nl: 1\nsops:\n    version: 3.13.3\n", &err),
			 0);
	open_again(DOC_YAML, &text, &opened);
	snprintf(expected, sizeof(expected), "k: %s\nl: 1\n", foreign[_i].opened);
	check_text(secret_span(&opened), expected);
}
END_TEST

START_TEST(doc_edit__opens_sops_comments_in_lists)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) comment = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(fake_sealed(DOC_TYPE_COMMENT, SPAN_LITERAL(" note"), &comment, &err), 0);
	ck_assert_int_eq(secret_append_text(&text, "l:\n    - ", &err), 0);
	ck_assert_int_eq(secret_append_span(&text, secret_span(&comment), &err), 0);
	ck_assert_int_eq(secret_append_text(&text, "\n    - x\nsops:\n    version: 3.13.3\n", &err),
			 0);
	open_again(DOC_YAML, &text, &opened);
	check_text(secret_span(&opened), "l:\n    # note\n    - x\n");
}
END_TEST

START_TEST(doc_edit__spells_sealed_texts_by_their_quotes)
{
	AUTO(secret) sealed = SECRET_INIT;
	bool is_exact;

	seal(DOC_YAML, "a: p\nb: 's'\nc: \"d\"\nd: yes\ne: [p, 's', \"d\"]\n", &sealed, &is_exact);
	for (size_t i = 0; i + 1 < sealed.len; i++)
		if (sealed.data[i] == 'N' && sealed.data[i + 1] == 'C')
			while (sealed.data[i] != ']')
				sealed.data[i++] = '.';
	sealed.data[sealed.len - 1] = '\0';
	for (char *from = (char *)sealed.data, *to = from;; from++) {
		if (*from != '.')
			*to++ = *from;
		if (*from == '\0')
			break;
	}
	ck_assert_msg(strncmp((char *)sealed.data,
			      "a: E]\nb: 'E]'\nc: \"E]\"\nd: \"\\x45]\"\n"
			      "e: ['E]', \"\\x45]\", \"E]\"]\nsops:\n    age:\n        - enc: |\n",
			      80) == 0,
		      "%s", (char *)sealed.data);
}
END_TEST

static const struct {
	const char *before;
	enum doc_type type;
	const char *value, *after;
} sets[] = {
	{ "k: old # c\n", DOC_TYPE_STRING, "new", "k: new # c\n" },
	{ "k: old # c\n", DOC_TYPE_STRING, "12", "k: \"12\" # c\n" },
	{ "k: old # c\n", DOC_TYPE_STRING, "a\nb", "k: \"a\\nb\" # c\n" },
	{ "k: old\n", DOC_TYPE_STRING, "a\nb\n", "k: |\n    a\n    b\n" },
	{ "k: 'old'\n", DOC_TYPE_STRING, "it's", "k: 'it''s'\n" },
	{ "k: 'old'\n", DOC_TYPE_STRING, "a\nb", "k: \"a\\nb\"\n" },
	{ "k: \"old\"\n", DOC_TYPE_STRING, "x", "k: \"x\"\n" },
	{ "k: \"old\"\n", DOC_TYPE_INT, "5", "k: 5\n" },
	{ "k: 1\n", DOC_TYPE_NULL, "", "k: null\n" },
	{ "k:\nl: 1\n", DOC_TYPE_STRING, "x", "k: x\nl: 1\n" },
	{ "k: !!int 3\n", DOC_TYPE_STRING, "x", "k: x\n" },
	{ "k: !!str 3\n", DOC_TYPE_BOOL, "true", "k: true\n" },
	{ "k: |\n  old\nl: 1\n", DOC_TYPE_STRING, "new\nlines\n", "k: |\n  new\n  lines\nl: 1\n" },
	{ "k: |\n  old\nl: 1\n", DOC_TYPE_STRING, "new", "k: |-\n  new\nl: 1\n" },
	{ "k: |-\n  old\n\nl: 1\n", DOC_TYPE_STRING, "new\n", "k: |\n  new\n\nl: 1\n" },
	{ "k: |\n  old\nl: 1\n", DOC_TYPE_STRING, "new\n\n", "k: |+\n  new\n\nl: 1\n" },
	{ "k: | # c\n  old\nl: 1\n", DOC_TYPE_STRING, " x", "k: \" x\" # c\nl: 1\n" },
	{ "k: |\n  old\nl: 1\n", DOC_TYPE_INT, "5", "k: 5\nl: 1\n" },
	{ "m: {k: old, l: 1}\n", DOC_TYPE_STRING, "a, b", "m: {k: \"a, b\", l: 1}\n" },
	{ "m: {k: 'old', l: 1}\n", DOC_TYPE_STRING, "a, b", "m: {k: 'a, b', l: 1}\n" },
	{ "k:\n  a: 1\n  b: 2\nl: 1\n", DOC_TYPE_STRING, "x", "k: x\nl: 1\n" },
	{ "k: [1, 2]\nl: 1\n", DOC_TYPE_STRING, "x", "k: x\nl: 1\n" },
	{ "k: {a: 1}\n", DOC_TYPE_INT, "1", "k: 1\n" },
};

START_TEST(doc_edit_set__changes_that_value_alone)
{
	check_set(DOC_YAML, sets[_i].before, "k", sets[_i].type, sets[_i].value, sets[_i].after);
}
END_TEST

static const struct {
	const char *before, *container, *after; /* container: a key; NULL is the root */
} appends[] = {
	{ "{a: b, sops: {x: 1}}\n", NULL, "{a: b, new: v, sops: {x: 1}}\n" },
	{ "{sops: {x: 1}}\n", NULL, "{new: v, sops: {x: 1}}\n" },
	{ "x:\n- ? b\n  # c\n- c\nd: 1\n", "x", "x:\n- ? b\n  # c\n- c\n- v\nd: 1\n" },
	{ "a: 1\n", NULL, "a: 1\nnew: v\n" },
	{ "a: 1", NULL, "a: 1\nnew: v" },
	{ "a:\n  b: 1\n", NULL, "a:\n  b: 1\nnew: v\n" },
	{ "a: |\n  x\n\nb: 1 # c\n\n# foot\n", NULL, "a: |\n  x\n\nb: 1 # c\n\n# foot\nnew: v\n" },
	{ "m:\n  a: 1\n  # in m\nb: 1\n", "m", "m:\n  a: 1\n  # in m\n  new: v\nb: 1\n" },
	{ "m:\n  a:\n    c: 1\nb: 1\n", "m", "m:\n  a:\n    c: 1\n  new: v\nb: 1\n" },
	{ "a: 1\n# note\nsops:\n  version: 1\n", NULL,
	  "a: 1\n# note\nnew: v\nsops:\n  version: 1\n" },
	{ "{a: 1}\n", NULL, "{a: 1, new: v}\n" },
	{ "{}\n", NULL, "{new: v}\n" },
	{ "m: {a: 1, }\n", "m", "m: {a: 1, new: v,}\n" },
	{ "m: []\n", "m", "m: [v]\n" },
	{ "m:\n- a\n- b\nn: 1\n", "m", "m:\n- a\n- b\n- v\nn: 1\n" },
	{ "m:\n  - a: 1\n    b: 2\n", "m", "m:\n  - a: 1\n    b: 2\n  - v\n" },
	{ "---\n", NULL, "---\nnew: v\n" },
	{ "a: 1\r\n", NULL, "a: 1\r\nnew: v\r\n" },
	{ "a: 1\n---\nb: 1\n", NULL, "a: 1\nnew: v\n---\nb: 1\n" },
};

START_TEST(doc_edit_append__goes_behind_the_last_entry)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	uint32_t container;

	parse_well(DOC_YAML, appends[_i].before, &doc);
	container = appends[_i].container ? find(&doc, appends[_i].container) : doc_root(&doc, 0);
	ck_assert_int_eq(doc_tree_scalar(&tree, NULL, DOC_TYPE_STRING, SPAN_LITERAL("v"), &err), 0);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	ck_assert_int_eq(doc_edit_append(&edit, container, SPAN_LITERAL("new"), &tree, &err), 0);
	ck_assert_int_eq(doc_edit_finish(&edit, &text, &err), 0);
	check_text(secret_span(&text), appends[_i].after);
}
END_TEST

static const struct {
	const char *before, *key, *after;
} removals[] = {
	{ "a: 1\nsops:\n  x: 1\n  y: |\n    z\n", "sops", "a: 1\n" },
	{ "a: 1\nsops:\n  x: 1\nb: 1\n", "sops", "a: 1\nb: 1\n" },
	{ "sops:\n  x: 1\n", "sops", "{}\n" },
	{ "---\nsops:\n  x: 1\n", "sops", "---\n" },
	{ "a: 1\nsops: {x: 1}", "sops", "a: 1" },
	{ "{a: 1, sops: {x: 1}}\n", "sops", "{a: 1}\n" },
	{ "{sops: {x: 1}, a: 1}\n", "sops", "{ a: 1}\n" },
	{ "{sops: {x: 1}\n,}\n", "sops", "{}\n" },
	{ "{a: 1, ? sops: {x: 1}}\n", "sops", "{a: 1}\n" },
	{ "a: 1\nsops:\n  x: |\n    z\n\n# foot\n", "sops", "a: 1\n\n# foot\n" },
	{ "{a: 1, # c,\n sops: {x: 1}}\n", "sops", "{a: 1, # c,\n }\n" },
	{ "{sops: {x: 1} #e\n,}\n", "sops", "{}\n" },
	{ "{a: 1, sops: {x: 1} #e,\n #f\n, b: 2}\n", "sops", "{a: 1, b: 2}\n" },
	{ "{a: 1 #e\n, sops: {x: 1} #f\n}\n", "sops", "{a: 1 #e\n #f\n}\n" },
};

START_TEST(doc_edit_remove__takes_the_entrys_lines)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	parse_well(DOC_YAML, removals[_i].before, &doc);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	ck_assert_int_eq(doc_edit_remove(&edit, find(&doc, removals[_i].key), &err), 0);
	ck_assert_int_eq(doc_edit_finish(&edit, &text, &err), 0);
	check_text(secret_span(&text), removals[_i].after);
}
END_TEST

START_TEST(doc_edit_remove__refuses_a_comment_behind_a_question_mark)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	struct error err = ERROR_INIT;

	parse_well(DOC_YAML, "{a: 1,\n?  #c\n sops: {x: 1}}\n", &doc);
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	ck_assert_int_eq(doc_edit_remove(&edit, find(&doc, "sops"), &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.message, "line 3: "));
}
END_TEST

/* Sealed by others, or cut: what stands where the metadata are taken out. */
static const struct {
	const char *before, *plain;
	enum doc_type type;
	const char *behind, *after;
} seams[] = {
	{ "a: 1\nsops: #", " c", DOC_TYPE_COMMENT, "\n  x: 1\n", "a: 1\n# c\n" },
	{ "a: 1\nsops:\n  #", " c", DOC_TYPE_COMMENT, "\n  x: 1\n", "a: 1\n# c\n" },
	{ "a: 1\nsops:\n  x: 1 #", " c", DOC_TYPE_COMMENT, "\n", "a: 1\n# c\n" },
	{ "a: |\n  b\nsops: #", " c", DOC_TYPE_COMMENT, "\n  x: 1", "a: |\n  b" },
	{ "{a: 1, sops: { #", " c", DOC_TYPE_COMMENT, "\n x: 1}}\n", "{a: 1}\n" },
	{ "a: |+\n  ", "b\n\n", DOC_TYPE_STRING, "\n\nsops: {}", "a: |+\n  b\n\n" },
	{ "a: |\n  ", "b\n", DOC_TYPE_STRING, "\nsops: {}", "a: |\n  b\n" },
	{ "a: |-\n  ", "b\n c\n\n\n", DOC_TYPE_STRING, "\nsops: {}", "a: |+\n  b\n   c\n\n\n" },
};

/* As sops_file_plaintext() does it: the metadata before what starts behind their key. */
static void open_seam(const struct doc *doc, size_t at, enum doc_type type, struct span plain,
		      struct secret *ret_text)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	const uint32_t metadata = find(doc, "sops");
	struct error err = ERROR_INIT;
	uint32_t leaf = 1;
	bool first;

	while (!((doc->nodes[leaf].kind == DOC_COMMENT || doc->nodes[leaf].kind == DOC_SCALAR) &&
		 doc->nodes[leaf].end > at))
		leaf++;
	first = doc->nodes[leaf].start < doc->nodes[metadata].entry;
	ck_assert_int_eq(doc_edit_begin(doc, 0, &edit, &err), 0);
	if (first)
		ck_assert_int_eq(doc_edit_open(&edit, leaf, type, plain, &err), 0);
	ck_assert_int_eq(doc_edit_remove(&edit, metadata, &err), 0);
	if (!first)
		ck_assert_int_eq(doc_edit_open(&edit, leaf, type, plain, &err), 0);
	ck_assert_int_eq(doc_edit_finish(&edit, ret_text, &err), 0);
}

START_TEST(doc_edit_open__keeps_what_meets_the_metadata)
{
	const struct span plain = span_of_text(seams[_i].plain);
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(fake_sealed(seams[_i].type, plain, &sealed, &err), 0);
	ck_assert_int_eq(secret_append_text(&text, seams[_i].before, &err), 0);
	ck_assert_int_eq(secret_append_span(&text, secret_span(&sealed), &err), 0);
	ck_assert_int_eq(secret_append_text(&text, seams[_i].behind, &err), 0);
	ck_assert_int_eq(doc_parse(DOC_YAML, &text, 0, &doc, &err), 0);
	open_seam(&doc, strlen(seams[_i].before), seams[_i].type, plain, &opened);
	check_text(secret_span(&opened), seams[_i].after);
}
END_TEST

static const char *const colonless[] = {
	"? k\n",          "a:\n  ? k # : x\n", "{k}",
	"{? k}",          "{k, c: d}",         "{\"k\" # : x\n, c: d}",
	"a: {? k, c: d}", "a: [? k]",          "? >\n k\n? b\n",
};

static void refuse_set(const char *text)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	struct error err = ERROR_INIT;
	uint32_t node = 1;

	parse_well(DOC_YAML, text, &doc);
	while (doc.nodes[node].kind != DOC_SCALAR)
		node++;
	ck_assert_int_eq(doc_edit_begin(&doc, 0, &edit, &err), 0);
	ck_assert_int_eq(doc_edit_set(&edit, node, DOC_TYPE_STRING, SPAN_LITERAL("v"), &err), -1);
	ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
	error_clear(&err);
}

START_TEST(doc_edit_set__refuses_a_key_without_a_colon)
{
	refuse_set(colonless[_i]);
}
END_TEST

static int round_trip(struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	bool is_exact;

	return secret_append_text(&plain,
				  "# c\na: [x, {y: 'z'}] # d\nb: |\n  c\ne: &f 1\ng: *f\n"
				  "h:\n  - 1.5\n  - é\n",
				  err) < 0 ||
			       fake_seal(&plain, &sealed, &is_exact, err) < 0 ||
			       fake_open(&sealed, &opened, err) < 0
		       ? -1
		       : 0;
}

START_TEST(doc_edit__survives_every_failing_allocation)
{
	struct error err = ERROR_INIT;

	SWEEP(round_trip(&err));
}
END_TEST

/* Each bit of a document and of its sealed text flipped: an error, or something that comes back. */
START_TEST(doc_edit__survives_flipped_bits)
{
	static const char text[] = "# c\na: [x, {y: 'z'}] # d\nb: |\n  c\n---\ne: &f \"1\"\n- 2\n";

	for (size_t bit = 0; bit < (sizeof(text) - 1) * 8; bit += stride(1)) {
		AUTO(secret) plain = SECRET_INIT;
		AUTO(secret) before = SECRET_INIT;
		AUTO(secret) sealed = SECRET_INIT;
		AUTO(secret) opened = SECRET_INIT;
		struct error err = ERROR_INIT;
		bool is_exact;

		secret_of(text, &plain);
		plain.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_int_eq(secret_append_span(&before, secret_span(&plain), &err), 0);
		if (fake_seal(&plain, &sealed, &is_exact, &err) < 0) {
			ck_assert_int_ne(err.kind, ERROR_NONE);
			ck_assert_int_ne(err.kind, ERROR_BUG);
			continue;
		}
		open_again(DOC_YAML, &sealed, &opened);
		ck_assert(!is_exact || span_equal(secret_span(&opened), secret_span(&before)));
	}
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("doc/edit");
	TCase *tc = tcase_create("edit");

	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_set_timeout(tc, 120);
	tcase_add_loop_test(tc, doc_edit__gives_back_the_same_bytes, 0,
			    (int)(sizeof(exact) / sizeof(*exact)));
	tcase_add_loop_test(tc, doc_edit__names_what_does_not_come_back, 0,
			    (int)(sizeof(inexact) / sizeof(*inexact)));
	tcase_add_loop_test(tc, doc_edit__opens_what_sops_seals, 0,
			    (int)(sizeof(foreign) / sizeof(*foreign)));
	tcase_add_test(tc, doc_edit__opens_sops_comments_in_lists);
	tcase_add_test(tc, doc_edit__spells_sealed_texts_by_their_quotes);
	tcase_add_loop_test(tc, doc_edit_set__changes_that_value_alone, 0,
			    (int)(sizeof(sets) / sizeof(*sets)));
	tcase_add_loop_test(tc, doc_edit_append__goes_behind_the_last_entry, 0,
			    (int)(sizeof(appends) / sizeof(*appends)));
	tcase_add_test(tc, doc_edit_remove__refuses_a_comment_behind_a_question_mark);
	tcase_add_loop_test(tc, doc_edit_remove__takes_the_entrys_lines, 0,
			    (int)(sizeof(removals) / sizeof(*removals)));
	tcase_add_loop_test(tc, doc_edit_open__keeps_what_meets_the_metadata, 0,
			    (int)(sizeof(seams) / sizeof(*seams)));
	tcase_add_loop_test(tc, doc_edit_set__refuses_a_key_without_a_colon, 0,
			    (int)(sizeof(colonless) / sizeof(*colonless)));
	tcase_add_test(tc, doc_edit__survives_every_failing_allocation);
	tcase_add_test(tc, doc_edit__survives_flipped_bits);
	suite_add_tcase(s, tc);
	return s;
}
