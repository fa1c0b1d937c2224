/* SPDX-License-Identifier: MIT */
/* Documents of every format but YAML: sealed, opened, sealed again, converted and tampered with. */
#include <stdlib.h>
#include <string.h>

#include "sops_text.h"
#include "sweep.h"

static const struct {
	enum doc_format format;
	const char *plain;
	const char *hidden; /* is not in the sealed text */
} documents[] = {
	{ DOC_JSON,
	  "{\n  \"db\": {\"password\": \"hunter2 & co\", \"port\": 5432, \"n\": 1.50, \"t\": "
	  "true},\n"
	  "  \"l\": [\"\\u00fc\", null, \"\", {\"a\": \"x\"}, [\"x\", \"x\"]],\n"
	  "  \"o_unencrypted\": {\"a\": [1, \"seen\"]}\n}\n",
	  "hunter2" },
	{ DOC_JSON, "{}", "{}" },
	{ DOC_JSON, "{\"a\":\"one line\"}", "one line" },
	{ DOC_BINARY, "any bytes:\n\xff\xfe\x01 {\"data\": 1}\n", "any bytes" },
	{ DOC_BINARY, "{\"a\": 1}", "\"a\"" },
	{ DOC_DOTENV, "# c\nA=one\n\nB=two three\\n\nA=again\n", "two three" },
	{ DOC_INI, "[s]\n; c\na = one\n\n[t]\nb : two three\n", "two three" },
};

#define DOCUMENTS (sizeof(documents) / sizeof(*documents))

static int seal(size_t i, struct secret *ret_sealed, struct error *err)
{
	return seal_text(documents[i].format, documents[i].plain, ret_sealed, err);
}

static void seal_well(size_t i, struct secret *ret_sealed)
{
	struct error err = ERROR_INIT;

	ck_assert_msg(seal(i, ret_sealed, &err) == 0, "%zu: %s", i, err.message);
}

static int open_copy(size_t i, struct span sealed, const struct age_identities *identities,
		     struct sops_file *ret_file, struct error *err)
{
	return open_text(documents[i].format, sealed, identities, ret_file, err);
}

START_TEST(sops_seal__comes_back)
{
	const size_t i = (size_t)_i;
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) again = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;
	bool is_sealed = false;

	seal_well(i, &sealed);
	ck_assert_ptr_null(
		memmem(sealed.data, sealed.len, documents[i].hidden, strlen(documents[i].hidden)));
	ck_assert_int_eq(sops_is_sealed(documents[i].format, &sealed, &is_sealed, &err), 0);
	ck_assert(is_sealed);
	ck_assert_msg(open_copy(i, secret_span(&sealed), &identities, &file, &err) == 0, "%s",
		      err.message);
	ck_assert_int_eq(sops_file_plaintext(&file, &text, &err), 0);
	ck_assert_msg(span_equal_text(secret_span(&text), documents[i].plain), "%.*s",
		      SPAN_PRINT(secret_span(&text)));
	/* nothing changed: no value gets another ciphertext */
	ck_assert_msg(sops_file_reseal(&file, &text, &again, NULL, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(again.len, sealed.len);
	for (size_t at = 0; at < sealed.len; at++)
		if (again.data[at] !=
		    sealed.data[at]) { /* lastmodified or mac: behind all values */
			ck_assert_ptr_null(
				memmem(sealed.data + at, sealed.len - at, "type:bool", 9));
			break;
		}
}
END_TEST

START_TEST(sops_open__notices_each_flipped_bit)
{
	const size_t i = (size_t)_i;
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(sops_file) original = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	seal_well(i, &sealed);
	ck_assert_int_eq(open_copy(i, secret_span(&sealed), &identities, &original, &err), 0);
	for (size_t bit = 0; bit < sealed.len * 8; bit += stride(1)) {
		AUTO(sops_file) file = SOPS_FILE_INIT;

		err = ERROR_INIT;
		sealed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (open_copy(i, secret_span(&sealed), &identities, &file, &err) == 0) {
			AUTO(secret) text = SECRET_INIT;

			/* comments are not covered (trap T18) */
			ck_assert_msg(documents[i].format == DOC_DOTENV ||
					      documents[i].format == DOC_INI ||
					      span_equal(secret_span(&file.plain),
							 secret_span(&original.plain)),
				      "bit %zu", bit);
			if (sops_file_plaintext(&file, &text, &err) < 0)
				ck_assert_int_ne(err.kind, ERROR_BUG);
		} else {
			ck_assert_int_ne(err.kind, ERROR_NONE);
			ck_assert_int_ne(err.kind, ERROR_BUG);
		}
		sealed.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}
END_TEST

static int there_and_back(size_t i, const struct age_identities *identities, struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) yaml = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	const struct doc_path whole = DOC_PATH_INIT;

	if (seal(i, &sealed, err) < 0 ||
	    open_copy(i, secret_span(&sealed), identities, &file, err) < 0 ||
	    sops_file_plaintext(&file, &text, err) < 0 ||
	    (documents[i].format != DOC_BINARY &&
	     sops_file_convert(&file, &whole, DOC_YAML, DOC_INDENT_SOPS, &yaml, err) < 0))
		return -1;
	return 0;
}

START_TEST(sops_seal__sweep)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	struct error err = ERROR_INIT;

	SWEEP(there_and_back((size_t)_i, &identities, &err));
}
END_TEST

/* A binary file's selectors are none, and are not written. */
START_TEST(sops_seal__takes_binary_files_whole)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(sops_policy) policy = SOPS_POLICY_INIT;
	struct sops_notes notes = SOPS_NOTES_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_append_text(&text, "any bytes", &err), 0);
	ck_assert_int_eq(sops_groups_open(&policy.groups, &err), 0);
	ck_assert_int_eq(sops_groups_add(&policy.groups, 0, SOPS_KEY_AGE, SPAN_LITERAL(RECIPIENT),
					 &err),
			 0);
	ck_assert_int_eq(sops_selector_set(&policy.selector, SOPS_ENCRYPTED_REGEX,
					   SPAN_LITERAL("^nothing$"), &err),
			 0);
	policy.mac_only_encrypted = true;
	ck_assert_int_eq(sops_seal(DOC_BINARY, &text, &policy, &sealed, &notes, &err), 0);
	ck_assert(notes.no_selector);
	ck_assert_ptr_null(memmem(sealed.data, sealed.len, "any bytes", 9));
	ck_assert_ptr_null(memmem(sealed.data, sealed.len, "_regex", 6));
	ck_assert_ptr_null(memmem(sealed.data, sealed.len, "_suffix", 7));
	ck_assert_ptr_null(memmem(sealed.data, sealed.len, "mac_only", 8));
}
END_TEST

/* What is no sealed binary file: the key is not there, or holds no string. */
START_TEST(sops_open__wants_data_of_a_binary_file)
{
	AUTO(age_identities) identities = identities_of("sops/keys/age1.txt");
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;
	struct error err = ERROR_INIT;

	seal_well(0, &sealed);
	ck_assert_int_eq(sops_open(DOC_BINARY, &sealed, &identities, 0, &file, &err), 0);
	ck_assert_int_eq(sops_file_plaintext(&file, &text, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_DUMP);
	ck_assert_ptr_nonnull(strstr(err.hint, "--output-type"));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("sops/formats");
	TCase *tc = tcase_create("formats");

	tcase_add_checked_fixture(tc, NULL, expect_no_secrets);
	tcase_add_loop_test(tc, sops_seal__comes_back, 0, DOCUMENTS);
	tcase_add_loop_test(tc, sops_open__notices_each_flipped_bit, 0, DOCUMENTS);
	tcase_add_loop_test(tc, sops_seal__sweep, 0, DOCUMENTS);
	tcase_add_test(tc, sops_seal__takes_binary_files_whole);
	tcase_add_test(tc, sops_open__wants_data_of_a_binary_file);
	suite_add_tcase(s, tc);
	return s;
}
