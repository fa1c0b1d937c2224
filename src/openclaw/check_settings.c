/* SPDX-License-Identifier: MIT */
/* Secrets in files of variables, and in the environment of processes. */
#include <string.h>

#include "check.h"
#include "openclaw/settings.h"
#include "util/buf.h"
#include "util/text.h"

static const char move_out[] =
	"seal it (bootseal set), give OpenClaw a SecretRef of source file, and take it out here";

/* "${OTHER}" stands for what is elsewhere. */
static bool is_value(struct span value)
{
	return value.len > 0 && !span_starts_with(value, "${");
}

/* A secret under a name that OpenClaw does not know: "DATABASE_URL=postgres://user:password@host". */
static int check_odd(struct check *check, const struct inventory_item *item,
		     const struct setting *setting, struct error *err)
{
	if (!known_value(setting->value))
		return 0;
	if (check_keep(check, CHECK_SECRET, item->path, setting->value, err) < 0)
		return -1;
	return check_say(check, CHECK_PROBLEM, "plaintext-odd", item->path, move_out, err,
			 "line %zu: %s seems to hold a secret in plain text", setting->line,
			 text_printable(setting->name).text);
}

/* Lines that were put out of use. */
static int check_comments(struct check *check, const struct inventory_item *item, struct error *err)
{
	struct span rest = secret_span(&item->bytes), line;
	size_t number = 0;

	while (span_take_line(&rest, &line)) {
		bool tells = false;

		number++;
		if (!line_is_comment(line))
			continue;
		if (line_tells_secret(line, &tells, err) < 0 ||
		    (tells &&
		     check_say(check, CHECK_NOTE, "comment", item->path,
			       "take it out, and issue a new one where it is in use", err,
			       "line %zu: a comment that seems to hold a secret", number) < 0))
			return -1;
	}
	return 0;
}

static int check_setting(struct check *check, const struct inventory_item *item,
			 const struct setting *setting, const char *unit, const char *to_do,
			 struct error *err)
{
	if (!is_value(setting->value))
		return 0;
	if (!known_variable(setting->name))
		return check_odd(check, item, setting, err);
	if (names_add_once(&check->variables, text_printable(setting->name).text, err) < 0 ||
	    check_keep(check, CHECK_SECRET, item->path, setting->value, err) < 0 ||
	    check_note_place(check, unit ? CHECK_BY_UNIT : CHECK_IN_FILE, item->path, setting->line,
			     unit ? unit : "", setting->name, setting->value, err) < 0)
		return -1;
	return check_say(check, CHECK_PROBLEM, item->in_memory ? "environment-file" : "plaintext",
			 item->path, to_do, err, "line %zu: %s in plain text%s", setting->line,
			 text_printable(setting->name).text,
			 item->in_memory ? ", in memory alone" : "");
}

int check_settings_file(struct check *check, const char *path, const char *unit, const char *to_do,
			struct error *err)
{
	const struct inventory_item *item;
	const char *doubt;
	struct setting setting;
	struct span text;
	size_t line = 0;

	if (check_look(check, path, &item, err) < 0)
		return -1;
	if (item == NULL || !item->exists || S_ISDIR(item->target.st_mode))
		return 0;
	if (item->target.st_mode != 0 && !S_ISREG(item->target.st_mode))
		return check_say(check, CHECK_NOTE, "unread", path, "look into it yourself", err,
				 "it is no regular file, and was not opened");
	text = secret_span(&item->bytes);
	/* what is in the store is a program */
	if (strncmp(path, "/nix/store/", 11) != 0 && check_comments(check, item, err) < 0)
		return -1;
	doubt = strncmp(path, "/nix/store/", 11) == 0 ? NULL : settings_doubt(text, &line);
	if (doubt != NULL && check_note_doubt(check, path, line, doubt, err) < 0)
		return -1;
	line = 0;
	while (settings_take(&text, &line, &setting))
		if (check_setting(check, item, &setting, unit, to_do, err) < 0)
			return -1;
	return 0;
}

static int check_in(struct check *check, const char *directory, const char *name, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (buf_printf(&text, err, "%s/%s", directory, name) < 0 || buf_text(&text, &path, err) < 0)
		return -1;
	return check_settings_file(check, path, NULL, move_out, err);
}

/* In the state directory: .env, and copies of it that somebody or an editor left. */
static int check_copies(struct check *check, struct error *err)
{
	const struct inventory_item *directory;
	struct span names, name;

	if (check_look(check, check->where.state, &directory, err) < 0)
		return -1;
	names = directory && directory->is_read ? secret_span(&directory->bytes) : SPAN_INIT;
	while (span_take_until(&names, '\0', &name))
		if ((span_starts_with(name, ".env") ||
		     span_starts_with(name, "gateway.systemd.env")) &&
		    check_in(check, check->where.state, (const char *)name.data, err) < 0)
			return -1;
	return 0;
}

int check_settings(struct check *check, struct error *err)
{
	if (check_copies(check, err) < 0)
		return -1;
	/* OpenClaw's own file of before */
	return check_in(check, check->facts->home, ".config/openclaw/gateway.env", err);
}

static int check_environ(struct check *check, const struct inventory_item *item, struct error *err)
{
	struct span text = secret_span(&item->bytes);
	struct setting setting;

	while (settings_take_environ(&text, &setting)) {
		if (!known_variable(setting.name) || setting.value.len == 0)
			continue;
		if (names_add_once(&check->variables, text_printable(setting.name).text, err) < 0 ||
		    check_keep(check, CHECK_SECRET, item->path, setting.value, err) < 0 ||
		    check_say(check, CHECK_PROBLEM, "environ", item->path,
			      "give it as a SecretRef of source file, and restart the gateway: "
			      "every command "
			      "of the agent inherits its environment",
			      err, "the process has %s in its environment",
			      text_printable(setting.name).text) < 0)
			return -1;
	}
	return 0;
}

int check_processes(struct check *check, struct error *err)
{
	for (size_t i = 0; i < check->inventory->len; i++) {
		const struct inventory_item *item = &check->inventory->items[i];

		if (strncmp(item->path, "/proc/", 6) == 0 &&
		    span_ends_with(span_of_text(item->path), "/environ") &&
		    check_environ(check, item, err) < 0)
			return -1;
	}
	return 0;
}
