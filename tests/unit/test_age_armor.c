/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <string.h>

#include "age/armor.h"
#include "age_files.h"
#include "sweep.h"

#define BEGIN "-----BEGIN AGE ENCRYPTED FILE-----\n"
#define END "-----END AGE ENCRYPTED FILE-----\n"
#define LINE "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"

/* Reads all of text, step bytes at a time from below and into buffers of size. */
static int read_armor(struct span text, size_t step, size_t size, struct buf *bytes,
		      struct error *err)
{
	AUTO(age_armor_reader) reader = AGE_ARMOR_READER_INIT;
	struct drip drip = { text, step };
	const struct age_source source = { drip_read, &drip };
	uint8_t part[4096];
	size_t len = 1;

	reader.source = &source;
	while (len > 0) {
		if (age_armor_read(&reader, part, size, &len, err) < 0 ||
		    buf_append(bytes, part, len, err) < 0)
			return -1;
	}
	return 0;
}

static int write_armor(struct span bytes, size_t step, struct buf *text, struct error *err)
{
	AUTO(age_armor_writer) writer = AGE_ARMOR_WRITER_INIT;
	const struct age_sink sink = { collect, text };

	writer.sink = &sink;
	while (bytes.len > 0) {
		if (age_armor_write(&writer, span_slice(bytes, 0, step), err) < 0)
			return -1;
		bytes = span_slice(bytes, step, SIZE_MAX);
	}
	return age_armor_finish(&writer, err);
}

START_TEST(age_armor__round_trip)
{
	static uint8_t data[200000];
	static const size_t lens[] = { 0, 1, 2, 47, 48, 49, 95, 96, 97, 65536, sizeof(data) };
	static const size_t steps[] = { 7, 48, 4096 };
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * i >> 3);
	for (size_t i = 0; i < sizeof(lens) / sizeof(lens[0]); i++) {
		for (size_t s = 0; s < sizeof(steps) / sizeof(steps[0]); s++) {
			AUTO(buf) text = BUF_INIT;
			AUTO(buf) bytes = BUF_INIT;

			ck_assert_ok(write_armor(span_of(data, lens[i]), steps[s], &text, &err));
			ck_assert(span_starts_with(buf_span(&text), BEGIN));
			ck_assert(span_ends_with(buf_span(&text), END));
			ck_assert(age_armor_likely(buf_span(&text)));
			ck_assert_ok(read_armor(buf_span(&text), steps[s], steps[s], &bytes, &err));
			ck_assert(span_equal(buf_span(&bytes), span_of(data, lens[i])));
		}
	}
}
END_TEST

static void expect(const char *text, bool valid, size_t len)
{
	for (size_t step = 1; step < 200; step += 66) {
		AUTO(buf) bytes = BUF_INIT;
		struct error err = ERROR_INIT;
		int result = read_armor(span_of_text(text), step, 4096, &bytes, &err);

		ck_assert_msg((result == 0) == valid, "%s: %s", text, err.message);
		ck_assert(valid || err.kind == ERROR_FORMAT);
		ck_assert(!valid || bytes.len == len);
	}
}

START_TEST(age_armor_read__is_strict)
{
	expect(BEGIN LINE "AAAA\n" END, true, 51);
	expect(BEGIN LINE "AA==\n" END, true, 49);
	expect(BEGIN LINE END, true, 48);
	expect(BEGIN END, true, 0);
	expect("\n \t\r\n" BEGIN "AAAA\n" END "\n\n  \r\n", true, 3);
	expect(BEGIN "AAAA\n-----END AGE ENCRYPTED FILE-----", true, 3);
	expect("-----BEGIN AGE ENCRYPTED FILE-----\r\nAAAA\r\n-----END AGE ENCRYPTED FILE-----"
	       "\r\n",
	       true, 3);

	expect("", false, 0);
	expect(BEGIN, false, 0);
	expect(BEGIN "AAAA\n", false, 0);
	expect(BEGIN LINE, false, 0);
	expect(BEGIN "AAAA\n\n" END, false, 0);
	expect(BEGIN "\nAAAA\n" END, false, 0);
	expect(BEGIN "AAAA\nAAAA\n" END, false, 0);
	expect(BEGIN "AAAA\n" LINE END, false, 0);
	expect(BEGIN "AAAA \n" END, false, 0);
	expect(BEGIN " AAAA\n" END, false, 0);
	expect(BEGIN "AAA\n" END, false, 0);
	expect(BEGIN "AAAA=\n" END, false, 0);
	expect(BEGIN "AAA=AAAA\n" END, false, 0);
	expect(BEGIN "AB==\n" END, false, 0);
	expect(BEGIN "AA-_\n" END, false, 0);
	expect(BEGIN "AAAA\r\r\n" END, false, 0);
	expect(BEGIN "AAAA" LINE END, false, 0);
	expect(BEGIN "Headers: no\n\nAAAA\n" END, false, 0);
	expect("x" BEGIN "AAAA\n" END, false, 0);
	expect("x\n" BEGIN "AAAA\n" END, false, 0);
	expect(" " BEGIN "AAAA\n" END, false, 0);
	expect(BEGIN "AAAA\n" END "x", false, 0);
	expect(BEGIN "AAAA\n" END BEGIN "AAAA\n" END, false, 0);
	expect("-----BEGIN AGE ENCRYPTED FILE----\nAAAA\n" END, false, 0);
	expect("-----begin age encrypted file-----\nAAAA\n" END, false, 0);
}
END_TEST

START_TEST(age_armor_read__limits_blanks)
{
	static char text[4000];
	struct error err = ERROR_INIT;

	for (size_t blanks = 1022; blanks <= 1026; blanks++) {
		AUTO(buf) bytes = BUF_INIT;

		memset(text, '\n', blanks);
		memcpy(text + blanks, BEGIN "AAAA\n" END, sizeof(BEGIN "AAAA\n" END));
		err = ERROR_INIT;
		ck_assert_int_eq(read_armor(span_of_text(text), 4096, 4096, &bytes, &err),
				 blanks > 1024 ? -1 : 0);
	}
	memset(text, ' ', sizeof(text) - 1);
	memcpy(text, BEGIN, sizeof(BEGIN) - 1);
	AUTO(buf) bytes = BUF_INIT;
	ck_assert_fails(read_armor(span_of_text(text), 100, 4096, &bytes, &err), ERROR_FORMAT);
}
END_TEST

/* Any that Go knows is white space, as for age, and nothing else. */
START_TEST(age_armor_read__takes_white_space)
{
	static const struct {
		const char *text;
		bool valid;
	} around[] = {
		{ " \t\v\f\r", true },     { "\xc2\x85", true },        { "\xc2\xa0", true },
		{ "\xe1\x9a\x80", true },  { "\xe2\x80\x80", true },    { "\xe2\x80\x8a", true },
		{ "\xe2\x80\xa8", true },  { "\xe2\x80\xa9", true },    { "\xe2\x80\xaf", true },
		{ "\xe2\x81\x9f", true },  { "\xe3\x80\x80 \n", true }, { "\x85", false },
		{ "\xc2\x86", false },     { "\xc2", false },           { "\xe2\x80", false },
		{ "\xe2\x80\x8b", false }, { "\xef\xbb\xbf", false },   { "\x1c", false },
	};
	char text[200];

	for (size_t i = 0; i < sizeof(around) / sizeof(*around); i++) {
		snprintf(text, sizeof(text), BEGIN "AAAA\n" END "%s", around[i].text);
		expect(text, around[i].valid, 3);
		snprintf(text, sizeof(text), "%s\n" BEGIN "AAAA\n" END, around[i].text);
		expect(text, around[i].valid, 3);
	}
}
END_TEST

/* Behind the last line each byte counts, and 1024 are too many. */
START_TEST(age_armor_read__limits_blanks_behind)
{
	static const char front[] = BEGIN "AAAA\n" END;
	static char text[4000];

	for (size_t blanks = 1022; blanks <= 1026; blanks++) {
		memcpy(text, front, sizeof(front));
		memset(text + sizeof(front) - 1, '\n', blanks);
		text[sizeof(front) - 1 + blanks] = '\0';
		expect(text, blanks < 1024, 3);
		for (size_t i = 0; i < blanks; i += 2)
			text[sizeof(front) - 1 + i] = '\r';
		expect(text, blanks < 1024, 3);
	}
}
END_TEST

static int read_fixture(struct error *err)
{
	AUTO(buf) bytes = BUF_INIT;

	return read_armor(SPAN_LITERAL(BEGIN LINE "AAAA\n" END), 10, 4096, &bytes, err);
}

static int write_fixture(struct error *err)
{
	AUTO(buf) text = BUF_INIT;

	return write_armor(SPAN_LITERAL(LINE LINE), 10, &text, err);
}

START_TEST(age_armor__survives_want_of_memory)
{
	struct error err = ERROR_INIT;

	SWEEP(read_fixture(&err));
	SWEEP(write_fixture(&err));
}
END_TEST

Suite *suite(void)
{
	Suite *s = suite_create("age armor");
	TCase *tc = tcase_create("armor");

	tcase_add_test(tc, age_armor__round_trip);
	tcase_add_test(tc, age_armor_read__is_strict);
	tcase_add_test(tc, age_armor_read__limits_blanks);
	tcase_add_test(tc, age_armor_read__takes_white_space);
	tcase_add_test(tc, age_armor_read__limits_blanks_behind);
	tcase_add_test(tc, age_armor__survives_want_of_memory);
	suite_add_tcase(s, tc);
	return s;
}
