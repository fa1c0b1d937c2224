/* SPDX-License-Identifier: MIT */
/* openclaw/profiles: keys in OpenClaw's databases. */
#include <check.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "openclaw/profiles.h"
#include "scratch.h"
#include "sweep.h"
#include "util/file.h"
#include "vectors.h"

static char directory[PATH_MAX];

static const struct {
	const char *text;
	bool keys, logins;
} texts[] = {
	{ "", false, false },
	{ "SQLite format 3", false, false },
	{ "store{\"version\":1,\"profiles\":{\"a:b\":{\"type\":\"api_key\",\"provider\":\"a\","
	  "\"key\":"
	  "\"sk-plain\"}}}",
	  true, false },
	{ "{\"key\":\"sk-plain\",\"type\":\"api_key\"}", true, false },
	{ "{\"type\":\"token\",\"token\":\"plain\"}", true, false },
	{ "{\"type\":\"oauth\",\"access\":\"\",\"refresh\":\"plain\"}", false, true },
	{ "{\"type\":\"api_key\",\"key\":\"x\"},{\"type\":\"oauth\",\"access\":\"y\"}", true,
	  true },
	{ "{\"type\":\"api_key\",\"keyRef\":{\"source\":\"file\",\"id\":\"/K\"}}", false, false },
	{ "{\"type\":\"api_key\",\"key\":\"secretref-managed\"}", false, false },
	{ "{\"type\":\"api_key\",\"key\":\"OPENAI_API_KEY\"}", false, false },
	{ "{\"type\":\"api_key\",\"key\":\"\"}", false, false },
	{ "{\"type\":\"api_key\"},{\"key\":\"x\"}", false, false },
	{ "{\"type\":\"message\",\"key\":\"x\"}", false, false },
	{ "\"type\":\"api_key\",\"key\":\"", false, false },
	{ "\"type\":\"", false, false },
};

START_TEST(profiles_look__finds_plain_text_alone)
{
	struct profiles found = { false, false, true };

	profiles_look(span_of_text(texts[_i].text), &found);
	ck_assert(found.keys == texts[_i].keys);
	ck_assert(found.logins == texts[_i].logins);
}
END_TEST

START_TEST(profiles_look__survives_flipped_bits)
{
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		char text[160];
		const size_t len = strlen(texts[i].text);

		ck_assert_uint_lt(len, sizeof(text));
		for (size_t bit = 0; bit < len * 8; bit += stride(1)) {
			struct profiles found = { false, false, true };

			memcpy(text, texts[i].text, len);
			text[bit / 8] = (char)(text[bit / 8] ^ 1 << bit % 8);
			profiles_look(span_of(text, len), &found);
		}
	}
}
END_TEST

static int read_file(const char *name, struct profiles *found)
{
	struct error err = ERROR_INIT;
	char path[PATH_MAX + 16];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return profiles_read(path, found, &err);
}

/* Wherever it stands in a file of several pieces. */
START_TEST(profiles_read__finds_it_across_pieces)
{
	static const char profile[] =
		"{\"type\":\"api_key\",\"provider\":\"a\",\"key\":\"sk-plain\"}";
	static const size_t places[] = { 0, (256 << 10) - 20, (256 << 10) - 1, 300 << 10 };
	const size_t len = 400 << 10;

	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;
		struct profiles found;

		ck_assert_int_eq(secret_reserve(&text, len, &err), 0);
		memset(text.data, 'x', len);
		memcpy(text.data + places[i], profile, strlen(profile));
		text.len = len;
		scratch_put(directory, "db", secret_span(&text));
		ck_assert_int_eq(read_file("db", &found), 0);
		ck_assert(found.keys && !found.logins && found.is_whole);
	}
}
END_TEST

START_TEST(profiles_read__passes_over_what_is_no_file)
{
	struct profiles found;
	char path[PATH_MAX + 16];

	ck_assert_int_eq(read_file("gone", &found), 0);
	ck_assert(found.is_whole && !found.keys && !found.logins);
	(void)snprintf(path, sizeof(path), "%s/fifo", directory);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(read_file("fifo", &found), 0);
	ck_assert(!found.keys);
}
END_TEST

START_TEST(profiles_read__sweep)
{
	struct profiles found;

	scratch_put(directory, "small", SPAN_LITERAL("{\"type\":\"token\",\"token\":\"plain\"}"));
	SWEEP(read_file("small", &found));
	ck_assert(found.keys);
}
END_TEST

static void setup(void)
{
	scratch_make("profiles", directory);
}

static void teardown(void)
{
	struct error err = ERROR_INIT;

	ck_assert_int_eq(scratch_remove(directory, &err), 0);
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("openclaw/profiles");
	TCase *tc = tcase_create("profiles");

	start_crypto();
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, profiles_look__finds_plain_text_alone, 0,
			    (int)(sizeof(texts) / sizeof(*texts)));
	tcase_add_test(tc, profiles_look__survives_flipped_bits);
	tcase_add_test(tc, profiles_read__finds_it_across_pieces);
	tcase_add_test(tc, profiles_read__passes_over_what_is_no_file);
	tcase_add_test(tc, profiles_read__sweep);
	suite_add_tcase(s, tc);
	return s;
}
