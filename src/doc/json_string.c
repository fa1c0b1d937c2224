/* SPDX-License-Identifier: MIT */
/* Strings of JSON, read and written. */
#include <stdio.h>
#include <string.h>

#include "json.h"
#include "util/text.h"

bool json_take_hex(struct span *text, size_t count, uint32_t *ret_code)
{
	struct span digits;

	if (!span_take(text, count, &digits))
		return false;
	*ret_code = 0;
	for (size_t i = 0; i < count; i++) {
		const uint8_t c = digits.data[i];
		const uint32_t value = c >= '0' && c <= '9'   ? c - (uint32_t)'0'
				       : c >= 'a' && c <= 'f' ? c - 'a' + 10u
				       : c >= 'A' && c <= 'F' ? c - 'A' + 10u
							      : 16;

		if (value > 15)
			return false;
		*ret_code = *ret_code * 16 + value;
	}
	return true;
}

int json_put_utf8(struct secret *out, uint32_t code, struct error *err)
{
	const size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const uint8_t lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	uint8_t bytes[4];

	bytes[0] = (uint8_t)(lead[len] | code >> 6 * (len - 1));
	for (size_t i = 1; i < len; i++)
		bytes[i] = (uint8_t)(0x80 | (code >> 6 * (len - 1 - i) & 0x3f));
	return secret_append(out, bytes, len, err);
}

bool json_take_unicode(struct span *text, uint32_t *ret_code, const char **ret_why)
{
	uint32_t low;
	struct span u;

	*ret_why = "\\u without four hexadecimal digits";
	if (!json_take_hex(text, 4, ret_code))
		return false;
	if (*ret_code < 0xd800 || *ret_code >= 0xe000)
		return true;
	*ret_why = "half of a surrogate pair";
	if (*ret_code >= 0xdc00 || !span_take(text, 2, &u) || !span_equal_text(u, "\\u") ||
	    !json_take_hex(text, 4, &low) || low < 0xdc00 || low >= 0xe000)
		return false;
	*ret_code = 0x10000 + ((*ret_code - 0xd800) << 10) + (low - 0xdc00);
	return true;
}

static int read_escape(struct span *text, struct secret *out, const char **ret_why,
		       struct error *err)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *found, *why;
	uint32_t code;
	uint8_t c;

	*ret_why = "an escape that there is not";
	if (!span_take_u8(text, &c))
		return -1;
	if (c == 'u') {
		if (!json_take_unicode(text, &code, &why)) {
			*ret_why = why;
			return -1;
		}
		*ret_why = NULL;
		return json_put_utf8(out, code, err);
	}
	found = c != 0 ? strchr(from, c) : NULL;
	if (!found)
		return -1;
	*ret_why = NULL;
	return secret_append(out, &to[found - from], 1, err);
}

int json_read_string(struct span token, struct secret *out, const char **ret_why, struct error *err)
{
	struct span text = span_slice(token, 1, token.len - 2);

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
		if (read_escape(&text, out, ret_why, err) < 0)
			return -1;
	}
	return 0;
}

/* The length of the UTF-8 character at c, and its code. */
static size_t decode(const uint8_t *c, uint32_t *ret_code)
{
	const size_t len = c[0] < 0x80 ? 1 : c[0] < 0xe0 ? 2 : c[0] < 0xf0 ? 3 : 4;
	static const uint8_t mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };

	*ret_code = c[0] & mask[len];
	for (size_t i = 1; i < len; i++)
		*ret_code = *ret_code << 6 | (c[i] & 0x3f);
	return len;
}

static bool is_html(uint32_t code)
{
	return code == '<' || code == '>' || code == '&';
}

static bool is_line_break(uint32_t code)
{
	return code == 0x2028 || code == 0x2029;
}

static bool needs_escape(uint32_t code, unsigned spelling)
{
	if (code < 0x20 || code == '"' || code == '\\')
		return true;
	if (code == '/')
		return spelling & DOC_JSON_SLASH;
	if ((is_html(code) && !(spelling & DOC_JSON_NO_HTML)) ||
	    (is_line_break(code) && !(spelling & DOC_JSON_NO_LINES)))
		return true;
	return code >= 0x80 && (spelling & DOC_JSON_ASCII);
}

/* "\uXXXX"; its length. */
static size_t hex_escape(uint32_t unit, unsigned spelling, char text[8])
{
	return (size_t)(spelling & DOC_JSON_CAPITALS
				? snprintf(text, 8, "\\u%04X", (unsigned)unit & 0xffff)
				: snprintf(text, 8, "\\u%04x", (unsigned)unit & 0xffff));
}

/* Its length. */
static size_t escape(uint32_t code, unsigned spelling, char text[16])
{
	static const char letters[] = "btn\0fr"; /* 8 to 13; 11 has none */
	size_t len;

	if (code == '"' || code == '\\' || code == '/')
		return (size_t)snprintf(text, 16, "\\%c", (int)code);
	if (code >= 8 && code <= 13 && letters[code - 8] != '\0')
		return (size_t)snprintf(text, 16, "\\%c", letters[code - 8]);
	if (code < 0x10000)
		return hex_escape(code, spelling, text);
	len = hex_escape(0xd800 + ((code - 0x10000) >> 10), spelling, text);
	return len + hex_escape(0xdc00 + ((code - 0x10000) & 0x3ff), spelling, text + len);
}

int doc_json_string(struct secret *out, struct span text, unsigned spelling, struct error *err)
{
	size_t plain = 0, len;
	char escaped[16];

	if (!text_is_utf8(text))
		return error_set(err, ERROR_DUMP, "a value is no UTF-8 text, which JSON needs");
	if (secret_append(out, "\"", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < text.len; i += len) {
		uint32_t code;

		len = decode(text.data + i, &code);
		if (!needs_escape(code, spelling))
			continue;
		if (secret_append_span(out, span_slice(text, plain, i - plain), err) < 0 ||
		    secret_append(out, escaped, escape(code, spelling, escaped), err) < 0)
			return -1;
		plain = i + len;
	}
	secret_wipe(escaped, sizeof(escaped));
	if (secret_append_span(out, span_slice(text, plain, text.len), err) < 0)
		return -1;
	return secret_append(out, "\"", 1, err);
}

/* The letters that tell how a string was spelled, and how they are escaped. */
static const char marks[] = "ENC[A";

#define MARKS (sizeof(marks) - 1)

int json_write_sealed(struct secret *out, struct span sealed, unsigned spelling, struct error *err)
{
	char text[40] = "\"";
	size_t len = 1;

	if (!span_starts_with(sealed, marks))
		return doc_json_string(out, sealed, 0, err);
	for (unsigned i = 0; i < MARKS; i++)
		if (spelling & 1u << i)
			len += hex_escape((uint8_t)marks[i], 0, text + len);
		else
			text[len++] = marks[i];
	if (secret_append(out, text, len, err) < 0 ||
	    secret_append_span(out, span_slice(sealed, MARKS, sealed.len), err) < 0)
		return -1;
	return secret_append(out, "\"", 1, err);
}

unsigned json_sealed_spelling(struct span token)
{
	unsigned spelling = 0;
	size_t at = 1;

	for (unsigned i = 0; i < MARKS; i++) {
		if (at >= token.len)
			return 0;
		if (token.data[at] == '\\') {
			spelling |= 1u << i;
			at += 6;
		} else {
			at++;
		}
	}
	return spelling;
}
