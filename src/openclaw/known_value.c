/* SPDX-License-Identifier: MIT */
/* What is a secret by what it looks like, whatever it is called. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "openclaw/known.h"
#include "util/text.h"

/* What issuers put before their keys. */
static const char *const prefixes[] = {
	"sk-",         "sk_live_", "rk_live_", "ghp_",    "gho_",  "ghs_",  "ghu_",
	"github_pat_", "glpat-",   "xoxb-",    "xoxp-",   "xoxa-", "xapp-", "AIza",
	"hf_",         "gsk_",     "xai-",     "pplx-",   "tvly-", "npm_",  "SG.",
	"nvapi-",      "r8_",      "eyJ",      "dop_v1_", "fc-",
};

#define KEY_LEN_MIN 20

/* One word with a digit in it: no sentence, and no "sk-your-key-goes-here". */
static bool is_key(struct span value)
{
	bool any_digit = false;

	if (value.len < KEY_LEN_MIN)
		return false;
	for (size_t i = 0; i < value.len; i++) {
		const uint8_t c = value.data[i];

		if (c >= 0x80 || (!isalnum(c) && strchr("-_.:=+/", c) == NULL) || c == '\0')
			return false;
		any_digit = any_digit || isdigit(c);
	}
	for (size_t i = 0; any_digit && i < sizeof(prefixes) / sizeof(*prefixes); i++)
		if (span_starts_with(value, prefixes[i]))
			return true;
	return false;
}

/* Telegram's: digits, a colon, 35 others. */
static bool is_bot_token(struct span value)
{
	size_t digits = 0;

	while (digits < value.len && isdigit(value.data[digits]))
		digits++;
	if (digits < 6 || value.len != digits + 36 || value.data[digits] != ':')
		return false;
	for (size_t i = digits + 1; i < value.len; i++)
		if (!isalnum(value.data[i]) && value.data[i] != '-' && value.data[i] != '_')
			return false;
	return true;
}

/* "token=x" and the like among "a=b&c=d" */
static bool tells_in_query(struct span query)
{
	static const char *const names[] = { "token",  "access_token", "api_key", "apikey",
					     "secret", "password",     "key" };
	struct span part;

	while (span_take_until(&query, '&', &part))
		for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
			const size_t len = strlen(names[i]);

			if (part.len > len + 1 && part.data[len] == '=' &&
			    strncasecmp((const char *)part.data, names[i], len) == 0)
				return part.data[len + 1] != '$';
		}
	return false;
}

/* "scheme://user:password@host", "…?token=x", or one that is a secret as a whole. */
static bool is_telling_url(struct span value)
{
	const uint8_t *slashes = value.len > 2 ? memmem(value.data, value.len, "://", 3) : NULL;
	struct span query, host, user;

	if (slashes == NULL)
		return false;
	if (memmem(value.data, value.len, "://hooks.slack.com/services/", 28) ||
	    memmem(value.data, value.len, "://discord.com/api/webhooks/", 28))
		return true;
	query = span_slice(value, (size_t)(slashes - value.data) + 3, value.len);
	/* with nothing behind them there is no host, and in "/x" none that is named */
	if (!span_take_until(&query, '?', &host))
		return false;
	if (tells_in_query(query))
		return true;
	if (!span_take_until(&host, '/', &user) || user.len == 0 ||
	    memchr(user.data, '@', user.len) == NULL)
		return false;
	host = user;
	(void)span_take_until(&host, '@', &user);
	return span_take_until(&user, ':', &host) && user.len > 0 && user.data[0] != '$';
}

bool known_value(struct span value)
{
	value = span_trim(value);
	if (value.len == 0)
		return false;
	if (value.len > 7 && strncasecmp((const char *)value.data, "Bearer ", 7) == 0)
		value = span_trim(span_slice(value, 7, value.len));
	return is_key(value) || is_bot_token(value) || is_telling_url(value) ||
	       text_holds_private_key(value);
}

bool known_has_word(struct span text, const char *const *words)
{
	for (; *words != NULL; words++) {
		const size_t len = strlen(*words);

		for (size_t i = 0; i + len <= text.len; i++)
			if (strncasecmp((const char *)text.data + i, *words, len) == 0)
				return true;
	}
	return false;
}

bool known_sound(struct span name)
{
	static const char *const words[] = { "token",  "passw", "passphrase", "secret", "key",
					     "bearer", "auth",  "credential", "cookie", NULL };

	return known_has_word(name, words);
}

/* Of options that sound so: they name a place or a way, or switch something off. */
static bool names_no_secret(struct span option)
{
	static const char *const endings[] = { "file", "path", "mode", "-id",   "-dir",
					       "-url", "ring", "auth", "author" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(*endings); i++)
		if (span_ends_with(option, endings[i]))
			return true;
	return span_starts_with(option, "--no-");
}

bool known_option(struct span word)
{
	return span_starts_with(word, "-") && known_sound(word) && !names_no_secret(word);
}

bool known_split(struct span word, struct span *ret_name, struct span *ret_value)
{
	const uint8_t *equals = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;

	if (equals == NULL)
		return false;
	*ret_name = span_slice(word, 0, (size_t)(equals - word.data));
	*ret_value = span_slice(word, ret_name->len + 1, word.len);
	return true;
}

struct span known_argument(struct span before, struct span word)
{
	struct span name, value;

	/* "$TOKEN" is what stands elsewhere */
	if (known_option(before) && memchr(before.data, '=', before.len) == NULL)
		return span_starts_with(word, "-") || span_starts_with(word, "$") ? SPAN_INIT
										  : word;
	if (known_split(word, &name, &value) && value.len > 0 && !span_starts_with(value, "$") &&
	    (known_variable(name) || known_option(name) || known_value(value)))
		return value;
	return known_value(word) ? word : SPAN_INIT;
}
