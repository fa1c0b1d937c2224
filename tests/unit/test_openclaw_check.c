/* SPDX-License-Identifier: MIT */
/* openclaw/check: what is said of an installation that is described file by file; never a secret. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "activate/values.h"
#include "openclaw_files.h"
#include "sweep.h"
#include "util/buf.h"
#include "vectors.h"

#define REF(id) "{source: 'file', provider: 'boot', id: '" id "'}"
#define PROVIDER "secrets: {providers: {boot: {source: 'file', path: '" FILES_DOCUMENT "'}}}"
#define GOOD "{gateway: {auth: {token: " REF("/T") "}}, " PROVIDER "}"
#define DOCUMENT "{\"T\":\"sealed-token\"}"

#define TOKEN_AND(more) "{gateway: {auth: {token: " REF("/T") "}}, " more ", " PROVIDER "}"

static const struct check_facts facts = { .home = FILES_HOME, .uid = FILES_UID };

/* "kind " for each finding that is no "ok"; all that may be shown goes to shown. */
static void list(struct span records, struct buf *kinds, struct buf *shown)
{
	struct value record;
	struct check_finding finding;
	struct error err = ERROR_INIT;

	while (values_take(&records, &record)) {
		if (!check_finding(record.entry, record.name, record.bytes, &finding))
			continue;
		ck_assert(finding.kind.len > 0 && finding.where.len > 0 && finding.what.len > 0);
		ck_assert(finding.level == CHECK_OK || finding.to_do.len > 0);
		ck_assert_int_eq(buf_append_span(shown, record.bytes, &err), 0);
		if (finding.level != CHECK_OK)
			ck_assert_int_eq(buf_printf(kinds, &err, "%.*s ", SPAN_PRINT(finding.kind)),
					 0);
	}
}

/* What check_examine() says of it, and that it shows nothing that has "sealed" or "plain-" in it. */
static void expect(const struct inventory *inventory, const struct check_facts *known,
		   const char *want)
{
	AUTO(secret) answer = SECRET_INIT;
	AUTO(buf) kinds = BUF_INIT;
	AUTO(buf) shown = BUF_INIT;
	struct error err = ERROR_INIT;
	const char *is;

	ck_assert_msg(check_examine(inventory, known, &answer, &err) == 0, "%s", err.message);
	list(secret_span(&answer), &kinds, &shown);
	ck_assert_int_eq(buf_text(&kinds, &is, &err), 0);
	ck_assert_str_eq(is, want);
	ck_assert(shown.len == 0 || !memmem(shown.data, shown.len, "plain-", 6));
	ck_assert(shown.len == 0 || !memmem(shown.data, shown.len, "sealed-", 7));
}

static int put_basics(struct inventory *inventory, const char *config, const char *document,
		      struct error *err)
{
	if (files_put(inventory, FILES_CONFIG, span_of_text(config), 0600, err) < 0)
		return -1;
	return document ? files_put(inventory, FILES_DOCUMENT, span_of_text(document), 0400, err)
			: files_put_absent(inventory, FILES_DOCUMENT, err);
}

static struct inventory basics(const char *config, const char *document)
{
	struct inventory inventory = INVENTORY_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(put_basics(&inventory, config, document, &err), 0);
	return inventory;
}

static const struct {
	const char *config, *document, *want;
} configs[] = {
	{ GOOD, DOCUMENT, "" },
	{ "{", NULL, "config " },
	{ "[]", NULL, "config " },
	{ "{gateway: {auth: {token: 'plain-1234567'}}}", NULL, "plaintext " },
	{ "{gateway: {auth: {token: '${T}'}}}", NULL, "variable " },
	{ "{gateway: {auth: {token: ''}}}", NULL, "no-token " },
	{ "{}", NULL, "no-token " },
	{ "{gateway: {auth: {mode: 'none'}}}", NULL, "no-auth " },
	{ "{gateway: {auth: {mode: 'password', password: 'plain-pass'}}}", NULL, "plaintext " },
	{ "{gateway: {auth: {token: {source: 'env', provider: 'default', id: 'T'}}}}", NULL,
	  "reference-env " },
	{ "{gateway: {auth: {token: {source: 'store', provider: 'default', id: 'T'}}}}", NULL,
	  "reference-store " },
	{ "{gateway: {auth: {token: {source: 'file', id: 'T'}}}}", NULL, "reference " },
	{ "{gateway: {auth: {token: " REF("/T") "}}}", NULL, "provider " },
	{ "{gateway: {auth: {token: {source: 'exec', provider: 'boot', id: 'T'}}}, " PROVIDER "}",
	  DOCUMENT, "provider " },
	{ "{gateway: {auth: {token: " REF("/U") "}}, " PROVIDER "}", DOCUMENT, "file " },
	{ GOOD, "{\"T\":\"\"}", "file " },
	{ GOOD, "{\"T\":1}", "file " },
	{ GOOD, "[\"T\"]", "file " },
	{ GOOD, "{\"T\"", "file " },
	{ GOOD, NULL, "file " },
	{ "{gateway: {auth: {token: " REF("/T") "}}, hooks: {token: 'plain-hook'}, " PROVIDER "}",
	  DOCUMENT, "plaintext-only " },
	{ "{gateway: {auth: {token: " REF(
		  "/T") "}}, env: {vars: {OPENAI_API_KEY: 'plain-key'}}, " PROVIDER "}",
	  DOCUMENT, "plaintext-only " },
	{ "{gateway: {auth: {token: " REF(
		  "/T") "}}, secrets: {providers: {boot: {source: 'file', path: '" FILES_DOCUMENT
			"', allowInsecurePath: true}}}}",
	  DOCUMENT, "provider " },
	{ "{gateway: {auth: {token: " REF(
		  "/T") "}}, secrets: {providers: {boot: {source: 'file'}}}}",
	  DOCUMENT, "provider " },
	{ "{gateway: {auth: {token: " REF(
		  "value") "}}, secrets: {providers: {boot: {source: 'file', mode: 'singleValue', "
			   "path: '" FILES_DOCUMENT "'}}}}",
	  "sealed-token\n", "" },
	{ "{gateway: {auth: {token: " REF(
		  "/T") "}}, secrets: {providers: {boot: {source: 'file', path: "
			"'${XDG_RUNTIME_DIR}/../../.." FILES_DOCUMENT "'}}}}",
	  DOCUMENT, "" },
	{ "{gateway: {auth: {token: " REF("/a~1b/c~0d") "}}, " PROVIDER "}",
	  "{\"a/b\":{\"c~d\":\"sealed-token\"}}", "" },
	{ "{gateway: {auth: {token: " REF("/T") "}}, channels: {telegram: {}}, " PROVIDER "}",
	  DOCUMENT, "channel " },
	{ "{gateway: {auth: {token: " REF(
		  "/T") "}}, channels: {telegram: {enabled: false}, slack: {}}, " PROVIDER "}",
	  DOCUMENT, "channel channel " },
	{ "{gateway: {auth: {token: " REF("/T") "}}, channels: {telegram: {accounts: {a: "
						"{botToken: " REF("/T") "}}}}, " PROVIDER "}",
	  DOCUMENT, "" },
	{ "{gateway: {auth: {token: " REF(
		  "/T") "}}, channels: {telegram: {tokenFile: '/x'}}, " PROVIDER "}",
	  DOCUMENT, "" },
	{ "{gateway: {auth: {token: " REF("/T") "}}, $include: 'gone.json', " PROVIDER "}",
	  DOCUMENT, "config " },
	{ TOKEN_AND("hooks: {token: '${HOOKS}'}"), DOCUMENT, "variable-only " },
	{ TOKEN_AND("channels: {googlechat: {serviceAccount: {type: 'service_account', "
		    "private_key: 'plain-key'}}}"),
	  DOCUMENT, "plaintext " },
	{ TOKEN_AND("channels: {googlechat: {serviceAccount: {private_key: 'plain-key', x: 1}}}"),
	  DOCUMENT, "plaintext-odd " },
	{ TOKEN_AND("channels: {googlechat: {serviceAccount: {type: 'x'}}}"), DOCUMENT,
	  "reference " },
	{ TOKEN_AND("mcp: {servers: {a: {env: {A_TOKEN: 'plain-1'}, args: ['--token', 'plain-2'], "
		    "headers: {Authorization: 'plain-3'}}}}"),
	  DOCUMENT, "plaintext-only plaintext-only plaintext-only " },
	{ TOKEN_AND("agents: {defaults: {sandbox: {docker: {env: {A_API_KEY: 'plain-1'}}}}}"),
	  DOCUMENT, "plaintext-only " },
	{ TOKEN_AND("models: {providers: {x: {baseUrl: 'https://u:plain-1@h'}}}"), DOCUMENT,
	  "plaintext-only " },
	{ TOKEN_AND("channels: {irc: {password: " REF("/T") "}}"), DOCUMENT, "" },
};

/* For a setup: one unit, in which nothing is unknown; others are not looked into. */
static const struct {
	const char *line, *want;
} units[] = {
	{ "Environment=LANG=C LC_ALL=C OPENCLAW_GATEWAY_PORT=1", "no-token " },
	{ "Environment=ODD=plain-odd", "refuse no-token " },
	{ "Environment=LANG=http://u:plain-@h", "refuse unit-plaintext no-token " },
	{ "ExecStart=/bin/oc gateway --port 1 --config=/etc/oc", "no-token " },
	{ "ExecStart=/bin/oc gateway --token plain-1", "refuse unit-argument no-token " },
	{ "ExecStart=/bin/oc plain-word-that-is-long-1", "refuse no-token " },
	{ "# Environment='OPENAI_API_KEY=plain-1'", "refuse no-token " },
	{ "User=bob", "refuse no-token " },
	{ "# --token plain-1", "refuse no-token " },
	{ "# Environment=A_API_KEY=your-key", "no-token " },
	{ "EnvironmentFile=/etc/*.env", "refuse no-token " },
	{ "EnvironmentFile=/etc/%i.env", "refuse no-token " },
	{ "Environment=OPENCLAW_STATE_DIR=/nowhere OPENCLAW_GATEWAY_PORT=7\nEnvironment=\n"
	  "Environment=LANG=C",
	  "no-token " },
};

START_TEST(check_examine__stops_a_setup_at_what_it_does_not_know)
{
	const struct check_facts known = {
		.home = FILES_HOME, .uid = FILES_UID, .unit = "gw.service", .user = "oc"
	};
	AUTO(inventory) inventory = basics("{}", NULL);
	struct error err = ERROR_INIT;
	char text[256];

	(void)snprintf(text, sizeof(text), "[Service]\nUser=oc\n%s\n", units[_i].line);
	ck_assert_int_eq(files_put_directory(&inventory, "/etc/systemd/system",
					     SPAN_LITERAL("gw.service\0openclaw-x.service\0"),
					     &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, "/etc/systemd/system/gw.service", span_of_text(text),
				   0644, &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, "/etc/systemd/system/openclaw-x.service",
				   SPAN_LITERAL(
					   "[Service]\nUser=bob\nEnvironment=A_API_KEY=plain-1\n"),
				   0644, &err),
			 0);
	expect(&inventory, &known, units[_i].want);
}
END_TEST

/* A drop-in of several units is not the gateway's to change. */
static const struct {
	const char *directory, *want;
} shared[] = {
	{ "service.d", "refuse no-token " },
	{ "gw-.service.d", "refuse no-token " },
	{ "gw-a-.service.d", "no-token " },
	{ "other-.service.d", "no-token " },
};

START_TEST(check_examine__refuses_secrets_of_several_units)
{
	const struct check_facts known = {
		.home = FILES_HOME, .uid = FILES_UID, .unit = "gw-x.service", .user = "oc"
	};
	AUTO(inventory) inventory = basics("{}", NULL);
	AUTO(secret) names = SECRET_INIT;
	struct error err = ERROR_INIT;
	char path[128];

	ck_assert_int_eq(secret_append(&names, shared[_i].directory,
				       strlen(shared[_i].directory) + 1, &err),
			 0);
	ck_assert_int_eq(files_put_directory(&inventory, "/etc/systemd/system", secret_span(&names),
					     &err),
			 0);
	(void)snprintf(path, sizeof(path), "/etc/systemd/system/%s", shared[_i].directory);
	ck_assert_int_eq(files_put_directory(&inventory, path, SPAN_LITERAL("a.conf\0b\0"), &err),
			 0);
	(void)snprintf(path, sizeof(path), "/etc/systemd/system/%s/a.conf", shared[_i].directory);
	ck_assert_int_eq(files_put(&inventory, path,
				   SPAN_LITERAL("[Service]\nEnvironment=A_TOKEN=plain-1\n"), 0644,
				   &err),
			 0);
	expect(&inventory, &known, shared[_i].want);
}
END_TEST

/* What a unit has in other places than Environment=; with these files beside it. */
static const struct {
	const char *line, *want;
} lines[] = {
	{ "ExecStart=/usr/bin/env A_API_KEY=plain-1 /bin/oc", "unit-argument " },
	{ "ExecStart=/bin/sh -c 'A_API_KEY=plain-1 exec oc --token \"$T\"'", "unit-argument " },
	{ "ExecStart=/bin/oc --token=plain-1", "unit-argument " },
	{ "ExecStart=/bin/oc --token plain-1", "unit-argument " },
	{ "ExecStart=/bin/oc gateway --auth token --port 1", "" },
	{ "ExecStart=/bin/podman run --env-file /etc/oc.env -e B_TOKEN=plain-1 x",
	  "environment-file unit-argument " },
	{ "ExecStart=/bin/podman run --env-file=/etc/oc.env x", "environment-file " },
	{ "ExecStart=/bin/oc --password-file /etc/oc.open", "secret-file-mode " },
	{ "# ExecStart=/bin/oc --token plain-1", "unit-comment " },
	{ "; Environment=OPENAI_API_KEY=plain-1", "unit-comment " },
	{ "# Environment=OPENAI_API_KEY=your-key-here", "" },
	{ "Environment=\"OPENAI\\x5fAPI_KEY=plain-1\"", "unit-plaintext " },
	{ "Environment=URL=https://u:plain-1@h", "unit-plaintext " },
	{ "EnvironmentFile=/etc/*.env", "environment-file " },
	{ "EnvironmentFile=-/et[!a]/o?.e*v", "environment-file " },
	{ "EnvironmentFile=%E/oc.env", "environment-file " },
	{ "EnvironmentFile=/etc/[x", "" },
	{ "EnvironmentFile=/etc/%i.env", "unread " },
	{ "EnvironmentFile=oc.env", "unread " },
	{ "LoadCredential=t:/etc/oc.open", "secret-file-mode " },
	{ "LoadCredential=t:/etc/oc.disk", "secret-file " },
	{ "LoadCredential=t:/etc/oc.bob", "secret-file-owner " },
	{ "LoadCredential=t:/run/socket", "" },
	{ "LoadCredential=t:/etc/gone", "" },
	{ "LoadCredential=stored", "secret-file-mode " },
	{ "LoadCredential=t:stored", "secret-file-mode " },
	{ "LoadCredential=", "" },
	{ "SetCredential=t:plain-1", "unit-credential " },
	{ "SetCredentialEncrypted=t:abc", "" },
};

static int put_beside(struct inventory *inventory, struct error *err)
{
	if (files_put_directory(inventory, "/", SPAN_LITERAL("etc\0run\0"), err) < 0 ||
	    files_put_directory(inventory, "/etc", SPAN_LITERAL(".x.env\0oc.env\0oc.open\0"), err) <
		    0 ||
	    files_put(inventory, "/etc/oc.env", SPAN_LITERAL("XAI_API_KEY=plain-xai\n"), 0600,
		      err) < 0 ||
	    files_put(inventory, "/etc/oc.open", SPAN_LITERAL("plain-open"), 0644, err) < 0 ||
	    files_put(inventory, "/etc/credstore/stored", SPAN_LITERAL("plain-stored"), 0644, err) <
		    0 ||
	    files_put(inventory, "/etc/oc.bob", SPAN_LITERAL("plain-bob"), 0600, err) < 0)
		return -1;
	inventory->items[inventory->len - 1].target.st_uid = FILES_UID + 1;
	if (files_put(inventory, "/etc/oc.disk", SPAN_LITERAL("plain-disk"), 0600, err) < 0)
		return -1;
	inventory->items[inventory->len - 1].in_memory = false;
	if (files_put(inventory, "/run/socket", SPAN_INIT, 0666, err) < 0)
		return -1;
	inventory->items[inventory->len - 1].target.st_mode = S_IFSOCK | 0666;
	return 0;
}

START_TEST(check_examine__looks_into_each_line_of_a_unit)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);
	struct error err = ERROR_INIT;
	char text[256];

	(void)snprintf(text, sizeof(text), "[Service]\n%s\n", lines[_i].line);
	ck_assert_int_eq(put_beside(&inventory, &err), 0);
	ck_assert_int_eq(files_put_directory(&inventory, "/etc/systemd/system",
					     SPAN_LITERAL("openclaw.service\0"), &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, "/etc/systemd/system/openclaw.service",
				   span_of_text(text), 0644, &err),
			 0);
	expect(&inventory, &facts, lines[_i].want);
}
END_TEST

/* None is passed over in silence. */
START_TEST(check_examine__says_which_pattern_stands_for_too_many)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);
	AUTO(secret) names = SECRET_INIT;
	struct error err = ERROR_INIT;
	const unsigned count = _i == 0 ? 256 : 257;

	for (unsigned i = 0; i < count; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "%03u.env", i);
		ck_assert_int_eq(secret_append(&names, name, strlen(name) + 1, &err), 0);
	}
	ck_assert_int_eq(files_put_directory(&inventory, "/", SPAN_LITERAL("etc\0"), &err), 0);
	ck_assert_int_eq(files_put_directory(&inventory, "/etc", secret_span(&names), &err), 0);
	ck_assert_int_eq(files_put_directory(&inventory, "/etc/systemd/system",
					     SPAN_LITERAL("openclaw.service\0"), &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, "/etc/systemd/system/openclaw.service",
				   SPAN_LITERAL("[Service]\nEnvironmentFile=/etc/*.env\n"), 0644,
				   &err),
			 0);
	expect(&inventory, &facts, _i == 0 ? "" : "unread ");
}
END_TEST

/* What the configuration lacks, and a variable has; a password comes before a token where no mode is said. */
static const struct {
	const char *config, *line, *want;
} instead[] = {
	{ "{}", "OPENCLAW_GATEWAY_PASSWORD=plain-pass", "environment-file " },
	{ "{gateway: {auth: {mode: 'token'}}}", "OPENCLAW_GATEWAY_PASSWORD=plain-pass",
	  "environment-file no-token " },
	{ TOKEN_AND("channels: {telegram: {}}"), "TELEGRAM_BOT_TOKEN=plain-bot",
	  "environment-file " },
	{ TOKEN_AND("channels: {telegram: {}}"), "DISCORD_BOT_TOKEN=plain-bot",
	  "environment-file channel " },
};

START_TEST(check_examine__knows_what_is_a_variable_instead)
{
	AUTO(inventory) inventory = basics(instead[_i].config, DOCUMENT);
	struct error err = ERROR_INIT;

	ck_assert_int_eq(files_put_directory(&inventory, FILES_STATE, SPAN_LITERAL(".env\0"), &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, FILES_STATE "/.env", span_of_text(instead[_i].line),
				   0600, &err),
			 0);
	expect(&inventory, &facts, instead[_i].want);
}
END_TEST

/* Files that no unit names: of one path what is in it, and what is said. */
static const struct {
	const char *directory, *name, *text, *want;
} files[] = {
	{ "/etc", "environment", "A_API_KEY=plain-1\nLANG=C\n", "environment-all " },
	{ "/etc/environment.d", "a.conf", "A_API_KEY=plain-1\n", "environment-all " },
	{ "/etc/environment.d", "a", "A_API_KEY=plain-1\n", "" },
	{ FILES_HOME "/.config/environment.d", "a.conf", "A_API_KEY=plain-1\n",
	  "environment-all " },
	{ FILES_HOME, ".bashrc", "export A_API_KEY=\"plain-1\"\nexport B_KEY=~/.ssh/id\n",
	  "environment-all " },
	{ FILES_HOME, ".profile", "export A_API_KEY=$(cat x)\nexport B_KEY=/etc/key\n", "" },
	{ "/etc/systemd/user.conf.d", "a.conf", "[Manager]\nDefaultEnvironment=A_TOKEN=plain-1\n",
	  "unit-plaintext " },
	{ "/etc/systemd", "system.conf", "[Manager]\nDefaultEnvironment=A=B\n", "" },
	{ "/etc/containers/systemd", "openclaw.container",
	  "[Container]\nEnvironment=A_TOKEN=plain-1\nExec=oc --token plain-2\n",
	  "unit-plaintext unit-argument " },
	{ "/etc/systemd/system/service.d", "a.conf", "[Service]\nEnvironment=A_TOKEN=plain-1\n",
	  "unit-plaintext " },
	{ FILES_STATE "/credentials", "oauth.json",
	  "{\"anthropic\":{\"access\":\"plain-1\",\"refresh\":\"plain-2\",\"expires\":1}}",
	  "oauth " },
	{ FILES_STATE "/credentials", "telegram-allowFrom.json", "{\"allowFrom\":[\"1\"]}", "" },
	{ FILES_STATE "/credentials", "service-account-token", "plain-1", "" },
	{ FILES_STATE "/credentials", "creds.json", "{\"noiseKey\":1}", "session " },
	{ FILES_HOME "/.openclaw-dev", "openclaw.json", "{}", "profile " },
	{ FILES_HOME "/.openclaw-dev", ".env", "A_TOKEN=plain-1\n", "" },
	{ FILES_HOME "/.openclawx", "openclaw.json", "{}", "" },
	{ FILES_HOME "/.clawdbot", "clawdbot.json", "{}", "profile " },
	{ FILES_STATE, ".env", "# OPENAI_API_KEY=plain-1\n# A_TOKEN=<yours>\n", "comment " },
	{ FILES_STATE, ".env", "DATABASE_URL=postgres://u:plain-1@h/x\n", "plaintext-odd " },
};

START_TEST(check_examine__looks_into_other_files)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);
	AUTO(secret) names = SECRET_INIT;
	struct error err = ERROR_INIT;
	const char *directory = files[_i].directory;
	char path[128];

	ck_assert_int_eq(secret_append(&names, files[_i].name, strlen(files[_i].name) + 1, &err),
			 0);
	ck_assert_int_eq(files_put_directory(&inventory, directory, secret_span(&names), &err), 0);
	(void)snprintf(path, sizeof(path), "%s/%s", directory, files[_i].name);
	ck_assert_int_eq(files_put(&inventory, path, span_of_text(files[_i].text), 0600, &err), 0);
	(void)snprintf(path, sizeof(path), "%s", strrchr(directory, '/') + 1);
	if (strncmp(directory, FILES_HOME "/.", strlen(FILES_HOME "/.")) == 0)
		ck_assert_int_eq(
			files_put_directory(&inventory, FILES_HOME,
					    span_of((const uint8_t *)path, strlen(path) + 1), &err),
			0);
	if (span_ends_with(span_of_text(directory), "/service.d"))
		ck_assert_int_eq(files_put_directory(&inventory, "/etc/systemd/system",
						     SPAN_LITERAL("service.d\0"), &err),
				 0);
	expect(&inventory, &facts, files[_i].want);
}
END_TEST

static const struct {
	const char *field;
	unsigned mode;
	uid_t uid;
	bool in_memory;
	const char *want;
} token_files[] = {
	{ "tokenFile: '/run/t'", 0400, FILES_UID, true, "" },
	{ "tokenFile: '../../../run/t'", 0400, FILES_UID, false, "secret-file " },
	{ "tokenFile: '/run/t'", 0644, FILES_UID, true, "secret-file-mode " },
	{ "tokenFile: '/run/t'", 0600, FILES_UID + 1, true, "secret-file-owner " },
	{ "accounts: {a: {tokenFile: '/run/t'}}", 0400, FILES_UID, false, "secret-file " },
	{ "tokenFile: '/gone'", 0400, FILES_UID, false, "" },
};

START_TEST(check_examine__looks_into_a_tokens_file)
{
	AUTO(buf) text = BUF_INIT;
	AUTO(inventory) inventory = INVENTORY_INIT;
	struct error err = ERROR_INIT;
	struct inventory_item *item;
	const char *config;

	ck_assert_int_eq(buf_printf(&text, &err,
				    "{gateway: {auth: {token: " REF(
					    "/T") "}}, channels: {line: {%s}}, " PROVIDER "}",
				    token_files[_i].field),
			 0);
	ck_assert_int_eq(buf_text(&text, &config, &err), 0);
	ck_assert_int_eq(put_basics(&inventory, config, DOCUMENT, &err), 0);
	ck_assert_int_eq(files_put(&inventory, "/run/t", SPAN_LITERAL("plain-token"),
				   token_files[_i].mode, &err),
			 0);
	item = &inventory.items[inventory.len - 1];
	item->target.st_uid = token_files[_i].uid;
	item->in_memory = token_files[_i].in_memory;
	expect(&inventory, &facts, token_files[_i].want);
}
END_TEST

START_TEST(check_examine__judges_the_configuration)
{
	AUTO(inventory) inventory = basics(configs[_i].config, configs[_i].document);

	expect(&inventory, &facts, configs[_i].want);
}
END_TEST

enum change { SYMLINK, LINKED, OTHER_OWNER, GROUP, LARGE, ON_DISK, IS_FIFO, NOT_READ };

static const struct {
	enum change change;
	const char *want;
} changes[] = {
	{ SYMLINK, "file " },         { LINKED, "file " },     { OTHER_OWNER, "file " },
	{ GROUP, "file " },           { LARGE, "file " },      { IS_FIFO, "file " },
	{ ON_DISK, "file-on-disk " }, { NOT_READ, "unread " },
};

static void change_document(struct inventory_item *item, enum change change)
{
	switch (change) {
	case SYMLINK:
		item->itself.st_mode = S_IFLNK | 0777;
		break;
	case LINKED:
		item->itself.st_nlink = 2;
		break;
	case OTHER_OWNER:
		item->itself.st_uid = 0;
		break;
	case GROUP:
		item->itself.st_mode = S_IFREG | 0440;
		break;
	case LARGE:
		item->itself.st_size = (1 << 20) + 1;
		break;
	case ON_DISK:
		item->in_memory = false;
		break;
	case IS_FIFO:
		item->itself.st_mode = item->target.st_mode = S_IFIFO | 0400;
		item->is_read = false;
		break;
	case NOT_READ:
		item->is_read = false;
		item->reason = EACCES;
		break;
	}
}

START_TEST(check_examine__knows_what_openclaw_refuses)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);

	change_document(&inventory.items[1], changes[_i].change);
	expect(&inventory, &facts, changes[_i].want);
}
END_TEST

START_TEST(check_examine__wants_the_document_gone_while_the_gateway_is_up)
{
	AUTO(inventory) there = basics(GOOD, DOCUMENT);
	AUTO(inventory) gone = basics(GOOD, NULL);
	struct check_facts up = facts;

	up.gateway = CHECK_GATEWAY_UP;
	expect(&there, &up, "file-left ");
	expect(&gone, &up, "");
}
END_TEST

START_TEST(check_examine__knows_which_commands_openclaw_runs)
{
	static const char config[] =
		"{gateway: {auth: {token: {source: 'exec', provider: 'x', id: 'T'}}}, secrets: "
		"{providers: {x: "
		"{source: 'exec', command: '/home/oc/bin/tool', trustedDirs: ['/home/oc']}}}}";
	AUTO(inventory) inventory = basics(config, NULL);
	struct error err = ERROR_INIT;
	struct inventory_item *tool;

	ck_assert_int_eq(files_put(&inventory, "/home/oc/bin/tool", SPAN_LITERAL("#!"), 0755, &err),
			 0);
	tool = &inventory.items[2];
	expect(&inventory, &facts, "");
	tool->itself.st_uid = 0;
	expect(&inventory, &facts, "exec ");
	tool->itself.st_uid = FILES_UID;
	tool->itself.st_mode = S_IFREG | 0775;
	expect(&inventory, &facts, "exec ");
	tool->itself.st_mode = S_IFLNK | 0777;
	expect(&inventory, &facts, "exec ");
	tool->exists = false;
	expect(&inventory, &facts, "exec ");
}
END_TEST

#define UNITS "/etc/systemd/system"

static const char unit[] =
	"[Service]\nEnvironment=OPENCLAW_STATE_DIR=" FILES_STATE
	" 'GEMINI_API_KEY=plain-gemini'\nEnvironmentFile=-%h/gw.env\n"
	"SetCredential=token:plain-cred\nExecStart=/nix/store/x/wrapper --port 1\n"
	"ExecStop=/bin/sh -c 'B_KEY=plain-b --token'\nEnvironmentFile=/etc/[a-c]*.env\n"
	"LoadCredential=t:/etc/%x\n# --token plain-comment\n";

static int put_all(struct inventory *inventory, struct error *err)
{
	if (put_basics(inventory, GOOD, DOCUMENT, err) < 0 ||
	    files_put_directory(inventory, UNITS,
				SPAN_LITERAL("openclaw-gateway.service\0ssh.service\0openclaw-"
					     "gateway.service.d\0gw.service\0"),
				err) < 0 ||
	    files_put(inventory, UNITS "/gw.service",
		      SPAN_LITERAL(
			      "[Service]\nUser=openclaw\nExecStart=sh -c 'x OPENCLAW_HOME=/x'\n"
			      "Environment=A_KEY=plain-gw\n"),
		      0644, err) < 0 ||
	    files_put(inventory, UNITS "/openclaw-gateway.service", SPAN_LITERAL(unit), 0644, err) <
		    0 ||
	    files_put_directory(inventory, UNITS "/openclaw-gateway.service.d",
				SPAN_LITERAL(".\0..\0x.conf\0"), err) < 0 ||
	    files_put(inventory, UNITS "/openclaw-gateway.service.d/x.conf",
		      SPAN_LITERAL("[Service]\nEnvironment=OPENAI_API_KEY=plain-openai\n"), 0644,
		      err) < 0 ||
	    files_put(inventory, "/root/gw.env", SPAN_LITERAL("XAI_API_KEY=\"plain-xai\"\n"), 0600,
		      err) < 0 ||
	    files_put(inventory, "/nix/store/x/wrapper",
		      SPAN_LITERAL("#!/bin/sh\nexport GROQ_API_KEY='plain-groq'\n"), 0555,
		      err) < 0 ||
	    files_put_directory(inventory, FILES_STATE,
				SPAN_LITERAL(".env\0openclaw.json\0openclaw.json.bak\0.env.old\0"),
				err) < 0)
		return -1;
	inventory->items[inventory->len - 2].in_memory = false;
	if (files_put(inventory, FILES_STATE "/.env",
		      SPAN_LITERAL("A_TOKEN=${B}\nB=1\nC_TOKEN=plain-c\n"), 0600, err) < 0 ||
	    files_put_absent(inventory, FILES_STATE "/.env.old", err) < 0 ||
	    files_put(inventory, FILES_CONFIG ".bak",
		      SPAN_LITERAL("{gateway: {auth: {token: 'plain-old'}}}"), 0600, err) < 0)
		return -1;
	if (files_put_directory(inventory, FILES_STATE "/agents", SPAN_LITERAL("main\0"), err) <
		    0 ||
	    files_put(inventory, FILES_STATE "/agents/main/agent/auth-profiles.json",
		      SPAN_LITERAL("{\"profiles\":{\"a\":{\"key\":\"plain-key\"}}}"), 0600,
		      err) < 0)
		return -1;
	if (files_put_directory(inventory, FILES_STATE "/credentials", SPAN_LITERAL("oauth.json\0"),
				err) < 0 ||
	    files_put(inventory, FILES_STATE "/credentials/oauth.json",
		      SPAN_LITERAL("{\"a\":{\"access\":\"plain-a\"}}"), 0600, err) < 0 ||
	    files_put(inventory, "/etc/environment", SPAN_LITERAL("A_TOKEN=plain-env"), 0644, err) <
		    0)
		return -1;
	return files_put(inventory, "/proc/77/environ",
			 SPAN_LITERAL("PATH=/bin\0HF_TOKEN=plain-hf\0"), 0400, err);
}

START_TEST(check_examine__looks_into_all_it_knows)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(put_all(&inventory, &err), 0);
	expect(&inventory, &facts,
	       "unit-comment unit-plaintext environment-file unit-credential plaintext "
	       "unit-argument unit-plaintext environment-all backup oauth agent environment-file "
	       "environ ");
}
END_TEST

/* Of what it wants, and what it hands on for a search. */
START_TEST(check_examine__hands_on_what_others_need)
{
	AUTO(inventory)
	inventory = basics("{gateway: {port: 0x10, auth: {token: ' plain-1234567 '}}}", NULL);
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct value record;
	struct span rest;
	unsigned wanted = 0, others = 0;

	ck_assert_int_eq(check_examine(&inventory, &facts, &answer, &err), 0);
	rest = secret_span(&answer);
	while (values_take(&rest, &record)) {
		wanted += record.entry == CHECK_WANTED ? 1 : 0;
		others += record.entry == CHECK_TOKEN &&
					  span_equal_text(record.bytes, "plain-1234567")
				  ? 1
				  : 0;
		others +=
			record.entry == CHECK_PORT && span_equal_text(record.bytes, "16") ? 10 : 0;
		others += record.entry == CHECK_STATE && span_equal_text(record.name, FILES_STATE)
				  ? 100
				  : 0;
	}
	ck_assert_uint_ge(wanted, 9);
	ck_assert_uint_eq(others, 111);
}
END_TEST

#define AGENT FILES_STATE "/agents/main/agent"

static const struct {
	const char *profiles, *models, *want;
} agents[] = {
	{ "{\"profiles\":{\"a\":{\"type\":\"api_key\",\"key\":\"plain-key\"},\"b\":{\"token\":"
	  "\"plain-tok\"}}}",
	  "{}", "agent " },
	{ "{\"profiles\":{\"a\":{\"keyRef\":{\"source\":\"file\"}},\"b\":1}}",
	  "{\"providers\":{\"x\":{\"apiKey\":\"secretref-managed\"},\"y\":{\"apiKey\":\"OPENAI_API_"
	  "KEY\"}}}",
	  "" },
	{ "[]", "{\"providers\":{\"x\":{\"apiKey\":\"plain-key\"}}}", "agent " },
	{ "{\"profiles\":[]}", "{", "unread " },
	{ "{\"openrouter\":{\"apiKey\":\"plain-key\"}}", "{}", "agent " },
	{ "{\"profiles\":{\"a\":{\"type\":\"oauth\",\"access\":\"plain-a\",\"refresh\":"
	  "\"plain-r\"},\"b\":{\"key\":\"plain-key\"}}}",
	  "{}", "agent oauth " },
};

START_TEST(check_examine__looks_into_what_agents_have)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);
	struct error err = ERROR_INIT;

	ck_assert_int_eq(files_put_directory(&inventory, FILES_STATE "/agents",
					     SPAN_LITERAL(".\0..\0main\0"), &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, AGENT "/auth-profiles.json",
				   span_of_text(agents[_i].profiles), 0600, &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, AGENT "/models.json",
				   span_of_text(agents[_i].models), 0600, &err),
			 0);
	expect(&inventory, &facts, agents[_i].want);
}
END_TEST

static bool tells_token(const struct inventory *inventory)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;
	struct value record;
	struct span rest;

	ck_assert_int_eq(check_examine(inventory, &facts, &answer, &err), 0);
	rest = secret_span(&answer);
	while (values_take(&rest, &record))
		if (record.entry == CHECK_TOKEN)
			return true;
	return false;
}

/* Who may write the configuration says what root reads, and gets the token: never what he could not read himself. */
START_TEST(check_examine__takes_no_token_from_others_files)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);
	AUTO(inventory) plain = basics("{gateway: {auth: {token: 'plain-1234567'}}}", NULL);

	ck_assert(tells_token(&inventory));
	inventory.items[1].target.st_uid = 0;
	ck_assert(!tells_token(&inventory));
	inventory.items[1].target.st_mode = S_IFREG | 0444;
	ck_assert(tells_token(&inventory));
	ck_assert(tells_token(&plain));
	plain.items[0].target.st_uid = 0;
	ck_assert(!tells_token(&plain));
}
END_TEST

static char *candidates[] = { (char[]){ UNITS "/gw.service" } };
static const struct names candidate = { candidates, 1, 1 };
static const struct check_facts whatever_it_is_called = {
	.home = FILES_HOME, .uid = FILES_UID, .user = "openclaw", .units = &candidate
};

/* Of one unit that is not called openclaw: what is in it, and what is said. */
static const struct {
	const char *text, *want;
} other_names[] = {
	{ "ExecStart=/opt/openclaw\n", "unit-plaintext " },
	{ "ExecStart=/opt/open\\x63law\n", "unit-plaintext " },
	{ "ExecStart=@/usr/bin/node oc /opt/OpenClaw/x.js\n", "unit-plaintext " },
	{ "ExecStart=/opt/x\nEnvironment=B=1 OPENCLAW_NO_RESPAWN=1\n", "unit-plaintext " },
	{ "ExecStart=/opt/x\nEnvironmentFile=/etc/openclaw.env\n", "unit-plaintext " },
	{ "ExecStart=/opt/x " FILES_STATE "\nUser=1000\n", "unit-plaintext " },
	{ "ExecStart=/opt/openclaw\nUser=%i\n", "unit-plaintext " },
	{ "ExecStart=/opt/openclaw\nUser=another\n", "" },
	{ "ExecStart=/usr/bin/systemctl restart openclaw\n", "" },
	{ "ExecStart=bootseal activate --for openclaw\n", "" },
	{ "ExecStart=/opt/x\n# openclaw\n", "" },
	{ "ExecStart=/opt/x\n[Unit]\nAfter=openclaw.service\n", "" },
};

START_TEST(check_examine__knows_units_by_what_they_run)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);
	struct error err = ERROR_INIT;
	char text[256];

	(void)snprintf(text, sizeof(text), "[Service]\nEnvironment=A_KEY=plain-gw\n%s",
		       other_names[_i].text);
	ck_assert_int_eq(files_put_directory(&inventory, UNITS, SPAN_LITERAL("gw.service\0"), &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, UNITS "/gw.service", span_of_text(text), 0644, &err),
			 0);
	expect(&inventory, &whatever_it_is_called, other_names[_i].want);
	expect(&inventory, &facts, "");
}
END_TEST

START_TEST(check_examine__names_what_could_not_be_read)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);
	struct error err = ERROR_INIT;
	struct inventory_item *item;

	ck_assert_int_eq(files_put_directory(&inventory, FILES_STATE, SPAN_LITERAL(".env\0"), &err),
			 0);
	ck_assert_int_eq(files_put(&inventory, FILES_STATE "/.env", SPAN_INIT, 0, &err), 0);
	item = &inventory.items[inventory.len - 1];
	item->is_read = false;
	item->reason = EACCES;
	expect(&inventory, &facts, "unread ");
	item->reason = 0;
	item->itself.st_mode = item->target.st_mode = S_IFIFO | 0600;
	expect(&inventory, &facts, "unread ");
	item->itself.st_mode = item->target.st_mode = S_IFREG;
	item->is_read = item->is_cut = true;
	expect(&inventory, &facts, "unread ");
	item->is_cut = false;
	expect(&inventory, &facts, "");
	item->rights = INVENTORY_BENEATH;
	expect(&inventory, &facts, "closed ");
	item->rights = INVENTORY_TRUSTED;
	expect(&inventory, &facts, "");
	/* below a directory that cannot be looked into, which alone is named */
	ck_assert_int_eq(files_put_absent(&inventory, FILES_HOME "/.bashrc", &err), 0);
	inventory.items[inventory.len - 1].reason = EACCES;
	ck_assert_int_eq(files_put_absent(&inventory, FILES_STATE "/agents", &err), 0);
	inventory.items[inventory.len - 1].reason = EACCES;
	expect(&inventory, &facts, "unread ");
}
END_TEST

/* The rights that it took count, where these are known, and no longer its mode. */
START_TEST(check_examine__takes_a_token_that_the_user_can_read)
{
	AUTO(inventory) inventory = basics(GOOD, DOCUMENT);

	inventory.items[1].target.st_uid = 0;
	inventory.items[1].target.st_mode = S_IFREG | 0440;
	ck_assert(!tells_token(&inventory));
	inventory.items[1].rights = INVENTORY_USERS; /* by a group of his */
	ck_assert(tells_token(&inventory));
	inventory.items[1].target.st_uid = FILES_UID;
	inventory.items[1].rights = INVENTORY_BENEATH;
	ck_assert(!tells_token(&inventory));
}
END_TEST

static int examine(const struct inventory *inventory)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error err = ERROR_INIT;
	const int status = check_examine(inventory, &whatever_it_is_called, &answer, &err);

	ck_assert_int_eq(status, err.kind == ERROR_NONE ? 0 : -1);
	return status;
}

START_TEST(check_examine__survives_flipped_bits)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(put_all(&inventory, &err), 0);
	for (size_t i = 0; i < inventory.len; i++) {
		struct secret *bytes = &inventory.items[i].bytes;

		for (size_t bit = 0; bit < bytes->len * 8; bit += stride(1)) {
			/* a name's end is the kernel's */
			if (S_ISDIR(inventory.items[i].target.st_mode) &&
			    bytes->data[bit / 8] == '\0')
				continue;
			bytes->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
			ck_assert_int_eq(examine(&inventory), 0);
			bytes->data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		}
	}
}
END_TEST

START_TEST(check_examine__sweep)
{
	AUTO(inventory) inventory = INVENTORY_INIT;
	struct error err = ERROR_INIT;

	ck_assert_int_eq(put_all(&inventory, &err), 0);
	SWEEP(examine(&inventory));
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
	Suite *s = suite_create("openclaw/check");
	TCase *tc = tcase_create("check");

	start_crypto();
	tcase_set_timeout(tc, 600);
	tcase_add_checked_fixture(tc, NULL, teardown);
	LOOP(check_examine__judges_the_configuration, configs);
	LOOP(check_examine__knows_what_openclaw_refuses, changes);
	LOOP(check_examine__looks_into_what_agents_have, agents);
	LOOP(check_examine__looks_into_each_line_of_a_unit, lines);
	tcase_add_loop_test(tc, check_examine__says_which_pattern_stands_for_too_many, 0, 2);
	LOOP(check_examine__knows_what_is_a_variable_instead, instead);
	LOOP(check_examine__looks_into_other_files, files);
	LOOP(check_examine__looks_into_a_tokens_file, token_files);
	LOOP(check_examine__refuses_secrets_of_several_units, shared);
	tcase_add_test(tc, check_examine__wants_the_document_gone_while_the_gateway_is_up);
	tcase_add_test(tc, check_examine__knows_which_commands_openclaw_runs);
	tcase_add_test(tc, check_examine__looks_into_all_it_knows);
	tcase_add_test(tc, check_examine__hands_on_what_others_need);
	tcase_add_test(tc, check_examine__takes_no_token_from_others_files);
	LOOP(check_examine__knows_units_by_what_they_run, other_names);
	tcase_add_test(tc, check_examine__names_what_could_not_be_read);
	tcase_add_test(tc, check_examine__takes_a_token_that_the_user_can_read);
	tcase_add_test(tc, check_examine__survives_flipped_bits);
	tcase_add_loop_test(tc, check_examine__stops_a_setup_at_what_it_does_not_know, 0,
			    sizeof(units) / sizeof(*units));
	tcase_add_test(tc, check_examine__sweep);
	suite_add_tcase(s, tc);
	return s;
}
