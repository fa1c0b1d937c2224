/* SPDX-License-Identifier: MIT */
/* Variables by their names. */
#include "openclaw/known.h"

#include <string.h>

/* Those that do not end like one (see below). */
static const char *const variables[] = {
	"AWS_BEARER_TOKEN_BEDROCK",
	"GOOGLE_CHAT_SERVICE_ACCOUNT",
	"OPENCLAW_APNS_PRIVATE_KEY_P8",
	"PGPASSWORD",
	"REDISCLI_AUTH",
	"SSHPASS",
	"TLON_CODE",
};

/*
 * All others of the hundred that OpenClaw names (ANTHROPIC_API_KEY, OPENCLAW_GATEWAY_TOKEN, AWS_SECRET_ACCESS_KEY,
 * RUNWAYML_API_SECRET, IRC_PASSWORD, FAL_KEY, …), and what skills, plugins and other programs name like them.
 */
static const char *const endings[] = {
	"_KEY",        "_TOKEN",    "_SECRET", "_PASSWORD", "_PASSWD", "_PASS", "_PWD",
	"_PASSPHRASE", "_PASSCODE", "_APIKEY", "_AUTHKEY",  "_COOKIE", "_PAT",
};

/* What ends like one, and is none: keys that are told to everybody, and OpenClaw's names of conversations. */
static bool is_open(struct span name)
{
	static const char *const open[] = { "_PUBLIC_KEY", "_AGENT_SESSION_KEY",
					    "_CLI_CAPTURE_KEY" };

	for (size_t i = 0; i < sizeof(open) / sizeof(*open); i++)
		if (span_ends_with(name, open[i]))
			return true;
	return false;
}

/* Keys that OpenClaw takes in turn: X_API_KEYS, X_API_KEY_1, X_API_KEY_OLD, OPENCLAW_LIVE_X_KEYS. */
static bool is_one_of_many(struct span name)
{
	static const char middle[] = "_API_KEY_";
	const size_t len = strlen(middle);

	if (span_ends_with(name, "_KEYS"))
		return (span_ends_with(name, "_API_KEYS") && name.len > strlen("_API_KEYS")) ||
		       span_starts_with(name, "OPENCLAW_LIVE_");
	/* something stands before it and behind it */
	return name.len > len + 1 && memmem(name.data + 1, name.len - 2, middle, len) != NULL;
}

bool known_variable(struct span name)
{
	if (is_open(name))
		return false;
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if (span_equal_text(name, variables[i]))
			return true;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (span_ends_with(name, endings[i]) && name.len > strlen(endings[i]))
			return true;
	return is_one_of_many(name);
}

const struct known_channel known_channels[] = {
	{ "telegram", "botToken", "tokenFile", "TELEGRAM_BOT_TOKEN" },
	{ "discord", "token", NULL, "DISCORD_BOT_TOKEN" },
	{ "slack", "botToken", "userToken", "SLACK_BOT_TOKEN" },
	{ "slack", "appToken", "signingSecret", "SLACK_APP_TOKEN" },
	{ "mattermost", "botToken", NULL, "MATTERMOST_BOT_TOKEN" },
	{ "msteams", "appPassword", NULL, "MSTEAMS_APP_PASSWORD" },
	{ "feishu", "appSecret", NULL, "FEISHU_APP_SECRET" },
	{ "zalo", "botToken", "tokenFile", "ZALO_BOT_TOKEN" },
	{ NULL, NULL, NULL, NULL },
};
