/* SPDX-License-Identifier: MIT */
/* age/inspect: what a file tells without a key. */
#include <check.h>

#include "age/inspect.h"
#include "age/passphrase.h"
#include "age/stream.h"
#include "age_files.h"
#include "sweep.h"

#define SSH "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOHz+U0YtjINc54dZiJNclfmEFifF7RXCFlNlTbuZBji"
/* The start of each header made here. */
#define INTRO "age-encryption.org/v1\n"
/* A body and a MAC that are spelled well. */
#define BODY "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
#define MAC "--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

static int inspect_step(struct span file, size_t step, struct age_inspection *ret_inspection,
			struct error *err)
{
	struct drip drip = { file, step };
	const struct age_source source = { drip_read, &drip };

	return age_inspect(&source, ret_inspection, err);
}

/* A file of so many bytes, sealed to two. */
static struct buf sealed(size_t len, bool armor)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(buf) plain = BUF_INIT;
	struct buf file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_recipients_add(&recipients, SPAN_LITERAL(SSH), &err));
	ck_assert_ok(buf_grow(&plain, len + 1, &err)); /* an address, of nothing too */
	memset(plain.data, 'x', len);
	plain.len = len;
	ck_assert_ok(age_seal(&recipients, buf_span(&plain), armor, &file, &err));
	return file;
}

START_TEST(age_inspect__sizes)
{
	static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 200000 };
	const size_t size = sizes[_i / 2];
	const bool armor = _i % 2 == 1;
	const size_t chunks = size == 0 ? 1 : (size + AGE_CHUNK_LEN - 1) / AGE_CHUNK_LEN;
	AUTO(buf) file = sealed(size, armor);
	AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(inspect_step(buf_span(&file), 1000, &inspection, &err));
	ck_assert(inspection.armored == armor);
	ck_assert_uint_eq(inspection.payload, size);
	ck_assert_uint_eq(inspection.overhead, AGE_STREAM_SALT_LEN + chunks * AEAD_TAG_LEN);
	ck_assert((inspection.armor > 0) == armor);
	ck_assert_uint_eq(inspection.header + inspection.armor + inspection.overhead +
				  inspection.payload,
			  file.len);
	ck_assert_span(buf_span(&inspection.types), "X25519\nssh-ed25519\n");
	ck_assert_int_eq(inspection.post_quantum, AGE_POST_QUANTUM_NO);
	ck_assert_int_eq(inspection.refused.kind, ERROR_NONE);
}
END_TEST

/* With that many bytes of an empty payload behind it. */
static int inspect_header(const char *stanzas, size_t payload, struct age_inspection *ret,
			  struct error *err)
{
	AUTO(buf) file = BUF_INIT;
	static const uint8_t zeros[64] = { 0 };

	ck_assert_int_eq(buf_printf(&file, err, "%s%s%s", INTRO, stanzas, MAC), 0);
	ck_assert_int_eq(buf_append(&file, zeros, payload, err), 0);
	return inspect_step(buf_span(&file), 7, ret, err);
}

START_TEST(age_inspect__post_quantum)
{
	static const struct {
		const char *stanzas;
		enum age_post_quantum verdict;
	} cases[] = {
		{ "-> mlkem768x25519 a\n" BODY, AGE_POST_QUANTUM_YES },
		{ "-> scrypt a 18\n" BODY, AGE_POST_QUANTUM_YES },
		{ "-> age-encryption.org/mlkem768p256tag a\n" BODY, AGE_POST_QUANTUM_YES },
		{ "-> age-encryption.org/p256tag a\n" BODY, AGE_POST_QUANTUM_NO },
		{ "-> mlkem768x25519 a\n" BODY "-> X25519 a\n" BODY, AGE_POST_QUANTUM_NO },
		{ "-> X25519 a\n" BODY "-> mlkem768x25519 a\n" BODY, AGE_POST_QUANTUM_NO },
		{ "-> unknown\n\n", AGE_POST_QUANTUM_UNKNOWN },
		{ "-> unknown\n\n-> mlkem768x25519 a\n" BODY, AGE_POST_QUANTUM_YES },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;
		struct error err = ERROR_INIT;

		ck_assert_ok(inspect_header(cases[i].stanzas, 32, &inspection, &err));
		ck_assert_int_eq(inspection.post_quantum, cases[i].verdict);
	}
}
END_TEST

/* The report is there all the same. */
START_TEST(age_inspect__tells_what_no_key_opens)
{
	AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(inspect_header("-> scrypt a 18\n" BODY "-> scrypt b 18\n" BODY, 33,
				    &inspection, &err));
	ck_assert_span(buf_span(&inspection.types), "scrypt\nscrypt\n");
	ck_assert_uint_eq(inspection.payload, 1);
	ck_assert_int_eq(inspection.refused.kind, ERROR_FORMAT);
	ck_assert_ptr_nonnull(strstr(inspection.refused.message, "not alone"));
}
END_TEST

START_TEST(age_inspect__lengths_that_no_file_has)
{
	for (size_t payload = 0; payload < 40; payload++) {
		AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;
		struct error err = ERROR_INIT;

		if (payload < AGE_STREAM_SALT_LEN + AEAD_TAG_LEN)
			ck_assert_fails(inspect_header("-> x\n\n", payload, &inspection, &err),
					ERROR_FORMAT);
		else
			ck_assert_ok(inspect_header("-> x\n\n", payload, &inspection, &err));
	}
}
END_TEST

/* A cut header is told from a whole one. */
START_TEST(age_inspect__cut_headers)
{
	AUTO(buf) file = sealed(1, _i == 1);
	AUTO(age_inspection) whole = AGE_INSPECTION_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(inspect_step(buf_span(&file), file.len, &whole, &err));
	for (size_t len = 0; len < whole.header; len++) {
		AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;

		ck_assert_fails(inspect_step(span_of(file.data, len), file.len, &inspection, &err),
				ERROR_FORMAT);
	}
}
END_TEST

/* What still is a header adds up to what was read. */
START_TEST(age_inspect__each_bit)
{
	AUTO(buf) file = sealed(1, false);

	for (size_t bit = 0; bit < 8 * file.len; bit += stride(1)) {
		AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;
		struct error err = ERROR_INIT;

		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		if (inspect_step(buf_span(&file), file.len, &inspection, &err) == 0)
			ck_assert_uint_eq(inspection.header + inspection.overhead +
						  inspection.payload,
					  file.len);
		else
			ck_assert_int_ne(err.kind, ERROR_NONE);
		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

static int inspect_and_drop(struct span file, struct error *err)
{
	AUTO(age_inspection) inspection = AGE_INSPECTION_INIT;

	return inspect_step(file, file.len, &inspection, err);
}

START_TEST(age_inspect__out_of_memory)
{
	AUTO(buf) file = sealed(1, _i == 1);
	struct error err = ERROR_INIT;

	SWEEP(inspect_and_drop(buf_span(&file), &err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("age inspect");
	TCase *tc = tcase_create("inspect");

	start_crypto();
	tcase_add_loop_test(tc, age_inspect__sizes, 0, 12);
	tcase_add_test(tc, age_inspect__post_quantum);
	tcase_add_test(tc, age_inspect__tells_what_no_key_opens);
	tcase_add_test(tc, age_inspect__lengths_that_no_file_has);
	tcase_add_loop_test(tc, age_inspect__cut_headers, 0, 2);
	tcase_add_test(tc, age_inspect__each_bit);
	tcase_add_loop_test(tc, age_inspect__out_of_memory, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
