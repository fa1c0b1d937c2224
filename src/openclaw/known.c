/* SPDX-License-Identifier: MIT */
#include "openclaw/known.h"

#include <string.h>

/* Those that do not end like one (see below). */
static const char *const variables[] = {
	"ANTHROPIC_ADMIN_KEY",   "AZURE_SPEECH_KEY",  "FAL_KEY",
	"MINIMAX_CODE_PLAN_KEY", "OPENAI_ADMIN_KEY",  "SPEECH_KEY",
	"FEISHU_ENCRYPT_KEY",    "NOSTR_PRIVATE_KEY", "BUZZ_PRIVATE_KEY",
	"AWS_SECRET_ACCESS_KEY",
};

/*
 * All others of the hundred that OpenClaw names (ANTHROPIC_API_KEY, OPENCLAW_GATEWAY_TOKEN, TELEGRAM_BOT_TOKEN,
 * RUNWAYML_API_SECRET, IRC_PASSWORD, …), and what skills and plugins name like them.
 */
static const char *const endings[] = { "_API_KEY", "_TOKEN", "_SECRET", "_PASSWORD",
				       "_SECRET_KEY" };

/* Keys that OpenClaw takes in turn: X_API_KEYS, X_API_KEY_1, … are X_API_KEY. */
static struct span without_number(struct span name)
{
	size_t len = name.len;

	if (span_ends_with(name, "_API_KEYS"))
		return span_slice(name, 0, name.len - 1);
	while (len > 0 && name.data[len - 1] >= '0' && name.data[len - 1] <= '9')
		len--;
	if (len == name.len || !span_ends_with(span_slice(name, 0, len), "_API_KEY_"))
		return name;
	return span_slice(name, 0, len - 1);
}

bool known_variable(struct span name)
{
	name = without_number(name);
	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++)
		if (span_equal_text(name, variables[i]))
			return true;
	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (span_ends_with(name, endings[i]) && name.len > strlen(endings[i]))
			return true;
	return false;
}

/* "*" is any one part, "**" any number of them, none included. */
static const char *const references[] = {
	"agents.defaults.memorySearch.remote.apiKey",
	"agents.entries.*.memory.search.remote.apiKey",
	"agents.**.tts.**.apiKey",
	"agents.**.memorySearch.remote.apiKey",
	"channels.buzz.**.authTag",
	"channels.buzz.**.privateKey",
	"channels.clickclack.**.token",
	"channels.discord.token",
	"channels.discord.accounts.*.token",
	"channels.discord.**.pluralkit.token",
	"channels.discord.**.voice.**.apiKey",
	"channels.feishu.**.appSecret",
	"channels.feishu.**.encryptKey",
	"channels.feishu.**.verificationToken",
	"channels.googlechat.**.serviceAccount",
	"channels.irc.**.password",
	"channels.matrix.**.accessToken",
	"channels.matrix.**.password",
	"channels.mattermost.**.botToken",
	"channels.msteams.appPassword",
	"channels.nextcloud-talk.**.apiPassword",
	"channels.nextcloud-talk.**.botSecret",
	"channels.nostr.privateKey",
	"channels.qqbot.**.clientSecret",
	"channels.slack.**.appToken",
	"channels.slack.**.botToken",
	"channels.slack.**.relay.authToken",
	"channels.slack.**.signingSecret",
	"channels.slack.**.userToken",
	"channels.sms.**.authToken",
	"channels.telegram.**.botToken",
	"channels.telegram.**.webhookSecret",
	"channels.zalo.**.botToken",
	"channels.zalo.**.webhookSecret",
	"cron.webhookToken",
	"gateway.auth.password",
	"gateway.auth.token",
	"gateway.remote.password",
	"gateway.remote.token",
	"memory.search.remote.apiKey",
	"models.providers.*.apiKey",
	"models.providers.*.headers.*",
	"models.providers.*.request.auth.token",
	"models.providers.*.request.auth.value",
	"models.providers.*.request.headers.*",
	"models.providers.*.request.**.tls.key",
	"models.providers.*.request.**.tls.passphrase",
	"plugins.entries.acpx.config.mcpServers.*.env.*",
	"plugins.entries.*.config.**.apiKey",
	"plugins.entries.*.config.**.authToken",
	"plugins.entries.*.config.**.headers.*",
	"plugins.entries.*.config.**.password",
	"plugins.entries.team-reports.config.*.token",
	"plugins.entries.webhooks.config.routes.*.secret",
	"skills.entries.*.apiKey",
	"talk.**.apiKey",
	"tts.**.apiKey",
};

static const char *const plain_alone[] = {
	"hooks.token",
	"hooks.gmail.pushToken",
	"hooks.mappings.*.sessionKey",
	"channels.discord.**.threadBindings.webhookToken",
	"commands.ownerDisplaySecret",
};

/* The first part of a pattern; goes on behind its dot. */
static struct span take_part(struct span *pattern)
{
	struct span part = SPAN_INIT;

	(void)span_take_until(pattern, '.', &part);
	return part;
}

static bool matches(struct span pattern, const struct span *parts, size_t count)
{
	while (pattern.len > 0) {
		const struct span part = take_part(&pattern);

		if (span_equal_text(part, "**")) {
			for (size_t skipped = 0; skipped <= count; skipped++)
				if (matches(pattern, parts + skipped, count - skipped))
					return true;
			return false;
		}
		if (count == 0 || (!span_equal_text(part, "*") && !span_equal(part, parts[0])))
			return false;
		parts++;
		count--;
	}
	return count == 0;
}

/* env.vars.NAME, and env.NAME in its old form. */
static bool is_variable(const struct span *parts, size_t count)
{
	return count >= 2 && count <= 3 && span_equal_text(parts[0], "env") &&
	       (count == 2 || span_equal_text(parts[1], "vars")) &&
	       known_variable(parts[count - 1]);
}

/* A header that tells who asks; others hold no secret. */
static bool is_open_header(const struct span *parts, size_t count)
{
	static const char *const words[] = { "auth", "key", "token", "secret", "cookie" };
	char name[128] = "";
	const struct span last = count > 0 ? parts[count - 1] : SPAN_INIT;

	if (count < 2 || !span_equal_text(parts[count - 2], "headers") || last.len >= sizeof(name))
		return false;
	memcpy(name, last.data, last.len);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasestr(name, words[i]))
			return false;
	return true;
}

enum known_field known_field(const struct span *parts, size_t count)
{
	for (size_t i = 0; i < sizeof(references) / sizeof(*references); i++)
		if (matches(span_of_text(references[i]), parts, count))
			return is_open_header(parts, count) ? KNOWN_NOTHING : KNOWN_TAKES_REFERENCE;
	for (size_t i = 0; i < sizeof(plain_alone) / sizeof(*plain_alone); i++)
		if (matches(span_of_text(plain_alone[i]), parts, count))
			return KNOWN_PLAIN_ALONE;
	return is_variable(parts, count) ? KNOWN_PLAIN_ALONE : KNOWN_NOTHING;
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
