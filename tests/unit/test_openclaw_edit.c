/* SPDX-License-Identifier: MIT */
/* openclaw/edit: the files of an OpenClaw without its secrets, and all else as it was. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "activate/values.h"
#include "openclaw/edit.h"
#include "openclaw_made.h"
#include "sweep.h"
#include "vectors.h"

static const struct check_facts facts = { .home = FILES_HOME, .uid = FILES_UID };
static struct seal_place places[] = { { .kind = CHECK_IN_FILE,
					.value = { (const uint8_t *)"plain-value-1", 13 } } };
static const struct seal_plan of_value = { .places = places, .len = 1 };

static const char *const settings[][2] = {
	{ "", "" },
	{ "A=b\n", "A=b\n" },
	{ "# mine\nX_API_KEY=one\n\nLANG=C\n", "# mine\n\nLANG=C\n" },
	{ "export X_TOKEN='a'\nB=c", "B=c" },
	{ "B=c\nX_TOKEN=a", "B=c\n" },
	{ "X_TOKEN=\"over\ntwo lines\"\nB=c\n", "B=c\n" },
	{ "X_TOKEN=${OTHER}\n", "X_TOKEN=${OTHER}\n" },
	{ "X_TOKEN=\n", "X_TOKEN=\n" },
	{ "#OLD=plain-value-1\nB='plain-value-1'\nC=d\n", "B='plain-value-1'\nC=d\n" },
	{ "# OLD_TOKEN=another\n; A_KEY=x\n# A_KEY=your-key\nC=d\n#A_TOKEN=y",
	  "# A_KEY=your-key\nC=d\n" },
	{ "P='a\n# plain-value-1\n'\n", "P='a\n# plain-value-1\n'\n" },
	{ "no assignment\n\xff\n", "no assignment\n\xff\n" },
	{ "A=b\r\nX_TOKEN=a\r\nC=d\r\n", "A=b\r\nC=d\r\n" },
};

static void expect_text(const struct secret *text, const char *wanted)
{
	ck_assert_msg(span_equal_text(secret_span(text), wanted), "%.*s",
		      SPAN_PRINT(secret_span(text)));
}

START_TEST(edit_settings__takes_out_secrets_alone)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(edit_settings(span_of_text(settings[_i][0]), &of_value, &text, &err), 0);
	expect_text(&text, settings[_i][1]);
}
END_TEST

/* A text, and what its plan says of the comments that go. */
static const char *const comments[][2] = {
	{ "", "" },
	{ "A=b\n# mine\n", "" },
	{ "#OLD=plain-value-1\nA=b\n\nB='c\nd'\n# mine\n#X_TOKEN=y\nX_TOKEN=z\n; Y_KEY=x",
	  "/f, line 1: a comment with a secret in it\n/f, line 7: a comment with a secret in it\n"
	  "/f, line 9: a comment with a secret in it\n" },
};

static int name_comments(const char *text, char *out, size_t size)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	if (edit_comments("/f", span_of_text(text), &of_value, &answer, &err) < 0)
		return -1;
	(void)snprintf(out, size, "%.*s", SPAN_PRINT(secret_span(&answer)));
	return 0;
}

START_TEST(edit_comments__names_what_goes)
{
	char out[256] = "";

	ck_assert_int_eq(name_comments(comments[_i][0], out, sizeof(out)), 0);
	ck_assert_str_eq(out, comments[_i][1]);
	SWEEP(name_comments(comments[_i][0], out, sizeof(out)));
}
END_TEST

static const char *const units[][2] = {
	{ "[Service]\nExecStart=/x\n", "[Service]\nExecStart=/x\n" },
	{ "# a\n[Service]\n# b\nEnvironment=X_TOKEN=abc\nUser=u\n",
	  "# a\n[Service]\n# b\nUser=u\n" },
	{ "[Service]\nEnvironment=\"HOME=/a b\" X_TOKEN=abc 'Y_API_KEY=x y' LANG=C\n",
	  "[Service]\nEnvironment=\"HOME=/a b\" LANG=C\n" },
	{ "[Service]\nEnvironment=A=b \\\n  X_TOKEN=abc \\\n  C=d\nUser=u\n",
	  "[Service]\nEnvironment=A=b C=d\nUser=u\n" },
	{ "[Service]\nEnvironment=A=b \\\n  C=d\n", "[Service]\nEnvironment=A=b \\\n  C=d\n" },
	{ "[Unit]\nEnvironment=X_TOKEN=abc\n", "[Unit]\nEnvironment=X_TOKEN=abc\n" },
	{ "[Service]\nEnvironment=X_TOKEN=\n", "[Service]\nEnvironment=X_TOKEN=\n" },
	{ "[Service]\nEnvironment=X_TOKEN=abc", "[Service]\n" },
};

START_TEST(edit_unit__takes_out_words_alone)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(edit_unit(span_of_text(units[_i][0]), &text, &err), 0);
	expect_text(&text, units[_i][1]);
}
END_TEST

START_TEST(edit_system_unit__takes_over_what_is_harmless)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	static const char user_unit[] =
		"[Unit]\nDescription=Gateway\nAfter=a.service\nWants=debug-shell.service\n"
		"OnFailure=evil.service\n[Service]\nExecStart=/usr/bin/node %h/x.js "
		"100%%\nExecStartPre=+/bin/sh -c evil\n"
		"User=root\nRestart=always\nEnvironment=HOME=%h X_TOKEN=abc\n"
		"EnvironmentFile=/etc/"
		"shadow\n[Install]\nWantedBy=default.target\nAlso=evil.service\n";
	static const char wanted[] =
		"# A user unit of before: bootseal openclaw setup\n"
		"[Unit]\nDescription=Gateway\n"
		"After=network-online.target\nWants=network-online.target\n[Service]\nExecStart=/"
		"usr/bin/node /home/oc/x.js 100%%\nRestart=always\n"
		"Environment=HOME=/home/oc\n[Install]\nWantedBy=multi-user.target\n";

	ck_assert_msg(edit_system_unit(SPAN_LITERAL(user_unit), "/home/oc", &text, &err) == 0, "%s",
		      err.message);
	expect_text(&text, wanted);
}
END_TEST

/* The path of a program is no argument. */
START_TEST(edit_system_unit__spells_a_program)
{
	static const char unit[] = "[Service]\nExecStart=%h/run %h\n";
	static const char *const bad[] = { "/it's", "/a\"b", "/a\\b" };
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(edit_system_unit(SPAN_LITERAL(unit), "/5% $x", &text, &err), 0);
	ck_assert_ptr_nonnull(
		memmem(text.data, text.len, "\nExecStart=/5%%\\x20$x/run /5%%\\x20$$x\n", 38));
	for (size_t i = 0; i < 3; i++) {
		AUTO(secret) none = SECRET_INIT;

		ck_assert_int_eq(edit_system_unit(SPAN_LITERAL(unit), bad[i], &none, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
		error_clear(&err);
	}
}
END_TEST

/* As systemd reads it in each kind of setting. */
START_TEST(edit_system_unit__spells_any_home)
{
	static const char unit[] =
		"[Unit]\nDescription=of %h\n[Service]\nExecStart=/bin/run %h/x '%h/a b' 5%%\n"
		"Environment=\"HOME=%h\"\nEnvironment=\nWorkingDirectory=%h\n";
	static const char wanted[] =
		"# A user unit of before: bootseal openclaw setup\n[Unit]\n"
		"Description=of /h/it's 5%% \"a\\b\" $x;\n"
		"After=network-online.target\nWants=network-online.target\n[Service]\n"
		"ExecStart=/bin/run "
		"/h/it\\x27s\\x205%%\\x20\\x22a\\x5cb\\x22\\x20$$x\\x3b/x "
		"'/h/it\\x27s\\x205%%\\x20\\x22a\\x5cb\\x22\\x20$$x\\x3b/a b' 5%%\n"
		"Environment=\"HOME=/h/it\\x27s\\x205%%\\x20\\x22a\\x5cb\\x22\\x20$x\\x3b\"\n"
		"Environment=\n"
		"WorkingDirectory=/h/it's 5%% \"a\\b\" $x;\n"
		"[Install]\nWantedBy=multi-user.target\n";
	static const char *const ends[] = { "/h/a ", "/h/a\\" };
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(edit_system_unit(SPAN_LITERAL(unit), "/h/it's 5% \"a\\b\" $x;", &text,
				       &err) == 0,
		      "%s", err.message);
	ck_assert_msg(span_equal_text(secret_span(&text), wanted), "%.*s",
		      SPAN_PRINT(secret_span(&text)));
	for (size_t i = 0; i < 2; i++) {
		AUTO(secret) none = SECRET_INIT;

		ck_assert_int_eq(edit_system_unit(SPAN_LITERAL(unit), ends[i], &none, &err), -1);
		ck_assert_int_eq(err.kind, ERROR_UNSUPPORTED);
		error_clear(&err);
	}
}
END_TEST

static int sweep_unit(void)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	return edit_system_unit(SPAN_LITERAL("[Service]\nExecStart=%h/x\nWorkingDirectory=%h\n"),
				"/h/a b", &text, &err);
}

START_TEST(edit_system_unit__sweep)
{
	SWEEP(sweep_unit());
}
END_TEST

START_TEST(edit_system_unit__refuses_what_would_mean_more)
{
	static const char *const bad[] = {
		"[Service]\nExecStart=+/bin/sh\n",
		"[Service]\nExecStart=-/bin/sh\n",
		"[Service]\nExecStart=!/bin/sh\n",
		"[Service]\nExecStart=:/bin/sh\n",
		"[Service]\nExecStart=@/bin/sh x\n",
		"[Service]\nExecStart=/x %t/y\n",
		"[Service]\nExecStart=%h\n",
		"[Service]\nExecStart=/a%h/b\n",
		"[Service]\nEnvironment=A=%\n",
		"[Service]\nRestart=a\x01\n",
		"[Service]\nType=oneshot\nExecStart=/bin/true ; +/bin/sh\n",
		"[Service]\nExecStart=/bin/true\t;\t+/bin/sh\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;

		ck_assert_msg(edit_system_unit(span_of_text(bad[i]), "/h", &text, &err) == -1, "%s",
			      bad[i]);
		ck_assert_int_eq(err.kind, ERROR_CONFIG);
	}
}
END_TEST

/* systemd ends a line there. */
START_TEST(edit_system_unit__takes_no_line_within_a_line)
{
	static const char *const ends[] = { "\r", "\0", "\r\n", "\n\r" };

	for (size_t i = 0; i < 4; i++) {
		AUTO(secret) unit = SECRET_INIT;
		AUTO(secret) text = SECRET_INIT;
		struct error err = ERROR_INIT;
		const size_t len = i == 1 ? 1 : strlen(ends[i]);

		ck_assert_int_eq(secret_append_text(&unit, "[Unit]\nDescription=x", &err), 0);
		ck_assert_int_eq(secret_append(&unit, ends[i], len, &err), 0);
		ck_assert_int_eq(secret_append_text(&unit, "[Service]\nExecStartPre=+/bin/sh\n",
						    &err),
				 0);
		ck_assert_int_eq(edit_system_unit(secret_span(&unit), "/h", &text, &err), 0);
		ck_assert_ptr_null(memmem(text.data, text.len, "/bin/sh", 7));
	}
}
END_TEST

/* --- The configuration --- */

/* The answer for a configuration, what it includes as inc.json, and .env. */
static int edit(const char *config, const char *included, const char *variables,
		struct secret *answer, struct error *err)
{
	AUTO(made) made = MADE_INIT;
	struct openclaw_edit what = { &made.inventory, &made.plan, FILES_CONFIG, config == NULL };

	if ((config ? files_put(&made.inventory, FILES_CONFIG, span_of_text(config), 0600, err)
		    : files_put_absent(&made.inventory, FILES_CONFIG, err)) < 0 ||
	    files_put(&made.inventory, FILES_STATE "/inc.json", span_of_text(included), 0600, err) <
		    0 ||
	    files_put_directory(&made.inventory, FILES_STATE, SPAN_LITERAL(".env\0"), err) < 0 ||
	    files_put(&made.inventory, FILES_STATE "/.env", span_of_text(variables), 0600, err) <
		    0 ||
	    check_examine(&made.inventory, &facts, &made.records, err) < 0 ||
	    seal_plan_make(secret_span(&made.records), config == NULL, &made.plan, err) < 0)
		return -1;
	return openclaw_edit(&what, answer, err);
}

#define REF(key) "{ \"source\": \"file\", \"provider\": \"bootseal\", \"id\": \"/" key "\" }"
#define PROVIDERS                                                                                  \
	"{ \"bootseal\": { \"source\": \"file\", \"path\": "                                       \
	"\"/run/secrets.ready/openclaw/secrets.json\" } }"

static const struct {
	const char *config, *included, *variables;
	const char *path, *wanted; /* of the answer */
} cases[] = {
	{ "{gateway: {auth: {token: 'plain-token-1'}}, // x\n}", "{}", "", FILES_CONFIG,
	  "{gateway: {auth: {token: " REF("OPENCLAW_GATEWAY_TOKEN") "}}, secrets: { "
								    "\"providers\": " PROVIDERS
								    " }, // x\n}" },
	{ "{}", "{}", "OPENAI_API_KEY=plain-key-1\nOPENCLAW_GATEWAY_TOKEN=t-1234567\n",
	  FILES_CONFIG, NULL },
	{ "{}", "{}", "OPENAI_API_KEY=plain-key-1\nL=1\n", FILES_STATE "/.env", "L=1\n" },
	{ "{$include: 'inc.json', a: 1}", "{gateway: {auth: {token: 'plain-token-1'}}}", "",
	  FILES_STATE "/inc.json",
	  "{gateway: {auth: {token: " REF("OPENCLAW_GATEWAY_TOKEN") "}}}" },
	{ "{gateway: {auth: {token: '${OPENCLAW_GATEWAY_TOKEN}'}}, secrets: {providers: {}}}", "{}",
	  "OPENCLAW_GATEWAY_TOKEN=plain-token-1\n", FILES_CONFIG,
	  "{gateway: {auth: {token: " REF(
		  "OPENCLAW_GATEWAY_TOKEN") "}}, secrets: {providers: "
					    "{\"bootseal\": { \"source\": \"file\", \"path\": "
					    "\"/run/secrets.ready/openclaw/secrets.json\" }}}}" },
	/* an account goes with all that is in it */
	{ "{channels: {googlechat: {serviceAccount: {a: 'b', private_key: 'plain-key-1'}}},"
	  " secrets: {providers: {}}}",
	  "{}", "", FILES_CONFIG,
	  "{channels: {googlechat: {serviceAccount: " REF(
		  "GOOGLECHAT_SERVICE_ACCOUNT") "}}, secrets: {providers: "
						"{\"bootseal\": { \"source\": \"file\", \"path\": "
						"\"/run/secrets.ready/openclaw/secrets.json\" }}},"
						" gateway: { \"auth\": { \"token\": " REF(
							"OPENCLAW_GATEWAY_TOKEN") " } }}" },
	{ NULL, "{}", "", FILES_CONFIG,
	  "{ \"gateway\": { \"mode\": \"local\", \"auth\": { \"token\": " REF(
		  "OPENCLAW_GATEWAY_TOKEN") " } }, \"secrets\": { \"providers\": " PROVIDERS
					    " } }\n" },
};

/* What the answer has of that kind and name; wanted may be NULL. */
static void expect_value(const struct secret *answer, enum edit_answer kind, const char *name,
			 const char *wanted)
{
	struct span rest = secret_span(answer);
	struct value value;
	bool found = false;

	while (values_take(&rest, &value)) {
		if (value.entry != kind || !span_equal_text(value.name, name))
			continue;
		found = true;
		ck_assert_msg(wanted == NULL || span_equal_text(value.bytes, wanted), "%.*s",
			      SPAN_PRINT(value.bytes));
	}
	ck_assert(found);
}

START_TEST(openclaw_edit__puts_references)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(edit(cases[_i].config, cases[_i].included, cases[_i].variables, &answer,
			   &err) == 0,
		      "%s", err.message);
	ck_assert(!memmem(answer.data, answer.len, "plain-", 6));
	expect_value(&answer, EDIT_FILE, cases[_i].path, cases[_i].wanted);
}
END_TEST

static const struct {
	const char *config, *why;
} bad[] = {
	{ "{gateway: {auth: {token: 'plain-token-1'}}, x: 'plain-token-1'}",
	  "holds a secret in another place, too" },
	{ "// plain-token-1\n{gateway: {auth: {token: 'plain-token-1'}}}",
	  "holds a secret in another place, too" },
	{ "{gateway: {auth: {token: 'plain-token-1'}}, secrets: {providers: {bootseal: {}}}}",
	  "secrets.providers.bootseal is there already" },
	{ "{gateway: {auth: {token: 'plain-token-1'}}, secrets: 1}",
	  "secrets.providers.bootseal is there already" },
};

START_TEST(openclaw_edit__refuses_what_would_leave_one)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(edit(bad[_i].config, "{}", "", &answer, &err), -1);
	ck_assert_int_eq(err.kind, ERROR_CONFIG);
	ck_assert_msg(strstr(err.message, bad[_i].why) != NULL, "%s", err.message);
}
END_TEST

/* How the gateway knows its clients afterwards. */
static const struct {
	const char *config, *variables, *mode;
} modes[] = {
	{ "{gateway: {auth: {token: 'plain-token-1'}}}", "", "token" },
	{ "{gateway: {auth: {mode: 'password', password: 'plain-pass-1'}}}", "", "password" },
	{ "{gateway: {auth: {password: 'plain-pass-1'}}}", "OPENCLAW_GATEWAY_TOKEN=plain-token-1\n",
	  "password" },
	{ "{gateway: {mode: 'local'}}", "OPENCLAW_GATEWAY_PASSWORD=plain-pass-1\n", "password" },
	{ "{gateway: {auth: {mode: 'token', password: 'plain-pass-1', token: 'plain-token-1'}}}",
	  "", "token" },
	{ "{gateway: {auth: {mode: 'trusted-proxy'}}}", "OPENAI_API_KEY=plain-key-1\n",
	  "trusted-proxy" },
	{ "{gateway: {auth: {mode: 'password'}}}", "OPENCLAW_GATEWAY_PASSWORD=plain-pass-1\n",
	  "password" },
};

START_TEST(openclaw_edit__says_the_mode)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(edit(modes[_i].config, "{}", modes[_i].variables, &answer, &err) == 0, "%s",
		      err.message);
	expect_value(&answer, EDIT_MODE, "", modes[_i].mode);
}
END_TEST

static int edit_one(void)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;

	return edit("{gateway: {auth: {token: 'plain-token-1'}}}", "{}",
		    "OPENAI_API_KEY=plain-key-1\nODD_TOKEN=plain-odd-1\nA=b\n", &answer, &err);
}

static int system_one(void)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	return edit_system_unit(SPAN_LITERAL("[Service]\nEnvironment=X_TOKEN=a B=c\n"), "/h", &text,
				&err);
}

START_TEST(openclaw_edit__sweep)
{
	SWEEP(edit_one());
	SWEEP(system_one());
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

#define COUNT(list) ((int)(sizeof(list) / sizeof(*(list))))

Suite *suite(void)
{
	Suite *s = suite_create("openclaw/edit");
	TCase *tc = tcase_create("edit");

	start_crypto();
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_loop_test(tc, edit_settings__takes_out_secrets_alone, 0, COUNT(settings));
	tcase_add_loop_test(tc, edit_comments__names_what_goes, 0, COUNT(comments));
	tcase_add_loop_test(tc, edit_unit__takes_out_words_alone, 0, COUNT(units));
	tcase_add_test(tc, edit_system_unit__takes_over_what_is_harmless);
	tcase_add_test(tc, edit_system_unit__spells_any_home);
	tcase_add_test(tc, edit_system_unit__spells_a_program);
	tcase_add_test(tc, edit_system_unit__sweep);
	tcase_add_test(tc, edit_system_unit__refuses_what_would_mean_more);
	tcase_add_test(tc, edit_system_unit__takes_no_line_within_a_line);
	tcase_add_loop_test(tc, openclaw_edit__puts_references, 0, COUNT(cases));
	tcase_add_loop_test(tc, openclaw_edit__refuses_what_would_leave_one, 0, COUNT(bad));
	tcase_add_loop_test(tc, openclaw_edit__says_the_mode, 0, COUNT(modes));
	tcase_add_test(tc, openclaw_edit__sweep);
	suite_add_tcase(s, tc);
	return s;
}
