/* SPDX-License-Identifier: MIT */
/*
 * Which of several places of a secret is in force. The configuration comes before the unit's environment (in it a file
 * that it names before its Environment=), and that before .env; copies are read by nobody. In one file, and in a unit
 * with its drop-ins, the last counts.
 */
#include <string.h>

#include "openclaw/plan.h"

bool seal_place_is_live(const struct seal_place *place)
{
	if (place->is_taken_back)
		return false;
	if (place->kind == CHECK_BY_UNIT || place->kind == CHECK_IN_UNIT)
		return span_ends_with(place->unit, ".service") ||
		       span_ends_with(place->unit, ".conf");
	if (place->kind == CHECK_IN_FILE)
		return span_ends_with(place->file, "/.env") ||
		       span_ends_with(place->file, "/gateway.env");
	return true;
}

/* With the slash at its end. */
static struct span directory_of(struct span path)
{
	size_t len = path.len;

	while (len > 0 && path.data[len - 1] != '/')
		len--;
	return span_slice(path, 0, len);
}

static struct span name_in(struct span path)
{
	return span_slice(path, directory_of(path).len, path.len);
}

static bool is_drop_in(struct span path)
{
	return span_ends_with(directory_of(path), ".d/");
}

/* One of the user's own manager, which reads nothing of the system's. */
static bool is_users(struct span path)
{
	return memmem(path.data, path.len, "/systemd/user/", 14) != NULL;
}

/* "DIRECTORY/X.service" of itself and of "DIRECTORY/X.service.d/Y.conf". */
static struct span unit_of(struct span path)
{
	return is_drop_in(path) ? span_slice(path, 0, directory_of(path).len - 3) : path;
}

/* What has an order of its own. */
static struct span group_of(const struct seal_place *place)
{
	return place->kind == CHECK_IN_UNIT ? unit_of(place->file) : place->file;
}

static int compare(struct span a, struct span b)
{
	const size_t len = a.len < b.len ? a.len : b.len;
	const int order = len > 0 ? memcmp(a.data, b.data, len) : 0;

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

size_t seal_line_number(struct span digits)
{
	size_t line = 0;

	for (size_t i = 0; i < digits.len; i++)
		line = line * 10 + (size_t)(digits.data[i] - '0');
	return line;
}

static size_t line_of(const struct seal_place *place)
{
	return seal_line_number(place->line);
}

/* Of two drop-ins the one of the later name, whichever directory they are in; and all behind the unit itself. */
bool seal_place_is_before_line(const struct seal_place *place, struct span file, size_t line)
{
	if (place->kind != CHECK_IN_UNIT || is_users(place->file) != is_users(file))
		return false;
	if (span_equal(place->file, file))
		return line_of(place) < line;
	if (!is_drop_in(file) || !is_drop_in(place->file))
		return is_drop_in(file);
	return compare(name_in(place->file), name_in(file)) < 0;
}

bool seal_place_comes_before(const struct seal_place *that, const struct seal_place *this)
{
	int order;

	if (seal_place_is_live(that) != seal_place_is_live(this))
		return seal_place_is_live(that);
	if (that->kind != this->kind)
		return that->kind < this->kind;
	if (that->kind == CHECK_IN_CONFIG || that->kind == CHECK_NOWHERE)
		return that < this;
	order = compare(group_of(that), group_of(this));
	if (order != 0)
		return order < 0;
	/* drop-ins are read by their names, which are longer than their unit's */
	order = compare(that->file, this->file);
	if (order != 0)
		return order > 0;
	return line_of(that) != line_of(this) ? line_of(that) > line_of(this) : that > this;
}

bool seal_place_is_unclear(const struct seal_place *that, const struct seal_place *this)
{
	if (that->kind == CHECK_IN_CONFIG || that->kind == CHECK_NOWHERE ||
	    seal_place_is_live(that) != seal_place_is_live(this))
		return false;
	if (that->kind == this->kind)
		return !span_equal(group_of(that), group_of(this));
	if (that->kind == CHECK_IN_FILE || this->kind == CHECK_IN_FILE)
		return !seal_place_is_live(that);
	return !span_equal(unit_of(that->unit), unit_of(this->unit));
}
