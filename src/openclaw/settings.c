/* SPDX-License-Identifier: MIT */
#include "openclaw/settings.h"

#include <string.h>

static bool is_name_byte(uint8_t c, bool first)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
	       (!first && ((c >= '0' && c <= '9') || c == '.' || c == '-'));
}

bool settings_is_name_byte(uint8_t c)
{
	return is_name_byte(c, false);
}

static size_t name_len(struct span text)
{
	size_t len = 0;

	while (len < text.len && is_name_byte(text.data[len], len == 0))
		len++;
	return len;
}

static struct span skip_blanks(struct span text)
{
	size_t len = 0;

	while (len < text.len && (text.data[len] == ' ' || text.data[len] == '\t'))
		len++;
	return span_slice(text, len, text.len);
}

/* "NAME=" or "NAME:" at the start of a line; goes on behind it. */
static bool take_name(struct span *line, struct span *ret_name)
{
	struct span rest = skip_blanks(*line);
	size_t len;

	if (span_starts_with(rest, "export ") || span_starts_with(rest, "export\t"))
		rest = skip_blanks(span_slice(rest, 7, rest.len));
	len = name_len(rest);
	if (len == 0)
		return false;
	*ret_name = span_slice(rest, 0, len);
	rest = skip_blanks(span_slice(rest, len, rest.len));
	if (!span_starts_with(rest, "=") && !span_starts_with(rest, ":"))
		return false;
	*line = skip_blanks(span_slice(rest, 1, rest.len));
	return true;
}

/* The length of what stands in quotes, up to the closing one, over lines; SIZE_MAX: there is none. */
static size_t quoted_len(struct span text, uint8_t quote)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == '\\' && quote == '"')
			i++;
		else if (text.data[i] == quote)
			return i;
	}
	return SIZE_MAX;
}

static size_t count_breaks(struct span text)
{
	size_t count = 0;

	for (size_t i = 0; i < text.len; i++)
		count += text.data[i] == '\n' ? 1 : 0;
	return count;
}

bool settings_take(struct span *text, size_t *line, struct setting *ret_setting)
{
	struct span rest;

	while (span_take_line(text, &rest)) {
		struct span rest_of_line;
		uint8_t quote;
		size_t len;

		(*line)++;
		if (!take_name(&rest, &ret_setting->name))
			continue;
		ret_setting->line = *line;
		ret_setting->value = span_trim(rest);
		ret_setting->behind = SPAN_INIT;
		ret_setting->quote = 0;
		ret_setting->is_open = false;
		quote = rest.len > 0 ? rest.data[0] : 0;
		if (quote != '"' && quote != '\'' && quote != '`')
			return true;
		/* to the end of the text, which follows this line */
		rest = span_of(rest.data + 1,
			       rest.len - 1 +
				       (text->len > 0 ? (size_t)(text->data + text->len -
								 (rest.data + rest.len))
						      : 0));
		len = quoted_len(rest, quote);
		ret_setting->quote = quote;
		ret_setting->is_open = len == SIZE_MAX;
		if (ret_setting->is_open)
			return true;
		ret_setting->value = span_slice(rest, 0, len);
		rest_of_line = span_slice(rest, len + 1, rest.len);
		(void)span_take_line(&rest_of_line, &ret_setting->behind);
		*line += count_breaks(ret_setting->value);
		if (text->len > 0 && rest.data + len >= text->data) {
			*text = span_slice(rest, len, rest.len);
			(void)span_take_line(text, &rest);
		}
		return true;
	}
	return false;
}

bool settings_take_environ(struct span *text, struct setting *ret_setting)
{
	struct span entry;

	while (span_take_until(text, '\0', &entry)) {
		const uint8_t *equals = entry.len > 0 ? memchr(entry.data, '=', entry.len) : NULL;

		if (equals == NULL)
			continue;
		ret_setting->name = span_slice(entry, 0, (size_t)(equals - entry.data));
		ret_setting->value = span_slice(entry, ret_setting->name.len + 1, entry.len);
		ret_setting->line = 0;
		ret_setting->behind = SPAN_INIT;
		ret_setting->quote = 0;
		ret_setting->is_open = false;
		return true;
	}
	return false;
}

static bool ends_unit_line(uint8_t byte)
{
	return byte == '\n' || byte == '\r' || byte == '\0';
}

/* Without blanks around it; systemd ends lines at other bytes than editors, too, which count the line breaks alone. */
static bool take_unit_line(struct unit_text *text, struct span *ret_line)
{
	size_t len = 0;

	if (text->rest.len == 0)
		return false;
	while (len < text->rest.len && !ends_unit_line(text->rest.data[len]))
		len++;
	*ret_line = span_trim(span_slice(text->rest, 0, len));
	text->line += text->is_within_line ? 0 : 1;
	text->rest = span_slice(text->rest, len, text->rest.len);
	if (span_starts_with(text->rest, "\r\n"))
		text->rest = span_slice(text->rest, 1, text->rest.len);
	text->is_within_line = text->rest.len > 0 && text->rest.data[0] != '\n';
	if (text->rest.len > 0)
		text->rest = span_slice(text->rest, 1, text->rest.len);
	return true;
}

/* The rest of a line that a backslash continues; comments between the lines are passed over. */
static int take_continued(struct unit_text *text, struct span part, struct unit_line *line,
			  struct error *err)
{
	for (;;) {
		const bool goes_on = span_ends_with(part, "\\");
		const struct span bytes = span_slice(part, 0, part.len - (goes_on ? 1 : 0));

		if (line->value.len + bytes.len > SETTINGS_WORD_MAX)
			return error_set(err, ERROR_LIMIT, "line %zu: a setting that is too long",
					 text->line);
		if (secret_append_span(&line->value, bytes, err) < 0)
			return -1;
		if (!goes_on)
			return 0;
		if (secret_append_text(&line->value, " ", err) < 0)
			return -1;
		do {
			if (!take_unit_line(text, &part))
				return 0;
		} while (span_starts_with(part, "#") || span_starts_with(part, ";"));
	}
}

/* As systemd has it, which joins the lines first. */
static int trim_value(struct unit_line *line, struct error *err)
{
	const struct span value = span_trim(secret_span(&line->value));
	AUTO(secret) trimmed = SECRET_INIT;

	if (value.len == line->value.len)
		return 0;
	if (secret_append_span(&trimmed, value, err) < 0)
		return -1;
	secret_release(&line->value);
	line->value = secret_move(&trimmed);
	return 0;
}

int unit_take(struct unit_text *text, struct unit_line *line, bool *ret_more, struct error *err)
{
	struct span part;

	while (take_unit_line(text, &part)) {
		const uint8_t *equals;

		if (part.len == 0 || part.data[0] == '#' || part.data[0] == ';')
			continue;
		if (part.data[0] == '[' && span_ends_with(part, "]")) {
			text->section = span_slice(part, 1, part.len - 2);
			continue;
		}
		equals = memchr(part.data, '=', part.len);
		if (equals == NULL)
			continue;
		secret_truncate(&line->value, 0);
		line->line = text->line;
		line->section = text->section;
		line->key = span_trim(span_slice(part, 0, (size_t)(equals - part.data)));
		part = span_slice(part, (size_t)(equals - part.data) + 1, part.len);
		*ret_more = true;
		return take_continued(text, span_trim(part), line, err) < 0 ? -1
									    : trim_value(line, err);
	}
	*ret_more = false;
	return 0;
}

void unit_line_release(struct unit_line *line)
{
	secret_release(&line->value);
	*line = UNIT_LINE_INIT;
}

/* Up to max digits of that base; false where there are not that many, or they are no character. */
static bool take_number(struct span *value, size_t digits, unsigned base, uint32_t *ret_number)
{
	uint32_t number = 0;

	if (value->len < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		static const char known[] = "0123456789abcdef";
		const int c = value->data[i];
		const char *digit = c ? strchr(known, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;

		if (digit == NULL || (unsigned)(digit - known) >= base)
			return false;
		number = number * base + (unsigned)(digit - known);
	}
	if (number == 0 || number > 0x10ffff)
		return false;
	*value = span_slice(*value, digits, value->len);
	*ret_number = number;
	return true;
}

static size_t to_utf8(uint32_t c, uint8_t bytes[4])
{
	const size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const uint8_t first[] = { 0, 0xc0, 0xe0, 0xf0 };

	bytes[0] = (uint8_t)(first[more] | c >> 6 * more);
	for (size_t i = 1; i <= more; i++)
		bytes[i] = (uint8_t)(0x80 | ((c >> 6 * (more - i)) & 0x3f));
	return more + 1;
}

/*
 * What a backslash and c stand for, and what follows; what is no escape of systemd's is c itself. The number of bytes.
 */
static size_t take_escape(struct span *value, uint8_t c, uint8_t bytes[4])
{
	static const char letters[] = "abfnrtvs", stands[] = "\a\b\f\n\r\t\v ";
	const char *letter = c ? strchr(letters, c) : NULL;
	struct span octal = span_of(value->data - 1, value->len + 1);
	uint32_t number;

	bytes[0] = letter ? (uint8_t)stands[letter - letters] : c;
	if ((c == 'u' && take_number(value, 4, 16, &number)) ||
	    (c == 'U' && take_number(value, 8, 16, &number)))
		return to_utf8(number, bytes);
	if (c == 'x' && take_number(value, 2, 16, &number)) {
		bytes[0] = (uint8_t)number;
	} else if (take_number(&octal, 3, 8, &number) && number < 256) {
		bytes[0] = (uint8_t)number;
		*value = octal;
	}
	return 1;
}

int unit_take_word(struct span *value, struct secret *word, bool *ret_more, struct error *err)
{
	uint8_t quote = 0, c, bytes[4];

	secret_truncate(word, 0);
	*value = skip_blanks(*value);
	*ret_more = value->len > 0;
	while (span_take_u8(value, &c)) {
		size_t len = 1;

		if (quote == 0 && (c == ' ' || c == '\t'))
			break;
		if (quote == 0 && (c == '"' || c == '\'')) {
			quote = c;
			continue;
		}
		if (quote != 0 && c == quote) {
			quote = 0;
			continue;
		}
		bytes[0] = c;
		if (c == '\\') {
			if (!span_take_u8(value, &c))
				break;
			len = take_escape(value, c, bytes);
		}
		if (word->len >= SETTINGS_WORD_MAX)
			return error_set(err, ERROR_LIMIT, "a word that is too long");
		if (secret_append(word, bytes, len, err) < 0)
			return -1;
	}
	return 0;
}

int unit_each_word(struct span value,
		   int (*each)(void *argument, struct span word, struct error *err), void *argument,
		   struct error *err)
{
	AUTO(secret) word = SECRET_INIT;
	bool more;

	for (;;) {
		if (unit_take_word(&value, &word, &more, err) < 0)
			return -1;
		if (!more)
			return 0;
		if (each(argument, secret_span(&word), err) < 0)
			return -1;
	}
}
