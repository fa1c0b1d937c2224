/* SPDX-License-Identifier: MIT */
/* Which units of systemd are looked at. */
#include <string.h>

#include "check.h"
#include "openclaw/settings.h"
#include "openclaw/units.h"
#include "util/buf.h"

/* Drop-ins of every service. */
static const char for_all[] = "service.d";

/* Of a place that we name: what root alone can have put there, he may have kept from others. */
static int look(struct check *check, const char *path, const struct inventory_item **ret_item,
		struct error *err)
{
	if (units_is_roots(path) && check_trust_path(check, path, err) < 0)
		return -1;
	return check_look(check, path, ret_item, err);
}

static int look_in(struct check *check, const char *directory, struct span name,
		   const struct inventory_item **ret_item, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *path;

	if (buf_printf(&text, err, "%s/%.*s", directory, SPAN_PRINT(name)) < 0 ||
	    buf_text(&text, &path, err) < 0)
		return -1;
	return look(check, path, ret_item, err);
}

static int list(struct check *check, const char *path, struct span *ret_names, struct error *err)
{
	if (units_is_roots(path) && check_trust_path(check, path, err) < 0)
		return -1;
	return check_list(check, path, ret_names, err);
}

static bool has_unit(const struct names *units, struct span name)
{
	for (size_t i = 0; i < units->len; i++)
		if (units_is_of(name, span_of_text(units->items[i])))
			return true;
	return false;
}

/* By its name; a backup of a unit is one, too. Or as what it says runs OpenClaw. */
static bool is_ours(const struct check *check, const char *directory, struct span name)
{
	return units_names_openclaw(name) ||
	       has_unit(units_is_users(directory) ? &check->user_units : &check->system_units,
			name);
}

/* Another user's gateway, as far as a unit of root's says. */
static bool is_others(const struct check *check, const char *directory, struct span name)
{
	return strstr(directory, "/systemd/system") != NULL && has_unit(&check->others, name);
}

/* Each file of a directory; of a directory of units those of OpenClaw, and their drop-ins. */
static int check_directory(struct check *check, const char *path, bool all, struct error *err)
{
	const struct inventory_item *item;
	struct span names, name;

	if (list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (span_starts_with(name, ".") ||
		    (!all && !is_ours(check, path, name) && !span_equal_text(name, for_all)) ||
		    is_others(check, path, name))
			continue;
		if (look_in(check, path, name, &item, err) < 0)
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

		if (look(check, files[i], &item, err) < 0 ||
		    (item != NULL && S_ISREG(item->target.st_mode) &&
		     check_unit(check, item, err) < 0) ||
		    buf_printf(&text, err, "%s.d", files[i]) < 0 ||
		    buf_text(&text, &directory, err) < 0 ||
		    check_directory(check, directory, true, err) < 0)
			return -1;
	}
	return 0;
}

/* --- For a setup: one unit, and no other --- */

/* Nothing of it counts, and nothing of it is changed. */
static int check_other(struct check *check, const struct inventory_item *item, struct span name,
		       struct error *err)
{
	if (!S_ISREG(item->target.st_mode) || is_others(check, item->path, name) ||
	    (!check_is_user_unit(item->path) && !has_unit(&check->users, name)))
		return 0;
	return check_say(check, CHECK_NOTE, "other-unit", item->path,
			 "name it with --unit if it is the gateway's", err,
			 "another unit of OpenClaw's for this user, which is not looked into");
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

	if (list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (span_equal_text(name, ".") || span_equal_text(name, ".."))
			continue;
		if (look_in(check, path, name, &item, err) < 0)
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

	if (list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (!span_ends_with(name, ".conf"))
			continue;
		if (look_in(check, path, name, &item, err) < 0 ||
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
		return check_other(check, item, name, err);
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

	if (list(check, path, &names, err) < 0)
		return -1;
	while (span_take_until(&names, '\0', &name)) {
		if (span_starts_with(name, ".") ||
		    (!is_ours(check, path, name) && !is_shared(check, name) &&
		     !span_starts_with(name, check->facts->unit)))
			continue;
		if (look_in(check, path, name, &item, err) < 0 ||
		    (item != NULL && check_named_item(check, item, name, err) < 0))
			return -1;
	}
	return 0;
}

static int check_places(struct check *check, const struct names *places, struct error *err)
{
	for (size_t i = 0; i < places->len; i++)
		if ((check->facts->unit ? check_named(check, places->items[i], err)
					: check_all(check, places->items[i], err)) < 0)
			return -1;
	return 0;
}

int check_units(struct check *check, struct error *err)
{
	AUTO(names) roots = NAMES_INIT;
	AUTO(names) users = NAMES_INIT;

	if (units_places(check->facts->home, check->facts->uid, &roots, &users, err) < 0 ||
	    check_find_units(check, err) < 0 || check_places(check, &roots, err) < 0)
		return -1;
	if (check->has_system_unit && !check->has_user &&
	    check_say(check, CHECK_PROBLEM, "refuse", check->facts->unit,
		      "name its user there: User=", err,
		      "it has no User=: its gateway is root's, and not the user's") < 0)
		return -1;
	if (check_places(check, &users, err) < 0 || check_refuse_user_settings(check, err) < 0)
		return -1;
	if (check->facts->unit == NULL && check_managers(check, err) < 0)
		return -1;
	return check_environments(check, err);
}
