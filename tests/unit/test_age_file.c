/* SPDX-License-Identifier: MIT */
/* Whole age files: round trips, real files of others, and every way to damage one. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "age/convert.h"
#include "age/stream.h"
#include "age_files.h"
#include "crypto/random.h"
#include "sweep.h"

static uint8_t data[3 * AGE_CHUNK_LEN + 1];

static const size_t lens[] = {
	0, 1, AGE_CHUNK_LEN - 1, AGE_CHUNK_LEN, AGE_CHUNK_LEN + 1, 2 * AGE_CHUNK_LEN, sizeof(data)
};

#define LENS (int)(sizeof(lens) / sizeof(lens[0]))

/* The streams, with step bytes at a time. */
static int seal_stream(const struct age_recipients *recipients, struct span plain, bool armored,
		       size_t step, struct buf *file, struct error *err)
{
	struct drip drip = { plain, step };
	const struct age_source source = { drip_read, &drip };
	const struct age_sink sink = { collect, file };

	return age_seal_stream(recipients, armored, &source, &sink, err);
}

static int open_stream(const struct age_identities *identities, struct span file, size_t step,
		       struct buf *plain, struct error *err)
{
	struct drip drip = { file, step };
	const struct age_source source = { drip_read, &drip };
	const struct age_sink sink = { collect, plain };

	return age_open_stream(identities, &source, &sink, err);
}

START_TEST(age_seal__round_trip)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	struct error err = ERROR_INIT;
	struct span plain = span_of(data, lens[_i]);

	for (int armored = 0; armored < 2; armored++) {
		AUTO(buf) file = BUF_INIT;
		AUTO(buf) streamed = BUF_INIT;
		AUTO(buf) out = BUF_INIT;
		AUTO(secret) opened = SECRET_INIT;
		AUTO(secret) again = SECRET_INIT;

		ck_assert_ok(age_seal(&recipients, plain, armored, &file, &err));
		ck_assert_ok(age_open(&identities, buf_span(&file), &opened, &err));
		ck_assert(span_equal(secret_span(&opened), plain));
		ck_assert_ok(open_stream(&identities, buf_span(&file), 1000, &out, &err));
		ck_assert(span_equal(buf_span(&out), plain));
		ck_assert_ok(seal_stream(&recipients, plain, armored, 1000, &streamed, &err));
		ck_assert_uint_eq(streamed.len, file.len);
		ck_assert_ok(age_open(&identities, buf_span(&streamed), &again, &err));
		ck_assert(span_equal(secret_span(&again), plain));
	}
}
END_TEST

static void expect_agenix(const char *file_name, const char *key_name, const char *text)
{
	AUTO(secret) file = load(file_name);
	AUTO(secret) key = load(key_name);
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_identities_add_file(&identities, secret_span(&key), key_name, &err));
	ck_assert_ok(age_open(&identities, secret_span(&file), &plain, &err));
	ck_assert_span(secret_span(&plain), text);
}

START_TEST(age_open__of_agenix)
{
	expect_agenix("agenix/secret1.age", "agenix/keys/user1", "hello\n");
	expect_agenix("agenix/secret1.age", "agenix/keys/system1", "hello\n");
	expect_agenix("agenix/secret2.age", "agenix/keys/user1", "world!\n");
	expect_agenix("agenix/armored-secret.age", "agenix/keys/user1", "Hello World!\n");
}
END_TEST

/* What an SSH key opens: its own stanza, and that of the converted recipient. */
START_TEST(age_open__with_one_ssh_key_both_kinds)
{
	AUTO(secret) line = load("agenix/keys/user1.pub");
	AUTO(secret) key = load("agenix/keys/user1");
	AUTO(age_identities) identities = AGE_IDENTITIES_INIT;
	AUTO(ssh_public_key) public_key = SSH_PUBLIC_KEY_INIT;
	struct error err = ERROR_INIT;
	char converted[AGE_X25519_TEXT_MAX];

	ck_assert_ok(age_identities_add_file(&identities, secret_span(&key), "user1", &err));
	ck_assert_ok(ssh_public_key_parse(secret_span(&line), &public_key, &err));
	ck_assert_ok(age_text_of_ssh(&public_key, converted, &err));
	for (int native = 0; native < 2; native++) {
		AUTO(age_recipients) recipients = AGE_RECIPIENTS_INIT;
		AUTO(buf) file = BUF_INIT;
		AUTO(secret) plain = SECRET_INIT;

		ck_assert_ok(age_recipients_add(
			&recipients, native ? secret_span(&line) : span_of_text(converted), &err));
		ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("x"), false, &file, &err));
		ck_assert_ok(age_open(&identities, buf_span(&file), &plain, &err));
		ck_assert_span(secret_span(&plain), "x");
	}
}
END_TEST

/* Neither way of opening may succeed. */
static void expect_refused(const struct age_identities *identities, struct span file,
			   const char *what, size_t where)
{
	AUTO(secret) plain = SECRET_INIT;
	AUTO(buf) out = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(age_open(identities, file, &plain, &err) == -1, "%s %zu opens", what, where);
	ck_assert(err.kind == ERROR_FORMAT || err.kind == ERROR_AUTH || err.kind == ERROR_NO_KEY);
	ck_assert_msg(open_stream(identities, file, SIZE_MAX, &out, &err) == -1,
		      "%s %zu opens as a stream", what, where);
}

/* _i: plain or armored. */
START_TEST(age_open__refuses_each_changed_bit)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("secret"), _i, &file, &err));
	for (size_t bit = 0; bit < 8 * file.len; bit += stride(1)) {
		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		expect_refused(&identities, buf_span(&file), "changed bit", bit);
		file.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(age_open__refuses_each_cut)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("secret"), _i, &file, &err));
	/* the last line feed of armor may be missing */
	for (size_t len = 0; len + (size_t)_i < file.len; len++)
		expect_refused(&identities, span_slice(buf_span(&file), 0, len), "cut at", len);
}
END_TEST

START_TEST(age_open__refuses_a_cut_between_chunks)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;
	size_t sealed, payload;

	ck_assert_ok(age_seal(&recipients, span_of(data, sizeof(data)), false, &file, &err));
	ck_assert(age_stream_sealed_len(sizeof(data), &sealed));
	payload = file.len - sealed;
	for (size_t chunk = 0; chunk <= 3; chunk++) {
		for (size_t more = 0; more < 33; more += 16) {
			size_t len = payload + chunk * AGE_CHUNK_SEALED_LEN + more;

			if (len < file.len)
				expect_refused(&identities, span_slice(buf_span(&file), 0, len),
					       "cut at", len);
		}
	}
	/* two chunks exchanged */
	for (size_t i = 0; i < AGE_CHUNK_SEALED_LEN; i++) {
		uint8_t *byte = file.data + payload + i, kept = *byte;

		*byte = byte[AGE_CHUNK_SEALED_LEN];
		byte[AGE_CHUNK_SEALED_LEN] = kept;
	}
	expect_refused(&identities, buf_span(&file), "exchanged chunks", 0);
}
END_TEST

START_TEST(age_open__refuses_random_damage)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_seal(&recipients, span_of(data, 300), _i, &file, &err));
	for (int round = 0; round < 2000; round++) {
		AUTO(buf) damaged = BUF_INIT;
		uint32_t dice[4];
		size_t at, len;

		random_bytes(dice, sizeof(dice));
		at = dice[0] % file.len;
		len = 1 + dice[1] % 8;
		ck_assert_ok(buf_append(&damaged, file.data, at, &err));
		if (dice[2] % 3 > 0)
			ck_assert_ok(buf_append(&damaged, file.data + dice[3] % (file.len - 8), len,
						&err));
		if (dice[2] % 3 < 2)
			at = at + len < file.len ? at + len : file.len;
		ck_assert_ok(buf_append(&damaged, file.data + at, file.len - at, &err));
		if (!span_equal(span_trim(buf_span(&damaged)), span_trim(buf_span(&file))))
			expect_refused(&identities, buf_span(&damaged), "damage in round",
				       (size_t)round);
	}
}
END_TEST

START_TEST(age_open__says_what_is_wrong)
{
	AUTO(age_identities) identities = test_identities();
	AUTO(age_identities) none = AGE_IDENTITIES_INIT;
	AUTO(secret) sealed = load("agenix/secret1.age");
	AUTO(secret) plain = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_fails(age_open(&identities, SPAN_INIT, &plain, &err), ERROR_FORMAT);
	ck_assert_fails(age_open(&identities, SPAN_LITERAL("hello"), &plain, &err), ERROR_FORMAT);
	ck_assert_int_eq(age_open(&identities, secret_span(&sealed), &plain, &err), -1);
	ck_assert_str_eq(
		err.message,
		"no identity of the 1 here opens one of its 2 stanzas (ssh-ed25519); tried test "
		"(" TEST_RECIPIENT ")");
	ck_assert_fails(age_open(&none, secret_span(&sealed), &plain, &err), ERROR_NO_KEY);
	ck_assert_fails(age_open(&identities, span_of(data, AGE_MEMORY_MAX + 1), &plain, &err),
			ERROR_LIMIT);
}
END_TEST

static int fail_read(void *context, uint8_t *bytes, size_t len, size_t *ret_len, struct error *err)
{
	(void)context;
	(void)bytes;
	(void)len;
	(void)ret_len;
	return error_set(err, ERROR_SYSTEM, "cannot read");
}

static int fail_write(void *context, struct span bytes, struct error *err)
{
	(void)bytes;
	++*(int *)context;
	return error_set(err, ERROR_SYSTEM, "cannot write");
}

START_TEST(age_streams__hand_on_errors)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;
	int writes = 0;
	struct drip drip = { SPAN_LITERAL("text"), 1 };
	const struct age_source bad_source = { fail_read, NULL };
	const struct age_source source = { drip_read, &drip };
	const struct age_sink bad_sink = { fail_write, &writes };

	ck_assert_fails(age_open_stream(&identities, &bad_source, &bad_sink, &err), ERROR_SYSTEM);
	ck_assert_int_eq(writes, 0);
	for (int armored = 0; armored < 2; armored++) {
		ck_assert_fails(age_seal_stream(&recipients, armored, &bad_source, &bad_sink, &err),
				ERROR_SYSTEM);
		ck_assert_fails(age_seal_stream(&recipients, armored, &source, &bad_sink, &err),
				ERROR_SYSTEM);
	}
	ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("text"), false, &file, &err));
	drip.left = buf_span(&file);
	ck_assert_fails(age_open_stream(&identities, &source, &bad_sink, &err), ERROR_SYSTEM);
}
END_TEST

static int seal_once(const struct age_recipients *recipients, struct error *err)
{
	AUTO(buf) file = BUF_INIT;

	return age_seal(recipients, SPAN_LITERAL("secret"), true, &file, err);
}

static int open_once(const struct age_identities *identities, struct span file, struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;

	return age_open(identities, file, &plain, err);
}

static int stream_once(const struct age_recipients *recipients,
		       const struct age_identities *identities, struct error *err)
{
	AUTO(buf) file = BUF_INIT;
	AUTO(buf) plain = BUF_INIT;

	if (seal_stream(recipients, SPAN_LITERAL("secret"), true, 1000, &file, err) < 0)
		return -1;
	return open_stream(identities, buf_span(&file), 1000, &plain, err);
}

START_TEST(age_file__survives_want_of_memory)
{
	AUTO(age_recipients) recipients = test_recipients();
	AUTO(age_identities) identities = test_identities();
	AUTO(buf) file = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(age_seal(&recipients, SPAN_LITERAL("secret"), true, &file, &err));
	SWEEP(seal_once(&recipients, &err));
	SWEEP(open_once(&identities, buf_span(&file), &err));
	SWEEP(stream_once(&recipients, &identities, &err));
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("age file");
	TCase *tc = tcase_create("file");

	start_crypto();
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 31 + (i >> 9));
	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, age_seal__round_trip, 0, LENS);
	tcase_add_test(tc, age_open__of_agenix);
	tcase_add_test(tc, age_open__with_one_ssh_key_both_kinds);
	tcase_add_loop_test(tc, age_open__refuses_each_changed_bit, 0, 2);
	tcase_add_loop_test(tc, age_open__refuses_each_cut, 0, 2);
	tcase_add_test(tc, age_open__refuses_a_cut_between_chunks);
	tcase_add_loop_test(tc, age_open__refuses_random_damage, 0, 2);
	tcase_add_test(tc, age_open__says_what_is_wrong);
	tcase_add_test(tc, age_streams__hand_on_errors);
	tcase_add_test(tc, age_file__survives_want_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
