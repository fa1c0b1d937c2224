/* SPDX-License-Identifier: MIT */
/*
 * Fields of the configuration by their paths. Those that take a SecretRef are a list, as OpenClaw's own schema has them
 * ("openclaw config schema"): one put anywhere else would make it refuse the whole configuration. Those that take none
 * are known by their names.
 */
#include <string.h>
#include <strings.h>

#include "openclaw/known.h"

/* "*" is any one part, "**" any number of them, none included. */
static const char *const references[] = {
	"agents.defaults.memorySearch.remote.apiKey",
	"agents.**.sandbox.ssh.identityData",
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
	"channels.googlechat.serviceAccount",
	"channels.googlechat.accounts.*.serviceAccount",
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
	"gateway.controlUi.github.token",
	"gateway.remote.edgeAuth.*",
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
	"plugins.entries.*.config.webSearch.apiKey",
	"plugins.entries.*.config.webFetch.apiKey",
	"plugins.entries.facetime.config.*.providers.*.apiKey",
	"plugins.entries.google-meet.config.*.providers.*.apiKey",
	"plugins.entries.voice-call.config.*.providers.*.apiKey",
	"plugins.entries.codex.config.appServer.authToken",
	"plugins.entries.codex.config.appServer.headers.*",
	"plugins.entries.comfy.config.headers.*",
	"plugins.entries.google.config.webSearch.headers.*",
	"plugins.entries.imap.config.accounts.*.password",
	"plugins.entries.team-reports.config.*.token",
	"plugins.entries.typesafe.config.apiKey",
	"plugins.entries.voice-call.config.twilio.authToken",
	"plugins.entries.webhooks.config.routes.*.secret",
	"skills.entries.*.apiKey",
	"talk.**.apiKey",
	"tools.media.**.request.auth.token",
	"tools.media.**.request.auth.value",
	"tools.media.**.request.headers.*",
	"tools.media.**.request.**.tls.key",
	"tools.media.**.request.**.tls.passphrase",
	"tts.**.apiKey",
};

/* Of names that do not tell. */
static const char *const plain_alone[] = {
	"hooks.mappings.*.sessionKey",
	"channels.tlon.code",
	"channels.tlon.accounts.*.code",
	"channels.synology-chat.**.incomingUrl",
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

static bool matches_one(const char *const *patterns, size_t len, const struct span *parts,
			size_t count)
{
	for (size_t i = 0; i < len; i++)
		if (matches(span_of_text(patterns[i]), parts, count))
			return true;
	return false;
}

/* env.vars.NAME, env.NAME in its old form, and the environment of whatever OpenClaw starts. */
static bool is_variable(const struct span *parts, size_t count)
{
	const bool is_own = count >= 2 && count <= 3 && span_equal_text(parts[0], "env") &&
			    (count == 2 || span_equal_text(parts[1], "vars"));

	return (is_own || (count >= 3 && span_equal_text(parts[count - 2], "env"))) &&
	       known_variable(parts[count - 1]);
}

static bool is_header(const struct span *parts, size_t count)
{
	return count >= 2 && span_equal_text(parts[count - 2], "headers");
}

/* A header that tells who asks; others hold no secret. */
static bool is_open_header(const struct span *parts, size_t count)
{
	static const char *const words[] = { "auth", "key", "token", "secret", "cookie" };
	char name[128] = "";
	const struct span last = count > 0 ? parts[count - 1] : SPAN_INIT;

	if (!is_header(parts, count) || last.len >= sizeof(name))
		return false;
	memcpy(name, last.data, last.len);
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcasestr(name, words[i]))
			return false;
	return true;
}

static bool ends_like_secret(struct span name)
{
	static const char *const endings[] = { "token",      "secret",    "password",
					       "passphrase", "apikey",    "privatekey",
					       "secretkey",  "accesskey", "encryptkey" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++) {
		const size_t len = strlen(endings[i]);

		if (name.len >= len &&
		    strncasecmp((const char *)name.data + name.len - len, endings[i], len) == 0)
			return true;
	}
	return false;
}

/* "tokenFile", "serviceAccountFile" */
static bool is_file_name(struct span last)
{
	const struct span what = span_slice(last, 0, last.len - strlen("File"));

	return span_ends_with(last, "File") &&
	       (ends_like_secret(what) || span_equal_text(what, "serviceAccount"));
}

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

enum known_field known_field(const struct span *parts, size_t count)
{
	if (count == 0 || is_open_header(parts, count))
		return KNOWN_NOTHING;
	if (matches_one(references, COUNT(references), parts, count))
		return KNOWN_TAKES_REFERENCE;
	if (is_header(parts, count) || is_variable(parts, count) ||
	    (count > 1 && ends_like_secret(parts[count - 1])) ||
	    matches_one(plain_alone, COUNT(plain_alone), parts, count))
		return KNOWN_PLAIN_ALONE;
	return is_file_name(parts[count - 1]) ? KNOWN_FILE : KNOWN_NOTHING;
}
