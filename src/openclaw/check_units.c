/* SPDX-License-Identifier: MIT */
/* Which units of systemd are looked at. */
#include <string.h>

#include "check.h"
#include "openclaw/settings.h"
#include "util/buf.h"

static const char *const directories[] = {
	"/etc/systemd/system",         "/run/systemd/system",   "/usr/local/lib/systemd/system",
	"/usr/lib/systemd/system",     "/etc/systemd/user",     "/run/systemd/user",
	"/usr/local/lib/systemd/user", "/usr/lib/systemd/user",
};

/* Names that are OpenClaw's; a backup of a unit is one, too. */
static bool is_ours(struct span name)
{
	static const char *const words[] = { "openclaw", "clawdbot", "moltbot" };

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (name.len > 0 && memmem(name.data, name.len, words[i], strlen(words[i])) != NULL)
			return true;
	return false;
}

/* Drop-ins of every service. */
static const char for_all[] = "service.d";

/* Each file of a directory; of a directory of units those of OpenClaw, and their drop-ins. */
static int check_directory(struct check *check, const char *path, bool all, struct error *err)
{
	const struct inventory_item *item;
	struct span names, name;

	if (check_list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (span_starts_with(name, ".") ||
		    (!all && !is_ours(name) && !span_equal_text(name, for_all)))
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

/* What gives variables to all units: the settings of systemd's managers. */
static int check_managers(struct check *check, struct error *err)
{
	static const char *const files[] = { "/etc/systemd/system.conf", "/etc/systemd/user.conf" };

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		AUTO(buf) text = BUF_INIT;
		const struct inventory_item *item;
		const char *directory;

		if (check_look(check, files[i], &item, err) < 0 ||
		    (item != NULL && S_ISREG(item->target.st_mode) &&
		     check_unit(check, item, err) < 0) ||
		    buf_printf(&text, err, "%s.d", files[i]) < 0 ||
		    buf_text(&text, &directory, err) < 0 ||
		    check_directory(check, directory, true, err) < 0)
			return -1;
	}
	return 0;
}

/* Containers that podman makes units of. */
static int check_containers(struct check *check, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *own;

	if (check_all(check, "/etc/containers/systemd", err) < 0 ||
	    check_all(check, "/etc/containers/systemd/users", err) < 0 ||
	    buf_printf(&text, err, "%s/.config/containers/systemd", check->facts->home) < 0 ||
	    buf_text(&text, &own, err) < 0)
		return -1;
	return check_all(check, own, err);
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
		if (line_tells_secret(line, &has, err) < 0)
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

/* Of several units, the gateway's among them: "service.d", "openclaw-.service.d". */
static bool is_shared(const struct check *check, struct span name)
{
	static const char ending[] = "-.service.d";
	const struct span unit = span_of_text(check->facts->unit);
	const size_t len = name.len - strlen(ending) + 1;

	return span_equal_text(name, for_all) ||
	       (span_ends_with(name, ending) && len < unit.len &&
		span_equal(span_slice(name, 0, len), span_slice(unit, 0, len)));
}

static int check_shared(struct check *check, const char *path, struct error *err)
{
	const struct inventory_item *item;
	struct span names, name;

	if (check_list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (!span_ends_with(name, ".conf"))
			continue;
		if (check_look_in(check, path, (const char *)name.data, &item, err) < 0 ||
		    (item != NULL && check_refuse_shared(check, item, err) < 0))
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
	if (is_shared(check, name))
		return check_shared(check, item->path, err);
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
		if (span_starts_with(name, ".") || (!is_ours(name) && !is_shared(check, name) &&
						    !span_starts_with(name, check->facts->unit)))
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
	if (look(check, own, err) < 0 || check_refuse_user_settings(check, err) < 0)
		return -1;
	if (check->facts->unit == NULL &&
	    (check_managers(check, err) < 0 || check_containers(check, err) < 0))
		return -1;
	return check_environments(check, err);
}
