/* SPDX-License-Identifier: MIT */
/*
 * Whole documents: sealed, opened, changed, and tampered with.
 */
#include <stdlib.h>
#include <string.h>

#include "sops/lookup.h"
#include "sops/value.h"
#include "sops_text.h"
#include "sweep.h"

/* All types, styles, comments, an unsealed part. */
#define DOCUMENT                                                                                   \
	"# top\n"                                                                                  \
	"db:\n"                                                                                    \
	"  password: \"hunter2\"  # inline\n"                                                      \
	"  port: 5432\n"                                                                           \
	"  ratio: 2.50\n"                                                                          \
	"  tls: TRUE\n"                                                                            \
	"  since: 2024-01-02T03:04:05Z\n"                                                          \
	"  none: ~\n"                                                                              \
	"  empty: ''\n"                                                                            \
	"list:\n"                                                                                  \
	"- same\n"                                                                                 \
	"- same\n"                                                                                 \
	"# in the list\n"                                                                          \
	"- other\n"                                                                                \
	"open_unencrypted:\n"                                                                      \
	"  a: plain\n"                                                                             \
	"  n: 12\n"                                                                                \
	"text: |\n"                                                                                \
	"  one\n"                                                                                  \
	"  two\n"

static struct secret text_of(const char *text)
{
	struct secret s = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_append_text(&s, text, &err), 0);
	return s;
}

static int seal_with(const char *plain, enum sops_selector_kind kind, const char *selector,
		     bool mac_only, struct secret *ret_sealed, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;

	if (secret_append_text(&text, plain, err) < 0 ||
	    sops_groups_open(&policy.groups, err) < 0 ||
	    sops_groups_add(&policy.groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(RECIPIENT), err) < 0 ||
	    sops_selector_set(&policy.selector, kind, span_of_text(selector), err) < 0)
		return -1;
	policy.mac_only_encrypted = mac_only;
	return sops_seal(DOC_YAML, &text, &policy, ret_sealed, NULL, err);
}

static struct secret seal(const char *plain)
{
	struct secret sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(seal_with(plain, SOPS_UNENCRYPTED_SUFFIX, "", false, &sealed, &err) == 0,
		      "%s", err.message);
	return sealed;
}

static int open_copy(struct span sealed, const struct age_identities *identities, unsigned flags,
		     struct sops_file *ret_file, struct error *err)
{
	AUTO(secret) copy = SECRET_INIT;

	if (secret_append_span(&copy, sealed, err) < 0)
		return -1;
	return sops_open(DOC_YAML, &copy, identities, flags, ret_file, err);
}

static void open_well(struct span sealed, struct sops_file *ret_file)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	struct error err = ERROR_INIT;

	ck_assert_msg(open_copy(sealed, &identities, 0, ret_file, &err) == 0, "%s", err.message);
}

static void expect_plaintext(struct sops_file *file, const char *expected)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(sops_file_plaintext(file, &text, &err) == 0, "%s", err.message);
	ck_assert_msg(span_equal_text(secret_span(&text), expected), "%.*s",
		      SPAN_PRINT(secret_span(&text)));
}

/* Sets a scalar. */
static int set_scalar(struct sops_file *file, const struct doc_path *path, enum doc_type type,
		      struct span value, bool idempotent, struct secret *ret_sealed,
		      struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	return doc_tree_scalar(&tree, NULL, type, value, err) < 0
		       ? -1
		       : sops_file_set(file, path, &tree, idempotent, ret_sealed, err);
}

START_TEST(sops_seal__comes_back_byte_for_byte)
{
	AUTO(secret) sealed = seal(DOCUMENT);
	AUTO(sops_file) file = SOPS_FILE_INIT;

	open_well(secret_span(&sealed), &file);
	expect_plaintext(&file, DOCUMENT);
	ck_assert_ptr_null(memmem(sealed.data, sealed.len, "hunter2", 7));
	ck_assert_ptr_null(memmem(sealed.data, sealed.len, "in the list", 11));
	ck_assert_ptr_nonnull(memmem(sealed.data, sealed.len, "a: plain", 8));
}
END_TEST

START_TEST(sops_seal__seals_what_the_selector_says)
{
	static const struct {
		enum sops_selector_kind kind;
		const char *selector;
		const char *sealed, *readable; /* keys, separated by blanks */
	} cases[] = {
		{ SOPS_UNENCRYPTED_SUFFIX, "_u", "a s_b s_c", "p_u q" },
		{ SOPS_ENCRYPTED_SUFFIX, "_b", "s_b", "a s_c p_u q" },
		{ SOPS_ENCRYPTED_REGEX, "^(s|p)_", "s_b s_c p_u q", "a" },
		{ SOPS_UNENCRYPTED_REGEX, "^(s|p)_", "a", "s_b s_c p_u q" },
		{ SOPS_ENCRYPTED_COMMENT_REGEX, "seal", "s_b", "a s_c p_u q" },
		{ SOPS_UNENCRYPTED_COMMENT_REGEX, "seal", "a s_c p_u q", "s_b" },
	};
	static const char document[] = "a: 1\n# seal this\ns_b: 2\ns_c: 3\np_u:\n  q: 4\n";

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) sealed = SECRET_INIT;
		AUTO(sops_file) file = SOPS_FILE_INIT;
		struct error err = ERROR_INIT;

		ck_assert_msg(seal_with(document, cases[i].kind, cases[i].selector, false, &sealed,
					&err) == 0,
			      "%s", err.message);
		open_well(secret_span(&sealed), &file);
		expect_plaintext(&file, document);
		for (uint32_t node = 1; node < file.doc.len; node++) {
			const struct span key = doc_key(&file.doc, node);
			const bool is_sealed = sops_file_leaf(&file, node) != NULL;
			const char *keys = is_sealed ? cases[i].sealed : cases[i].readable;

			if (node == file.meta.node)
				break;
			if (file.doc.nodes[node].kind == DOC_SCALAR)
				ck_assert_msg(memmem(keys, strlen(keys), key.data, key.len) != NULL,
					      "%s: %.*s", cases[i].selector, SPAN_PRINT(key));
		}
	}
}
END_TEST

START_TEST(sops_open__tells_wrong_keys)
{
	AUTO(secret) sealed = seal(DOCUMENT);
	AUTO(age_identities) none = AGE_IDENTITIES_INIT;
	AUTO(age_identities) other = identities_of("sops/keys/age2.txt");
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(open_copy(secret_span(&sealed), &none, 0, &file, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NO_KEY);
	ck_assert_ptr_nonnull(strstr(err.message, RECIPIENT));
	ck_assert_int_eq(open_copy(secret_span(&sealed), &other, 0, &file, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_NO_KEY);
	ck_assert_ptr_nonnull(strstr(err.message, "age2.txt"));
}
END_TEST

START_TEST(sops_open__gives_the_text_back_on_failure)
{
	AUTO(secret) sealed = seal("a: b\n");
	AUTO(age_identities) none = AGE_IDENTITIES_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) lines = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(sops_open(DOC_YAML, &sealed, &none, 0, &file, &err), -1);
	ck_assert_uint_gt(sealed.len, 0);
	ck_assert_int_eq(sops_list_recipients(DOC_YAML, &sealed, &lines, &err), 0);
	ck_assert(span_equal_text(secret_span(&lines), RECIPIENT "\n"));
}
END_TEST

/* Replaces the first from behind after (same length or not) and gives the new text. */
static struct secret tamper(const struct secret *sealed, const char *after, const char *from,
			    const char *to)
{
	struct secret text = SECRET_INIT;
	struct error err = ERROR_INIT;
	const uint8_t *start = memmem(sealed->data, sealed->len, after, strlen(after)), *at;

	ck_assert_ptr_nonnull(start);
	at = memmem(start, (size_t)(sealed->data + sealed->len - start), from, strlen(from));
	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(secret_append(&text, sealed->data, (size_t)(at - sealed->data), &err), 0);
	ck_assert_int_eq(secret_append_text(&text, to, &err), 0);
	at += strlen(from);
	ck_assert_int_eq(secret_append(&text, at, (size_t)(sealed->data + sealed->len - at), &err),
			 0);
	return text;
}

static void expect_refused(const struct secret *sealed, enum error_kind kind)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(open_copy(secret_span(sealed), &identities, 0, &file, &err), -1);
	ck_assert_msg(err.kind == kind, "kind %u: %s", err.kind, err.message);
}

START_TEST(sops_open__notices_what_was_changed)
{
	AUTO(secret) sealed = seal(DOCUMENT);
	static const struct {
		const char *after, *from, *to;
		enum error_kind kind;
	} cases[] = {
		{ "open_unenc", "plain", "plane", ERROR_MAC },
		{ "open_unenc", "12", "13", ERROR_MAC },
		{ "open_unenc", "  n: 12\n", "", ERROR_MAC },
		{ "open_unenc", "  n: 12\n", "  n: 12\n  m: x\n", ERROR_MAC },
		{ "db:", "port", "prot", ERROR_AUTH }, /* a key is bound to its value */
		{ "db:", "type:str", "type:int", ERROR_FORMAT },
		{ "port", "type:int", "type:str", ERROR_NONE }, /* the same bytes for the MAC */
		{ "sops:", "    mac: ENC[AES256", "    mac: ENC[AES512", ERROR_MAC },
		{ "sops:", "    mac: ", "    cam: ", ERROR_NO_MAC },
		{ "sops:", "lastmodified: \"2", "lastmodified: \"3", ERROR_MAC },
		{ "sops:", "lastmodified: \"", "lastmodified: \"x", ERROR_FORMAT },
		{ "sops:", "unencrypted_suffix: _unencrypted", "unencrypted_suffix: _x",
		  ERROR_TYPE },
		{ "sops:", "unencrypted_suffix", "encrypted_suffix", ERROR_TYPE },
		{ "sops:", "    version", "    mac_only_encrypted: true\n    version", ERROR_MAC },
		{ "sops:", "    version: ", "    version: x", ERROR_FORMAT },
		{ "sops:", "    version", "    encrypted_regex: a\n    version", ERROR_FORMAT },
		{ "db:", "empty: ''", "empty: x", ERROR_TYPE },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) text = tamper(&sealed, cases[i].after, cases[i].from, cases[i].to);

		if (cases[i].kind != ERROR_NONE)
			expect_refused(&text, cases[i].kind);
	}
}
END_TEST

START_TEST(sops_open__notices_swapped_values)
{
	AUTO(secret) sealed = seal("a: one\nb: two\nl: [x, y]\n");
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	/* b's line gets a's key and the reverse: each value is bound to its own */
	ck_assert_int_eq(secret_append_span(&text, secret_span(&sealed), &err), 0);
	text.data[0] = 'b';
	uint8_t *b = memmem(text.data, text.len, "\nb: ", 4);

	ck_assert_ptr_nonnull(b);
	b[1] = 'a';
	expect_refused(&text, ERROR_AUTH);
}
END_TEST

START_TEST(sops_open__ignores_the_mac_where_told)
{
	AUTO(secret) sealed = seal(DOCUMENT);
	AUTO(secret) text = tamper(&sealed, "open_unenc", "plain", "plane");
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(open_copy(secret_span(&text), &identities, SOPS_IGNORE_MAC, &file, &err),
			 0);
}
END_TEST

START_TEST(sops_open__lets_unsealed_values_change_under_mac_only)
{
	AUTO(secret) sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(seal_with(DOCUMENT, SOPS_UNENCRYPTED_SUFFIX, "", true, &sealed, &err), 0);
	AUTO(secret) text = tamper(&sealed, "open_unenc", "plain", "plane");
	AUTO(sops_file) file = SOPS_FILE_INIT;

	open_well(secret_span(&text), &file);
	AUTO(secret)
	bad = tamper(&sealed, "sops:", "mac_only_encrypted: true", "mac_only_encrypted: false");

	expect_refused(&bad, ERROR_MAC);
}
END_TEST

START_TEST(sops_open__fails_when_cut_anywhere)
{
	AUTO(secret) sealed = seal("a: one\nb_unencrypted: two\n");
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	size_t opened = 0;

	for (size_t len = 0; len < sealed.len; len++) {
		AUTO(sops_file) file = SOPS_FILE_INIT;
		struct error err = ERROR_INIT;

		if (open_copy(span_of(sealed.data, len), &identities, 0, &file, &err) == 0) {
			AUTO(secret) text = SECRET_INIT;

			ck_assert_int_eq(sops_file_plaintext(&file, &text, &err), 0);
			ck_assert(span_equal_text(span_trim(secret_span(&text)),
						  "a: one\nb_unencrypted: two"));
			opened++;
		} else {
			ck_assert_int_ne(err.kind, ERROR_NONE);
		}
	}
	/* the last line break, and the last digits of the version, which nothing protects */
	ck_assert_uint_le(opened, 3);
}
END_TEST

/* What the MAC covers, value by value; values without bytes add nothing to it. */
static struct secret covered(struct sops_file *file)
{
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;

	for (uint32_t node = 1; node < file->doc.len; node++) {
		const struct doc_node *n = &file->doc.nodes[node];
		const struct sops_leaf *leaf = sops_file_leaf(file, node);
		char scratch[DOC_CANONICAL_MAX];
		struct span text;

		if (node == file->meta.node)
			node = n->next;
		if (node == file->doc.len)
			break;
		if (n->kind != DOC_SCALAR ||
		    (leaf ? leaf->type == DOC_TYPE_COMMENT : n->type == DOC_TYPE_NULL))
			continue;
		ck_assert_int_eq(leaf ? doc_canonical_plain(leaf->type, sops_file_plain(file, leaf),
							    scratch, &text, &err)
				      : doc_canonical(&file->doc, node, scratch, &text, &err),
				 0);
		if (text.len == 0)
			continue;
		ck_assert_int_eq(secret_append_span(&out, text, &err), 0);
		ck_assert_int_eq(secret_append(&out, "\0", 1, &err), 0);
	}
	return out;
}

START_TEST(sops_open__notices_each_flipped_bit)
{
	AUTO(secret) sealed = seal("a: one\nl: [2, yes]\nb_unencrypted: two\nc: 3.5 # c\n");
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(sops_file) original = SOPS_FILE_INIT;

	open_well(secret_span(&sealed), &original);
	AUTO(secret) expected = covered(&original);
	size_t opened = 0;

	for (size_t bit = 0; bit < sealed.len * 8; bit += stride(1)) {
		AUTO(sops_file) file = SOPS_FILE_INIT;
		struct error err = ERROR_INIT;

		sealed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (open_copy(secret_span(&sealed), &identities, 0, &file, &err) == 0) {
			AUTO(secret) now = covered(&file);

			ck_assert_msg(span_equal(secret_span(&now), secret_span(&expected)),
				      "bit %zu", bit);
			opened++;
		} else {
			ck_assert_int_ne(err.kind, ERROR_NONE);
		}
		sealed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	ck_assert_uint_gt(opened, 0); /* comments, names of unsealed keys, metadata spelling */
}
END_TEST

static struct secret set(struct sops_file *file, const char *index, enum doc_type type,
			 const char *value)
{
	AUTO(doc_path) path = DOC_PATH_INIT;
	struct secret sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(doc_path_parse(index, &path, &err), 0);
	ck_assert_msg(set_scalar(file, &path, type, span_of_text(value), false, &sealed, &err) == 0,
		      "%s: %s", index, err.message);
	return sealed;
}

/* How many lines differ, when no line was added or removed. */
static size_t changed_lines(struct span a, struct span b)
{
	struct span x, y;
	size_t changed = 0;

	while (span_take_line(&a, &x)) {
		ck_assert(span_take_line(&b, &y));
		changed += !span_equal(x, y);
	}
	ck_assert(!span_take_line(&b, &y));
	return changed;
}

START_TEST(sops_file_set__changes_three_lines)
{
	AUTO(secret) sealed = seal(DOCUMENT);
	AUTO(sops_file) file = SOPS_FILE_INIT;

	open_well(secret_span(&sealed), &file);
	AUTO(secret) after = set(&file, "[\"db\"][\"password\"]", DOC_TYPE_STRING, "other");
	AUTO(sops_file) again = SOPS_FILE_INIT;
	const size_t changed = changed_lines(secret_span(&sealed), secret_span(&after));

	ck_assert_uint_ge(changed, 2); /* the same second: lastmodified may be the same */
	ck_assert_uint_le(changed, 3);
	open_well(secret_span(&after), &again);
}
END_TEST

START_TEST(sops_file_set__puts_values_everywhere)
{
	static const struct {
		const char *index, *value;
		enum doc_type type;
	} cases[] = {
		{ "[\"db\"][\"password\"]", "x: y # z", DOC_TYPE_STRING },
		{ "[\"db\"][\"port\"]", "17", DOC_TYPE_INT },
		{ "[\"db\"][\"new\"]", "a\nb\n", DOC_TYPE_STRING },
		{ "[\"db\"][\"none\"]", "", DOC_TYPE_STRING },
		{ "[\"db\"]", "was a map", DOC_TYPE_STRING },
		{ "[\"list\"][1]", "true", DOC_TYPE_STRING },
		{ "[\"list\"][9]", "true", DOC_TYPE_BOOL },
		{ "[\"new\"][\"x\"][0][\"y\"]", "deep", DOC_TYPE_STRING },
		{ "[\"open_unencrypted\"][\"a\"]", "123", DOC_TYPE_STRING },
		{ "[\"open_unencrypted\"][\"new\"]", "2.5", DOC_TYPE_FLOAT },
		{ "[\"text\"]", "one line", DOC_TYPE_STRING },
		{ "[\"text\"]", "", DOC_TYPE_NULL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) sealed = seal(DOCUMENT);
		AUTO(sops_file) file = SOPS_FILE_INIT;
		AUTO(sops_file) again = SOPS_FILE_INIT;
		AUTO(secret) plain = SECRET_INIT;
		AUTO(doc_path) path = DOC_PATH_INIT;
		struct error err = ERROR_INIT;
		enum doc_type type;

		open_well(secret_span(&sealed), &file);
		AUTO(secret) after = set(&file, cases[i].index, cases[i].type, cases[i].value);

		open_well(secret_span(&after), &again);
		const char *index =
			strstr(cases[i].index, "[9]") ? "[\"list\"][3]" : cases[i].index;

		ck_assert_int_eq(doc_path_parse(index, &path, &err), 0);
		ck_assert_msg(sops_file_extract(&again, &path, &plain, &type, &err) == 0, "%s: %s",
			      cases[i].index, err.message);
		ck_assert_int_eq(type, cases[i].type);
		ck_assert_msg(span_equal_text(secret_span(&plain),
					      type == DOC_TYPE_NULL ? "null" : cases[i].value),
			      "%s: %.*s", cases[i].index, SPAN_PRINT(secret_span(&plain)));
		/* and the plaintext as a document says the same */
		AUTO(secret) text = SECRET_INIT;
		AUTO(doc) doc = DOC_INIT;

		ck_assert_int_eq(sops_file_plaintext(&again, &text, &err), 0);
		ck_assert_msg(doc_parse(DOC_YAML, &text, 0, &doc, &err) == 0, "%s", err.message);
	}
}
END_TEST

START_TEST(sops_file_set__refuses_what_cannot_be)
{
	static const struct {
		const char *index;
		enum error_kind kind;
	} cases[] = {
		{ "[\"db\"][0]", ERROR_BAD_INDEX },
		{ "[\"list\"][\"a\"]", ERROR_BAD_INDEX },
		{ "[0]", ERROR_BAD_INDEX },
		{ "[\"sops\"]", ERROR_SEALED },
		{ "[\"sops\"][\"mac\"]", ERROR_SEALED },
	};
	AUTO(secret) sealed = seal(DOCUMENT);
	AUTO(sops_file) file = SOPS_FILE_INIT;

	open_well(secret_span(&sealed), &file);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(doc_path) path = DOC_PATH_INIT;
		AUTO(secret) after = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_int_eq(doc_path_parse(cases[i].index, &path, &err), 0);
		ck_assert_int_eq(set_scalar(&file, &path, DOC_TYPE_STRING, SPAN_LITERAL("v"), false,
					    &after, &err),
				 -1);
		ck_assert_msg(err.kind == cases[i].kind, "%s: %s", cases[i].index, err.message);
	}
}
END_TEST

START_TEST(sops_file_set__is_idempotent_where_told)
{
	AUTO(secret) sealed = seal(DOCUMENT);
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(secret) after = SECRET_INIT;
	struct error err = ERROR_INIT;

	open_well(secret_span(&sealed), &file);
	ck_assert_int_eq(doc_path_parse("[\"db\"][\"tls\"]", &path, &err), 0);
	ck_assert_int_eq(set_scalar(&file, &path, DOC_TYPE_BOOL, SPAN_LITERAL("true"), true, &after,
				    &err),
			 0);
	ck_assert_uint_eq(after.len, 0);
	ck_assert_int_eq(set_scalar(&file, &path, DOC_TYPE_STRING, SPAN_LITERAL("true"), true,
				    &after, &err),
			 0);
	ck_assert_uint_gt(after.len, 0);
}
END_TEST

START_TEST(sops_file_reseal__keeps_the_ciphertext_of_what_did_not_change)
{
	AUTO(secret) sealed = seal(DOCUMENT);
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) edited = text_of(DOCUMENT);
	AUTO(secret) after = SECRET_INIT;
	AUTO(sops_file) again = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	open_well(secret_span(&sealed), &file);
	uint8_t *value = memmem(edited.data, edited.len, "hunter2", 7);

	ck_assert_ptr_nonnull(value);
	value[0] = 'H';
	ck_assert_msg(sops_file_reseal(&file, &edited, &after, NULL, &err) == 0, "%s", err.message);
	ck_assert_uint_le(changed_lines(secret_span(&sealed), secret_span(&after)), 3);
	open_well(secret_span(&after), &again);
}
END_TEST

/* Trap T19: a comment before a document's map, one in the metadata, and those that sops loses. */
START_TEST(sops_seal__lets_comments_select_where_sops_sees_them)
{
	static const struct {
		const char *plain, *readable, *sealed;
	} cases[] = {
		{ "# mark\nn:\n    - 8\ne: 10\n", "    - 8\n", "e: ENC" },
		{ "# mark\n# more\nn:\n    k: 9\ne: 10\n", "    k: 9\n", "e: ENC" },
		{ "a: [ # mark\n 1, 2]\nb: 3\n", "a: [ # mark\n", " 'ENC" },
		{ "a: { # mark\n b: 1, c: 2}\n", "a: { # mark\n", "b: 'ENC" },
		{ "a: [\n # mark\n 1, 2]\n", " # mark\n 1,", "'ENC" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(secret) sealed = SECRET_INIT;
		AUTO(sops_file) file = SOPS_FILE_INIT;
		struct error err = ERROR_INIT;

		ck_assert_msg(seal_with(cases[i].plain, SOPS_UNENCRYPTED_COMMENT_REGEX, "mark",
					false, &sealed, &err) == 0,
			      "%s", err.message);
		ck_assert_ptr_nonnull(memmem(sealed.data, sealed.len, cases[i].readable,
					     strlen(cases[i].readable)));
		ck_assert_ptr_nonnull(
			memmem(sealed.data, sealed.len, cases[i].sealed, strlen(cases[i].sealed)));
		open_well(secret_span(&sealed), &file);
		expect_plaintext(&file, cases[i].plain);
	}
}
END_TEST

START_TEST(sops_open__passes_over_metadata_with_comments)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(seal_with("a: 1\n", SOPS_UNENCRYPTED_COMMENT_REGEX, "mark", false, &sealed,
				   &err),
			 0);
	const uint8_t *at = memmem(sealed.data, sealed.len, "    age:", 8);
	const size_t before = (size_t)(at - sealed.data);

	ck_assert_ptr_nonnull(at);
	ck_assert_int_eq(secret_append(&text, sealed.data, before, &err), 0);
	ck_assert_int_eq(secret_append_text(&text, "## mark\n", &err), 0);
	ck_assert_int_eq(secret_append(&text, at, sealed.len - before, &err), 0);
	open_well(secret_span(&text), &file);
}
END_TEST

START_TEST(sops_file_reseal__keeps_equal_values_apart)
{
	/* both "same" keep a ciphertext of their own, also when one is put before them */
	AUTO(secret) sealed = seal("l:\n- same\n- same\n");
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) edited = text_of("l:\n- new\n- same\n- same\n");
	AUTO(secret) after = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct span before, line;
	size_t found = 0;

	open_well(secret_span(&sealed), &file);
	ck_assert_int_eq(sops_file_reseal(&file, &edited, &after, NULL, &err), 0);
	before = secret_span(&sealed);
	while (span_take_line(&before, &line) && !span_starts_with(line, "sops:"))
		found += memmem(after.data, after.len, line.data, line.len) != NULL;
	ck_assert_uint_eq(found, 3); /* "l:" and both values */
}
END_TEST

START_TEST(sops_open__keeps_a_comment_that_nothing_opens)
{
	AUTO(secret) sealed = seal("a: b\nc:\n  d: e # secret\n");
	AUTO(secret)
	text = tamper(&sealed, "  d:", "#ENC[AES256_GCM,data:", "#ENC[AES256_GCM,data:AAAA");
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) after = SECRET_INIT;
	struct error err = ERROR_INIT;

	open_well(secret_span(&text), &file);
	ck_assert_uint_eq(file.notes.comments_kept, 1);
	ck_assert_int_eq(sops_file_plaintext(&file, &plain, &err), 0);
	ck_assert_ptr_nonnull(memmem(plain.data, plain.len, "#ENC[", 5));
	/* and an edit does not seal it once more */
	ck_assert_int_eq(sops_file_reseal(&file, &plain, &after, NULL, &err), 0);
	ck_assert_uint_le(changed_lines(secret_span(&text), secret_span(&after)), 2);
}
END_TEST

START_TEST(sops_seal__refuses_what_is_sealed)
{
	AUTO(secret) out = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(seal_with("a: b\nsops: {}\n", SOPS_ENCRYPTED_REGEX, "", false, &out, &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_SEALED);
	ck_assert_int_eq(seal_with("a: b\n---\nsops: {}\n", SOPS_ENCRYPTED_REGEX, "", false, &out,
				   &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_DUMP);
	ck_assert_int_eq(seal_with("a: b\n", SOPS_ENCRYPTED_REGEX, "a(?=b)", false, &out, &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_int_eq(seal_with("# ENC\na: b\n", SOPS_UNENCRYPTED_COMMENT_REGEX, "AES", false,
				   &out, &err),
			 -1);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
}
END_TEST

START_TEST(sops_is_sealed__knows)
{
	AUTO(secret) sealed = seal("a: b\n");
	AUTO(secret) plain = text_of("a: b\n");
	AUTO(secret) broken = text_of("a: [\n");
	struct error err = ERROR_INIT;
	bool is = false;

	ck_assert_int_eq(sops_is_sealed(DOC_YAML, &sealed, &is, &err), 0);
	ck_assert(is);
	ck_assert_int_eq(sops_is_sealed(DOC_YAML, &plain, &is, &err), 0);
	ck_assert(!is);
	ck_assert_int_eq(sops_is_sealed(DOC_YAML, &broken, &is, &err), 0);
	ck_assert(!is);
}
END_TEST

static int seal_once(void)
{
	AUTO(secret) sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	return seal_with("a: 1.5 # c\nb: [x, y]\n", SOPS_ENCRYPTED_REGEX, "^a|b", false, &sealed,
			 &err);
}

static struct secret swept;
static struct age_identities swept_identities;

static int open_once(void)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (open_copy(secret_span(&swept), &swept_identities, 0, &file, &err) < 0)
		return -1;
	return sops_file_plaintext(&file, &text, &err);
}

static int change_once(void)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(secret) edited = SECRET_INIT;
	AUTO(secret) set_text = SECRET_INIT;
	AUTO(secret) resealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (open_copy(secret_span(&swept), &swept_identities, 0, &file, &err) < 0 ||
	    doc_path_parse("[\"n\"][\"m\"]", &path, &err) < 0 ||
	    set_scalar(&file, &path, DOC_TYPE_STRING, SPAN_LITERAL("v"), false, &set_text, &err) <
		    0 ||
	    secret_append_text(&edited, "a: 2\nb: x # c\n", &err) < 0)
		return -1;
	return sops_file_reseal(&file, &edited, &resealed, NULL, &err);
}

/* A map in the place of a value, twice, and a value taken out: with a comment that goes to another place. */
static int restructure_once(void)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(doc_path) other = DOC_PATH_INIT;
	AUTO(doc_path) through = DOC_PATH_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) set_text = SECRET_INIT;
	AUTO(secret) through_text = SECRET_INIT;
	AUTO(secret) unset_text = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (open_copy(secret_span(&swept), &swept_identities, 0, &file, &err) < 0 ||
	    doc_path_parse("[\"a\"]", &path, &err) < 0 ||
	    doc_path_parse("[\"b\"]", &other, &err) < 0 ||
	    doc_path_parse("[\"a\"][0][\"x\"]", &through, &err) < 0 ||
	    doc_tree_open_map(&tree, NULL, &err) < 0 ||
	    doc_tree_scalar(&tree, "k", DOC_TYPE_BOOL, SPAN_LITERAL("true"), &err) < 0)
		return -1;
	doc_tree_close(&tree);
	if (sops_file_set(&file, &path, &tree, true, &set_text, &err) < 0 ||
	    sops_file_set(&file, &through, &tree, true, &through_text, &err) < 0)
		return -1;
	return sops_file_unset(&file, &other, false, &unset_text, &err);
}

/* What setting map comes to, and opening that again. */
static void expect_restructured(const char *before, const char *index, const char *after)
{
	AUTO(secret) sealed = seal(before);
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_file) again = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(secret) changed = SECRET_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(open_copy(secret_span(&sealed), &identities, 0, &file, &err), 0);
	ck_assert_int_eq(doc_path_parse(index, &path, &err), 0);
	ck_assert_msg(sops_file_unset(&file, &path, false, &changed, &err) == 0, "%s", err.message);
	ck_assert_int_eq(open_copy(secret_span(&changed), &identities, 0, &again, &err), 0);
	ck_assert_uint_eq(again.notes.comments_kept, 0);
	ck_assert_int_eq(sops_file_plaintext(&again, &plain, &err), 0);
	ck_assert_msg(span_equal_text(secret_span(&plain), after), "%.*s",
		      SPAN_PRINT(secret_span(&plain)));
}

START_TEST(sops_file_unset__takes_lines_out)
{
	static const struct {
		const char *before, *index, *after;
	} unsets[] = {
		{ "a: 1\nb: 2\n", "[\"a\"]", "b: 2\n" },
		{ "a: 1\nm:\n  k: v\n  l: w\n", "[\"m\"][\"k\"]", "a: 1\nm:\n  l: w\n" },
		{ "a: 1\nm:\n  k: v\nz: 1\n", "[\"m\"][\"k\"]", "a: 1\nm: {}\nz: 1\n" },
		{ "l:\n- a\n- b\n", "[\"l\"][0]", "l:\n- b\n" },
		{ "? a b\n: v\n? c\n: w\n", "[\"a b\"]", "? c\n: w\n" },
		{ "m:\n  - ? a b\n    : v\n    c: w?\n", "[\"m\"][0][\"a b\"]", "m:\n  - c: w?\n" },
		{ "m:\n  ? a b\n  : v\n  c: w ?\n  d: 1\n", "[\"m\"][\"d\"]",
		  "m:\n  ? a b\n  : v\n  c: w ?\n" },
		{ "l:\n- # c\n  k: v\n- b\n", "[\"l\"][0]", "l:\n- b\n" },
		{ "l:\n  - b\n  # c\n  -\n    # - d\n\n    # e-\n    - v\n", "[\"l\"][1]",
		  "l:\n  - b\n  # c\n" },
		{ "l:\n- - # c\n    a\n  - b\n", "[\"l\"][0][0]", "l:\n- - b\n" },
		{ "l:\n  - a\nz: 1\n", "[\"l\"][0]", "l: []\nz: 1\n" },
		{ "l: [a, b, c]\n", "[\"l\"][1]", "l: [a, c]\n" },
		{ "l:\n  - k: v\n    # c\n    m: w\n", "[\"l\"][0][\"k\"]",
		  "l:\n  - # c\n    m: w\n" },
		{ "l:\n  - - a\n    - b\n", "[\"l\"][0][0]", "l:\n  - - b\n" },
		{ "# head\na: 1 # inline\nb: 2\n", "[\"a\"]", "# head\nb: 2\n" },
		{ "a: |\n  one\n  two\nb: 2\n", "[\"a\"]", "b: 2\n" },
	};

	expect_restructured(unsets[_i].before, unsets[_i].index, unsets[_i].after);
}
END_TEST

START_TEST(all__survives_failing_allocations)
{
	swept = seal("a: 1 # c\nb: x\n");
	swept_identities = identities_of("sops/keys/age1.txt");
	SWEEP(seal_once());
	SWEEP(open_once());
	SWEEP(change_once());
	SWEEP(restructure_once());
	secret_release(&swept);
	age_identities_release(&swept_identities);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops_file");
	TCase *t = tcase_create("all");

	start_crypto();
	tcase_set_timeout(t, 300);
	tcase_add_checked_fixture(t, NULL, expect_no_secrets);
	tcase_add_test(t, sops_seal__comes_back_byte_for_byte);
	tcase_add_test(t, sops_seal__seals_what_the_selector_says);
	tcase_add_test(t, sops_seal__refuses_what_is_sealed);
	tcase_add_test(t, sops_open__tells_wrong_keys);
	tcase_add_test(t, sops_open__gives_the_text_back_on_failure);
	tcase_add_test(t, sops_open__notices_what_was_changed);
	tcase_add_test(t, sops_open__notices_swapped_values);
	tcase_add_test(t, sops_open__ignores_the_mac_where_told);
	tcase_add_test(t, sops_open__lets_unsealed_values_change_under_mac_only);
	tcase_add_test(t, sops_open__fails_when_cut_anywhere);
	tcase_add_test(t, sops_open__notices_each_flipped_bit);
	tcase_add_test(t, sops_open__keeps_a_comment_that_nothing_opens);
	tcase_add_test(t, sops_file_set__changes_three_lines);
	tcase_add_test(t, sops_file_set__puts_values_everywhere);
	tcase_add_test(t, sops_file_set__refuses_what_cannot_be);
	tcase_add_test(t, sops_file_set__is_idempotent_where_told);
	tcase_add_test(t, sops_file_reseal__keeps_the_ciphertext_of_what_did_not_change);
	tcase_add_test(t, sops_seal__lets_comments_select_where_sops_sees_them);
	tcase_add_test(t, sops_open__passes_over_metadata_with_comments);
	tcase_add_test(t, sops_file_reseal__keeps_equal_values_apart);
	tcase_add_test(t, sops_is_sealed__knows);
	tcase_add_loop_test(t, sops_file_unset__takes_lines_out, 0, 10);
	tcase_add_test(t, all__survives_failing_allocations);
	suite_add_tcase(s, t);
	return s;
}
