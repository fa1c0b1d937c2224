/* SPDX-License-Identifier: MIT */
#include "cli/json.h"

#include <stdlib.h>
#include <string.h>

#include "util/text.h"

static int invalid(const char *why, struct error *err)
{
	return error_set(err, ERROR_BAD_INDEX, "the value is not valid JSON: %s", why);
}

static bool take_hex4(struct span *text, unsigned *ret_code)
{
	struct span digits;

	if (!span_take(text, 4, &digits))
		return false;
	*ret_code = 0;
	for (size_t i = 0; i < 4; i++) {
		const uint8_t c = digits.data[i];
		const unsigned value = c >= '0' && c <= '9'   ? c - (unsigned)'0'
				       : c >= 'a' && c <= 'f' ? c - 'a' + 10u
				       : c >= 'A' && c <= 'F' ? c - 'A' + 10u
							      : 16;

		if (value > 15)
			return false;
		*ret_code = *ret_code * 16 + value;
	}
	return true;
}

static int put_utf8(struct secret *out, unsigned code, struct error *err)
{
	uint8_t bytes[4];
	size_t len;

	if (code < 0x80) {
		bytes[0] = (uint8_t)code;
		len = 1;
	} else if (code < 0x800) {
		bytes[0] = (uint8_t)(0xc0 | code >> 6);
		len = 2;
	} else if (code < 0x10000) {
		bytes[0] = (uint8_t)(0xe0 | code >> 12);
		len = 3;
	} else {
		bytes[0] = (uint8_t)(0xf0 | code >> 18);
		len = 4;
	}
	for (size_t i = 1; i < len; i++)
		bytes[i] = (uint8_t)(0x80 | (code >> 6 * (len - 1 - i) & 0x3f));
	return secret_append(out, bytes, len, err);
}

/* \uXXXX, and its second half where it is the first half of a pair. */
static int unicode_escape(struct span *text, struct secret *out, struct error *err)
{
	unsigned code, low;
	struct span u;

	if (!take_hex4(text, &code))
		return invalid("\\u without four hexadecimal digits", err);
	if (code >= 0xdc00 && code < 0xe000)
		return invalid("half of a surrogate pair", err);
	if (code < 0xd800 || code >= 0xe000)
		return put_utf8(out, code, err);
	if (!span_take(text, 2, &u) || !span_equal_text(u, "\\u") || !take_hex4(text, &low) ||
	    low < 0xdc00 || low >= 0xe000)
		return invalid("half of a surrogate pair", err);
	return put_utf8(out, 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00), err);
}

static int escape(struct span *text, struct secret *out, struct error *err)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found;
	uint8_t c;

	if (!span_take_u8(text, &c))
		return invalid("a backslash at the end", err);
	if (c == 'u')
		return unicode_escape(text, out, err);
	found = c != 0 ? strchr(from, c) : NULL;
	if (!found)
		return invalid("an escape that there is not", err);
	return secret_append(out, &to[found - from], 1, err);
}

static int string(struct span text, struct secret *out, struct error *err)
{
	uint8_t c;

	(void)span_take_u8(&text, &c);
	while (span_take_u8(&text, &c)) {
		if (c == '"')
			return text.len == 0 ? 0
					     : invalid("something stands behind the string", err);
		if (c < 0x20)
			return invalid("a control character in a string", err);
		if ((c == '\\' ? escape(&text, out, err) : secret_append(out, &c, 1, err)) < 0)
			return -1;
	}
	return invalid("a string without its end", err);
}

static size_t skip_digits(struct span text, size_t i)
{
	while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9')
		i++;
	return i;
}

/* int ["." digits] [("e" | "E") ["+" | "-"] digits] */
static bool is_number(struct span text, bool *ret_is_int)
{
	size_t i = text.len > 0 && text.data[0] == '-' ? 1 : 0, start = i,
	       end = skip_digits(text, i);

	if (end == start || (text.data[start] == '0' && end - start > 1))
		return false;
	*ret_is_int = end == text.len;
	i = end;
	if (i < text.len && text.data[i] == '.') {
		end = skip_digits(text, i + 1);
		if (end == i + 1)
			return false;
		i = end;
	}
	if (i < text.len && (text.data[i] == 'e' || text.data[i] == 'E')) {
		i++;
		if (i < text.len && (text.data[i] == '+' || text.data[i] == '-'))
			i++;
		end = skip_digits(text, i);
		if (end == i)
			return false;
		i = end;
	}
	return i == text.len;
}

/* The type of all that is no string: an integer that 64 bits hold is one, else it is a float. */
static int type_of(struct span text, enum doc_type *ret_type, struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct error ignored = ERROR_INIT;
	struct span canonical;
	bool is_int;

	if (span_equal_text(text, "null")) {
		*ret_type = DOC_TYPE_NULL;
		return 0;
	}
	if (span_equal_text(text, "true") || span_equal_text(text, "false")) {
		*ret_type = DOC_TYPE_BOOL;
		return 0;
	}
	if (!is_number(text, &is_int))
		return invalid(
			"neither a string in double quotes nor a number, true, false or null", err);
	*ret_type = DOC_TYPE_INT;
	if (is_int && doc_canonical_plain(DOC_TYPE_INT, text, scratch, &canonical, &ignored) == 0)
		return 0;
	*ret_type = DOC_TYPE_FLOAT;
	if (doc_canonical_plain(DOC_TYPE_FLOAT, text, scratch, &canonical, &ignored) < 0)
		return invalid("a number that 64 bits cannot hold", err);
	return 0;
}

int json_scalar(struct span text, struct secret *ret_value, enum doc_type *ret_type,
		struct error *err)
{
	AUTO(secret) value = SECRET_INIT;
	enum doc_type type = DOC_TYPE_STRING;

	text = span_trim(text);
	if (!text_is_utf8(text))
		return invalid("it is not UTF-8", err);
	if (text.len > 0 && (text.data[0] == '{' || text.data[0] == '['))
		return error_set(err, ERROR_BAD_INDEX,
				 "maps and lists cannot be set as a whole, only one "
				 "value at a time; \"edit\" does the rest");
	if (text.len > 0 && text.data[0] == '"'
		    ? string(text, &value, err) < 0
		    : (type_of(text, &type, err) < 0 || secret_append_span(&value, text, err) < 0))
		return -1;
	*ret_value = secret_move(&value);
	*ret_type = type;
	return 0;
}
