/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "openclaw/request.h"
#include "sweep.h"

static struct error err;

static void setup(void)
{
	err = ERROR_INIT;
}

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

static int parse(struct span text, struct names *ret_ids)
{
	AUTO(secret) copy = SECRET_INIT;

	err = ERROR_INIT;
	if (secret_append_span(&copy, text, &err) < 0)
		return -1;
	return request_parse(&copy, ret_ids, &err);
}

static void refuse(const char *text, enum error_kind kind)
{
	AUTO(names) ids = NAMES_INIT;

	ck_assert_msg(parse(span_of_text(text), &ids) == -1, "%s", text);
	ck_assert_msg(err.kind == kind, "%s: %s", text, err.message);
	ck_assert_uint_eq(ids.len, 0);
}

/* As OpenClaw 2026.9.6 was seen to send it. */
static const char seen[] = "{\"protocolVersion\":1,\"provider\":\"vaulttool\","
			   "\"ids\":[\"ANTHROPIC_API_KEY\",\"OPENCLAW_GATEWAY_TOKEN\"]}\n";

START_TEST(request_parse__takes_what_openclaw_sends)
{
	AUTO(names) ids = NAMES_INIT;

	ck_assert_int_eq(parse(span_of_text(seen), &ids), 0);
	ck_assert_uint_eq(ids.len, 2);
	ck_assert_str_eq(ids.items[0], "ANTHROPIC_API_KEY");
	ck_assert_str_eq(ids.items[1], "OPENCLAW_GATEWAY_TOKEN");
}
END_TEST

START_TEST(request_parse__passes_over_fields_of_later)
{
	AUTO(names) ids = NAMES_INIT;

	ck_assert_int_eq(parse(SPAN_LITERAL("{\"new\":[{}],\"ids\":[\"a/b.c:d#e-f_g\"],"
					    "\"protocolVersion\":1}"),
			       &ids),
			 0);
	ck_assert_uint_eq(ids.len, 1);
	ck_assert_str_eq(ids.items[0], "a/b.c:d#e-f_g");
}
END_TEST

START_TEST(request_parse__takes_no_ids)
{
	AUTO(names) ids = NAMES_INIT;

	ck_assert_int_eq(parse(SPAN_LITERAL("{\"protocolVersion\":1,\"ids\":[]}"), &ids), 0);
	ck_assert_uint_eq(ids.len, 0);
}
END_TEST

START_TEST(request_parse__refuses_what_is_no_request)
{
	refuse("[]", ERROR_FORMAT);
	refuse("{", ERROR_FORMAT);
	refuse("{\"ids\":[\"a\"]}", ERROR_FORMAT);
	refuse("{\"protocolVersion\":\"1\",\"ids\":[\"a\"]}", ERROR_FORMAT);
	refuse("{\"protocolVersion\":2,\"ids\":[\"a\"]}", ERROR_UNSUPPORTED);
	refuse("{\"protocolVersion\":1}", ERROR_FORMAT);
	refuse("{\"protocolVersion\":1,\"ids\":\"a\"}", ERROR_FORMAT);
	refuse("{\"protocolVersion\":1,\"ids\":{}}", ERROR_FORMAT);
}
END_TEST

START_TEST(request_parse__refuses_what_is_no_id)
{
	static const char *const ids[] = {
		"1",        "null",          "[]",          "\"\"",       "\"/a\"",      "\".\"",
		"\"..\"",   "\"a/../b\"",    "\"a/./b\"",   "\"a/..\"",   "\"a b\"",     "\"-a\"",
		"\"a\\n\"", "\"a\\u0000b\"", "\"\\u00e4\"", "\"a\\\\b\"", "\"a\",\"a\"",
	};

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		char text[200];

		snprintf(text, sizeof(text), "{\"protocolVersion\":1,\"ids\":[%s]}", ids[i]);
		refuse(text, ERROR_FORMAT);
	}
}
END_TEST

static size_t make_long(char *text, size_t len, size_t id_len)
{
	const int start = snprintf(text, len, "{\"protocolVersion\":1,\"ids\":[\"");

	memset(text + start, 'a', id_len);
	return (size_t)start + id_len +
	       (size_t)snprintf(text + (size_t)start + id_len, len - (size_t)start - id_len,
				"\"]}");
}

START_TEST(request_parse__limits_an_id)
{
	AUTO(names) ids = NAMES_INIT;
	char text[400];

	ck_assert_int_eq(parse(span_of(text, make_long(text, sizeof(text), REQUEST_ID_MAX)), &ids),
			 0);
	ck_assert_uint_eq(strlen(ids.items[0]), REQUEST_ID_MAX);
	make_long(text, sizeof(text), REQUEST_ID_MAX + 1);
	refuse(text, ERROR_FORMAT);
}
END_TEST

static void make_many(struct secret *text, unsigned count)
{
	ck_assert_int_eq(secret_append_text(text, "{\"protocolVersion\":1,\"ids\":[", &err), 0);
	for (unsigned i = 0; i < count; i++) {
		char id[20];

		snprintf(id, sizeof(id), "%s\"i%u\"", i > 0 ? "," : "", i);
		ck_assert_int_eq(secret_append_text(text, id, &err), 0);
	}
	ck_assert_int_eq(secret_append_text(text, "]}", &err), 0);
}

START_TEST(request_parse__limits_their_number_and_its_size)
{
	AUTO(secret) most = SECRET_INIT;
	AUTO(secret) more = SECRET_INIT;
	AUTO(names) ids = NAMES_INIT;

	make_many(&most, REQUEST_IDS_MAX);
	make_many(&more, REQUEST_IDS_MAX + 1);
	ck_assert_int_eq(request_parse(&more, &ids, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	err = ERROR_INIT;
	while (most.len < REQUEST_MAX)
		ck_assert_int_eq(secret_append_text(&most, " ", &err), 0);
	ck_assert_int_eq(parse(secret_span(&most), &ids), 0);
	ck_assert_uint_eq(ids.len, REQUEST_IDS_MAX);
	ck_assert_int_eq(secret_append_text(&most, " ", &err), 0);
	ck_assert_int_eq(request_parse(&most, &ids, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
}
END_TEST

/* A flipped bit is refused, or asks for something else, or is in what counts for nothing. */
START_TEST(request_parse__sees_each_flipped_bit)
{
	const size_t counts_for_nothing = strlen("{\"protocolVersion\":1,"),
		     ends = strlen("{\"protocolVersion\":1,\"provider\":\"vaulttool\",");

	for (size_t bit = 0; bit < (sizeof(seen) - 2) * 8; bit++) {
		AUTO(names) ids = NAMES_INIT;
		char flipped[sizeof(seen)];

		memcpy(flipped, seen, sizeof(seen));
		flipped[bit / 8] ^= (char)(1u << bit % 8);
		if (parse(span_of(flipped, sizeof(seen) - 1), &ids) < 0)
			ck_assert_int_ne(err.kind, ERROR_NONE);
		else
			ck_assert((bit / 8 >= counts_for_nothing && bit / 8 < ends) ||
				  strcmp(ids.items[0], "ANTHROPIC_API_KEY") != 0 ||
				  strcmp(ids.items[1], "OPENCLAW_GATEWAY_TOKEN") != 0);
	}
}
END_TEST

static int parse_anew(void)
{
	AUTO(names) ids = NAMES_INIT;

	return parse(span_of_text(seen), &ids);
}

START_TEST(request_parse__survives_without_memory)
{
	SWEEP(parse_anew());
}
END_TEST

Suite *suite(void);
Suite *suite(void)
{
	Suite *s = suite_create("openclaw/request");
	TCase *t = tcase_create("request");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, request_parse__takes_what_openclaw_sends);
	tcase_add_test(t, request_parse__passes_over_fields_of_later);
	tcase_add_test(t, request_parse__takes_no_ids);
	tcase_add_test(t, request_parse__refuses_what_is_no_request);
	tcase_add_test(t, request_parse__refuses_what_is_no_id);
	tcase_add_test(t, request_parse__limits_an_id);
	tcase_add_test(t, request_parse__limits_their_number_and_its_size);
	tcase_add_test(t, request_parse__sees_each_flipped_bit);
	tcase_add_test(t, request_parse__survives_without_memory);
	suite_add_tcase(s, t);
	return s;
}
