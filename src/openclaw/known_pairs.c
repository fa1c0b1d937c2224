/* SPDX-License-Identifier: MIT */
/* Which field of the configuration does what a variable does. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "openclaw/known.h"

static const struct {
	const char *variable, *field;
} pairs[] = {
	{ KNOWN_TOKEN, "gateway.auth.token" },
	{ KNOWN_PASSWORD, "gateway.auth.password" },
	{ "GEMINI_API_KEY", "models.providers.google.apiKey" },
	{ "TELEGRAM_BOT_TOKEN", "channels.telegram.botToken" },
	{ "DISCORD_BOT_TOKEN", "channels.discord.token" },
	{ "SLACK_BOT_TOKEN", "channels.slack.botToken" },
	{ "SLACK_APP_TOKEN", "channels.slack.appToken" },
	{ "MATTERMOST_BOT_TOKEN", "channels.mattermost.botToken" },
	{ "MSTEAMS_APP_PASSWORD", "channels.msteams.appPassword" },
	{ "FEISHU_APP_SECRET", "channels.feishu.appSecret" },
	{ "ZALO_BOT_TOKEN", "channels.zalo.botToken" },
	{ "BRAVE_API_KEY", "plugins.entries.brave.config.webSearch.apiKey" },
	{ "EXA_API_KEY", "plugins.entries.exa.config.webSearch.apiKey" },
	{ "FIRECRAWL_API_KEY", "plugins.entries.firecrawl.config.webSearch.apiKey" },
	{ "PERPLEXITY_API_KEY", "plugins.entries.perplexity.config.webSearch.apiKey" },
	{ "TAVILY_API_KEY", "plugins.entries.tavily.config.webSearch.apiKey" },
};

/* Providers of which the key alone is a whole entry: "openclaw config validate" takes it. */
static const char *const bundled[] = {
	"anthropic", "openai",   "openrouter", "groq", "mistral",  "deepseek",
	"xai",       "moonshot", "minimax",    "zai",  "cerebras", "together",
	"fireworks", "nvidia",   "litellm",    "vllm",
};

#define MODELS "models.providers."
#define API_KEY "_API_KEY"

bool known_field_of(struct span variable, char ret_field[KNOWN_NAME_MAX])
{
	const size_t tail = strlen(API_KEY);

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (span_equal_text(variable, pairs[i].variable)) {
			(void)snprintf(ret_field, KNOWN_NAME_MAX, "%s", pairs[i].field);
			return true;
		}
	if (!span_ends_with(variable, API_KEY))
		return false;
	for (size_t i = 0; i < sizeof(bundled) / sizeof(*bundled); i++)
		if (strlen(bundled[i]) == variable.len - tail &&
		    strncasecmp(bundled[i], (const char *)variable.data, variable.len - tail) ==
			    0) {
			(void)snprintf(ret_field, KNOWN_NAME_MAX, MODELS "%s.apiKey", bundled[i]);
			return true;
		}
	return false;
}

/* "plugins.entries.x" and the like say nothing that a key must say. */
static struct span without_group(struct span field)
{
	static const char *const groups[] = { MODELS, "channels.", "plugins.entries.",
					      "skills.entries." };

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (span_starts_with(field, groups[i]))
			return span_slice(field, strlen(groups[i]), field.len);
	return field;
}

void known_variable_of(struct span field, char ret_variable[KNOWN_NAME_MAX])
{
	const struct span rest = without_group(field);
	size_t len = 0;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		if (span_equal_text(field, pairs[i].field)) {
			(void)snprintf(ret_variable, KNOWN_NAME_MAX, "%s", pairs[i].variable);
			return;
		}
	if (rest.len > 0 && !isalpha(rest.data[0]))
		ret_variable[len++] = 'X';
	for (size_t i = 0; i < rest.len && len + 3 < KNOWN_NAME_MAX; i++) {
		const uint8_t c = rest.data[i];

		if (i > 0 && isupper(c) && islower(rest.data[i - 1]))
			ret_variable[len++] = '_';
		ret_variable[len++] = c < 0x80 && isalnum(c) ? (char)toupper(c) : '_';
	}
	ret_variable[len] = '\0';
}
