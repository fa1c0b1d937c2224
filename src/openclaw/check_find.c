/* SPDX-License-Identifier: MIT */
/* Units by what they run: whatever they are called, OpenClaw or its state is in their words. */
#include <string.h>

#include "activate/values.h"
#include "check.h"
#include "openclaw/units.h"
#include "util/buf.h"

/* What a file of a unit's says of it. */
struct said {
	const struct check *check;
	bool runs, is_users, is_others;
	bool is_first; /* word of a command */
	bool is_told;  /* to another program that manages units */
};

static bool names_it(const struct check *check, struct span text)
{
	const char *state = check->facts->state;

	return units_names_openclaw(text) ||
	       (state != NULL && text.len > 0 && memmem(text.data, text.len, state, strlen(state)));
}

/* "systemctl restart openclaw", "bootseal release --for openclaw": they act on it. */
static bool is_manager(struct span program)
{
	static const char *const programs[] = { "bootseal", "systemctl", "journalctl" };
	struct span name = SPAN_INIT;

	while (span_take_until(&program, '/', &name))
		;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++)
		if (span_equal_text(name, programs[i]))
			return true;
	return false;
}

static int take_word(void *argument, struct span word, struct error *err)
{
	struct said *said = argument;

	(void)err;
	said->is_told = said->is_told || (said->is_first && is_manager(word));
	said->is_first = false;
	said->runs = said->runs || (!said->is_told && names_it(said->check, word));
	return 0;
}

/* Where the words of a setting tell what runs; others ("After=", "Description=") may speak of it. */
static bool tells(struct span key)
{
	static const char *const keys[] = { "Environment", "EnvironmentFile", "WorkingDirectory",
					    "Image",       "Volume",          "PodmanArgs" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (span_equal_text(key, keys[i]))
			return true;
	return span_starts_with(key, "Exec");
}

static int take_line(struct said *said, const struct unit_line *line, bool is_user_unit,
		     struct error *err)
{
	const struct span value = secret_span(&line->value);

	if (!check_is_service(line->section))
		return 0;
	if (span_equal_text(line->key, "User") && !is_user_unit && value.len > 0 &&
	    !memchr(value.data, '%', value.len)) {
		said->is_users = check_is_users(said->check, value);
		said->is_others = !said->is_users;
	}
	said->is_first = span_starts_with(line->key, "Exec");
	said->is_told = false;
	return tells(line->key) ? unit_each_word(value, take_word, said, err) : 0;
}

static int take_text(struct said *said, const struct inventory_item *item, struct error *err)
{
	AUTO(unit_line) line = UNIT_LINE_INIT;
	struct unit_text text = { .rest = secret_span(&item->bytes) };
	const bool is_user_unit = check_is_user_unit(item->path);
	bool more;

	for (;;) {
		if (unit_take(&text, &line, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (take_line(said, &line, is_user_unit, err) < 0)
			return -1;
	}
}

/* "/x/a.service", "/x/a.service.d/b.conf": of the unit a.service. */
static struct span unit_of(const char *path)
{
	struct span rest = span_of_text(path), part, before = SPAN_INIT, last = SPAN_INIT;

	while (span_take_until(&rest, '/', &part)) {
		before = last;
		last = part;
	}
	return span_ends_with(before, ".d") ? units_name(before) : units_name(last);
}

static int add(struct names *names, struct span unit, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	const char *name;

	if (buf_append_span(&text, unit, err) < 0 || buf_text(&text, &name, err) < 0)
		return -1;
	return names_add_once(names, name, err);
}

static int find(struct check *check, const struct inventory_item *item, struct error *err)
{
	const struct span unit = unit_of(item->path);
	struct said said = { .check = check };
	struct names *units;

	if (unit.len == 0)
		return 0;
	units = units_is_users(item->path) ? &check->user_units : &check->system_units;
	if (take_text(&said, item, err) < 0 || (said.runs && add(units, unit, err) < 0) ||
	    (said.is_users && add(&check->users, unit, err) < 0) ||
	    (said.is_others && check->facts->user != NULL && add(&check->others, unit, err) < 0))
		return -1;
	return 0;
}

/* For those who ask systemd for it by name. */
static int tell_units(struct check *check, const struct names *units, struct span whose,
		      struct error *err)
{
	for (size_t i = 0; i < units->len; i++) {
		const struct span unit = span_of_text(units->items[i]);

		if (!units_names_openclaw(unit) &&
		    values_put(check->answer, &(struct value){ CHECK_UNIT, unit, whose }, err) < 0)
			return -1;
	}
	return 0;
}

int check_find_units(struct check *check, struct error *err)
{
	const struct names *paths = check->facts->units;

	for (size_t i = 0; paths != NULL && i < paths->len; i++) {
		const struct inventory_item *item;

		if (units_is_roots(paths->items[i]) &&
		    check_trust_path(check, paths->items[i], err) < 0)
			return -1;
		if (check_look(check, paths->items[i], &item, err) < 0 ||
		    (item != NULL && S_ISREG(item->target.st_mode) && find(check, item, err) < 0))
			return -1;
	}
	return tell_units(check, &check->system_units, SPAN_INIT, err) < 0
		       ? -1
		       : tell_units(check, &check->user_units, SPAN_LITERAL("user"), err);
}
