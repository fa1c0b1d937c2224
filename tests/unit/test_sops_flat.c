/* SPDX-License-Identifier: MIT */
/* Whole dotenv and INI documents: sealed, opened, changed, and tampered with. */
#include <stdlib.h>
#include <string.h>

#include "sops/lookup.h"
#include "sops_text.h"
#include "sweep.h"

static const struct {
	enum doc_format format;
	const char *text;
	const char *path, *edited; /* for set and edit */
} documents[] = {
	{ DOC_DOTENV, "# c\nA=one\n\nB_unencrypted=two\nC=a\\nb", "[\"N\"]", "# c\nA=one\nC=x\n" },
	{ DOC_INI, "; c\n[s] ; d\na = one ; e\n\nb_unencrypted = two\nc = `#`\n; end\n",
	  "[\"t\"][\"n\"]", "[s]\na = one ; e\nc = x\n" },
};

#define DOCUMENTS (sizeof(documents) / sizeof(*documents))

static int seal(size_t i, struct secret *ret_sealed, struct error *err)
{
	return seal_text(documents[i].format, documents[i].text, ret_sealed, err);
}

static int open_copy(size_t i, struct span sealed, const struct age_identities *identities,
		     struct sops_file *ret_file, struct error *err)
{
	return open_text(documents[i].format, sealed, identities, ret_file, err);
}

/* The values, which the MAC covers; those without bytes add nothing to it. */
static struct secret values_of(const struct sops_file *file)
{
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;

	for (uint32_t node = 2; node < file->doc.len; node++) {
		const struct sops_leaf *leaf = sops_file_leaf(file, node);
		struct span text;

		if (node == file->meta.node)
			node = file->doc.nodes[node].next;
		if (node == file->doc.len)
			break;
		if (file->doc.nodes[node].kind != DOC_SCALAR)
			continue;
		text = leaf ? sops_file_plain(file, leaf) : doc_value(&file->doc, node);
		if (text.len == 0)
			continue;
		ck_assert_int_eq(secret_append_span(&out, text, &err), 0);
		ck_assert_int_eq(secret_append(&out, "\0", 1, &err), 0);
	}
	return out;
}

START_TEST(sops_flat__comes_back_and_notices_each_flipped_bit)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_file) original = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(seal((size_t)_i, &sealed, &err) == 0, "%s", err.message);
	ck_assert_int_eq(open_copy((size_t)_i, secret_span(&sealed), &identities, &original, &err),
			 0);
	ck_assert_int_eq(sops_file_plaintext(&original, &text, &err), 0);
	ck_assert(span_equal_text(secret_span(&text), documents[_i].text));
	AUTO(secret) expected = values_of(&original);

	for (size_t bit = 0; bit < sealed.len * 8; bit += stride(1)) {
		AUTO(sops_file) file = SOPS_FILE_INIT;

		err = ERROR_INIT;
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (open_copy((size_t)_i, secret_span(&sealed), &identities, &file, &err) == 0) {
			AUTO(secret) now = values_of(&file);

			ck_assert_msg(span_equal(secret_span(&now), secret_span(&expected)),
				      "bit %zu", bit);
		} else {
			ck_assert_int_ne(err.kind, ERROR_NONE);
		}
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(sops_flat__fails_when_cut_anywhere)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) sealed = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t opened = 0;

	ck_assert_int_eq(seal((size_t)_i, &sealed, &err), 0);
	for (size_t len = 0; len < sealed.len; len++) {
		AUTO(sops_file) file = SOPS_FILE_INIT;

		err = ERROR_INIT;
		if (open_copy((size_t)_i, span_of(sealed.data, len), &identities, &file, &err) == 0)
			opened++;
		else
			ck_assert_int_ne(err.kind, ERROR_NONE);
	}
	/* the last line break, and the last digits of the version, which nothing protects */
	ck_assert_uint_le(opened, 3);
}
END_TEST

static struct secret swept;
static struct age_identities swept_identities;
static size_t swept_document;

static int seal_once(void)
{
	AUTO(secret) sealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	return seal(swept_document, &sealed, &err);
}

static int change_once(void)
{
	AUTO(sops_file) file = SOPS_FILE_INIT;
	AUTO(doc_path) path = DOC_PATH_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) edited = SECRET_INIT;
	AUTO(secret) set_text = SECRET_INIT;
	AUTO(secret) resealed = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (open_copy(swept_document, secret_span(&swept), &swept_identities, &file, &err) < 0 ||
	    sops_file_plaintext(&file, &plain, &err) < 0 ||
	    doc_path_parse(documents[swept_document].path, &path, &err) < 0 ||
	    doc_tree_scalar(&tree, NULL, DOC_TYPE_STRING, SPAN_LITERAL("v"), &err) < 0 ||
	    sops_file_set(&file, &path, &tree, false, &set_text, &err) < 0 ||
	    secret_append_text(&edited, documents[swept_document].edited, &err) < 0)
		return -1;
	return sops_file_reseal(&file, &edited, &resealed, NULL, &err);
}

START_TEST(sops_flat__survives_failing_allocations)
{
	struct error err = ERROR_INIT;

	swept_document = (size_t)_i;
	swept = SECRET_INIT;
	ck_assert_int_eq(seal(swept_document, &swept, &err), 0);
	swept_identities = identities_of("sops/keys/age1.txt");
	SWEEP(seal_once());
	SWEEP(change_once());
	secret_release(&swept);
	age_identities_release(&swept_identities);
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops_flat");
	TCase *tc = tcase_create("flat");

	tcase_add_checked_fixture(tc, NULL, expect_no_secrets);
	tcase_set_timeout(tc, 300);
	tcase_add_loop_test(tc, sops_flat__comes_back_and_notices_each_flipped_bit, 0,
			    (int)DOCUMENTS);
	tcase_add_loop_test(tc, sops_flat__fails_when_cut_anywhere, 0, (int)DOCUMENTS);
	tcase_add_loop_test(tc, sops_flat__survives_failing_allocations, 0, (int)DOCUMENTS);
	suite_add_tcase(s, tc);
	return s;
}
