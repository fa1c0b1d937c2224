/* SPDX-License-Identifier: MIT */
/* openclaw/settings: variables in files of them, units and environments. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "openclaw/settings.h"
#include "sweep.h"
#include "vectors.h"

/* "name=value@line;" for each. */
static void list(struct span text, char *out, size_t size)
{
	struct setting setting;
	size_t line = 0, len = 0;

	*out = '\0';
	while (settings_take(&text, &line, &setting) && len < size)
		len += (size_t)snprintf(out + len, size - len, "%.*s=%.*s@%zu;",
					SPAN_PRINT(setting.name), SPAN_PRINT(setting.value),
					setting.line);
}

static const char *const texts[][2] = {
	{ "", "" },
	{ "A=1", "A=1@1;" },
	{ "# A=1\n\nB = 2 \nexport C=3\r\n", "B=2@3;C=3@4;" },
	{ "A=\"x y\"\nB='x\"y'\nC=`z`\nD=", "A=x y@1;B=x\"y@2;C=z@3;D=@4;" },
	{ "A=\"one\ntwo\" # c\nB=3\n", "A=one\ntwo@1;B=3@3;" },
	{ "A=\"x\\\"y\"\nB='x\\'\nC=1", "A=x\\\"y@1;B=x\\@2;C=1@3;" },
	{ "A=\"open\nB=1\n", "A=\"open@1;B=1@2;" },
	{ "A: yaml\n=1\n1A=2\nA B=3\n", "A=yaml@1;" },
	{ "A=\"x\"", "A=x@1;" },
	{ "A=\"", "A=\"@1;" },
};

START_TEST(settings_take__reads_lines)
{
	char out[256];

	list(span_of_text(texts[_i][0]), out, sizeof(out));
	ck_assert_str_eq(out, texts[_i][1]);
}
END_TEST

START_TEST(settings_take_environ__reads_entries)
{
	struct span text = SPAN_LITERAL("A=1\0B\0C=x=y\0");
	struct setting setting;

	ck_assert(settings_take_environ(&text, &setting));
	ck_assert(span_equal_text(setting.name, "A") && span_equal_text(setting.value, "1"));
	ck_assert(settings_take_environ(&text, &setting));
	ck_assert(span_equal_text(setting.name, "C") && span_equal_text(setting.value, "x=y"));
	ck_assert(!settings_take_environ(&text, &setting));
}
END_TEST

static const struct {
	const char *text, *what;
	size_t line;
} doubts[] = {
	{ "", NULL, 0 },
	{ "# it's mine\nA_TOKEN='x'\nLANG=it's\nB=\"x\" # c\nC=\"one\ntwo\"\nA_TOKEN=y", NULL, 0 },
	{ "D=a\\b\r\n;X_TOKEN=\nE=`z`\n", NULL, 0 },
	{ "A=1\nPROMPT='it is\nX_TOKEN=y\n", "a quote that is not closed", 2 },
	{ "PROMPT='it is\nX_TOKEN='y'\n", "text behind a quote", 1 },
	{ "PROMPT='it is\nX_TOKEN=y\n'\n", "a secret within quotes over lines", 1 },
	{ "A=1\n\nX_TOKEN=\"part1\"part2\n", "text behind a quote", 3 },
	{ "X_TOKEN=\"a\" # mine\n", "text behind a quote", 1 },
	{ "A='x' 'y\nX_TOKEN=z'\n", "one quoted text behind another", 1 },
	{ "A='x\\'\nX_TOKEN=z'\n", "a backslash before a quote", 1 },
	{ "A=1\nB=2\\\nX_TOKEN=y\n", "a backslash at its end", 2 },
	{ "# c \\ \nX_TOKEN=y\n", "a backslash at its end", 1 },
	{ "A=1\rX_TOKEN=y\n", "a carriage return within the line", 1 },
	{ "\xef\xbb\xbfX_TOKEN=y\n", "a byte order mark", 1 },
	{ "X_TOKEN=a\\b\n", "a backslash", 1 },
	{ "X_TOKEN=a\"b\n", "a quote within the value", 1 },
	{ "X_TOKEN=`a`\n", "a quote that not all know", 1 },
	{ "A=1\n\xc2\xa0X_TOKEN=a\nB=2", "a secret in a line that is not understood", 2 },
	{ "A=1\nset X_TOKEN=a", "a secret in a line that is not understood", 2 },
};

START_TEST(settings_doubt__finds_what_readers_differ_in)
{
	size_t line;
	const char *what = settings_doubt(span_of_text(doubts[_i].text), &line);

	ck_assert_pstr_eq(what, doubts[_i].what);
	if (what != NULL)
		ck_assert_uint_eq(line, doubts[_i].line);
}
END_TEST

static const struct {
	const char *text, *what;
	size_t line;
} unit_doubts[] = {
	{ "[Service]\n# it's \\\nEnvironment=A=1 \\\n 'B=c'\nExecStart=/x \"\\x2d\" \\\n y\n", NULL,
	  0 },
	{ "[Unit]\nEnvironment=a\\b '\n", NULL, 0 },
	{ "[Service]\nA=1\nEnvironment=X_TOKEN=a\\x2db\n", "a backslash in Environment=", 3 },
	{ "[Service]\nEnvironment='X_TOKEN=a\\055b'\n", "a backslash in Environment=", 2 },
	{ "[Service]\nEnvironment=\"X_TOKEN=a\n", "a quote that is not closed in Environment=", 2 },
	{ "[Service]\nExecStart=/x \\\\\nEnvironment=X_TOKEN=a\n", "two backslashes at its end",
	  2 },
	{ "[Service]\nExecStart=/x \\ \nEnvironment=X_TOKEN=a\n",
	  "a blank behind the backslash at its end", 2 },
	{ "[Service]\nEnvironmentFile=/a\nEnvironmentFile=\n",
	  "an EnvironmentFile= that takes back those before it", 3 },
	{ "[Service]\nEnvironmentFile=/a.d/*.env\n", "a pattern in EnvironmentFile=", 2 },
	{ "[Service]\nEnvironment=A=1\nEnvironment=\n", NULL, 0 },
	{ "[Service]\nUnsetEnvironment=X_TOKEN\n", "UnsetEnvironment=", 2 },
	{ "[Service]\nUnsetEnvironment=" UNIT_LOADER_VARIABLES "\n", NULL, 0 },
	{ "[Unit]\r\nDescription=\tx\r\n", NULL, 0 },
	{ "[Unit]\nDescription=x\rAfter=y\r\n", "a control character", 2 },
	{ "# \x0b\n", "a control character", 1 },
};

START_TEST(unit_doubt__finds_what_is_not_taken_as_systemd_does)
{
	struct error err = ERROR_INIT;
	const char *what;
	size_t line;

	ck_assert_int_eq(unit_doubt(span_of_text(unit_doubts[_i].text), &what, &line, &err), 0);
	ck_assert_pstr_eq(what, unit_doubts[_i].what);
	if (what != NULL)
		ck_assert_uint_eq(line, unit_doubts[_i].line);
}
END_TEST

static const char unit[] = "[Unit]\n"
			   "After=x\n"
			   "; comment\n"
			   "[Service]\n"
			   "Environment = A=1 \"B=two words\" \\\n"
			   "# between\n"
			   "  'C=x\"y' D=\\x\n"
			   "ExecStart=/bin/a \\\n";

/* "section/key=value@line;" for each; 0 where all could be read. */
static int list_unit(struct span text, char *out, size_t size, struct error *err)
{
	AUTO(unit_line) line = UNIT_LINE_INIT;
	struct unit_text reader = { .rest = text };
	size_t len = 0;
	bool more = true;

	*out = '\0';
	while (more && len < size) {
		if (unit_take(&reader, &line, &more, err) < 0)
			return -1;
		if (more)
			len += (size_t)snprintf(out + len, size - len, "%.*s/%.*s=%.*s@%zu;",
						SPAN_PRINT(line.section), SPAN_PRINT(line.key),
						SPAN_PRINT(secret_span(&line.value)), line.line);
	}
	return 0;
}

START_TEST(unit_take__joins_lines)
{
	struct error err = ERROR_INIT;
	char out[512];

	ck_assert_int_eq(list_unit(SPAN_LITERAL(unit), out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, "Unit/After=x@2;Service/Environment=A=1 \"B=two words\"  'C=x\"y' "
			      "D=\\x@5;Service/ExecStart=/bin/a@8;");
}
END_TEST

START_TEST(unit_take__ends_lines_as_systemd_does)
{
	static const char text_[] = "[Service]\rA=1\r\nB=2\0C=3 \\\r\nD\nE=\n";
	struct error err = ERROR_INIT;
	char out[512];

	ck_assert_int_eq(list_unit(SPAN_LITERAL(text_), out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, "Service/A=1@1;Service/B=2@2;Service/C=3  D@2;Service/E=@4;");
}
END_TEST

START_TEST(unit_take__limits_a_setting)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	char out[64];

	ck_assert_int_eq(secret_append_text(&text, "[Service]\nA=", &err), 0);
	ck_assert_int_eq(secret_grow(&text, SETTINGS_WORD_MAX + 1, &err), 0);
	memset(text.data + text.len, 'x', SETTINGS_WORD_MAX + 1);
	text.len += SETTINGS_WORD_MAX + 1;
	ck_assert_int_eq(list_unit(secret_span(&text), out, sizeof(out), &err), -1);
	ck_assert_int_eq(err.kind, ERROR_LIMIT);
	err = ERROR_INIT;
	secret_truncate(&text, text.len - 1);
	ck_assert_int_eq(list_unit(secret_span(&text), out, sizeof(out), &err), 0);
}
END_TEST

static int split(struct span value, char *out, size_t size, struct error *err)
{
	AUTO(secret) word = SECRET_INIT;
	size_t len = 0;
	bool more;

	*out = '\0';
	for (;;) {
		if (unit_take_word(&value, &word, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		len += (size_t)snprintf(out + len, size - len, "<%.*s>",
					SPAN_PRINT(secret_span(&word)));
	}
}

START_TEST(unit_take_word__splits_as_systemd)
{
	struct error err = ERROR_INIT;
	char out[256];

	ck_assert_int_eq(split(SPAN_LITERAL("  A=1 \"B=two words\"  'C=x\"y' D=a\\ b \"\" \\"), out,
			       sizeof(out), &err),
			 0);
	ck_assert_str_eq(out, "<A=1><B=two words><C=x\"y><D=a b><><>");
}
END_TEST

static const char *const escapes[][2] = {
	{ "OPENAI\\x5fAPI_KEY=a", "<OPENAI_API_KEY=a>" },
	{ "'\\x2D\\055\\u00e4\\U0001F511'", "<--\xc3\xa4\xf0\x9f\x94\x91>" },
	{ "\"\\s\\t\\n\\\\\\\"\\'\"", "< \t\n\\\"'>" },
	{ "\\xg0\\u12\\8\\400\\000\\x", "<xg0u128400000x>" },
	{ "\\U00110000\\x0", "<U00110000x0>" },
	{ "\\u20ac\\", "<\xe2\x82\xac>" },
};

START_TEST(unit_take_word__undoes_escapes)
{
	struct error err = ERROR_INIT;
	char out[256];

	ck_assert_int_eq(split(span_of_text(escapes[_i][0]), out, sizeof(out), &err), 0);
	ck_assert_str_eq(out, escapes[_i][1]);
}
END_TEST

static const struct {
	const char *line;
	bool tells;
} telling[] = {
	{ "", false },
	{ "#", false },
	{ "# the old one, which is out of use", false },
	{ "# OPENAI_API_KEY=x", true },
	{ "#OPENAI_API_KEY='x y'", true },
	{ "## export OPENAI_API_KEY=x", true },
	{ "; Environment=A=b \"A_TOKEN=x\"", true },
	{ "# oc --token x", true },
	{ "# oc --token=x", true },
	{ "# sk-plain-0123456789abcdef", true },
	{ "# URL=https://u:pw@h/", true },
	{ "# OPENAI_API_KEY=", false },
	{ "# OPENAI_API_KEY=sk-...", false },
	{ "# OPENAI_API_KEY=<yours>", false },
	{ "# OPENAI_API_KEY=your-key-here", false },
	{ "# OPENAI_API_KEY=${OTHER}", false },
	{ "# LANG=C", false },
	{ "OPENAI_API_KEY=x", true },
};

static int ask(const char *line, bool *ret_tells)
{
	struct error err = ERROR_INIT;

	return line_tells_secret(span_of_text(line), ret_tells, &err);
}

START_TEST(line_tells_secret__knows_old_lines)
{
	bool tells = false;

	ck_assert_int_eq(ask(telling[_i].line, &tells), 0);
	ck_assert(tells == telling[_i].tells);
	SWEEP(ask(telling[_i].line, &tells));
}
END_TEST

START_TEST(settings__survive_flipped_bits)
{
	static const char lines[] = "A=\"x\ny\"\nexport B='z' # c\nC: d\n";
	struct error err = ERROR_INIT;
	char text[sizeof(unit)], out[4096];
	const char *what;
	size_t line;

	for (size_t i = 0; i < (sizeof(lines) - 1) * 8; i += stride(1)) {
		memcpy(text, lines, sizeof(lines) - 1);
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
		list(span_of(text, sizeof(lines) - 1), out, sizeof(out));
		(void)settings_doubt(span_of(text, sizeof(lines) - 1), &line);
	}
	for (size_t i = 0; i < (sizeof(unit) - 1) * 8; i += stride(1)) {
		memcpy(text, unit, sizeof(unit) - 1);
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
		ck_assert_int_eq(list_unit(span_of(text, sizeof(unit) - 1), out, sizeof(out), &err),
				 0);
		ck_assert_int_eq(unit_doubt(span_of(text, sizeof(unit) - 1), &what, &line, &err),
				 0);
	}
}
END_TEST

static int read_all(void)
{
	struct error err = ERROR_INIT;
	char out[512];
	const char *what;
	size_t line;

	if (list_unit(SPAN_LITERAL(unit), out, sizeof(out), &err) < 0)
		return -1;
	if (unit_doubt(SPAN_LITERAL(unit), &what, &line, &err) < 0)
		return -1;
	return split(SPAN_LITERAL("a \"b c\""), out, sizeof(out), &err);
}

START_TEST(settings__sweep)
{
	SWEEP(read_all());
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("openclaw/settings");
	TCase *tc = tcase_create("settings");

	start_crypto();
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, settings_take__reads_lines, 0,
			    (int)(sizeof(texts) / sizeof(*texts)));
	tcase_add_test(tc, settings_take_environ__reads_entries);
	tcase_add_loop_test(tc, settings_doubt__finds_what_readers_differ_in, 0,
			    (int)(sizeof(doubts) / sizeof(*doubts)));
	tcase_add_loop_test(tc, unit_doubt__finds_what_is_not_taken_as_systemd_does, 0,
			    (int)(sizeof(unit_doubts) / sizeof(*unit_doubts)));
	tcase_add_test(tc, unit_take__joins_lines);
	tcase_add_test(tc, unit_take__ends_lines_as_systemd_does);
	tcase_add_test(tc, unit_take__limits_a_setting);
	tcase_add_test(tc, unit_take_word__splits_as_systemd);
	tcase_add_loop_test(tc, unit_take_word__undoes_escapes, 0,
			    sizeof(escapes) / sizeof(*escapes));
	tcase_add_loop_test(tc, line_tells_secret__knows_old_lines, 0,
			    sizeof(telling) / sizeof(*telling));
	tcase_add_test(tc, settings__survive_flipped_bits);
	tcase_add_test(tc, settings__sweep);
	suite_add_tcase(s, tc);
	return s;
}
