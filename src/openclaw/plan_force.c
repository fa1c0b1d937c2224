/* SPDX-License-Identifier: MIT */
/*
 * Which of several places of a secret is in force. The configuration comes before the unit's environment (in it a file
 * that it names before its Environment=), and that before .env; copies are read by nobody. In one file, and in a unit
 * with its drop-ins, the last counts.
 */
#include <string.h>

#include "openclaw/plan.h"

static bool is_live(const struct seal_place *place)
{
	if (place->kind == CHECK_BY_UNIT || place->kind == CHECK_IN_UNIT)
		return span_ends_with(place->unit, ".service") ||
		       span_ends_with(place->unit, ".conf");
	if (place->kind == CHECK_IN_FILE)
		return span_ends_with(place->file, "/.env") ||
		       span_ends_with(place->file, "/gateway.env");
	return true;
}

/* "DIRECTORY/X.service" of itself and of "DIRECTORY/X.service.d/Y.conf". */
static struct span unit_of(struct span path)
{
	size_t len = path.len;

	while (len > 0 && path.data[len - 1] != '/')
		len--;
	if (len < 3 || !span_ends_with(span_slice(path, 0, len), ".d/"))
		return path;
	return span_slice(path, 0, len - 3);
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

static size_t line_of(const struct seal_place *place)
{
	size_t line = 0;

	for (size_t i = 0; i < place->line.len; i++)
		line = line * 10 + (size_t)(place->line.data[i] - '0');
	return line;
}

bool seal_place_comes_before(const struct seal_place *that, const struct seal_place *this)
{
	int order;

	if (is_live(that) != is_live(this))
		return is_live(that);
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
	    is_live(that) != is_live(this))
		return false;
	if (that->kind == this->kind)
		return !span_equal(group_of(that), group_of(this));
	if (that->kind == CHECK_IN_FILE || this->kind == CHECK_IN_FILE)
		return !is_live(that);
	return !span_equal(unit_of(that->unit), unit_of(this->unit));
}
