/* SPDX-License-Identifier: MIT */
/* Shamir's secret sharing: known shares, all subsets, what cannot be put together. */
#include <check.h>

#include "crypto/shamir.h"
#include "sweep.h"
#include "vectors.h"

/* "test" under 3 polynomials of degree 2 that were chosen by hand, at 1, 2 and 200. */
static const char *const known[] = { "2f1a075e01", "c4b6b27202", "70b8d0c9c8" };

START_TEST(shamir_combine__gives_the_known_secret)
{
	uint8_t shares[15];
	AUTO(secret) joined = SECRET_INIT;
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < 3; i++)
		ck_assert_uint_eq(from_hex(known[i], shares + i * 5), 5);
	ck_assert_ok(shamir_combine(span_of(shares, 15), 3, &joined, &err));
	ck_assert_span(secret_span(&joined), "test");
	secret_release(&joined);
	/* two of three tell something else */
	ck_assert_ok(shamir_combine(span_of(shares, 10), 2, &joined, &err));
	ck_assert(!span_equal_text(secret_span(&joined), "test"));
}
END_TEST

/* Puts together those of five shares whose bits are set. */
static bool joins(const struct secret *shares, unsigned set, struct span expected)
{
	const size_t len = shares->len / 5;
	AUTO(secret) some = SECRET_INIT;
	AUTO(secret) joined = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t count = 0;

	for (unsigned i = 0; i < 5; i++)
		if (set & (1u << i)) {
			ck_assert_ok(secret_append(&some, shares->data + i * len, len, &err));
			count++;
		}
	if (shamir_combine(secret_span(&some), count, &joined, &err) < 0)
		return false;
	return span_equal(secret_span(&joined), expected);
}

START_TEST(shamir_split__needs_the_threshold)
{
	const struct span secret = SPAN_LITERAL("a data key of thirty-two bytes..");

	for (size_t threshold = 2; threshold <= 5; threshold++) {
		AUTO(secret) shares = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_ok(shamir_split(secret, 5, threshold, &shares, &err));
		ck_assert_uint_eq(shares.len, 5 * 33);
		for (unsigned set = 0; set < 32; set++)
			ck_assert_int_eq(joins(&shares, set, secret),
					 (size_t)__builtin_popcount(set) >= threshold);
	}
}
END_TEST

START_TEST(shamir_split__reaches_the_most_parts)
{
	const struct span secret = SPAN_LITERAL("x");
	AUTO(secret) shares = SECRET_INIT;
	AUTO(secret) joined = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_ok(shamir_split(secret, 255, 255, &shares, &err));
	ck_assert_ok(shamir_combine(secret_span(&shares), 255, &joined, &err));
	ck_assert_span(secret_span(&joined), "x");
}
END_TEST

START_TEST(shamir_combine__refuses_what_are_no_shares)
{
	static const struct {
		const char *shares;
		size_t len, count;
	} cases[] = {
		{ "", 0, 0 },       { "a\1", 2, 1 },  { "a\1b\1", 4, 2 },
		{ "a\0b\1", 4, 2 }, { "\1\2", 2, 2 }, { "a\1b\2c", 5, 2 },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO(secret) joined = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_fails(shamir_combine(span_of(cases[i].shares, cases[i].len),
					       cases[i].count, &joined, &err),
				ERROR_FORMAT);
	}
}
END_TEST

static int split_and_combine(struct error *err)
{
	AUTO(secret) shares = SECRET_INIT;
	AUTO(secret) joined = SECRET_INIT;

	return shamir_split(SPAN_LITERAL("secret"), 3, 2, &shares, err) < 0
		       ? -1
		       : shamir_combine(secret_span(&shares), 3, &joined, err);
}

START_TEST(all__survives_failing_allocations)
{
	struct error err = ERROR_INIT;

	SWEEP(split_and_combine(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("crypto_shamir");
	TCase *t = tcase_create("all");

	start_crypto();
	tcase_add_test(t, shamir_combine__gives_the_known_secret);
	tcase_add_test(t, shamir_split__needs_the_threshold);
	tcase_add_test(t, shamir_split__reaches_the_most_parts);
	tcase_add_test(t, shamir_combine__refuses_what_are_no_shares);
	tcase_add_test(t, all__survives_failing_allocations);
	suite_add_tcase(s, t);
	return s;
}
