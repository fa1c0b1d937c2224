/* SPDX-License-Identifier: MIT */
/*
 * For a setup, which changes the gateway's unit: what in it could be a secret that is not known as one, or would get lost.
 * What is not understood stops the setup before it changes anything, and is named without its value.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/values.h"
#include "check.h"
#include "openclaw/settings.h"
#include "util/buf.h"
#include "util/text.h"

#define REFUSE "refuse"
/* A word of a command that is no path and no option, and longer, may be a key. */
#define WORD_LEN_MAX 19

static const char seal_by_hand[] = "seal it by hand (bootseal set), take it out there, and begin "
				   "again; nothing was changed";

static const char *const harmless[] = {
	"PATH",
	"HOME",
	"LANG",
	"LANGUAGE",
	"TZ",
	"TZDIR",
	"TERM",
	"USER",
	"LOGNAME",
	"SHELL",
	"TMPDIR",
	"NO_COLOR",
	"LOCALE_ARCHIVE",
	"SSL_CERT_FILE",
	"SSL_CERT_DIR",
	"NODE_ENV",
	"NODE_OPTIONS",
	"NODE_PATH",
	"NODE_COMPILE_CACHE",
	"NODE_EXTRA_CA_CERTS",
	"NODE_USE_SYSTEM_CA",
	"XDG_RUNTIME_DIR",
	"XDG_CONFIG_HOME",
	"XDG_DATA_HOME",
	"XDG_STATE_HOME",
	"XDG_CACHE_HOME",
	/* names of variables */
	"OPENCLAW_SERVICE_MANAGED_ENV_KEYS",
};

/* "scheme://user:password@host" */
static bool is_url_with_user(struct span value)
{
	static const char *const slashes[] = { "://", NULL };

	return value.len > 0 && memchr(value.data, '@', value.len) &&
	       known_has_word(value, slashes);
}

static bool is_harmless(struct span name, struct span value)
{
	static const char *const secrets[] = { "TOKEN", "PASSWORD", "KEY", "SECRET", NULL };

	if (is_url_with_user(value))
		return false;
	for (size_t i = 0; i < sizeof(harmless) / sizeof(*harmless); i++)
		if (span_equal_text(name, harmless[i]))
			return true;
	if (span_starts_with(name, "LC_"))
		return true;
	return span_starts_with(name, "OPENCLAW_") && !known_has_word(name, secrets);
}

static int refuse(struct check *check, const char *path, size_t line, const char *what,
		  struct span name, const char *to_do, struct error *err)
{
	return check_say(check, CHECK_PROBLEM, REFUSE, path, to_do, err, "line %zu: %s%s", line,
			 what, text_printable(name).text);
}

/* --- Settings of a unit --- */

/* What of a word of Environment= is neither sealed nor harmless. */
static bool is_strange_variable(struct span word, struct span *ret_name)
{
	struct span value;

	return known_split(word, ret_name, &value) && value.len > 0 && !known_variable(*ret_name) &&
	       !is_harmless(*ret_name, value);
}

/* ret_name is what of the word is no value. */
static bool is_strange_argument(struct span word, struct span *ret_name)
{
	struct span value = SPAN_INIT;
	const bool is_option = span_starts_with(word, "-");

	*ret_name = SPAN_INIT;
	if (!known_split(word, ret_name, &value) && is_option)
		*ret_name = word;
	if (is_option)
		return known_sound(*ret_name) || is_url_with_user(value) ||
		       (value.len > WORD_LEN_MAX && !span_starts_with(value, "/"));
	if (span_starts_with(word, "/") && !memchr(word.data, ' ', word.len) && value.len == 0)
		return false;
	/* what "env" or a shell would set, and what is said in one word of a shell */
	if (value.len > 0)
		return !is_harmless(*ret_name, value) || memchr(word.data, ' ', word.len);
	*ret_name = SPAN_INIT;
	if (is_url_with_user(word))
		return true;
	return word.len > WORD_LEN_MAX && !span_starts_with(word, "http://127.0.0.1:");
}

struct words {
	struct check *check;
	const char *path;
	size_t line;
	bool (*is_strange)(struct span word, struct span *ret_name);
	const char *what;
};

static int check_word(void *argument, struct span word, struct error *err)
{
	const struct words *words = argument;
	struct span name;

	return words->is_strange(word, &name) ? refuse(words->check, words->path, words->line,
						       words->what, name, seal_by_hand, err)
					      : 0;
}

static int check_words(struct check *check, const char *path, const struct unit_line *line,
		       bool (*is_strange)(struct span word, struct span *ret_name),
		       const char *what, struct error *err)
{
	struct words words = { check, path, line->line, is_strange, what };

	return unit_each_word(secret_span(&line->value), check_word, &words, err);
}

/* It must be whom the setup is for. */
static int check_user(struct check *check, const char *path, const struct unit_line *line,
		      struct error *err)
{
	const struct span value = secret_span(&line->value);

	check->has_user = true;
	if (check_is_users(check, value))
		return 0;
	return refuse(check, path, line->line, "another gateway's: User=", value,
		      "name whose it is (--for), or the unit (--unit)", err);
}

bool check_is_users(const struct check *check, struct span name)
{
	char number[16];

	(void)snprintf(number, sizeof(number), "%u", (unsigned)check->facts->uid);
	return span_equal_text(name, number) ||
	       (check->facts->user != NULL && span_equal_text(name, check->facts->user));
}

bool check_is_user_unit(const char *path)
{
	return strstr(path, "/systemd/user/") != NULL ||
	       strstr(path, "/systemd/user.control/") != NULL ||
	       strncmp(path, "/run/user/", strlen("/run/user/")) == 0;
}

int check_refuse_setting(struct check *check, const char *path, const struct unit_line *line,
			 struct error *err)
{
	if (check->facts->unit == NULL)
		return 0;
	if (span_equal_text(line->key, "Environment"))
		return check_words(check, path, line, is_strange_variable,
				   "it is not known whether this is a secret: Environment=", err);
	if (span_starts_with(line->key, "Exec"))
		return check_words(check, path, line, is_strange_argument,
				   "an argument of a command may be a secret ", err);
	if (span_equal_text(line->key, "User") && !check_is_user_unit(path))
		return check_user(check, path, line, err);
	if (span_equal_text(line->key, "SetCredential") && check_is_user_unit(path))
		return refuse(check, path, line->line,
			      "a system unit would not have it: ", line->key, seal_by_hand, err);
	return 0;
}

/* --- Comments --- */

int check_refuse_comments(struct check *check, const struct inventory_item *item, struct error *err)
{
	struct span rest = secret_span(&item->bytes), line;
	size_t number = 0;

	while (check->facts->unit != NULL && span_take_line(&rest, &line)) {
		bool has;

		number++;
		line = span_trim(line);
		if (!span_starts_with(line, "#") && !span_starts_with(line, ";"))
			continue;
		if (line_tells_secret(line, &has, err) < 0 ||
		    (has && refuse(check, item->path, number, "a comment with a secret in it",
				   SPAN_INIT, seal_by_hand, err) < 0))
			return -1;
	}
	return 0;
}

/* --- Files of variables --- */

int check_refuse_path(struct check *check, const char *unit, const struct unit_line *line,
		      struct error *err)
{
	if (check->facts->unit == NULL)
		return 0;
	return refuse(check, unit, line->line,
		      "EnvironmentFile= with a pattern or specifier, which is not followed",
		      SPAN_INIT, "name each file by its path", err);
}

/* It is not the gateway's alone, and stays: a setup would leave the secret where every unit has it. */
int check_refuse_shared(struct check *check, const struct inventory_item *item, struct error *err)
{
	struct span rest = secret_span(&item->bytes), line;
	size_t number = 0;

	while (span_take_line(&rest, &line)) {
		bool has;

		number++;
		if (line_tells_secret(line, &has, err) < 0 ||
		    (has && refuse(check, item->path, number,
				   "a drop-in of several units, with a secret in it", SPAN_INIT,
				   seal_by_hand, err) < 0))
			return -1;
	}
	return 0;
}

/* A user unit goes, and with it the variables of its files that are no secrets. */
int check_refuse_file(struct check *check, const char *unit, const char *path, struct error *err)
{
	const struct inventory_item *item = inventory_find(check->inventory, path);
	struct setting setting;
	struct span text;
	size_t line = 0;

	if (check->facts->unit == NULL || !check_is_user_unit(unit) || item == NULL)
		return 0;
	text = secret_span(&item->bytes);
	while (settings_take(&text, &line, &setting))
		if (!known_variable(setting.name) && setting.value.len > 0 &&
		    refuse(check, path, setting.line,
			   "the user unit becomes a system unit, which would not have ",
			   setting.name, "move it to the unit's Environment=, or to .env", err) < 0)
			return -1;
	return 0;
}

/* What the user's manager gives to all his units, and would not give to a system unit. */
static int check_user_settings(struct check *check, const char *path, struct error *err)
{
	const struct inventory_item *item;
	struct setting setting;
	struct span text;
	size_t line = 0;

	if (check_look(check, path, &item, err) < 0)
		return -1;
	text = item ? secret_span(&item->bytes) : SPAN_INIT;
	while (settings_take(&text, &line, &setting))
		if (known_variable(setting.name) && setting.value.len > 0 &&
		    refuse(check, path, setting.line, "for all of the user's units: ", setting.name,
			   seal_by_hand, err) < 0)
			return -1;
	return 0;
}

int check_refuse_user_settings(struct check *check, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (check->facts->unit == NULL)
		return 0;
	if (buf_printf(&text, err, "%s/.config/environment.d", check->facts->home) < 0 ||
	    buf_text(&text, &path, err) < 0)
		return -1;
	return check_each_conf(check, path, check_user_settings, err);
}

/* --- What root wrote --- */

/* Its author is root: what he names is named by root. */
int check_trust(struct check *check, const struct inventory_item *unit, const char *path,
		struct error *err)
{
	return check_is_user_unit(unit->path) || unit->target.st_uid != 0 ||
			       (unit->target.st_mode & 022) != 0
		       ? 0
		       : check_trust_path(check, path, err);
}

int check_trust_path(struct check *check, const char *path, struct error *err)
{
	return values_put(check->answer,
			  &(struct value){ CHECK_TRUSTED, span_of_text(path), SPAN_INIT }, err);
}
