/* SPDX-License-Identifier: MIT */
/* Units of systemd: what of an OpenClaw's secrets stands in them, or in files that they name. */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "openclaw/settings.h"
#include "util/buf.h"
#include "util/text.h"

static const char *const directories[] = {
	"/etc/systemd/system",         "/run/systemd/system",   "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",     "/etc/systemd/user",     "/run/systemd/user",
	"/usr/local/lib/systemd/user", "/usr/lib/systemd/user",
};

static const char move_to_file[] = "take it out, give the gateway a SecretRef of source file "
				   "(bootseal-openclaw-check(1)), and issue "
				   "a new one: others may read units";

/* OPENCLAW_HOME and the like, where a unit sets them. */
static int take_own(struct check *check, struct span word, struct error *err)
{
	static const char *const prefixes[CHECK_VARIABLES] = {
		[CHECK_HOME] = "OPENCLAW_HOME=",
		[CHECK_STATE_DIR] = "OPENCLAW_STATE_DIR=",
		[CHECK_CONFIG_PATH] = "OPENCLAW_CONFIG_PATH=",
		[CHECK_PORT_NUMBER] = KNOWN_PORT "=",
	};

	for (size_t i = 0; i < CHECK_VARIABLES; i++) {
		const size_t len = strlen(prefixes[i]);

		if (!span_starts_with(word, prefixes[i]))
			continue;
		free(check->own[i]);
		check->own[i] = strndup((const char *)word.data + len, word.len - len);
		return check->own[i] ? 0 : error_memory(err);
	}
	return 0;
}

static int check_variable(struct check *check, const char *path, size_t line, struct span word,
			  struct error *err)
{
	const uint8_t *equals = word.len > 0 ? memchr(word.data, '=', word.len) : NULL;
	const struct span name =
		equals ? span_slice(word, 0, (size_t)(equals - word.data)) : SPAN_INIT;
	const struct span value = span_slice(word, name.len + 1, word.len);

	if (equals == NULL)
		return 0;
	if (take_own(check, word, err) < 0)
		return -1;
	if (!known_variable(name) || value.len == 0)
		return 0;
	if (names_add_once(&check->variables, text_printable(name).text, err) < 0 ||
	    check_keep(check, CHECK_SECRET, path, value, err) < 0 ||
	    check_note_place(check, CHECK_IN_UNIT, path, line, path, name, value, err) < 0)
		return -1;
	return check_say(check, CHECK_PROBLEM, "unit-plaintext", path, move_to_file, err,
			 "line %zu: Environment= holds %s in plain text", line,
			 text_printable(name).text);
}

static int check_environment(struct check *check, const char *path, const struct unit_line *line,
			     struct error *err)
{
	AUTO(secret) word = SECRET_INIT;
	struct span rest = secret_span(&line->value);
	bool more;

	for (;;) {
		if (unit_take_word(&rest, &word, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (check_variable(check, path, line->line, secret_span(&word), err) < 0)
			return -1;
	}
}

/* "%h" is the home; what has other specifiers is passed over. */
static int check_environment_file(struct check *check, const struct inventory_item *unit,
				  const struct unit_line *line, struct error *err)
{
	struct span name = secret_span(&line->value);
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (span_starts_with(name, "-"))
		name = span_slice(name, 1, name.len);
	if (span_starts_with(name, "%h/")) {
		if (buf_append_text(&text, check->facts->home, err) < 0)
			return -1;
		name = span_slice(name, 2, name.len);
	}
	if (!span_starts_with(name, "/") || memchr(name.data, '%', name.len) ||
	    memchr(name.data, '\0', name.len) || memchr(name.data, '*', name.len) ||
	    memchr(name.data, '?', name.len) || memchr(name.data, '[', name.len))
		return name.len > 0 ? check_refuse_path(check, unit->path, line, err) : 0;
	if (buf_append_span(&text, name, err) < 0 || buf_text(&text, &path, err) < 0 ||
	    check_trust(check, unit, path, err) < 0 ||
	    check_refuse_file(check, unit->path, path, err) < 0)
		return -1;
	return check_settings_file(check, path, unit->path,
				   "give the gateway a SecretRef of source file instead: what is "
				   "in its environment, every "
				   "command of the agent sees",
				   err);
}

/* Files of the Nix store are readable for all, and stay; programs of JavaScript only speak of variables. */
static int look_into_store(struct check *check, struct span word, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (!span_starts_with(word, "/nix/store/") || span_ends_with(word, "js") ||
	    memchr(word.data, '\0', word.len))
		return 0;
	if (buf_append_span(&text, word, err) < 0 || buf_text(&text, &path, err) < 0)
		return -1;
	return check_settings_file(
		check, path, NULL,
		"take it out of the Nix expression, and issue a new one: the store is "
		"readable for all",
		err);
}

static int check_command(struct check *check, const struct unit_line *line, struct error *err)
{
	AUTO(secret) word = SECRET_INIT;
	struct span rest = secret_span(&line->value);
	bool more, is_port = false;

	for (;;) {
		if (unit_take_word(&rest, &word, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (look_into_store(check, secret_span(&word), err) < 0)
			return -1;
		if (is_port) {
			free(check->own[CHECK_PORT_NUMBER]);
			check->own[CHECK_PORT_NUMBER] = strndup((const char *)word.data, word.len);
			if (check->own[CHECK_PORT_NUMBER] == NULL)
				return error_memory(err);
		}
		is_port = span_equal_text(secret_span(&word), "--port");
	}
}

static int check_unit(struct check *check, const struct inventory_item *item, struct error *err)
{
	AUTO(unit_line) line = UNIT_LINE_INIT;
	struct unit_text text = { .rest = secret_span(&item->bytes) };
	const char *doubt;
	size_t doubtful;
	bool more;

	if (check_trust(check, item, item->path, err) < 0 ||
	    check_refuse_comments(check, item, err) < 0 ||
	    unit_doubt(text.rest, &doubt, &doubtful, err) < 0 ||
	    (doubt != NULL && check_note_doubt(check, item->path, doubtful, doubt, err) < 0))
		return -1;
	for (;;) {
		int result = 0;

		if (unit_take(&text, &line, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (!span_equal_text(line.section, "Service"))
			continue;
		if (check_refuse_setting(check, item->path, &line, err) < 0)
			return -1;
		if (span_equal_text(line.key, "Environment"))
			result = check_environment(check, item->path, &line, err);
		else if (span_equal_text(line.key, "EnvironmentFile"))
			result = check_environment_file(check, item, &line, err);
		else if (span_equal_text(line.key, "SetCredential") && line.value.len > 0)
			result = check_say(check, CHECK_PROBLEM, "unit-credential", item->path,
					   "LoadCredential= from a bootseal socket instead "
					   "(bootseal-credentials(8))",
					   err,
					   "line %zu: SetCredential= holds a secret in plain text",
					   line.line);
		else if (span_starts_with(line.key, "Exec"))
			result = check_command(check, &line, err);
		if (result < 0)
			return -1;
	}
}

/* Names that are OpenClaw's; a backup of a unit is one, too. */
static bool is_ours(struct span name)
{
	static const char *const words[] = { "openclaw", "clawdbot", "moltbot" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (name.len > 0 && memmem(name.data, name.len, words[i], strlen(words[i])) != NULL)
			return true;
	return false;
}

/* Each file of a directory; of a directory of units those of OpenClaw, and their drop-ins. */
static int check_directory(struct check *check, const char *path, bool all, struct error *err)
{
	const struct inventory_item *item;
	struct span names, name;

	if (check_list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (span_starts_with(name, ".") || (!all && !is_ours(name)))
			continue;
		if (check_look_in(check, path, (const char *)name.data, &item, err) < 0)
			return -1;
		if (item == NULL)
			continue;
		if (S_ISREG(item->target.st_mode) && check_unit(check, item, err) < 0)
			return -1;
		if (!all && S_ISDIR(item->target.st_mode) && span_ends_with(name, ".d") &&
		    check_directory(check, item->path, true, err) < 0)
			return -1;
	}
	return 0;
}

static int check_all(struct check *check, const char *path, struct error *err)
{
	return check_directory(check, path, false, err);
}

/* --- For a setup: one unit, and no other --- */

/* Of the user's own, or with his name in it. */
static int is_unit_of_user(struct check *check, const struct inventory_item *item, bool *ret_is,
			   struct error *err)
{
	AUTO(unit_line) line = UNIT_LINE_INIT;
	struct unit_text text = { .rest = secret_span(&item->bytes) };
	bool more;

	*ret_is = check_is_user_unit(item->path);
	for (;;) {
		if (unit_take(&text, &line, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (span_equal_text(line.key, "User"))
			*ret_is = *ret_is || check_is_users(check, secret_span(&line.value));
	}
}

/* Nothing of it counts, and nothing of it is changed. */
static int check_other(struct check *check, const struct inventory_item *item, struct error *err)
{
	bool is = false;

	if (!S_ISREG(item->target.st_mode))
		return 0;
	if (is_unit_of_user(check, item, &is, err) < 0)
		return -1;
	return is ? check_say(check, CHECK_NOTE, "other-unit", item->path,
			      "name it with --unit if it is the gateway's", err,
			      "another unit of OpenClaw's for this user, which is not looked into")
		  : 0;
}

/* A copy that somebody left beside the unit: it goes where it has secrets in it. */
static int check_copy(struct check *check, const struct inventory_item *item, struct error *err)
{
	struct span text = secret_span(&item->bytes), line;
	bool has = false;

	if (!S_ISREG(item->target.st_mode))
		return 0;
	while (!has && span_take_line(&text, &line))
		if (check_has_secret(line, &has, err) < 0)
			return -1;
	if (!has)
		return 0;
	if (check_trust(check, item, item->path, err) < 0)
		return -1;
	return check_say(check, CHECK_PROBLEM, "backup", item->path, "remove it", err,
			 "a copy of the unit with secrets in it");
}

/* The drop-ins of the unit. */
static int check_drop_ins(struct check *check, const char *path, struct error *err)
{
	const struct inventory_item *item;
	struct span names, name;

	if (check_list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (span_equal_text(name, ".") || span_equal_text(name, ".."))
			continue;
		if (check_look_in(check, path, (const char *)name.data, &item, err) < 0)
			return -1;
		if (item == NULL || !S_ISREG(item->target.st_mode))
			continue;
		if ((span_ends_with(name, ".conf") ? check_unit(check, item, err)
						   : check_copy(check, item, err)) < 0)
			return -1;
	}
	return 0;
}

static int check_named_item(struct check *check, const struct inventory_item *item,
			    struct span name, struct error *err)
{
	const struct span unit = span_of_text(check->facts->unit);

	if (span_equal(name, unit)) {
		if (!S_ISREG(item->target.st_mode))
			return 0;
		check->has_system_unit = check->has_system_unit || !check_is_user_unit(item->path);
		return check_unit(check, item, err);
	}
	if (!span_starts_with(name, check->facts->unit))
		return check_other(check, item, err);
	if (S_ISDIR(item->target.st_mode))
		return span_equal_text(span_slice(name, unit.len, name.len), ".d")
			       ? check_drop_ins(check, item->path, err)
			       : 0;
	return check_copy(check, item, err);
}

static int check_named(struct check *check, const char *path, struct error *err)
{
	const struct inventory_item *item;
	struct span names, name;

	if (check_list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (span_starts_with(name, ".") ||
		    (!is_ours(name) && !span_starts_with(name, check->facts->unit)))
			continue;
		if (check_look_in(check, path, (const char *)name.data, &item, err) < 0 ||
		    (item != NULL && check_named_item(check, item, name, err) < 0))
			return -1;
	}
	return 0;
}

int check_units(struct check *check, struct error *err)
{
	int (*look)(struct check *, const char *, struct error *) =
		check->facts->unit ? check_named : check_all;
	AUTO(buf) text = BUF_INIT;
	const char *own;

	for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); i++)
		if (look(check, directories[i], err) < 0)
			return -1;
	if (check->has_system_unit && !check->has_user &&
	    check_say(check, CHECK_PROBLEM, "refuse", check->facts->unit,
		      "name its user there: User=", err,
		      "it has no User=: its gateway is root's, and not the user's") < 0)
		return -1;
	if (buf_printf(&text, err, "%s/.config/systemd/user", check->facts->home) < 0 ||
	    buf_text(&text, &own, err) < 0)
		return -1;
	return look(check, own, err) < 0 ? -1 : check_refuse_user_settings(check, err);
}
