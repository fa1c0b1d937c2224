/* SPDX-License-Identifier: MIT */
/* openclaw/plan: what is to be done with the secrets of an installation, in words that hold none of them. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "activate/manifest.h"
#include "openclaw/known.h"
#include "openclaw/plan.h"
#include "openclaw/settings.h"
#include "openclaw_made.h"
#include "sweep.h"
#include "vectors.h"

static const struct check_facts facts = { .home = FILES_HOME, .uid = FILES_UID };
static const struct seal_facts whose = { .user = "oc",
					 .unit = "gw.service",
					 .config = FILES_CONFIG,
					 .manifest = "/etc/bootseal/host.yaml",
					 .sealed = "openclaw.yaml",
					 .port = 18789 };

static int put_all(struct inventory *inventory, struct error *err)
{
	static const char config[] =
		"{gateway: {auth: {token: 'plain-token-1'}},\n"
		"channels: {telegram: {accounts: {a: {botToken: 'plain-bot-1'}}}},\n"
		"hooks: {token: 'plain-hook-1'}}";

	if (files_put(inventory, FILES_CONFIG, SPAN_LITERAL(config), 0600, err) < 0 ||
	    files_put(inventory, FILES_CONFIG ".bak", SPAN_LITERAL(config), 0600, err) < 0 ||
	    files_put_directory(inventory, FILES_STATE, SPAN_LITERAL(".env\0openclaw.json.bak\0"),
				err) < 0)
		return -1;
	return files_put(inventory, FILES_STATE "/.env",
			 SPAN_LITERAL("OPENCLAW_GATEWAY_TOKEN=plain-token-2\n"
				      "OPENAI_API_KEY='plain-openai'\nODD_TOKEN=plain-odd\n"),
			 0600, err);
}

static int make(struct made *made, struct error *err)
{
	if (put_all(&made->inventory, err) < 0 ||
	    check_examine(&made->inventory, &facts, &made->records, err) < 0)
		return -1;
	return seal_plan_make(secret_span(&made->records), false, &made->plan, err);
}

static const char want[] =
	"1. Sealed in openclaw.yaml:\n"
	"\tOPENCLAW_GATEWAY_TOKEN: " FILES_CONFIG ", line 1: gateway.auth.token\n"
	"\tTELEGRAM_ACCOUNTS_A_BOT_TOKEN: " FILES_CONFIG
	", line 2: channels.telegram.accounts.a.botToken\n"
	"\tOPENAI_API_KEY: " FILES_STATE "/.env, line 2: OPENAI_API_KEY\n"
	"\tODD_TOKEN: " FILES_STATE "/.env, line 3: ODD_TOKEN\n"
	"\n2. In /etc/bootseal/host.yaml:\n"
	"\tdocuments:\n\t  openclaw/secrets.json:\n\t    file: openclaw.yaml\n"
	"\t    keys: [OPENCLAW_GATEWAY_TOKEN, TELEGRAM_ACCOUNTS_A_BOT_TOKEN, OPENAI_API_KEY]\n"
	"\t    owner: oc\n\t    lifetime: until-ready\n\t    unit: gw.service\n"
	"\t# OpenClaw has no field for these: every command of the agent sees them\n"
	"\tenvironments:\n\t  openclaw.env:\n\t    file: openclaw.yaml\n\t    keys: [ODD_TOKEN]\n"
	"\t    owner: root\n\t    lifetime: until-ready\n\t    unit: gw.service\n"
	"\n3. In /etc/systemd/system/gw.service.d/50-bootseal.conf:\n"
	"\t[Unit]\n\tWants=bootseal.service\n\tAfter=bootseal.service\n"
	"\t[Service]\n\tUser=oc\n\tTimeoutStartSec=120\n"
	"\tEnvironmentFile=-/run/secrets.ready/openclaw.env\n"
	"\tUnsetEnvironment=" UNIT_LOADER_VARIABLES "\n"
	"\tExecStartPre=+/usr/bin/bootseal activate --for %n\n"
	"\tExecStartPost=+/usr/bin/bootseal release --for %n --when "
	"http://127.0.0.1:18789/healthz\n"
	"\tExecStopPost=+/usr/bin/bootseal release --for %n\n"
	"\n4. In " FILES_CONFIG ":\n"
	"\tsecrets.providers.bootseal: { source: \"file\", path: "
	"\"/run/secrets.ready/openclaw/secrets.json\" }\n"
	"\tgateway.auth.token: { source: \"file\", provider: \"bootseal\", id: "
	"\"/OPENCLAW_GATEWAY_TOKEN\" }\n"
	"\tchannels.telegram.accounts.a.botToken: { source: \"file\", provider: \"bootseal\", id: "
	"\"/TELEGRAM_ACCOUNTS_A_BOT_TOKEN\" }\n"
	"\tmodels.providers.openai.apiKey: { source: \"file\", provider: \"bootseal\", id: "
	"\"/OPENAI_API_KEY\" }\n"
	"\n5. Proven: by \"openclaw secrets audit\", and by the gateway, which takes the sealed "
	"token "
	"and\n\trefuses another. If not, all is put back as it was.\n"
	"\n6. Only then removed, overwritten first; issue new ones: who could read these may have "
	"kept them:\n"
	"\t" FILES_CONFIG ", line 1: gateway.auth.token\n"
	"\t" FILES_CONFIG ", line 2: channels.telegram.accounts.a.botToken\n"
	"\t" FILES_STATE
	"/.env, line 1: OPENCLAW_GATEWAY_TOKEN (another value than the one in use)\n"
	"\t" FILES_STATE "/.env, line 2: OPENAI_API_KEY\n"
	"\t" FILES_STATE "/.env, line 3: ODD_TOKEN\n"
	"\t" FILES_CONFIG ".bak, whole: a copy\n"
	"\nLeft as it is, for you to look at:\n"
	"\t" FILES_CONFIG
	": hooks.token: line 3: a secret in plain text, for which OpenClaw takes no SecretRef\n";

START_TEST(seal_plan__says_what_is_to_be_done)
{
	AUTO(made) made = MADE_INIT;
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(make(&made, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(made.plan.secrets, 4);
	ck_assert_int_eq(seal_plan_text(&made.plan, &whose, &text, &err), 0);
	ck_assert_msg(span_equal_text(buf_span(&text), want), "%.*s", SPAN_PRINT(buf_span(&text)));
}
END_TEST

START_TEST(seal_plan__is_empty_without_secrets)
{
	AUTO(seal_plan) plan = SEAL_PLAN_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(seal_plan_make(SPAN_INIT, false, &plan, &err), 0);
	ck_assert_uint_eq(plan.secrets, 0);
	seal_plan_release(&plan);
	ck_assert_int_eq(seal_plan_make(SPAN_INIT, true, &plan, &err), 0);
	ck_assert_uint_eq(plan.secrets, 1);
	ck_assert(plan.makes_token && seal_plan_chosen(&plan, "OPENCLAW_GATEWAY_TOKEN") != NULL);
}
END_TEST

static const char manifest_before[] = "# mine\ndocuments:\n  a.json: {file: a.yaml, keys: all}\n";
static const char manifest_after[] =
	"# mine\ndocuments:\n  a.json: {file: a.yaml, keys: all}\n"
	"  openclaw/secrets.json:\n    file: openclaw.yaml\n    keys:\n"
	"      - OPENCLAW_GATEWAY_TOKEN\n      - TELEGRAM_ACCOUNTS_A_BOT_TOKEN\n"
	"      - OPENAI_API_KEY\n    owner: oc\n    lifetime: until-ready\n    unit: gw.service\n"
	"environments:\n  openclaw.env:\n    file: openclaw.yaml\n    keys:\n      - ODD_TOKEN\n"
	"    owner: root\n    lifetime: until-ready\n    unit: gw.service\n";

static int make_manifest(const char *before, struct secret *text, struct error *err)
{
	AUTO(made) made = MADE_INIT;
	AUTO(secret) copy = SECRET_INIT;

	if (make(&made, err) < 0 || secret_append_text(&copy, before, err) < 0)
		return -1;
	return seal_plan_manifest(&made.plan, &whose, &copy, "/etc/key", text, err);
}

START_TEST(seal_plan_manifest__adds_to_what_is_there)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) new = SECRET_INIT;
	AUTO(manifest) manifest = MANIFEST_INIT;
	struct error err = ERROR_INIT;

	ck_assert_msg(make_manifest(manifest_before, &text, &err) == 0, "%s", err.message);
	ck_assert_msg(span_equal_text(secret_span(&text), manifest_after), "%.*s",
		      SPAN_PRINT(secret_span(&text)));
	ck_assert_int_eq(make_manifest((const char *)manifest_after, &new, &err), -1);
	ck_assert_str_eq(err.message, "manifest \"/etc/bootseal/host.yaml\": "
				      "\"openclaw/secrets.json\" is in its \"documents\" already");
	error_clear(&err);
	ck_assert_int_eq(make_manifest("", &new, &err), 0);
	ck_assert_msg(manifest_parse(&new, "m", &manifest, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(manifest.len, 2);
	ck_assert_str_eq(manifest.identities.items[0], "/etc/key");
}
END_TEST

static int make_manifest_one(void)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;

	return make_manifest(manifest_before, &text, &err);
}

START_TEST(seal_plan_manifest__sweep)
{
	SWEEP(make_manifest_one());
}
END_TEST

static const char drop_in[] = "/etc/systemd/system/openclaw.service.d";

/* The unit, two drop-ins, a file that the unit names, .env and a copy of it; NULL: not there. */
static int make_places(const char *const texts[6], struct made *made, struct error *err)
{
	static const char *const paths[6] = {
		"/etc/systemd/system/openclaw.service",
		"/etc/systemd/system/openclaw.service.d/a.conf",
		"/etc/systemd/system/openclaw.service.d/z.conf",
		"/etc/oc.env",
		FILES_STATE "/.env",
		FILES_STATE "/.env.old",
	};

	if (files_put(&made->inventory, FILES_CONFIG, SPAN_LITERAL("{}"), 0600, err) < 0 ||
	    files_put_directory(&made->inventory, "/etc/systemd/system",
				SPAN_LITERAL("openclaw.service.d\0openclaw.service\0"), err) < 0 ||
	    files_put_directory(&made->inventory, drop_in, SPAN_LITERAL("z.conf\0a.conf\0"), err) <
		    0 ||
	    files_put_directory(&made->inventory, FILES_STATE, SPAN_LITERAL(".env.old\0.env\0"),
				err) < 0)
		return -1;
	for (size_t i = 0; i < 6; i++)
		if (files_put(&made->inventory, paths[i], span_of_text(texts[i] ? texts[i] : ""),
			      0600, err) < 0)
			return -1;
	if (check_examine(&made->inventory, &facts, &made->records, err) < 0)
		return -1;
	return seal_plan_make(secret_span(&made->records), false, &made->plan, err);
}

#define IN_UNIT(value) "[Service]\nEnvironment=X_API_KEY=" value "\n"
#define IN_FILE(value) "X_API_KEY=" value "\n"

static const struct {
	const char *texts[6], *value; /* NULL: it is refused; "": none */
} in_force[] = {
	{ { NULL, NULL, NULL, NULL, IN_FILE("old-one") IN_FILE("new-one") }, "new-one" },
	{ { IN_UNIT("old-one") IN_UNIT("new-one") }, "new-one" },
	{ { "[Service]\nEnvironment=X_API_KEY=a X_API_KEY=b\n" }, "b" },
	{ { IN_UNIT("one"), IN_UNIT("two"), IN_UNIT("three") }, "three" },
	{ { IN_UNIT("one"), IN_UNIT("two"), NULL, NULL, IN_FILE("four"), IN_FILE("five") }, "two" },
	{ { IN_UNIT("one") "EnvironmentFile=/etc/oc.env\n", NULL, IN_UNIT("two"),
	    IN_FILE("three") },
	  "three" },
	{ { NULL, NULL, NULL, NULL, IN_FILE("one"), IN_FILE("two") }, "one" },
	{ { NULL, NULL, NULL, NULL, NULL, IN_FILE("two") }, "two" },
	{ { IN_UNIT("one") "Environment=\n" IN_UNIT("two") }, "two" },
	{ { IN_UNIT("one") IN_UNIT("two") "Environment=\n" }, "" },
	{ { IN_UNIT("one"), "[Service]\nEnvironment= \n", IN_UNIT("three") }, "three" },
	{ { IN_UNIT("one"), "[Service]\nEnvironment= \\\n\n", IN_UNIT("three") }, "three" },
	{ { IN_UNIT("one"), IN_UNIT("two"), "[Service]\nEnvironment=\n" }, "" },
	{ { IN_UNIT("one"), IN_UNIT("two") "Environment=\n", NULL, NULL, IN_FILE("four") },
	  "four" },
	{ { IN_UNIT("one") "EnvironmentFile=/etc/oc.env\nEnvironment=\n", NULL, NULL,
	    IN_FILE("three") },
	  "three" },
	{ { "[Unit]\nEnvironment=\n" IN_UNIT("one") "[Unit]\nEnvironment=\n" }, "one" },
	{ { "[Service]\nEnvironmentFile=/etc/oc.env\nEnvironmentFile=" FILES_STATE "/.env\n", NULL,
	    NULL, IN_FILE("one"), IN_FILE("two") },
	  NULL },
};

START_TEST(seal_plan__takes_what_is_in_force)
{
	AUTO(made) made = MADE_INIT;
	struct error err = ERROR_INIT;
	const int result = make_places(in_force[_i].texts, &made, &err);
	const struct seal_place *chosen;

	if (in_force[_i].value == NULL) {
		ck_assert_int_eq(result, -1);
		ck_assert_int_eq(err.kind, ERROR_FINDINGS);
		return;
	}
	ck_assert_msg(result == 0, "%s", err.message);
	chosen = seal_plan_chosen(&made.plan, "X_API_KEY");
	if (*in_force[_i].value == '\0') {
		ck_assert_ptr_null(chosen);
		return;
	}
	ck_assert_ptr_nonnull(chosen);
	ck_assert_msg(span_equal_text(chosen->value, in_force[_i].value), "%.*s",
		      SPAN_PRINT(chosen->value));
}
END_TEST

#define T_FILE "OPENCLAW_GATEWAY_TOKEN=token-1\n"
#define P_FILE "OPENCLAW_GATEWAY_PASSWORD=pass-1\n"
#define REFERENCE "{source: 'file', provider: 'mine', id: '/X'}"

/* As the gateway of openclaw 2026.9.6 answers with each of these. */
static const struct {
	const char *auth, *env, *old; /* of the configuration; .env; a copy of it */
	const char *mode;             /* that is said then; "": none; NULL: it is refused */
	bool takes_password, makes_token;
} modes[] = {
	{ "", P_FILE, "", "password", true, false },
	{ "", T_FILE P_FILE, "", "password", true, false },
	{ "token: 'token-1'", P_FILE, "", "password", true, false },
	{ "password: 'pass-1'", T_FILE, "", "password", true, false },
	{ "password: 'pass-1'", "", "", "password", true, false },
	{ "password: '${MY_PASS}'", "MY_PASS=pass-1\n", "", "", true, false },
	{ "password: " REFERENCE, T_FILE, "", "token", false, false },
	{ "password: " REFERENCE, "", "", "", true, false },
	{ "password: " REFERENCE, P_FILE, "", "", true, false },
	{ "token: " REFERENCE, P_FILE, "", "password", true, false },
	{ "token: 'token-1'", "", P_FILE, "token", false, false },
	{ "token: 'token-1', password: 'pass-1'", "", "", NULL, false, false },
	{ "token: " REFERENCE ", password: 'pass-1'", "", "", NULL, false, false },
	{ "mode: 'token', token: 'token-1', password: 'pass-1'", "", "", "", false, false },
	{ "mode: 'token'", P_FILE, "", "", false, true },
	{ "mode: 'password'", T_FILE P_FILE, "", "", true, false },
	{ "mode: '', token: 'token-1'", P_FILE, "", "password", true, false },
	{ "", T_FILE, "", "", false, false },
	{ "", "", "", "", false, true },
	{ "mode: 'none'", T_FILE, "", NULL, false, false },
};

static int make_auth(size_t index, struct made *made, struct error *err)
{
	AUTO(buf) config = BUF_INIT;

	if (buf_printf(&config, err, "{gateway: {auth: {%s}}}", modes[index].auth) < 0 ||
	    files_put(&made->inventory, FILES_CONFIG, buf_span(&config), 0600, err) < 0 ||
	    files_put_directory(&made->inventory, FILES_STATE, SPAN_LITERAL(".env\0.env.old\0"),
				err) < 0 ||
	    files_put(&made->inventory, FILES_STATE "/.env", span_of_text(modes[index].env), 0600,
		      err) < 0 ||
	    files_put(&made->inventory, FILES_STATE "/.env.old", span_of_text(modes[index].old),
		      0600, err) < 0 ||
	    check_examine(&made->inventory, &facts, &made->records, err) < 0)
		return -1;
	return seal_plan_make(secret_span(&made->records), false, &made->plan, err);
}

START_TEST(seal_plan__keeps_how_clients_are_known)
{
	AUTO(made) made = MADE_INIT;
	struct error err = ERROR_INIT;
	const int result = make_auth((size_t)_i, &made, &err);

	if (modes[_i].mode == NULL) {
		ck_assert_int_eq(result, -1);
		ck_assert_int_eq(err.kind, ERROR_CONFIG);
		ck_assert_ptr_nonnull(strstr(err.message, "gateway.auth.mode"));
		return;
	}
	ck_assert_msg(result == 0, "%s", err.message);
	ck_assert_str_eq(made.plan.mode ? made.plan.mode : "", modes[_i].mode);
	ck_assert_int_eq(made.plan.takes_password, modes[_i].takes_password);
	ck_assert_int_eq(made.plan.makes_token, modes[_i].makes_token);
}
END_TEST

/* What two readers would take differently is no value to seal. */
START_TEST(seal_plan__refuses_what_is_not_plain)
{
	static const char *const lines[] = { "A_API_KEY=\"two words\"\n", "A_API_KEY=x#y\n",
					     "A_API_KEY=a\\b\n",          "A_API_KEY='it\"s'\n",
					     "A_API_KEY=a$b\n",           "A_API_KEY=\xc3\xa4\n" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		AUTO(made) made = MADE_INIT;
		struct error err = ERROR_INIT;

		ck_assert_int_eq(files_put(&made.inventory, FILES_CONFIG, SPAN_LITERAL("{}"), 0600,
					   &err),
				 0);
		ck_assert_int_eq(files_put_directory(&made.inventory, FILES_STATE,
						     SPAN_LITERAL(".env\0"), &err),
				 0);
		ck_assert_int_eq(files_put(&made.inventory, FILES_STATE "/.env",
					   span_of_text(lines[i]), 0600, &err),
				 0);
		ck_assert_int_eq(check_examine(&made.inventory, &facts, &made.records, &err), 0);
		ck_assert_int_eq(seal_plan_make(secret_span(&made.records), false, &made.plan,
						&err),
				 -1);
		ck_assert_int_eq(err.kind, ERROR_CONFIG);
	}
}
END_TEST

static const char *const pairs[][2] = {
	{ "OPENCLAW_GATEWAY_TOKEN", "gateway.auth.token" },
	{ "ANTHROPIC_API_KEY", "models.providers.anthropic.apiKey" },
	{ "GEMINI_API_KEY", "models.providers.google.apiKey" },
	{ "TELEGRAM_BOT_TOKEN", "channels.telegram.botToken" },
	{ "BRAVE_API_KEY", "plugins.entries.brave.config.webSearch.apiKey" },
};

START_TEST(known_pairs__go_both_ways)
{
	char name[KNOWN_NAME_MAX];

	ck_assert(known_field_of(span_of_text(pairs[_i][0]), name));
	ck_assert_str_eq(name, pairs[_i][1]);
	known_variable_of(span_of_text(pairs[_i][1]), name);
	ck_assert_str_eq(name, pairs[_i][0]);
}
END_TEST

START_TEST(known_variable_of__makes_one_of_any_path)
{
	static const char *const cases[][2] = {
		{ "models.providers.my-llm.headers.X-Key", "MY_LLM_HEADERS_X_KEY" },
		{ "skills.entries.4o.apiKey", "X4O_API_KEY" },
		{ "cron.webhookToken", "CRON_WEBHOOK_TOKEN" },
		{ "channels.\xc3\xbc.token", "X___TOKEN" },
	};
	char name[KNOWN_NAME_MAX], path[400];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		known_variable_of(span_of_text(cases[i][0]), name);
		ck_assert_str_eq(name, cases[i][1]);
	}
	ck_assert(!known_field_of(SPAN_LITERAL("ODD_API_KEY"), name));
	ck_assert(!known_field_of(SPAN_LITERAL("PATH"), name));
	memset(path, 'a', sizeof(path));
	known_variable_of(span_of(path, sizeof(path)), name);
	ck_assert_uint_lt(strlen(name), KNOWN_NAME_MAX);
}
END_TEST

static int make_one(void)
{
	AUTO(made) made = MADE_INIT;
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;

	if (make(&made, &err) < 0)
		return -1;
	return seal_plan_text(&made.plan, &whose, &text, &err);
}

/* What stays is named as OpenClaw's audit would; copies that are none stop nothing. */
START_TEST(seal_plan__names_what_stays_and_what_is_broken)
{
	AUTO(made) made = MADE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(files_put(&made.inventory, FILES_CONFIG ".bak",
				   SPAN_LITERAL("{gateway: {"), 0600, &err),
			 0);
	ck_assert_int_eq(files_put(&made.inventory, FILES_CONFIG,
				   SPAN_LITERAL("{gateway: {auth: {token: 'plain-token-1'}},\n"
						"hooks: {token: 'plain-hook-1'}}"),
				   0600, &err),
			 0);
	ck_assert_int_eq(files_put_directory(&made.inventory, FILES_STATE,
					     SPAN_LITERAL("openclaw.json.bak\0"), &err),
			 0);
	ck_assert_int_eq(check_examine(&made.inventory, &facts, &made.records, &err), 0);
	ck_assert_msg(seal_plan_make(secret_span(&made.records), false, &made.plan, &err) == 0,
		      "%s", err.message);
	ck_assert_uint_eq(made.plan.stays_at.len, 1);
	ck_assert_str_eq(made.plan.stays_at.items[0], FILES_CONFIG ": hooks.token");
	ck_assert_uint_eq(made.plan.broken.len, 1);
	ck_assert_str_eq(made.plan.broken.items[0], FILES_CONFIG ".bak");
	ck_assert_ptr_nonnull(strstr(made.plan.broken_why.items[0], "it may hold secrets"));
}
END_TEST

START_TEST(seal_plan__sweep)
{
	SWEEP(make_one());
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

Suite *suite(void)
{
	Suite *s = suite_create("openclaw/plan");
	TCase *tc = tcase_create("plan");

	start_crypto();
	tcase_add_checked_fixture(tc, NULL, teardown);
	tcase_add_test(tc, seal_plan__says_what_is_to_be_done);
	tcase_add_test(tc, seal_plan__is_empty_without_secrets);
	tcase_add_test(tc, seal_plan__refuses_what_is_not_plain);
	tcase_add_loop_test(tc, seal_plan__takes_what_is_in_force, 0,
			    (int)(sizeof(in_force) / sizeof(*in_force)));
	tcase_add_loop_test(tc, seal_plan__keeps_how_clients_are_known, 0,
			    (int)(sizeof(modes) / sizeof(*modes)));
	tcase_add_test(tc, seal_plan_manifest__adds_to_what_is_there);
	tcase_add_test(tc, seal_plan_manifest__sweep);
	tcase_add_loop_test(tc, known_pairs__go_both_ways, 0,
			    (int)(sizeof(pairs) / sizeof(*pairs)));
	tcase_add_test(tc, known_variable_of__makes_one_of_any_path);
	tcase_add_test(tc, seal_plan__names_what_stays_and_what_is_broken);
	tcase_add_test(tc, seal_plan__sweep);
	suite_add_tcase(s, tc);
	return s;
}
