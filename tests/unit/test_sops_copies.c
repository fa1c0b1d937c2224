/* SPDX-License-Identifier: MIT */
/* The metadata in each of several documents. */
#include <check.h>
#include <string.h>

#include "crypto/lib.h"
#include "sops/copies.h"
#include "sops_text.h"
#include "sweep.h"

#define PLAIN                                                                                      \
	"a: 1 # of a\n"                                                                            \
	"# the end\n"                                                                              \
	"---\n"                                                                                    \
	"---\n"                                                                                    \
	"# alone\n"                                                                                \
	"---\n"                                                                                    \
	"b:\n"                                                                                     \
	"  c: two\n"                                                                               \
	"  # deep\n"                                                                               \
	"# far\n"                                                                                  \
	"...\n"                                                                                    \
	"---\n"                                                                                    \
	"{d: 3}\n"
#define DOCUMENTS 5

static struct secret seal(const char *plain)
{
	struct secret sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(seal_text(DOC_YAML, plain, &sealed, &err) == 0, "%s", err.message);
	return sealed;
}

static void open_well(struct span sealed, struct sops_file *ret_file)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	struct error err = ERROR_INIT;

	ck_assert_msg(open_text(DOC_YAML, sealed, &identities, ret_file, &err) == 0, "%s",
		      err.message);
}

static void expect_plain(struct span sealed, const char *expected)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	open_well(sealed, &file);
	ck_assert_msg(sops_file_plaintext(&file, &text, &err) == 0, "%s", err.message);
	ck_assert_msg(span_equal_text(secret_span(&text), expected), "%.*s",
		      SPAN_PRINT(secret_span(&text)));
}

/* All documents have the first one's metadata. */
static void expect_copies(struct span sealed, size_t documents)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;

	open_well(sealed, &file);
	ck_assert_uint_eq(doc_documents(&file.doc), documents);
	ck_assert(!sops_copies_are_missing(&file.doc));
	ck_assert_uint_eq(sops_copies_other(&file.doc, file.meta.node), 0);
	ck_assert_uint_eq(file.notes.copy_line, 0);
}

static size_t count(struct span text, const char *part)
{
	size_t found = 0;

	for (const uint8_t *at; (at = memmem(text.data, text.len, part, strlen(part))) != NULL;
	     found++)
		text = span_slice(text, (size_t)(at - text.data) + 1, text.len);
	return found;
}

START_TEST(sops_seal__puts_metadata_into_each_document)
{
	static const struct {
		const char *plain;
		size_t documents;
	} cases[] = {
		{ PLAIN, DOCUMENTS },
		{ "a: 1\n---\nb: 2\n", 2 },
		{ "a: 1\n---\nb: 2", 2 },
		{ "a: 1\n---", 2 },
		{ "---\n---\n---\n", 3 },
		{ "a: 1\n--- # behind\n# c\n", 2 },
		{ "a: 1\n---\nb: |\n  text", 2 },
		{ "a: 1\n---\nb_unencrypted: |-\n  text", 2 },
		{ "{a: 1}\n---\n{ }\n---\n{b: [1, 2],}\n", 3 },
		{ "%YAML 1.1\n---\na: 1\n...\n%TAG !e! tag:e.org,2000:\n---\nb: 2\n", 2 },
		{ "a: 1\r\n---\r\n---\r\nb: 2\r\n", 3 },
		{ "a: \xc3\xa9 # \xe6\x97\xa5\n---\nb: \xc3\xa9 # \xe6\x9c\xac\n# end "
		  "\xc3\xa9\n---\nc: 1\n",
		  3 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) sealed = seal(cases[i].plain);

		expect_copies(secret_span(&sealed), cases[i].documents);
		ck_assert_uint_eq(count(secret_span(&sealed), "lastmodified"), cases[i].documents);
		expect_plain(secret_span(&sealed), cases[i].plain);
	}
}
END_TEST

/* From sops it comes with a key without quotes; then it prints an empty map. */
START_TEST(sops_file_plaintext__tells_an_empty_document_from_an_empty_map)
{
	AUTO(secret) sealed = seal("a: 1\n---\n---\nb: 2\n");
	uint8_t *quoted = memmem(sealed.data, sealed.len, "\n\"sops\":", 8);
	const size_t at = (size_t)(quoted - sealed.data) + 1;

	ck_assert_ptr_nonnull(quoted);
	memmove(sealed.data + at, sealed.data + at + 1, sealed.len - at - 1);
	memmove(sealed.data + at + 4, sealed.data + at + 5, sealed.len - at - 6);
	secret_truncate(&sealed, sealed.len - 2);
	expect_plain(secret_span(&sealed), "a: 1\n---\n{}\n---\nb: 2\n");
}
END_TEST

/* The sealed text with its later metadata changed: text number nth of old, which is as long as new. */
static struct secret with(const char *plain, const char *old, size_t nth, const char *new)
{
	struct secret sealed = seal(plain);
	uint8_t *at = sealed.data - 1;

	while (nth-- > 0) {
		at = memmem(at + 1, sealed.len - (size_t)(at + 1 - sealed.data), old, strlen(old));
		ck_assert_ptr_nonnull(at);
	}
	memcpy(at, new, strlen(new));
	return sealed;
}

/* The second document's metadata are another key. */
static struct secret without_copy(const char *plain)
{
	AUTO(secret) sealed = with(plain, "\nsops:", 2, "\nsobs:");
	struct secret first = SECRET_INIT;
	struct error err = ERROR_INIT;
	const uint8_t *cut = memmem(sealed.data, sealed.len, "\nsobs:", 6);

	ck_assert_int_eq(secret_append(&first, sealed.data, (size_t)(cut + 1 - sealed.data), &err),
			 0);
	return first;
}

static int change(struct span sealed, unsigned how, const struct age_identities *identities,
		  struct secret *ret_sealed, struct error *err)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) plain = SECRET_INIT;

	if (open_text(DOC_YAML, sealed, identities, &file, err) < 0)
		return -1;
	switch (how) {
	case 0:
		return doc_path_parse("[\"a\"]", &path, err) < 0 ||
				       doc_tree_scalar(&tree, NULL, DOC_TYPE_STRING,
						       SPAN_LITERAL("new"), err) < 0 ||
				       sops_file_set(&file, &path, &tree, false, ret_sealed, err) <
					       0
			       ? -1
			       : 0;
	case 1:
		return sops_file_rotate(&file, &file.meta.groups, NULL, ret_sealed, err);
	case 2:
		/* as updatekeys, which has opened no value */
		file.mac_is_right = false;
		return sops_file_rewrap(&file, &file.meta.groups, NULL, ret_sealed, err);
	default:
		return sops_file_plaintext(&file, &plain, err) < 0
			       ? -1
			       : sops_file_reseal(&file, &plain, ret_sealed, NULL, err);
	}
}

#define CHANGES 4

static void expect_mended(const struct secret *sealed, size_t documents)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");

	for (unsigned how = 0; how < CHANGES; how++) {
		AUTO(secret) changed = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_msg(change(secret_span(sealed), how, &identities, &changed, &err) == 0,
			      "%u: %s", how, err.message);
		expect_copies(secret_span(&changed), documents);
	}
}

START_TEST(sops_copies_other__finds_what_differs)
{
	AUTO(secret) sealed = with("a: 1\n---\nb: 2\n", "version: 3", 2, "version: 2");
	AUTO(sops_file) file = SOPS_FILE_INIT;

	open_well(secret_span(&sealed), &file);
	ck_assert_uint_eq(file.notes.copy_line, sops_copies_other(&file.doc, file.meta.node));
	ck_assert_uint_gt(file.notes.copy_line, 10);
	expect_plain(secret_span(&sealed), "a: 1\n---\nb: 2\n");
	expect_mended(&sealed, 2);
}
END_TEST

START_TEST(sops_copies_write__adds_what_is_missing)
{
	/* the comment stands at the document's end, and before its metadata then */
	AUTO(secret) sealed = without_copy("a: 1\n---\nb:\n  c: 2\n  # deep\n# far\n");
	AUTO(sops_file) file = SOPS_FILE_INIT;

	open_well(secret_span(&sealed), &file);
	ck_assert(sops_copies_are_missing(&file.doc));
	ck_assert_uint_eq(file.notes.copy_line, 0);
	expect_mended(&sealed, 2);
}
END_TEST

/* Whatever a later document's metadata hold, the first one's count. */
START_TEST(sops_open__goes_by_the_first_whatever_the_others_hold)
{
	static const char plain[] = "a: 1\n---\nb: 2\n";
	AUTO(secret) sealed = seal(plain);
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	const uint8_t *second = memmem(sealed.data, sealed.len, "\nb: ", 4);
	const uint8_t *metadata =
		memmem(second, sealed.len - (size_t)(second - sealed.data), "\nsops:", 6);
	size_t opened = 0;

	for (size_t at = (size_t)(metadata - sealed.data) + 6; at < sealed.len; at++) {
		AUTO(sops_file) file = SOPS_FILE_INIT;
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;
		const uint8_t bit = (uint8_t)(1 << at % 8);

		sealed.data[at] ^= bit;
		if (open_text(DOC_YAML, secret_span(&sealed), &identities, &file, &err) == 0) {
			ck_assert_int_eq(sops_file_plaintext(&file, &text, &err), 0);
			ck_assert(memcmp(text.data, plain, strlen("a: 1\n---\nb: 2")) == 0);
			opened += file.notes.copy_line > 0;
		} else {
			ck_assert_int_ne(err.kind, ERROR_NONE);
		}
		sealed.data[at] ^= bit;
	}
	ck_assert_uint_gt(opened, 100);
}
END_TEST

static int seal_once(void)
{
	AUTO(secret) sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	return seal_text(DOC_YAML, "a: 1 # c\n# end\n---\n---\n{b: 2}\n", &sealed, &err);
}

static struct secret swept;
static struct age_identities swept_identities;

static int change_once(unsigned how)
{
	AUTO(secret) changed = SECRET_INIT;
	struct error err = ERROR_INIT;

	return change(secret_span(&swept), how, &swept_identities, &changed, &err);
}

START_TEST(all__survives_failing_allocations)
{
	SWEEP(seal_once());
	swept = without_copy("a: 1\n---\nb: 2\n# end\n");
	swept_identities = identities_of("sops/keys/age1.txt");
	for (unsigned how = 0; how < CHANGES; how++)
		SWEEP(change_once(how));
	secret_release(&swept);
	age_identities_release(&swept_identities);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops_copies");
	TCase *t = tcase_create("all");

	start_crypto();
	tcase_set_timeout(t, 600);
	tcase_add_checked_fixture(t, NULL, expect_no_secrets);
	tcase_add_test(t, sops_seal__puts_metadata_into_each_document);
	tcase_add_test(t, sops_file_plaintext__tells_an_empty_document_from_an_empty_map);
	tcase_add_test(t, sops_copies_other__finds_what_differs);
	tcase_add_test(t, sops_copies_write__adds_what_is_missing);
	tcase_add_test(t, sops_open__goes_by_the_first_whatever_the_others_hold);
	tcase_add_test(t, all__survives_failing_allocations);
	suite_add_tcase(s, t);
	return s;
}
