/* SPDX-License-Identifier: MIT */
/* openclaw/plan: what is to be done with the secrets of an installation, in words that hold none of them. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "openclaw/known.h"
#include "openclaw/plan.h"
#include "openclaw_files.h"
#include "sweep.h"
#include "vectors.h"

static const struct check_facts facts = { .home = FILES_HOME, .uid = FILES_UID };
static const struct plan_facts whose = { .user = "oc", .unit = "gw.service" };

static int put_all(struct inventory *inventory, struct error *err)
{
	static const char config[] =
		"{gateway: {auth: {token: 'plain-token-1'}},\n"
		"channels: {telegram: {accounts: {a: {botToken: 'plain-bot-1'}}}}}";

	if (files_put(inventory, FILES_CONFIG, SPAN_LITERAL(config), 0600, err) < 0 ||
	    files_put_directory(inventory, FILES_STATE, SPAN_LITERAL(".env\0"), err) < 0)
		return -1;
	return files_put(inventory, FILES_STATE "/.env",
			 SPAN_LITERAL("OPENCLAW_GATEWAY_TOKEN=plain-token-2\n"
				      "OPENAI_API_KEY='plain-openai'\nODD_TOKEN=plain-odd\n"),
			 0600, err);
}

static int make(struct secret *text, size_t *secrets, struct error *err)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	AUTO(secret) records = SECRET_INIT;

	if (put_all(&inventory, err) < 0 || check_examine(&inventory, &facts, &records, err) < 0)
		return -1;
	return openclaw_plan(secret_span(&records), &whose, text, secrets, err);
}

static const char want[] =
	"1. Seal each value (it is asked for, or taken from stdin):\n"
	"\tbootseal set secrets/openclaw.yaml '[\"OPENCLAW_GATEWAY_TOKEN\"]'\n"
	"\t\t# it stands in " FILES_CONFIG ", line 1: gateway.auth.token\n"
	"\tbootseal set secrets/openclaw.yaml '[\"TELEGRAM_ACCOUNTS_A_BOT_TOKEN\"]'\n"
	"\t\t# it stands in " FILES_CONFIG ", line 2: channels.telegram.accounts.a.botToken\n"
	"\tbootseal set secrets/openclaw.yaml '[\"OPENAI_API_KEY\"]'\n"
	"\t\t# it stands in " FILES_STATE "/.env, line 2: OPENAI_API_KEY\n"
	"\tbootseal set secrets/openclaw.yaml '[\"ODD_TOKEN\"]'\n"
	"\t\t# it stands in " FILES_STATE "/.env, line 3: ODD_TOKEN\n"
	"\n2. On the host, in /etc/bootseal/host.yaml:\n"
	"\tdocuments:\n\t  openclaw/secrets.json:\n\t    file: openclaw.yaml\n"
	"\t    keys: [OPENCLAW_GATEWAY_TOKEN, TELEGRAM_ACCOUNTS_A_BOT_TOKEN, OPENAI_API_KEY]\n"
	"\t    owner: oc\n\t    lifetime: until-ready\n\t    unit: gw.service\n"
	"\t# OpenClaw has no field for these: every command of the agent sees them\n"
	"\tenvironments:\n\t  openclaw.env:\n\t    file: openclaw.yaml\n\t    keys: [ODD_TOKEN]\n"
	"\n3. In /etc/systemd/system/gw.service.d/50-bootseal.conf (a user unit cannot: make it a "
	"system unit):\n"
	"\t[Unit]\n\tWants=bootseal.service\n\tAfter=bootseal.service\n"
	"\t[Service]\n\tUser=oc\n\tTimeoutStartSec=120\n"
	"\tExecStartPre=+/usr/bin/bootseal activate --for %n\n"
	"\tExecStartPost=+/usr/bin/bootseal release --for %n --when "
	"http://127.0.0.1:18789/healthz\n"
	"\tExecStopPost=+/usr/bin/bootseal release --for %n\n"
	"\n4. In OpenClaw's configuration:\n"
	"\tsecrets.providers.bootseal: { source: \"file\", path: "
	"\"/run/secrets.ready/openclaw/secrets.json\" }\n"
	"\tgateway.auth.token: { source: \"file\", provider: \"bootseal\", id: "
	"\"/OPENCLAW_GATEWAY_TOKEN\" }\n"
	"\tchannels.telegram.accounts.a.botToken: { source: \"file\", provider: \"bootseal\", id: "
	"\"/TELEGRAM_ACCOUNTS_A_BOT_TOKEN\" }\n"
	"\tmodels.providers.openai.apiKey: { source: \"file\", provider: \"bootseal\", id: "
	"\"/OPENAI_API_KEY\" }\n"
	"\n5. Prove it:\n\topenclaw secrets audit --allow-exec\n"
	"\tsystemctl daemon-reload; systemctl restart gw.service\n\tbootseal openclaw check --for "
	"oc\n"
	"\n6. Only then take out what is left, and issue new secrets: who could read these may "
	"have "
	"kept them.\n"
	"\t" FILES_STATE
	"/.env, line 1: OPENCLAW_GATEWAY_TOKEN (another value than the one in use)\n"
	"\t" FILES_STATE "/.env, line 2: OPENAI_API_KEY\n"
	"\t" FILES_STATE "/.env, line 3: ODD_TOKEN\n";

START_TEST(openclaw_plan__says_what_is_to_be_done)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t secrets;

	ck_assert_msg(make(&text, &secrets, &err) == 0, "%s", err.message);
	ck_assert_uint_eq(secrets, 4);
	ck_assert_msg(span_equal_text(secret_span(&text), want), "%.*s",
		      SPAN_PRINT(secret_span(&text)));
}
END_TEST

START_TEST(openclaw_plan__is_empty_without_secrets)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t secrets = 1;

	ck_assert_int_eq(openclaw_plan(SPAN_INIT, &whose, &text, &secrets, &err), 0);
	ck_assert_uint_eq(secrets, 0);
	ck_assert_uint_eq(text.len, 0);
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
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t secrets;

	return make(&text, &secrets, &err);
}

START_TEST(openclaw_plan__sweep)
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
	tcase_add_test(tc, openclaw_plan__says_what_is_to_be_done);
	tcase_add_test(tc, openclaw_plan__is_empty_without_secrets);
	tcase_add_loop_test(tc, known_pairs__go_both_ways, 0,
			    (int)(sizeof(pairs) / sizeof(*pairs)));
	tcase_add_test(tc, known_variable_of__makes_one_of_any_path);
	tcase_add_test(tc, openclaw_plan__sweep);
	suite_add_tcase(s, tc);
	return s;
}
