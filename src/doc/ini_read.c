/* SPDX-License-Identifier: MIT */
/* Keys and values of single lines, by the rules of the library that sops reads INI with. */
#include <string.h>

#include "ini.h"

size_t ini_space_at(struct span text, size_t at)
{
	const uint8_t *c = text.data + at;
	const size_t left = at < text.len ? text.len - at : 0;

	if (left == 0)
		return 0;
	if (c[0] == ' ' || (c[0] >= '\t' && c[0] <= '\r'))
		return 1;
	if (left >= 2 && c[0] == 0xc2) /* next line, no-break space */
		return c[1] == 0x85 || c[1] == 0xa0 ? 2 : 0;
	if (left < 3)
		return 0;
	if (c[0] == 0xe1)
		return c[1] == 0x9a && c[2] == 0x80 ? 3 : 0;
	if (c[0] == 0xe3)
		return c[1] == 0x80 && c[2] == 0x80 ? 3 : 0;
	if (c[0] != 0xe2)
		return 0;
	if (c[1] == 0x80)
		return (c[2] >= 0x80 && c[2] <= 0x8a) || c[2] == 0xa8 || c[2] == 0xa9 ||
				       c[2] == 0xaf
			       ? 3
			       : 0;
	return c[1] == 0x81 && c[2] == 0x9f ? 3 : 0;
}

size_t ini_trim_left(struct span text, size_t start, size_t end)
{
	const struct span within = span_slice(text, 0, end);
	size_t len;

	while (start < end && (len = ini_space_at(within, start)) > 0)
		start += len;
	return start;
}

/* The length of the white space that ends at end. */
static size_t space_before(struct span text, size_t start, size_t end)
{
	for (size_t len = 1; len <= 3 && len <= end - start; len++)
		if (ini_space_at(span_slice(text, 0, end), end - len) == len)
			return len;
	return 0;
}

size_t ini_trim_right(struct span text, size_t start, size_t end)
{
	size_t len;

	while (end > start && (len = space_before(text, start, end)) > 0)
		end -= len;
	return end;
}

/* The first of two bytes; end where neither is there. */
static size_t find_either(struct span text, size_t start, size_t end, char a, char b)
{
	while (start < end && text.data[start] != (uint8_t)a && text.data[start] != (uint8_t)b)
		start++;
	return start;
}

static bool has_quote(struct span text, size_t at, size_t end, uint8_t quote, size_t len)
{
	if (end - at < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (text.data[at + i] != quote)
			return false;
	return true;
}

/* The first (or last) len times quote between start and end; SIZE_MAX. */
static size_t find_first(struct span text, size_t start, size_t end, uint8_t quote, size_t len)
{
	for (size_t at = start; at < end; at++)
		if (has_quote(text, at, end, quote, len))
			return at;
	return SIZE_MAX;
}

static size_t find_last(struct span text, size_t start, size_t end, uint8_t quote, size_t len)
{
	for (size_t at = end; at-- > start;)
		if (has_quote(text, at, end, quote, len))
			return at;
	return SIZE_MAX;
}

static size_t key_quote_len(struct span text, size_t start, size_t end)
{
	if (text.data[start] == '`')
		return 1;
	if (text.data[start] != '"')
		return 0;
	return end - start > 6 && has_quote(text, start, end, '"', 3) ? 3 : 1;
}

bool ini_read_key(struct span text, size_t start, size_t end, struct ini_key *ret_key,
		  const char **ret_why)
{
	const size_t quote = key_quote_len(text, start, end);
	const size_t open = start + quote;
	size_t close = open, delimiter;

	if (quote > 0) {
		close = find_first(text, open, end, text.data[start], quote);
		if (close == SIZE_MAX) {
			*ret_why = "the quote before the key has no other behind it";
			return false;
		}
	}
	delimiter = find_either(text, close + quote, end, '=', ':');
	if (quote == 0)
		close = delimiter;
	ret_key->start = ini_trim_left(text, open, close);
	ret_key->end = ini_trim_right(text, ret_key->start, close);
	ret_key->value = delimiter + 1;
	if (delimiter == end)
		*ret_why = "neither \"=\" nor \":\" behind the key";
	else if (ret_key->start == ret_key->end)
		*ret_why = "the key is missing";
	else
		return true;
	return false;
}

/* Is it between two quotes of a kind, and has none inside? */
static bool is_surrounded(struct span text, size_t start, size_t end, uint8_t quote)
{
	return end - start >= 2 && text.data[start] == quote && text.data[end - 1] == quote &&
	       find_first(text, start + 1, end, quote, 1) == end - 1;
}

/* A value in ` or """ whose end is not on its first line: value.start and value.next are set. */
static bool read_lines(struct span text, uint8_t quote, size_t len, struct ini_value *value)
{
	while (value->next < text.len) {
		const size_t start = value->next;
		const uint8_t *lf = memchr(text.data + start, '\n', text.len - start);
		const size_t end = lf ? (size_t)(lf + 1 - text.data) : text.len;
		const size_t close = find_last(text, start, end, quote, len);
		size_t last;

		value->next = end;
		if (close == SIZE_MAX)
			continue;
		last = ini_trim_right(text, close + len, end);
		if (last > close + len &&
		    text.data[last - 1] == '\\') /* it goes on, quote and all */
			continue;
		value->end = close;
		value->rest = close + len;
		value->comment_start = find_either(text, close, last, '#', ';');
		value->comment_end = last;
		return true;
	}
	return false;
}

static bool read_quoted(struct span text, size_t start, size_t end, size_t len,
			struct ini_value *value)
{
	const uint8_t quote = text.data[start];
	const size_t close = find_last(text, start + len, end, quote, len);

	value->style = quote == '`' ? INI_BACKTICK : INI_TRIPLE;
	value->start = start + len;
	value->next = end;
	if (close == SIZE_MAX)
		return read_lines(text, quote, len, value);
	value->end = close;
	value->rest = close + len;
	value->comment_start = value->comment_end = value->rest;
	return true;
}

/* start to end (a backslash) and the lines behind it, up to one without a backslash, or empty. */
static int read_joined(struct span text, size_t start, size_t end, struct secret *joined,
		       struct ini_value *value, struct error *err)
{
	value->style = INI_JOINED;
	value->start = start;
	value->end = end;
	for (bool goes_on = true; goes_on;) {
		const size_t line = value->next;
		const uint8_t *lf =
			line < text.len ? memchr(text.data + line, '\n', text.len - line) : NULL;

		if (secret_append(joined, text.data + start, end - 1 - start, err) < 0)
			return -1;
		value->next = lf ? (size_t)(lf + 1 - text.data) : text.len;
		start = ini_trim_left(text, line, value->next);
		end = ini_trim_right(text, start, value->next);
		if (start == end)
			return 0;
		value->end = end;
		goes_on = text.data[end - 1] == '\\';
	}
	return secret_append(joined, text.data + start, end - start, err);
}

/* Up to a comment, and without quotes. */
static void read_plain(struct span text, size_t start, size_t end, struct ini_value *value)
{
	value->comment_start = find_either(text, start, end, '#', ';');
	value->comment_end = end;
	value->start = start;
	value->end = ini_trim_right(text, start, value->comment_start);
	value->style = is_surrounded(text, start, value->end, '\'')  ? INI_SINGLE
		       : is_surrounded(text, start, value->end, '"') ? INI_DOUBLE
								     : INI_PLAIN;
	if (value->style != INI_PLAIN) {
		value->start++;
		value->end--;
	}
}

int ini_read_value(struct span text, size_t start, size_t end, struct secret *joined,
		   struct ini_value *ret_value, const char **ret_why, struct error *err)
{
	const size_t first = ini_trim_left(text, start, end);
	const size_t last = ini_trim_right(text, first, end);

	*ret_why = NULL;
	*ret_value = (struct ini_value){ .next = end };
	if (first == end) { /* nothing: its place is behind the blanks on the line */
		size_t at = start;

		while (at < end && (text.data[at] == ' ' || text.data[at] == '\t'))
			at++;
		ret_value->start = ret_value->end = at;
		ret_value->comment_start = ret_value->comment_end = at;
		return 0;
	}
	/* sops takes three quotes at the end of the text for a value, until a line follows */
	if (text.data[first] == '`' || has_quote(text, first, end, '"', 3)) {
		if (!read_quoted(text, first, end, text.data[first] == '`' ? 1 : 3, ret_value))
			*ret_why = "the quote before the value has no other behind it";
		return 0;
	}
	if (text.data[last - 1] == '\\')
		return read_joined(text, first, last, joined, ret_value, err);
	read_plain(text, first, last, ret_value);
	return 0;
}
