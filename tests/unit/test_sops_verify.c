/* SPDX-License-Identifier: MIT */
/* verify: what it finds without a key, and what it makes of texts that were damaged. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "sops/verify.h"
#include "sweep.h"
#include "vectors.h"

/* What was told, a line each: "LINE: TEXT\n"; warnings are not counted. */
struct told {
	char text[4096];
	size_t len;
};

static void tell(void *context, size_t line, bool warning, const char *text)
{
	struct told *told = context;

	ck_assert_uint_gt(strlen(text), 0);
	for (const char *c = text; *c != '\0'; c++)
		ck_assert((unsigned char)*c >= ' ' && *c != 0x7f);
	if (!warning && told->len < sizeof(told->text))
		told->len +=
			(size_t)snprintf(told->text + told->len, sizeof(told->text) - told->len,
					 "%zu: %s\n", line, text);
}

static int verify(enum doc_format format, struct span sealed, struct told *told, struct error *err)
{
	struct sops_verifier verifier = { tell, told, 0 };
	AUTO(secret) text = SECRET_INIT;
	AUTO(sops_file) file = SOPS_FILE_INIT;

	*told = (struct told){ .len = 0 };
	if (secret_append_span(&text, sealed, err) < 0)
		return -1;
	return sops_verify(format, &text, &verifier, &file, err);
}

/* Of each format, with comments, groups and a selector among them. */
static const char *const sealed_files[] = {
	"sops/enc/comments.yaml",      "sops/enc/types.json",
	"sops/enc/basic.env",          "sops/enc/default.ini",
	"sops/enc/blob.bin",           "sops/enc/foreign_keys.yaml",
	"sops/enc/shamir_select.yaml", "sops/enc/multidoc.yaml",
	"sops/enc/sel_enc_regex.yaml", "sops/enc/sel_unenc_comment.yaml",
};
#define SEALED_FILES ((int)(sizeof(sealed_files) / sizeof(*sealed_files)))

START_TEST(sops_verify__has_nothing_against_what_sops_sealed)
{
	AUTO(secret) sealed = load(sealed_files[_i]);
	struct error err = ERROR_INIT;
	struct told told;

	ck_assert_msg(verify(doc_format_of_name(sealed_files[_i]), secret_span(&sealed), &told,
			     &err) == 0,
		      "%s", err.message);
	ck_assert_msg(told.len == 0, "%s", told.text);
}
END_TEST

/* The first occurrence of from becomes to. */
static struct secret change(const struct secret *sealed, const char *from, const char *to)
{
	const uint8_t *at = memmem(sealed->data, sealed->len, from, strlen(from));
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t offset;

	ck_assert_msg(at != NULL, "\"%s\" is not there", from);
	offset = (size_t)(at - sealed->data);
	ck_assert(secret_append(&out, sealed->data, offset, &err) == 0 &&
		  secret_append_text(&out, to, &err) == 0 &&
		  secret_append(&out, at + strlen(from), sealed->len - offset - strlen(from),
				&err) == 0);
	return out;
}

START_TEST(sops_verify__tells_what_is_wrong_and_where)
{
	static const struct {
		const char *file, *from, *to, *told;
	} cases[] = {
		{ "types.json", "\"ENC[AES256_GCM,", "\"plain", "is not sealed, and must be" },
		{ "types.json", ",type:float]", ",type:quux]", "which sops does not open" },
		{ "types.json", ",tag:", ",gat:", "is damaged" },
		{ "types.json", "GCM,data:", "GCM,data:!!", "value's data is no base64" },
		{ "types.json", ",iv:", ",iv:%%", "vector is no base64" },
		{ "types.json", ",tag:", ",tag:AAAA", "tag is no base64 of 16 bytes" },
		{ "types.json", "\"mac\": \"ENC[AES256_GCM,data:",
		  "\"mac\": \"ENC[AES256_GCM,data:!!", "mac: a sealed value's data is no base64" },
		{ "types.json", "\"mac\":", "\"cam\":", "there is no mac" },
		{ "types.json", "\"mac\": \"ENC[", "\"mac\": \"CNE[", "the mac is damaged" },
		{ "types.json", "\"lastmodified\": \"2", "\"lastmodified\": \"x", "is no time" },
		{ "types.json", "-----BEGIN AGE", "-----BEGIN", "is damaged" },
		{ "types.json", "\"sops\":", "\"oops\":", "sops metadata not found" },
		{ "shamir_select.yaml", "shamir_threshold: 2", "shamir_threshold: 9",
		  "it takes 9 key groups to open it" },
		{ "sel_enc_regex.yaml", "encrypted_regex: ", "encrypted_regex: (", "" },
		{ "basic.env", "sops_mac=", "sops_cam=", "there is no mac" },
		{ "default.ini", "ENC[AES256_GCM,", "plain", "is not sealed, and must be" },
		{ "comments.yaml", "#ENC[AES256_GCM,data:", "#ENC[AES256_GCM,data:!!",
		  "1: comment: a sealed value's data is no base64" },
		{ "comments.yaml", ",type:comment]", "", "1: the sealed comment is damaged" },
		{ "comments.yaml",
		  "\nsops:", "\n<<: 1\nsops:", "neither a map nor a list of maps" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char name[64];
		struct error err = ERROR_INIT;
		struct told told;

		snprintf(name, sizeof(name), "sops/enc/%s", cases[i].file);
		AUTO(secret) sealed = load(name);
		AUTO(secret) changed = change(&sealed, cases[i].from, cases[i].to);

		ck_assert_msg(verify(doc_format_of_name(name), secret_span(&changed), &told,
				     &err) == 0,
			      "%s", err.message);
		ck_assert_msg(told.len > 0 && strstr(told.text, cases[i].told), "%s, %s: %s", name,
			      cases[i].to, told.text);
	}
}
END_TEST

/* Most bits matter to the key's holder alone; here, nothing may go wrong in reading them. */
START_TEST(sops_verify__survives_each_flipped_bit)
{
	AUTO(secret) sealed = load(sealed_files[_i]);
	const enum doc_format format = doc_format_of_name(sealed_files[_i]);
	/* a tenth of a long file's */
	const size_t step = stride(sealed.len > 4096 ? 11 : 1);

	for (size_t bit = 0; bit < sealed.len * 8; bit += step) {
		struct error err = ERROR_INIT;
		struct told told;

		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert_msg(verify(format, secret_span(&sealed), &told, &err) == 0, "bit %zu: %s",
			      bit, err.message);
		sealed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

static int verify_well(const char *name, const struct secret *sealed)
{
	struct error err = ERROR_INIT;
	struct told told;
	const int result = verify(doc_format_of_name(name), secret_span(sealed), &told, &err);

	/* no memory is nothing that is wrong with the text */
	ck_assert_msg(told.len == 0, "%s: %s", name, told.text);
	ck_assert_int_eq(result < 0, err.kind != ERROR_NONE);
	return result;
}

START_TEST(sops_verify__survives_failing_allocations)
{
	AUTO(secret) sealed = load(sealed_files[_i]);

	SWEEP(verify_well(sealed_files[_i], &sealed));
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("sops_verify");
	TCase *t = tcase_create("verify");

	start_crypto();
	tcase_set_timeout(t, 600);
	tcase_add_loop_test(t, sops_verify__has_nothing_against_what_sops_sealed, 0, SEALED_FILES);
	tcase_add_test(t, sops_verify__tells_what_is_wrong_and_where);
	tcase_add_loop_test(t, sops_verify__survives_each_flipped_bit, 0, SEALED_FILES);
	tcase_add_loop_test(t, sops_verify__survives_failing_allocations, 0, SEALED_FILES);
	suite_add_tcase(s, t);
	return s;
}
