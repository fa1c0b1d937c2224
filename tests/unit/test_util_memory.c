/* SPDX-License-Identifier: MIT */
/* util: error, span, secret, buf. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "sweep.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"

START_TEST(error_set__cuts_what_is_too_long)
{
	struct error err = ERROR_INIT;
	char text[2 * ERROR_MESSAGE_MAX];

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(error_set(&err, ERROR_FORMAT, "%s", text), -1);
	ck_assert_uint_eq(strlen(err.message), ERROR_MESSAGE_MAX - 1);
	ck_assert_str_eq(err.message + strlen(err.message) - 3, "...");
}
END_TEST

START_TEST(error_wrap__keeps_kind_and_hint)
{
	struct error err = ERROR_INIT;

	error_set(&err, ERROR_AUTH, "changed");
	error_hint(&err, "first");
	error_hint(&err, "second");
	ck_assert_int_eq(error_wrap(&err, "cannot open \"%s\"", "x"), -1);
	ck_assert_int_eq(err.kind, ERROR_AUTH);
	ck_assert_str_eq(err.message, "cannot open \"x\": changed");
	ck_assert_str_eq(err.hint, "first");
}
END_TEST

START_TEST(error_sys__names_the_reason)
{
	struct error err = ERROR_INIT;

	errno = ENOENT;
	ck_assert_int_eq(error_sys(&err, "cannot open \"%s\"", "x"), -1);
	ck_assert_str_eq(err.message, "cannot open \"x\": No such file or directory");
	ck_assert_int_eq(err.kind, ERROR_SYSTEM);
}
END_TEST

START_TEST(span_take__leaves_short_input_alone)
{
	struct span s = SPAN_LITERAL("\1\2\3"), before = s, taken;
	uint32_t word;

	ck_assert(!span_take_be32(&s, &word));
	ck_assert(!span_take(&s, 4, &taken));
	ck_assert_ptr_eq(s.data, before.data);
	ck_assert_uint_eq(s.len, 3);
	s = SPAN_LITERAL("\x80\0\0\x01z");
	ck_assert(span_take_be32(&s, &word));
	ck_assert_uint_eq(word, 0x80000001u);
	ck_assert_uint_eq(s.len, 1);
}
END_TEST

START_TEST(span_take_line__gives_every_line_once)
{
	struct span s = SPAN_LITERAL("a\n\nb"), line;

	ck_assert(span_take_line(&s, &line) && span_equal_text(line, "a"));
	ck_assert(span_take_line(&s, &line) && line.len == 0);
	ck_assert(span_take_line(&s, &line) && span_equal_text(line, "b"));
	ck_assert(!span_take_line(&s, &line));
}
END_TEST

START_TEST(span_slice__is_cut_to_what_is_there)
{
	const struct span s = SPAN_LITERAL("abc");

	ck_assert(span_equal_text(span_slice(s, 1, SIZE_MAX), "bc"));
	ck_assert_uint_eq(span_slice(s, 4, 1).len, 0);
	ck_assert(span_equal_text(span_trim(SPAN_LITERAL(" \t\r\na b\n ")), "a b"));
	ck_assert(span_starts_with(s, "ab") && !span_starts_with(s, "abcd"));
	ck_assert(span_ends_with(s, "bc") && !span_ends_with(s, "xabc"));
}
END_TEST

START_TEST(size_add__refuses_to_wrap)
{
	size_t sum;

	ck_assert(size_add(SIZE_MAX - 1, 1, &sum) && sum == SIZE_MAX);
	ck_assert(!size_add(SIZE_MAX, 1, &sum));
	ck_assert(!size_mul(SIZE_MAX / 2, 3, &sum));
}
END_TEST

static int fill(void)
{
	AUTO(secret) s = SECRET_INIT;
	struct error err = ERROR_INIT;

	for (int i = 0; i < 3000; i++)
		if (secret_append(&s, "0123456789", 10, &err) < 0)
			return -1;
	ck_assert_uint_eq(s.len, 30000);
	ck_assert_int_eq(memcmp(s.data + 29990, "0123456789", 10), 0);
	return 0;
}

START_TEST(secret_append__grows_and_survives_no_memory)
{
	ck_assert_int_eq(fill(), 0);
	SWEEP(fill());
	ck_assert_uint_eq(secret_live(), 0);
}
END_TEST

START_TEST(secret_reserve__knows_its_limit)
{
	AUTO(secret) s = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_reserve(&s, SECRET_MAX + 1, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	err = ERROR_INIT;
	ck_assert_int_eq(secret_append_text(&s, "x", &err), 0);
	ck_assert_int_eq(secret_grow(&s, SIZE_MAX, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

START_TEST(secret_truncate__wipes_what_it_forgets)
{
	AUTO(secret) s = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_append_text(&s, "keepwipe", &err), 0);
	secret_truncate(&s, 4);
	ck_assert_uint_eq(s.len, 4);
	ck_assert_int_eq(memcmp(s.data, "keep\0\0\0\0", 8), 0);
}
END_TEST

START_TEST(secret_move__leaves_nothing_behind)
{
	AUTO(secret) a = SECRET_INIT;
	AUTO(secret) b = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(secret_append_text(&a, "x", &err), 0);
	b = secret_move(&a);
	ck_assert_ptr_null(a.data);
	ck_assert_uint_eq(b.len, 1);
	ck_assert_uint_eq(secret_live(), 1);
}
END_TEST

START_TEST(secret_keep_spares__gives_wiped_blocks_again)
{
	AUTO(secret) small = SECRET_INIT;
	AUTO(secret) large = SECRET_INIT;
	struct error err = ERROR_INIT;
	uint8_t *block;

	secret_keep_spares();
	ck_assert_int_eq(secret_append_text(&small, "secret", &err), 0);
	ck_assert_int_eq(secret_reserve(&large, (size_t)1 << 20, &err), 0);
	ck_assert_uint_eq(large.cap, (size_t)1 << 20);
	block = small.data;
	secret_release(&small);
	ck_assert_int_eq(memcmp(block, "\0\0\0\0\0\0", 6), 0);
	ck_assert_int_eq(secret_reserve(&small, 10, &err), 0);
	ck_assert_ptr_eq(small.data, block);
	ck_assert_uint_ge(small.cap, 10);
	ck_assert_uint_eq(secret_live(), 2);
	secret_free_spares();
	secret_release(&small);
	ck_assert_uint_eq(secret_live(), 1);
}
END_TEST

static int print(void)
{
	AUTO(buf) b = BUF_INIT;
	struct error err = ERROR_INIT;
	const char *text;

	for (int i = 0; i < 200; i++)
		if (buf_printf(&b, &err, "%d,", i) < 0)
			return -1;
	if (buf_text(&b, &text, &err) < 0)
		return -1;
	ck_assert_uint_eq(strlen(text), b.len);
	ck_assert(span_starts_with(buf_span(&b), "0,1,2,"));
	return 0;
}

START_TEST(buf_printf__grows_and_survives_no_memory)
{
	SWEEP(print());
}
END_TEST

START_TEST(buf_widen__doubles_up_to_the_most)
{
	AUTO(buf) b = BUF_INIT;
	struct error err = ERROR_INIT;
	const size_t caps[] = { 4096, 8192, 16384, 20000 };

	for (size_t i = 0; i < sizeof(caps) / sizeof(*caps); i++) {
		ck_assert_int_eq(buf_widen(&b, 20000, &err), 0);
		ck_assert_uint_eq(b.cap, caps[i]);
		/* there is room: nothing happens */
		b.len = b.cap - 1;
		ck_assert_int_eq(buf_widen(&b, 20000, &err), 0);
		ck_assert_uint_eq(b.cap, caps[i]);
		b.len = b.cap;
	}
}
END_TEST

START_TEST(buf_grow__knows_its_limit)
{
	AUTO(buf) b = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(buf_grow(&b, BUF_MAX + 1, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("util_memory");
	TCase *t = tcase_create("all");

	tcase_add_test(t, error_set__cuts_what_is_too_long);
	tcase_add_test(t, error_wrap__keeps_kind_and_hint);
	tcase_add_test(t, error_sys__names_the_reason);
	tcase_add_test(t, span_take__leaves_short_input_alone);
	tcase_add_test(t, span_take_line__gives_every_line_once);
	tcase_add_test(t, span_slice__is_cut_to_what_is_there);
	tcase_add_test(t, size_add__refuses_to_wrap);
	tcase_add_test(t, secret_append__grows_and_survives_no_memory);
	tcase_add_test(t, secret_reserve__knows_its_limit);
	tcase_add_test(t, secret_truncate__wipes_what_it_forgets);
	tcase_add_test(t, secret_move__leaves_nothing_behind);
	tcase_add_test(t, secret_keep_spares__gives_wiped_blocks_again);
	tcase_add_test(t, buf_printf__grows_and_survives_no_memory);
	tcase_add_test(t, buf_grow__knows_its_limit);
	tcase_add_test(t, buf_widen__doubles_up_to_the_most);
	suite_add_tcase(s, t);
	return s;
}
