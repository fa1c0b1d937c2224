/* SPDX-License-Identifier: MIT */
/* openclaw/config: where an installation lies, and what of its configuration is a secret. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openclaw/config.h"
#include "sweep.h"
#include "util/buf.h"
#include "vectors.h"

struct file {
	const char *path, *text;
};

/* Of an array that ends with an entry without a path. */
static int read_file(void *argument, const char *path, struct secret *ret_text, struct error *err)
{
	for (const struct file *file = argument; file->path != NULL; file++)
		if (strcmp(file->path, path) == 0)
			return secret_append_text(ret_text, file->text, err);
	return error_set(err, ERROR_NO_FILE, "it is not there");
}

static int read_all(struct file *files, struct config *ret_config, struct error *err)
{
	const struct config_reader reader = { read_file, files };

	return config_read(files[0].path, &reader, ret_config, err);
}

static int read_one(const char *text, struct config *ret_config, struct error *err)
{
	struct file files[] = { { "/c/openclaw.json", text }, { NULL, NULL } };

	return read_all(files, ret_config, err);
}

static const char *look_up(void *argument, const char *name)
{
	for (const char *const *entry = argument; *entry != NULL; entry += 2)
		if (strcmp(entry[0], name) == 0)
			return entry[1];
	return NULL;
}

static const struct {
	const char *environment[7];
	const char *config, *state, *home;
} places[] = {
	{ { NULL }, "/home/u/.openclaw/openclaw.json", "/home/u/.openclaw", "/home/u" },
	{ { "OPENCLAW_HOME", "/srv/oc", NULL },
	  "/srv/oc/.openclaw/openclaw.json",
	  "/srv/oc/.openclaw",
	  "/srv/oc" },
	{ { "OPENCLAW_STATE_DIR", "~/x/../y", NULL },
	  "/home/u/y/openclaw.json",
	  "/home/u/y",
	  "/home/u" },
	{ { "OPENCLAW_CONFIG_PATH", "/etc//oc.json", "OPENCLAW_STATE_DIR", "", NULL },
	  "/etc/oc.json",
	  "/home/u/.openclaw",
	  "/home/u" },
};

START_TEST(config_find__goes_by_the_environment)
{
	AUTO(config_where) where = CONFIG_WHERE_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(config_find("/home/u", look_up, (void *)(uintptr_t)places[_i].environment,
				     &where, &err),
			 0);
	ck_assert_str_eq(where.config, places[_i].config);
	ck_assert_str_eq(where.state, places[_i].state);
	ck_assert_str_eq(where.home, places[_i].home);
}
END_TEST

START_TEST(config_resolve__joins_paths)
{
	static const char *const cases[][2] = {
		{ "a.json", "/c/d/a.json" }, { "./x/../a", "/c/d/a" }, { "../../../a", "/a" },
		{ "/e//f/./g", "/e/f/g" },   { "~/k", "/h/k" },        { "~", "/h" },
		{ "~x", "/c/d/~x" },         { "/..", "/" },
	};
	struct error err = ERROR_INIT;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		AUTO_FREE char *path = NULL;

		ck_assert_int_eq(config_resolve("/h", "/c/d/openclaw.json",
						span_of_text(cases[i][0]), &path, &err),
				 0);
		ck_assert_str_eq(path, cases[i][1]);
	}
}
END_TEST

static const struct {
	const char *path;
	enum known_field known;
} fields[] = {
	{ "gateway.auth.token", KNOWN_TAKES_REFERENCE },
	{ "gateway.auth.tokens", KNOWN_NOTHING },
	{ "gateway.auth", KNOWN_NOTHING },
	{ "models.providers.x.apiKey", KNOWN_TAKES_REFERENCE },
	{ "models.providers.apiKey", KNOWN_PLAIN_ALONE },
	{ "models.providers.x.headers.Authorization", KNOWN_TAKES_REFERENCE },
	{ "models.providers.x.headers.User-Agent", KNOWN_NOTHING },
	{ "channels.telegram.botToken", KNOWN_TAKES_REFERENCE },
	{ "channels.telegram.accounts.a.botToken", KNOWN_TAKES_REFERENCE },
	{ "channels.discord.voice.tts.providers.x.apiKey", KNOWN_TAKES_REFERENCE },
	{ "plugins.entries.brave.config.webSearch.apiKey", KNOWN_TAKES_REFERENCE },
	{ "agents.entries.main.memory.search.remote.apiKey", KNOWN_TAKES_REFERENCE },
	{ "hooks.token", KNOWN_PLAIN_ALONE },
	{ "env.vars.OPENAI_API_KEY", KNOWN_PLAIN_ALONE },
	{ "env.OPENAI_API_KEY", KNOWN_PLAIN_ALONE },
	{ "env.vars.PATH", KNOWN_NOTHING },
	{ "agents.defaults.sandbox.ssh.identityData", KNOWN_TAKES_REFERENCE },
	{ "tools.media.audio.request.auth.value", KNOWN_TAKES_REFERENCE },
	{ "tools.media.models.0.request.headers.X-Key", KNOWN_TAKES_REFERENCE },
	{ "gateway.remote.edgeAuth.CF-Access-Client-Secret", KNOWN_TAKES_REFERENCE },
	{ "plugins.entries.voice-call.config.tts.providers.x.apiKey", KNOWN_TAKES_REFERENCE },
	/* of a plugin that OpenClaw's schema has it of as a text alone, and of one that nobody knows */
	{ "plugins.entries.azure-speech.config.apiKey", KNOWN_PLAIN_ALONE },
	{ "plugins.entries.mine.config.a.password", KNOWN_PLAIN_ALONE },
	{ "channels.irc.nickserv.password", KNOWN_PLAIN_ALONE },
	{ "channels.line.channelAccessToken", KNOWN_PLAIN_ALONE },
	{ "channels.tlon.code", KNOWN_PLAIN_ALONE },
	{ "mcp.servers.x.env.GITHUB_TOKEN", KNOWN_PLAIN_ALONE },
	{ "mcp.servers.x.env.DEBUG", KNOWN_NOTHING },
	{ "mcp.servers.x.headers.Authorization", KNOWN_PLAIN_ALONE },
	{ "mcp.servers.x.headers.Accept", KNOWN_NOTHING },
	{ "agents.defaults.sandbox.docker.env.A_API_KEY", KNOWN_PLAIN_ALONE },
	{ "skills.entries.x.env.A_KEY", KNOWN_PLAIN_ALONE },
	{ "models.providers.x.models.0.maxTokens", KNOWN_NOTHING },
	{ "memory.search.store.fts.tokenizer", KNOWN_NOTHING },
	{ "session.mainKey", KNOWN_NOTHING },
	{ "gateway.tls.keyPath", KNOWN_NOTHING },
	{ "channels.telegram.tokenFile", KNOWN_FILE },
	{ "channels.googlechat.serviceAccountFile", KNOWN_FILE },
	{ "agents.defaults.sandbox.ssh.certificateFile", KNOWN_NOTHING },
	{ "token", KNOWN_NOTHING },
	{ "x", KNOWN_NOTHING },
};

START_TEST(known_field__goes_by_the_path)
{
	struct span parts[16], rest = span_of_text(fields[_i].path);
	size_t count = 0;

	while (span_take_until(&rest, '.', &parts[count]))
		count++;
	ck_assert_int_eq(known_field(parts, count), fields[_i].known);
	ck_assert_int_eq(known_field(parts, 0), KNOWN_NOTHING);
}
END_TEST

START_TEST(known_variable__goes_by_the_name)
{
	static const char *const yes[] = { "OPENCLAW_GATEWAY_TOKEN",
					   "ANTHROPIC_API_KEY",
					   "HF_TOKEN",
					   "FAL_KEY",
					   "IRC_PASSWORD",
					   "RUNWAYML_API_SECRET",
					   "OPENAI_API_KEYS",
					   "OPENAI_API_KEY_1",
					   "ANTHROPIC_API_KEY_20",
					   "ANTHROPIC_API_KEY_OLD",
					   "OPENCLAW_LIVE_OPENAI_KEY",
					   "OPENCLAW_LIVE_ANTHROPIC_KEYS",
					   "AWS_SECRET_ACCESS_KEY",
					   "AWS_SESSION_TOKEN",
					   "AWS_BEARER_TOKEN_BEDROCK",
					   "GOOGLE_CHAT_SERVICE_ACCOUNT",
					   "NOSTR_PRIVATE_KEY",
					   "SMTP_PASS",
					   "MYSQL_PWD",
					   "GITHUB_PAT" };
	static const char *const no[] = { "",
					  "_TOKEN",
					  "PATH",
					  "OPENCLAW_GATEWAY_PORT",
					  "TOKEN",
					  "OPENCLAW_SERVICE_MANAGED_ENV_KEYS",
					  "A_TOKEN_1",
					  "OPENAI_API_KEY_",
					  "_API_KEY_1",
					  "_API_KEYS",
					  "OPENCLAW_VAPID_PUBLIC_KEY",
					  "OPENCLAW_TOOLS_MCP_AGENT_SESSION_KEY",
					  "AWS_ACCESS_KEY_ID",
					  "SSH_AUTH_SOCK",
					  "MAX_TOKENS",
					  "OLDPWD",
					  "MONKEY",
					  "1" };

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ck_assert_msg(known_variable(span_of_text(yes[i])), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ck_assert_msg(!known_variable(span_of_text(no[i])), "%s", no[i]);
}
END_TEST

START_TEST(known_value__goes_by_the_looks)
{
	static const char *const yes[] = {
		"sk-plain-0123456789abcdef",
		"Bearer ghp_0123456789abcdef",
		"postgres://me:word@host/x",
		"https://me:word@host",
		"wss://host/x?a=b&token=abc",
		"https://hooks.slack.com/services/T0/B0/x",
		"123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghi",
		"-----BEGIN PRIVATE KEY-----\nx",
	};
	static const char *const no[] = {
		"",
		"plain",
		"sk-your-key-goes-here-please",
		"sk-a sentence with 1 number in it",
		"sk-short-1",
		"https://host:8080/a@b",
		"https://me@host",
		"x://",
		"x://?",
		"x:///u:p@h",
		"x://@",
		"https://me:${WORD}@host",
		"https://host/?token=${T}&x=1",
		"https://host/?tokens=1",
		"12345678:ABC",
		"://",
		"a://@",
		"Bearer ",
		"/usr/bin/node",
	};

	for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
		ck_assert_msg(known_value(span_of_text(yes[i])), "%s", yes[i]);
	for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
		ck_assert_msg(!known_value(span_of_text(no[i])), "%s", no[i]);
}
END_TEST

static const struct {
	const char *before, *word, *secret;
} arguments[] = {
	{ "--token", "abc", "abc" },
	{ "x", "--token=abc", "abc" },
	{ "env", "A_API_KEY=abc", "abc" },
	{ "--header", "Authorization=Bearer sk-0123456789abcdefghij",
	  "Bearer sk-0123456789abcdefghij" },
	{ "x", "sk-0123456789abcdefghij", "sk-0123456789abcdefghij" },
	{ "--token", "--verbose", "" },
	{ "--token", "${TOKEN}", "" },
	{ "--token=abc", "gateway", "" },
	{ "--auth", "token", "" },
	{ "x", "--auth=token", "" },
	{ "--no-auth", "gateway", "" },
	{ "--token-file", "/x", "" },
	{ "--provider-token", "abc", "abc" },
	{ "x", "A_API_KEY=$B", "" },
	{ "x", "LANG=C", "" },
	{ "x", "gateway", "" },
	{ "", "", "" },
};

START_TEST(known_argument__knows_what_comes_with_an_option)
{
	const struct span is = known_argument(span_of_text(arguments[_i].before),
					      span_of_text(arguments[_i].word));

	ck_assert(span_equal_text(is, arguments[_i].secret));
}
END_TEST

static const struct {
	const char *json;
	enum config_value value;
	bool is_reference;
} values[] = {
	{ "'plain'", CONFIG_PLAIN, false },
	{ "' '", CONFIG_EMPTY, false },
	{ "null", CONFIG_EMPTY, false },
	{ "1", CONFIG_OTHER, false },
	{ "['x']", CONFIG_OTHER, false },
	{ "'${A_1}'", CONFIG_VARIABLE, false },
	{ "'Bearer ${A}'", CONFIG_VARIABLE, false },
	{ "'$A_B'", CONFIG_VARIABLE, false },
	{ "'$${A}'", CONFIG_PLAIN, false },
	{ "'${a}'", CONFIG_PLAIN, false },
	{ "'x$A'", CONFIG_PLAIN, false },
	{ "'${A'", CONFIG_PLAIN, false },
	{ "{source: 'file', provider: 'boot', id: '/A'}", CONFIG_REFERENCE, true },
	{ "{source: 'file', provider: 'boot', id: 'value'}", CONFIG_REFERENCE, true },
	{ "{source: 'file', provider: 'boot', id: 'A'}", CONFIG_REFERENCE, false },
	{ "{source: 'env', provider: 'default', id: 'A_1'}", CONFIG_REFERENCE, true },
	{ "{source: 'env', provider: 'default', id: 'a'}", CONFIG_REFERENCE, false },
	{ "{source: 'store', provider: 'default', id: 'A'}", CONFIG_REFERENCE, true },
	{ "{source: 'exec', provider: 'x', id: 'a/b:c#d-1'}", CONFIG_REFERENCE, true },
	{ "{source: 'exec', provider: 'x', id: 'a/../b'}", CONFIG_REFERENCE, false },
	{ "{source: 'exec', provider: 'x', id: '/a'}", CONFIG_REFERENCE, false },
	{ "{source: 'vault', provider: 'x', id: 'a'}", CONFIG_REFERENCE, false },
	{ "{source: 'file', provider: 'Boot', id: '/A'}", CONFIG_REFERENCE, false },
	{ "{source: 'file', provider: 'b', id: '/A', x: 1}", CONFIG_REFERENCE, false },
	{ "{source: 'file', id: '/A'}", CONFIG_REFERENCE, false },
	{ "{}", CONFIG_REFERENCE, false },
};

START_TEST(config_value__says_what_stands_there)
{
	AUTO(config) config = CONFIG_INIT;
	AUTO(buf) text = BUF_INIT;
	struct error err = ERROR_INIT;
	struct config_reference reference;
	const struct config_place *place;
	const char *json, *why;

	ck_assert_int_eq(buf_printf(&text, &err, "{gateway: {auth: {token: %s}}}", values[_i].json),
			 0);
	ck_assert_int_eq(buf_text(&text, &json, &err), 0);
	ck_assert_msg(read_one(json, &config, &err) == 0, "%s", err.message);
	place = config_find_place(&config, "gateway.auth.token");
	ck_assert_ptr_nonnull(place);
	ck_assert_str_eq(place->name, "token");
	ck_assert_int_eq(config_value(&config, place), values[_i].value);
	if (values[_i].value != CONFIG_REFERENCE)
		return;
	ck_assert(config_reference(&config, place, &reference, &why) == values[_i].is_reference);
	ck_assert((why == NULL) == values[_i].is_reference);
}
END_TEST

static const struct {
	const char *text, *want;
} expansions[] = {
	{ "", "" },
	{ "plain", "plain" },
	{ "${A_1}", "value" },
	{ "${A_1}/x/${A_1}", "value/x/value" },
	{ "x${EMPTY}y", "xy" },
	{ "${OTHER}/x", "${OTHER}/x" },
	{ "$${A_1}", "${A_1}" },
	{ "$$${A_1}", "$${A_1}" },
	{ "$A_1", "$A_1" },
	{ "${a}", "${a}" },
	{ "${}", "${}" },
	{ "${", "${" },
	{ "${A_1", "${A_1" },
	{ "$", "$" },
};

/* Knows two; the argument counts what it was asked. */
static const char *say_variable(void *argument, const char *name)
{
	++*(size_t *)argument;
	return strcmp(name, "A_1") == 0 ? "value" : strcmp(name, "EMPTY") == 0 ? "" : NULL;
}

START_TEST(config_expand__knows_variables)
{
	AUTO(buf) out = BUF_INIT;
	struct error err = ERROR_INIT;
	size_t asked = 0;
	const char *is;

	ck_assert_int_eq(config_expand(span_of_text(expansions[_i].text), say_variable, &asked,
				       &out, &err),
			 0);
	ck_assert_int_eq(buf_text(&out, &is, &err), 0);
	ck_assert_str_eq(is, expansions[_i].want);
}
END_TEST

START_TEST(config_expand__passes_over_long_names)
{
	AUTO(buf) out = BUF_INIT;
	struct error err = ERROR_INIT;
	size_t asked = 0;
	char text[256];

	memset(text, 'A', sizeof(text));
	text[0] = '$';
	text[1] = '{';
	text[sizeof(text) - 1] = '}';
	ck_assert_int_eq(config_expand(span_of(text, sizeof(text)), say_variable, &asked, &out,
				       &err),
			 0);
	ck_assert_uint_eq(asked, 0);
	ck_assert(out.len == sizeof(text) && memcmp(out.data, text, sizeof(text)) == 0);
}
END_TEST

static struct file included[] = {
	{ "/c/openclaw.json", "{$include: 'base.json5', gateway: {auth: {$include: ['a/auth.json', "
			      "'gone.json'], token: 'own'}}}" },
	{ "/c/base.json5",
	  "{channels: {telegram: {botToken: 'one'}}, hooks: {mappings: [{sessionKey: 'two'}]}}" },
	{ "/c/a/auth.json", "{token: 'included', password: {$include: '../loop.json'}}" },
	{ "/c/loop.json", "{x: {$include: './loop.json'}}" },
	{ NULL, NULL },
};

START_TEST(config_read__follows_includes)
{
	AUTO(config) config = CONFIG_INIT;
	struct error err = ERROR_INIT;
	const struct config_place *token;

	ck_assert_msg(read_all(included, &config, &err) == 0, "%s", err.message);
	ck_assert_ptr_nonnull(config_find_place(&config, "channels.telegram.botToken"));
	ck_assert_ptr_nonnull(config_find_place(&config, "hooks.mappings.0.sessionKey"));
	token = config_find_place(&config, "gateway.auth.token");
	ck_assert_ptr_nonnull(token);
	ck_assert(span_equal_text(doc_value(config_doc(&config, token), token->node), "own"));
	ck_assert_uint_eq(config.faults.len, 1);
	ck_assert_ptr_nonnull(strstr(config.faults.items[0], "/c/gone.json: it is not there"));
}
END_TEST

/* Secrets that no name tells: in lists, and by their looks; the paths, with blanks between. */
static const struct {
	const char *json, *want;
} told[] = {
	{ "{mcp: {servers: {a: {args: ['--token', 'x', '-v'], env: {A_TOKEN: 'y', B: 'z'}}}}}",
	  "mcp.servers.a.args.1 mcp.servers.a.env.A_TOKEN " },
	{ "{mcp: {servers: {a: {args: ['sk-0123456789abcdefghij', '--api-key=x']}}}}",
	  "mcp.servers.a.args.0 mcp.servers.a.args.1 " },
	{ "{models: {providers: {x: {baseUrl: 'https://u:pw@host/v1', api: 'y'}}}}",
	  "models.providers.x.baseUrl " },
	{ "{secrets: {providers: {x: {source: 'exec', env: {A_TOKEN: 'y'}, passEnv: "
	  "['A_TOKEN']}}}}",
	  "secrets.providers.x secrets.providers.x.env.A_TOKEN " },
	/* a provider and a server of these names, and a field that may be a SecretRef elsewhere */
	{ "{mcp: {servers: {token: {url: 'x'}}}, hooks: {token: {source: 'file', provider: 'a', "
	  "id: "
	  "'/x'}}}",
	  "hooks.token " },
	{ "{channels: {telegram: {tokenFile: 'x', accounts: {a: {tokenFile: {}}}}}}",
	  "channels.telegram channels.telegram.tokenFile " },
};

START_TEST(config_read__finds_what_no_name_tells)
{
	AUTO(config) config = CONFIG_INIT;
	AUTO(buf) paths = BUF_INIT;
	struct error err = ERROR_INIT;
	const char *is;

	ck_assert_msg(read_one(told[_i].json, &config, &err) == 0, "%s", err.message);
	for (size_t i = 0; i < config.len; i++)
		ck_assert_int_eq(buf_printf(&paths, &err, "%s ", config.places[i].path), 0);
	ck_assert_int_eq(buf_text(&paths, &is, &err), 0);
	ck_assert_str_eq(is, told[_i].want);
}
END_TEST

/* An account as an object; 0 where OpenClaw's JSON of it came out. */
static int read_object(const char *json, char *out, size_t size)
{
	AUTO(config) config = CONFIG_INIT;
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	const struct config_place *place;

	if (read_one(json, &config, &err) < 0)
		return -1;
	place = config_find_place(&config, "channels.googlechat.serviceAccount");
	ck_assert_ptr_nonnull(place);
	ck_assert_int_eq(config_value(&config, place), CONFIG_OBJECT);
	ck_assert(span_equal_text(config_object_key(&config, place), "a\nb"));
	if (config_object(&config, place, &text, &err) < 0)
		return -1;
	(void)snprintf(out, size, "%.*s", SPAN_PRINT(span_trim(secret_span(&text))));
	return 0;
}

#define ACCOUNT(more)                                                                              \
	"{channels: {googlechat: {serviceAccount: {type: 's', /* mine */ private_key: "            \
	"'a\\nb'" more "}}}}"

START_TEST(config_object__is_json)
{
	char out[128] = "";

	ck_assert_int_eq(read_object(ACCOUNT(", 'x-\"y': \"\","), out, sizeof(out)), 0);
	ck_assert_str_eq(out,
			 "{\n\"type\": \"s\",\n\"private_key\": \"a\\nb\",\n\"x-\\\"y\": \"\"\n}");
	ck_assert_int_eq(read_object(ACCOUNT(", x: 1"), out, sizeof(out)), 0);
	ck_assert_str_eq(out, "");
	SWEEP(read_object(ACCOUNT(""), out, sizeof(out)));
}
END_TEST

START_TEST(config_read__limits_includes)
{
	struct file files[] = { { "/c/loop.json", "{x: {$include: './loop.json'}}" },
				{ NULL, NULL } };
	AUTO(config) config = CONFIG_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(read_all(files, &config, &err), 0);
	ck_assert_uint_eq(config.files_len, CONFIG_INCLUDE_DEPTH_MAX + 1);
	ck_assert_uint_eq(config.faults.len, 1);
	ck_assert_ptr_nonnull(strstr(config.faults.items[0], "deeper"));
}
END_TEST

START_TEST(config_read__refuses)
{
	static const char *const texts[] = { "", "[]", "'x'", "{", "{a: 1, a: 2}" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		AUTO(config) config = CONFIG_INIT;
		struct error err = ERROR_INIT;

		ck_assert_int_eq(read_one(texts[i], &config, &err), -1);
		ck_assert_int_ne(err.kind, ERROR_NONE);
	}
}
END_TEST

START_TEST(config_read__survives_flipped_bits)
{
	static const char whole[] = "{gateway: {port: 1, auth: {token: '${A}'}}, $include: 'x',"
				    " secrets: {providers: {b: {source: 'file'}}}}";

	for (size_t i = 0; i < (sizeof(whole) - 1) * 8; i += stride(1)) {
		AUTO(config) config = CONFIG_INIT;
		struct error err = ERROR_INIT;
		char text[sizeof(whole)];

		memcpy(text, whole, sizeof(whole));
		text[i / 8] = (char)(text[i / 8] ^ 1 << i % 8);
		ck_assert_int_eq(read_one(text, &config, &err), err.kind == ERROR_NONE ? 0 : -1);
	}
}
END_TEST

static int find_and_read(void)
{
	static const char *const environment[] = { NULL };
	AUTO(config_where) where = CONFIG_WHERE_INIT;
	AUTO(config) config = CONFIG_INIT;
	struct error err = ERROR_INIT;

	if (config_find("/h", look_up, (void *)(uintptr_t)environment, &where, &err) < 0)
		return -1;
	return read_all(included, &config, &err);
}

START_TEST(config__sweep)
{
	SWEEP(find_and_read());
}
END_TEST

static void teardown(void)
{
	ck_assert_uint_eq(secret_live(), 0);
}

#define LOOP(test, cases)                                                                          \
	tcase_add_loop_test(tc, test, 0, (int)(sizeof(cases) / sizeof((cases)[0])))

Suite *suite(void)
{
	Suite *s = suite_create("openclaw/config");
	TCase *tc = tcase_create("config");

	start_crypto();
	tcase_add_checked_fixture(tc, NULL, teardown);
	LOOP(config_find__goes_by_the_environment, places);
	tcase_add_test(tc, config_resolve__joins_paths);
	LOOP(known_field__goes_by_the_path, fields);
	tcase_add_test(tc, known_variable__goes_by_the_name);
	tcase_add_test(tc, known_value__goes_by_the_looks);
	LOOP(known_argument__knows_what_comes_with_an_option, arguments);
	LOOP(config_read__finds_what_no_name_tells, told);
	tcase_add_test(tc, config_object__is_json);
	LOOP(config_value__says_what_stands_there, values);
	LOOP(config_expand__knows_variables, expansions);
	tcase_add_test(tc, config_expand__passes_over_long_names);
	tcase_add_test(tc, config_read__follows_includes);
	tcase_add_test(tc, config_read__limits_includes);
	tcase_add_test(tc, config_read__refuses);
	tcase_add_test(tc, config_read__survives_flipped_bits);
	tcase_add_test(tc, config__sweep);
	suite_add_tcase(s, tc);
	return s;
}
