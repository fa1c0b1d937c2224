/* SPDX-License-Identifier: MIT */
/* JSON5's characters: blanks, comments, escapes, numbers. */
#include <string.h>

#include "json.h"
#include "json5.h"

size_t json5_break_at(struct span text, size_t at)
{
	const struct span rest = span_slice(text, at, 3);

	if (span_starts_with(rest, "\r\n"))
		return 2;
	if (span_starts_with(rest, "\n") || span_starts_with(rest, "\r"))
		return 1;
	return span_equal_text(rest, "\xe2\x80\xa8") || span_equal_text(rest, "\xe2\x80\xa9") ? 3
											      : 0;
}

/* Of the category Zs, and the byte order mark. */
static bool is_wide_blank(struct span three)
{
	static const char *const blanks[] = { "\xe1\x9a\x80", "\xe2\x80\xaf", "\xe2\x81\x9f",
					      "\xe3\x80\x80", "\xef\xbb\xbf", "\xe2\x80\xa8",
					      "\xe2\x80\xa9" };

	for (size_t i = 0; i < sizeof(blanks) / sizeof(*blanks); i++)
		if (span_equal_text(three, blanks[i]))
			return true;
	return span_starts_with(three, "\xe2\x80") && three.len == 3 && three.data[2] <= 0x8a;
}

size_t json5_blank_at(struct span text, size_t at)
{
	const uint8_t c = at < text.len ? text.data[at] : 0;

	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	if (c < 0x80)
		return 0;
	if (span_starts_with(span_slice(text, at, 2), "\xc2\xa0"))
		return 2;
	return is_wide_blank(span_slice(text, at, 3)) ? 3 : 0;
}

size_t json5_skip_comment(struct span text, size_t at)
{
	const struct span head = span_slice(text, at, 2);
	const uint8_t *end;

	if (span_equal_text(head, "//")) {
		while (at < text.len && json5_break_at(text, at) == 0)
			at++;
		return at;
	}
	if (!span_equal_text(head, "/*"))
		return at;
	end = memmem(text.data + at + 2, text.len - at - 2, "*/", 2);
	return end ? (size_t)(end - text.data) + 2 : SIZE_MAX;
}

size_t json5_skip(struct span text, size_t at)
{
	for (;;) {
		const size_t before = at;

		at += json5_blank_at(text, at);
		if (at == before)
			at = json5_skip_comment(text, at);
		if (at == before || at == SIZE_MAX)
			return at;
	}
}

static bool is_identifier_byte(uint32_t c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
	       (!first && c >= '0' && c <= '9');
}

bool json5_is_identifier(struct span key)
{
	for (size_t i = 0; i < key.len; i++)
		if (!is_identifier_byte(key.data[i], i == 0))
			return false;
	return key.len > 0;
}

/* Behind the backslash: what is neither \u nor \x nor a line break. */
static int read_simple(struct span *text, struct secret *out, const char **ret_why,
		       struct error *err)
{
	static const char from[] = "bfnrtv0", to[] = "\b\f\n\r\t\v";
	const uint8_t c = text->data[0];
	const char *found = c != 0 ? memchr(from, c, sizeof(from) - 1) : NULL;

	*text = span_slice(*text, 1, text->len);
	if (c >= '1' && c <= '9')
		*ret_why = "an escape with a digit, which JSON5 does not have";
	else if (c == '0' && text->len > 0 && text->data[0] >= '0' && text->data[0] <= '9')
		*ret_why = "a digit behind \\0";
	else
		return secret_append(out, found ? &to[found - from] : (const char *)&c, 1, err);
	return -1;
}

enum place { IN_STRING, IN_KEY, FIRST_IN_KEY };

static int read_code(struct span *text, enum place place, struct secret *out, const char **ret_why,
		     struct error *err)
{
	const bool is_unicode = text->data[0] == 'u';
	uint32_t code;

	*text = span_slice(*text, 1, text->len);
	if (is_unicode ? !json_take_unicode(text, &code, ret_why)
		       : !json_take_hex(text, 2, &code)) {
		if (!is_unicode)
			*ret_why = "\\x without two hexadecimal digits";
		return -1;
	}
	*ret_why = NULL;
	if (place != IN_STRING && !is_identifier_byte(code, place == FIRST_IN_KEY)) {
		*ret_why = code < 0x80 ? "a character in a key that must stand in quotes"
				       : "a key that is not ASCII must stand in quotes";
		return -1;
	}
	return json_put_utf8(out, code, err);
}

/* Behind a backslash. */
static int read_escape(struct span *text, enum place place, struct secret *out,
		       const char **ret_why, struct error *err)
{
	const size_t line_break = json5_break_at(*text, 0);

	*ret_why = "a backslash with nothing behind it";
	if (text->len == 0)
		return -1;
	*ret_why = NULL;
	if (text->data[0] == 'u' || (text->data[0] == 'x' && place == IN_STRING))
		return read_code(text, place, out, ret_why, err);
	if (place != IN_STRING) {
		*ret_why = "an escape in a key without quotes that is not \\u";
		return -1;
	}
	*text = span_slice(*text, line_break, text->len);
	return line_break > 0 ? 0 : read_simple(text, out, ret_why, err);
}

int json5_read_text(struct span text, bool is_key, struct secret *out, const char **ret_why,
		    struct error *err)
{
	const size_t start = out->len;

	*ret_why = NULL;
	while (text.len > 0) {
		const uint8_t *escape = memchr(text.data, '\\', text.len);
		const size_t plain = escape ? (size_t)(escape - text.data) : text.len;

		if (secret_append_span(out, span_slice(text, 0, plain), err) < 0)
			return -1;
		text = span_slice(text, plain, text.len);
		if (!escape)
			break;
		text = span_slice(text, 1, text.len);
		if (read_escape(&text,
				!is_key             ? IN_STRING
				: out->len == start ? FIRST_IN_KEY
						    : IN_KEY,
				out, ret_why, err) < 0)
			return -1;
	}
	return 0;
}

static size_t skip_digits(struct span text, size_t at)
{
	while (at < text.len && text.data[at] >= '0' && text.data[at] <= '9')
		at++;
	return at;
}

static bool is_hexadecimal(struct span text)
{
	uint32_t digit;

	text = span_slice(text, 2, text.len);
	if (text.len == 0)
		return false;
	while (text.len > 0)
		if (!json_take_hex(&text, 1, &digit))
			return false;
	return true;
}

/* digits "." digits, one of the two parts may be missing; [("e" | "E") ["+" | "-"] digits] */
static bool is_decimal(struct span text)
{
	size_t at = skip_digits(text, 0), digits = at;

	if (digits > 1 && text.data[0] == '0')
		return false;
	if (at < text.len && text.data[at] == '.') {
		const size_t end = skip_digits(text, at + 1);

		digits += end - at - 1;
		at = end;
	}
	if (digits == 0)
		return false;
	if (at < text.len && (text.data[at] == 'e' || text.data[at] == 'E')) {
		at++;
		at += at < text.len && (text.data[at] == '+' || text.data[at] == '-') ? 1 : 0;
		digits = at;
		at = skip_digits(text, at);
		if (at == digits)
			return false;
	}
	return at == text.len;
}

bool json5_is_number(struct span text)
{
	if (text.len > 0 && (text.data[0] == '+' || text.data[0] == '-'))
		text = span_slice(text, 1, text.len);
	if (span_equal_text(text, "Infinity") || span_equal_text(text, "NaN"))
		return true;
	if (span_starts_with(text, "0x") || span_starts_with(text, "0X"))
		return is_hexadecimal(text);
	return is_decimal(text);
}
