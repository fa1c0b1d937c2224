/* SPDX-License-Identifier: MIT */
/*
 * What dotenv, systemd and we would each read in a way of their own. Where it is known what a line is, it is no doubt;
 * all else is one: who seals the wrong value removes the right one.
 */
#include <string.h>

#include "openclaw/known.h"
#include "openclaw/settings.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

static bool has_byte(struct span text, uint8_t byte)
{
	return text.len > 0 && memchr(text.data, byte, text.len) != NULL;
}

static bool is_quote(uint8_t byte)
{
	return byte == '"' || byte == '\'' || byte == '`';
}

static bool has_quote(struct span text)
{
	return has_byte(text, '"') || has_byte(text, '\'') || has_byte(text, '`');
}

/* --- Files of variables --- */

/* "…NAME=" of a secret, anywhere in a line. */
static bool names_secret(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		size_t start = i;

		if (line.data[i] != '=' && line.data[i] != ':')
			continue;
		while (start > 0 && settings_is_name_byte(line.data[start - 1]))
			start--;
		if (known_variable(span_slice(line, start, i - start)))
			return true;
	}
	return false;
}

static const char *doubt_bytes(struct span line, bool is_first)
{
	if (is_first && span_starts_with(line, BYTE_ORDER_MARK))
		return "a byte order mark";
	if (has_byte(line, '\0'))
		return "a byte of zero";
	if (line.len > 0 && has_byte(span_slice(line, 0, line.len - 1), '\r'))
		return "a carriage return within the line";
	if (span_ends_with(span_trim(line), "\\"))
		return "a backslash at its end";
	return NULL;
}

static const char *doubt_raw(struct span text, size_t *ret_line)
{
	const char *what = NULL;
	struct span line;

	for (*ret_line = 1; what == NULL && span_take_line(&text, &line); (*ret_line)++)
		what = doubt_bytes(line, *ret_line == 1);
	(*ret_line)--;
	return what;
}

static const char *doubt_quoted(const struct setting *setting)
{
	const struct span behind = span_trim(setting->behind);
	const bool is_long = has_byte(setting->value, '\n');

	if (behind.len > 0 && is_quote(behind.data[0]))
		return "one quoted text behind another";
	if (behind.len > 0 && (is_long || known_variable(setting->name)))
		return "text behind a quote";
	if (is_long && names_secret(setting->value))
		return "a secret within quotes over lines";
	if (setting->quote != '"' && span_ends_with(setting->value, "\\"))
		return "a backslash before a quote";
	return NULL;
}

static const char *doubt_setting(const struct setting *setting)
{
	const char *what = NULL;

	if (setting->is_open)
		return "a quote that is not closed";
	if (setting->quote != 0)
		what = doubt_quoted(setting);
	if (what != NULL || !known_variable(setting->name))
		return what;
	if (setting->quote == '`')
		return "a quote that not all know";
	if (has_byte(setting->value, '\\'))
		return "a backslash";
	return has_quote(setting->value) ? "a quote within the value" : NULL;
}

static bool is_comment(struct span line)
{
	line = span_trim(line);
	return line.len == 0 || line.data[0] == '#' || line.data[0] == ';';
}

/* The lines before a setting, or behind the last one, that are none. */
static const char *doubt_passed_over(struct span *text, size_t end, size_t *line)
{
	struct span passed;

	while (*line + 1 < end && span_take_line(text, &passed)) {
		(*line)++;
		if (!is_comment(passed) && names_secret(passed))
			return "a secret in a line that is not understood";
	}
	return NULL;
}

const char *settings_doubt(struct span text, size_t *ret_line)
{
	const char *what = doubt_raw(text, ret_line);
	struct span rest = text;
	struct setting setting;
	size_t line = 0;

	*ret_line = what ? *ret_line : 0;
	while (what == NULL) {
		struct span before = rest;
		const bool more = settings_take(&rest, &line, &setting);

		what = doubt_passed_over(&before, more ? setting.line : SIZE_MAX, ret_line);
		if (what != NULL || !more)
			return what;
		what = doubt_setting(&setting);
		*ret_line = what ? setting.line : line;
	}
	return what;
}

/* --- Units --- */

/* Where systemd ends a line that looks like one; a line break of two bytes is none of these. */
static const char *doubt_control(struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		const uint8_t byte = line.data[i];

		if ((byte < ' ' && byte != '\t' && (byte != '\r' || i + 1 < line.len)) ||
		    byte == 0x7f)
			return "a control character";
	}
	return NULL;
}

/* systemd goes on over the line break for the first of these alone. */
static const char *doubt_continued(struct span text, size_t *ret_line)
{
	struct span line;

	for (*ret_line = 1; span_take_line(&text, &line); (*ret_line)++) {
		const struct span trimmed = span_trim(line);

		if (doubt_control(line) != NULL)
			return doubt_control(line);
		if (is_comment(line) || !span_ends_with(trimmed, "\\"))
			continue;
		if (line.data[line.len - 1] != '\\')
			return "a blank behind the backslash at its end";
		if (span_ends_with(trimmed, "\\\\"))
			return "two backslashes at its end";
	}
	return NULL;
}

static bool is_closed(struct span value)
{
	uint8_t quote = 0;

	for (size_t i = 0; i < value.len; i++)
		if (quote != 0 && value.data[i] == quote)
			quote = 0;
		else if (quote == 0 && (value.data[i] == '"' || value.data[i] == '\''))
			quote = value.data[i];
	return quote == 0;
}

static const char *doubt_unit_setting(const struct unit_line *line)
{
	const struct span value = secret_span(&line->value);

	if (!span_equal_text(line->section, "Service"))
		return NULL;
	if (span_equal_text(line->key, "Environment")) {
		if (has_byte(value, '\\'))
			return "a backslash in Environment=";
		return is_closed(value) ? NULL : "a quote that is not closed in Environment=";
	}
	if (span_equal_text(line->key, "EnvironmentFile")) {
		if (value.len == 0)
			return "an EnvironmentFile= that takes back those before it";
		return has_byte(value, '*') || has_byte(value, '?') || has_byte(value, '[')
			       ? "a pattern in EnvironmentFile="
			       : NULL;
	}
	/* the names alone, with blanks between */
	if (!span_equal_text(line->key, "UnsetEnvironment"))
		return NULL;
	return value.len > 0 && !span_equal_text(value, UNIT_LOADER_VARIABLES) ? "UnsetEnvironment="
									       : NULL;
}

int unit_doubt(struct span text, const char **ret_what, size_t *ret_line, struct error *err)
{
	AUTO(unit_line) line = UNIT_LINE_INIT;
	struct unit_text unit = { .rest = text };
	bool more = true;

	*ret_what = doubt_continued(text, ret_line);
	while (*ret_what == NULL) {
		if (unit_take(&unit, &line, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		*ret_what = doubt_unit_setting(&line);
		*ret_line = line.line;
	}
	return 0;
}
