/* SPDX-License-Identifier: MIT */
/*
 * Timestamps: which plain scalars go-yaml reads as one, and the RFC 3339 text
 * that sops hashes and seals for them.
 */
#include <stdio.h>
#include <string.h>

#include "internal.h"

struct yaml_moment {
	unsigned year, month, day, hour, minute, second;
	struct span fraction; /* its digits, without trailing zeros, at most 9 */
	char zone[7];         /* "Z" or "+01:00" */
};

/* One or two digits (exactly two where strict) up to max. */
static bool take_number(struct span *s, bool strict, unsigned max, unsigned *ret_value)
{
	unsigned value = 0;
	size_t len = 0;

	while (len < 2 && len < s->len && s->data[len] >= '0' && s->data[len] <= '9')
		value = value * 10 + (s->data[len++] - '0');
	if (len == 0 || (strict && len != 2) || value > max)
		return false;
	*s = span_slice(*s, len, s->len);
	*ret_value = value;
	return true;
}

static bool take_byte(struct span *s, char byte)
{
	if (s->len == 0 || s->data[0] != (uint8_t)byte)
		return false;
	*s = span_slice(*s, 1, s->len);
	return true;
}

static bool take_date(struct span *s, bool strict, struct yaml_moment *m)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	unsigned century, rest, last;

	if (!take_number(s, true, 99, &century) || !take_number(s, true, 99, &rest))
		return false;
	m->year = century * 100 + rest;
	if (!take_byte(s, '-') || !take_number(s, strict, 12, &m->month) || m->month == 0 ||
	    !take_byte(s, '-') || !take_number(s, strict, 31, &m->day))
		return false;
	last = days[m->month - 1];
	if (m->month == 2 && m->year % 4 == 0 && (m->year % 100 != 0 || m->year % 400 == 0))
		last = 29;
	return m->day >= 1 && m->day <= last;
}

static bool take_clock(struct span *s, bool strict, struct yaml_moment *m)
{
	size_t len = 1;

	if (!take_number(s, strict, 23, &m->hour) || !take_byte(s, ':') ||
	    !take_number(s, strict, 59, &m->minute) || !take_byte(s, ':') ||
	    !take_number(s, strict, 59, &m->second))
		return false;
	if (s->len < 2 || (s->data[0] != '.' && (strict || s->data[0] != ',')))
		return true;
	while (len < s->len && s->data[len] >= '0' && s->data[len] <= '9')
		len++;
	if (len == 1)
		return false;
	m->fraction = span_slice(*s, 1, len - 1);
	if (m->fraction.len > 9)
		m->fraction.len = 9;
	while (m->fraction.len > 0 && m->fraction.data[m->fraction.len - 1] == '0')
		m->fraction.len--;
	*s = span_slice(*s, len, s->len);
	return true;
}

static bool take_zone(struct span *s, struct yaml_moment *m)
{
	struct span rest = *s;
	unsigned hour, minute;

	if (take_byte(s, 'Z'))
		return true;
	if (rest.len < 6 || (rest.data[0] != '+' && rest.data[0] != '-'))
		return false;
	*s = span_slice(rest, 1, rest.len);
	if (!take_number(s, true, 23, &hour) || !take_byte(s, ':') ||
	    !take_number(s, true, 59, &minute))
		return false;
	if (hour != 0 || minute != 0) {
		memcpy(m->zone, rest.data, 6);
		m->zone[6] = '\0';
	}
	return true;
}

static struct span format(const struct yaml_moment *m, char scratch[DOC_CANONICAL_MAX])
{
	const int len =
		snprintf(scratch, DOC_CANONICAL_MAX, "%04u-%02u-%02uT%02u:%02u:%02u%s%.*s%s",
			 m->year, m->month, m->day, m->hour, m->minute, m->second,
			 m->fraction.len > 0 ? "." : "", SPAN_PRINT(m->fraction), m->zone);

	return span_of(scratch, (size_t)len);
}

bool yaml_time(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_text)
{
	struct yaml_moment m = { .zone = "Z" };

	if (text.len < 8 || text.data[4] != '-' || !take_date(&text, false, &m))
		return false;
	if (take_byte(&text, 'T') || take_byte(&text, 't')) {
		if (!take_clock(&text, false, &m) || !take_zone(&text, &m))
			return false;
	} else if (take_byte(&text, ' ')) {
		/* Go's parser takes more than one blank where its layout has one */
		while (take_byte(&text, ' '))
			continue;
		if (!take_clock(&text, false, &m))
			return false;
	}
	if (text.len > 0)
		return false;
	*ret_text = format(&m, scratch);
	return true;
}

bool yaml_time_strict(struct span text, char scratch[DOC_CANONICAL_MAX], struct span *ret_text)
{
	struct yaml_moment m = { .zone = "Z" };

	if (text.len < 8 || !take_date(&text, true, &m) || !take_byte(&text, 'T') ||
	    !take_clock(&text, true, &m) || !take_zone(&text, &m) || text.len > 0)
		return false;
	*ret_text = format(&m, scratch);
	return true;
}
