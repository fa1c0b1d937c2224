/* SPDX-License-Identifier: MIT */
/*
 * One format made of another: of a sealed text (set and unset with --output-type), of an opened one and parts of
 * it (decrypt, get), of a plain one (encrypt).
 */
#include <check.h>
#include <string.h>

#include "sops_text.h"
#include "sweep.h"

static const struct {
	enum doc_format from, to;
	const char *before, *after; /* plaintexts; after NULL: it does not become one */
	enum error_kind kind;
} reformats[] = {
	{ DOC_YAML, DOC_JSON, "# c\na: 31\nb: [x, ~, \"5\"]\nm: {k: true}\n",
	  "{\n\t\"a\": 31,\n\t\"b\": [\n\t\t\"x\",\n\t\tnull,\n\t\t\"5\"\n\t],\n\t\"m\": {\n"
	  "\t\t\"k\": true\n\t}\n}\n",
	  ERROR_NONE },
	{ DOC_JSON, DOC_YAML, "{\"a\": \"x\\ny\", \"l\": [], \"n\": 1}",
	  "a: |-\n    x\n    y\nl: []\n\"n\": 1\n", ERROR_NONE },
	{ DOC_INI, DOC_YAML, "; top\n[s]\n; c\na = 1\n",
	  "DEFAULT: {}\ns:\n    #top\n    a: \"1\"\n    #c\n", ERROR_NONE },
	{ DOC_DOTENV, DOC_INI, "A=x\n", NULL, ERROR_DUMP },
	{ DOC_DOTENV, DOC_JSON, "A=x\n", NULL, ERROR_DUMP },
	{ DOC_YAML, DOC_JSON, "a: 1\n---\nb: 2\n", NULL, ERROR_DUMP },
	{ DOC_YAML, DOC_DOTENV, "a: {b: 1}\n", NULL, ERROR_DUMP },
	{ DOC_INI, DOC_JSON, "[s]\na = 1\n",
	  "{\n\t\"DEFAULT\": {},\n\t\"s\": {\n\t\t\"a\": \"1\"\n\t}\n}\n", ERROR_NONE },
};

static int make_other(size_t i, const struct age_identities *identities, struct secret *ret_plain,
		      struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) other = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_file) again = SOPS_FILE_INIT;

	if (seal_text(reformats[i].from, reformats[i].before, &sealed, err) < 0 ||
	    open_text(reformats[i].from, secret_span(&sealed), identities, &file, err) < 0 ||
	    sops_reformat(reformats[i].from, &sealed, reformats[i].to,
			  reformats[i].to == DOC_JSON ? DOC_INDENT_SOPS : 4, &file.data_key, &other,
			  err) < 0 ||
	    open_text(reformats[i].to, secret_span(&other), identities, &again, err) < 0)
		return -1;
	return sops_file_plaintext(&again, ret_plain, err);
}

START_TEST(sops_reformat__keeps_values_and_metadata)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;
	const int result = make_other((size_t)_i, &identities, &plain, &err);

	ck_assert_msg((result < 0) == (reformats[_i].after == NULL), "%s", err.message);
	ck_assert_msg(err.kind == reformats[_i].kind, "%u: %s", err.kind, err.message);
	if (result == 0)
		ck_assert_msg(span_equal_text(secret_span(&plain), reformats[_i].after), "%.*s",
			      SPAN_PRINT(secret_span(&plain)));
}
END_TEST

static struct age_identities swept_identities;

static int make_other_once(size_t i)
{
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	return make_other(i, &swept_identities, &plain, &err);
}

START_TEST(sops_reformat__survives_failing_allocations)
{
	swept_identities = identities_of("sops/keys/age1.txt");
	SWEEP(make_other_once((size_t)_i));
	age_identities_release(&swept_identities);
}
END_TEST

#define DOCUMENT "a: 0x1F\nb: [x, 2020-01-01, ~, 1e21]\nm: {k: \"v\", l: [{n: TRUE}]}\nempty: {}\n"

static const struct {
	const char *path;
	enum doc_format to;
	const char *text; /* NULL: the format cannot hold it */
} parts[] = {
	{ "[\"a\"]", DOC_JSON, "31" },
	{ "[\"b\"][1]", DOC_JSON, "\"2020-01-01T00:00:00Z\"" },
	{ "[\"b\"][2]", DOC_JSON, "null" },
	{ "[\"m\"][\"l\"]", DOC_JSON, "[\n\t{\n\t\t\"n\": true\n\t}\n]" },
	{ "[\"empty\"]", DOC_JSON, "{}" },
	{ "[\"m\"]", DOC_DOTENV, NULL },
	{ "[\"b\"]", DOC_INI, "[\"x\",\"2020-01-01T00:00:00Z\",null,1e+21]" },
};

static int take_part(size_t i, const struct age_identities *identities, struct secret *ret_text,
		     struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;

	if (seal_text(DOC_YAML, DOCUMENT, &sealed, err) < 0 ||
	    open_text(DOC_YAML, secret_span(&sealed), identities, &file, err) < 0 ||
	    doc_path_parse(parts[i].path, &path, err) < 0)
		return -1;
	return sops_file_convert(&file, &path, parts[i].to, DOC_INDENT_SOPS, ret_text, err);
}

START_TEST(sops_file_convert__takes_parts)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	const int result = take_part((size_t)_i, &identities, &text, &err);

	ck_assert_msg((result < 0) == (parts[_i].text == NULL), "%s", err.message);
	if (result < 0)
		ck_assert_int_eq(err.kind, ERROR_DUMP);
	else
		ck_assert_msg(span_equal_text(span_trim(secret_span(&text)), parts[_i].text),
			      "%.*s", SPAN_PRINT(secret_span(&text)));
}
END_TEST

static int take_part_once(size_t i)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	return take_part(i, &swept_identities, &text, &err);
}

START_TEST(sops_file_convert__survives_failing_allocations)
{
	swept_identities = identities_of("sops/keys/age1.txt");
	SWEEP(take_part_once(3));
	age_identities_release(&swept_identities);
}
END_TEST

static const struct {
	enum doc_format from, to;
	const char *text;
} conversions[] = {
	{ DOC_YAML, DOC_JSON, "# c\na: &x {b: 1.0}\nc: *x\nd: [~, .5, 2020-01-01, TRUE]\n" },
	{ DOC_YAML, DOC_INI, "s: {a: 1, b: \" x \"}\nt: {}\n" },
	{ DOC_YAML, DOC_DOTENV, "a: 1\nb: \"x\\ny\"\n" },
	{ DOC_DOTENV, DOC_YAML, "# c\nA=1\nB=yes\n" },
	{ DOC_INI, DOC_JSON, "; c\n[s]\na = 1\n" },
	{ DOC_BINARY, DOC_YAML, "x\ny\n" },
};

static int convert_once(size_t i)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) out = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t documents;

	if (secret_append_text(&text, conversions[i].text, &err) < 0)
		return -1;
	return doc_convert(conversions[i].from, &text, conversions[i].to, 4, &out, &documents,
			   &err);
}

START_TEST(doc_convert__survives_failing_allocations)
{
	SWEEP(convert_once((size_t)_i));
}
END_TEST

/* A line more in metadata that are lines of their own: the MAC that was lost. */
static int mend_mac(struct secret *ret_plain, struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) mended = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(sops_file) again = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(doc_tree) value = DOC_TREE_INIT;
	const struct sops_opener opener = { &swept_identities, NULL, SOPS_ORDER_DEFAULT };
	struct span rest, line;

	if (seal_text(DOC_DOTENV, "A=x\nB=y\n", &sealed, err) < 0)
		return -1;
	for (rest = secret_span(&sealed); span_take_until(&rest, '\n', &line);)
		if (line.len > 0 && !span_starts_with(line, "sops_mac=") &&
		    (secret_append_span(&text, line, err) < 0 ||
		     secret_append_text(&text, "\n", err) < 0))
			return -1;
	if (sops_open_with(DOC_DOTENV, &text, &opener, SOPS_IGNORE_MAC, &file, err) < 0 ||
	    doc_path_parse("[\"A\"]", &path, err) < 0 ||
	    doc_tree_scalar(&value, NULL, DOC_TYPE_STRING, SPAN_LITERAL("z"), err) < 0 ||
	    sops_file_set(&file, &path, &value, false, &mended, err) < 0 ||
	    open_text(DOC_DOTENV, secret_span(&mended), &swept_identities, &again, err) < 0)
		return -1;
	return sops_file_plaintext(&again, ret_plain, err);
}

static int mend_mac_once(void)
{
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	return mend_mac(&plain, &err);
}

START_TEST(sops_file_set__mends_a_lost_mac_in_dotenv)
{
	swept_identities = identities_of("sops/keys/age1.txt");
	{
		AUTO(secret) plain = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_msg(mend_mac(&plain, &err) == 0, "%s", err.message);
		ck_assert(span_equal_text(secret_span(&plain), "A=z\nB=y\n"));
	}
	SWEEP(mend_mac_once());
	age_identities_release(&swept_identities);
}
END_TEST

/* Keys of one map alone count. */
static int check_keys(const char *second, struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_tree_open_map(&tree, NULL, err) < 0 ||
	    doc_tree_scalar(&tree, "a", DOC_TYPE_INT, SPAN_LITERAL("1"), err) < 0 ||
	    doc_tree_open_map(&tree, "m", err) < 0 ||
	    doc_tree_scalar(&tree, "a", DOC_TYPE_INT, SPAN_LITERAL("1"), err) < 0)
		return -1;
	doc_tree_close(&tree);
	if (doc_tree_scalar(&tree, second, DOC_TYPE_INT, SPAN_LITERAL("2"), err) < 0)
		return -1;
	doc_tree_close(&tree);
	return doc_tree_check_keys(&tree, err);
}

static int check_keys_once(void)
{
	struct error err = ERROR_INIT;

	return check_keys("b", &err);
}

START_TEST(doc_tree_check_keys__refuses_a_key_twice)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(check_keys("a", &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DUMP);
	SWEEP(check_keys_once());
}
END_TEST

#define COUNT(array) (int)(sizeof(array) / sizeof(*(array)))

Suite *suite(void)
{
	Suite *s = suite_create("sops/convert");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, NULL, expect_no_secrets);
	tcase_set_timeout(t, 600);
	tcase_add_loop_test(t, sops_reformat__keeps_values_and_metadata, 0, COUNT(reformats));
	tcase_add_loop_test(t, sops_reformat__survives_failing_allocations, 0, 2);
	tcase_add_loop_test(t, sops_file_convert__takes_parts, 0, COUNT(parts));
	tcase_add_test(t, sops_file_convert__survives_failing_allocations);
	tcase_add_loop_test(t, doc_convert__survives_failing_allocations, 0, COUNT(conversions));
	tcase_add_test(t, sops_file_set__mends_a_lost_mac_in_dotenv);
	tcase_add_test(t, doc_tree_check_keys__refuses_a_key_twice);
	suite_add_tcase(s, t);
	return s;
}
