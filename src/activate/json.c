/* SPDX-License-Identifier: MIT */
#include "activate/json.h"

#include "util/text.h"

#include <stdio.h>

/* The escape of a character up to U+FFFF; its length. */
static size_t json_escape(uint32_t code, char ret_text[8])
{
	static const char letters[] = "btn\0fr"; /* 8 to 13; 11 has none */

	if (code == '"' || code == '\\')
		return (size_t)snprintf(ret_text, 8, "\\%c", (int)code);
	if (code >= 8 && code <= 13 && letters[code - 8] != '\0')
		return (size_t)snprintf(ret_text, 8, "\\%c", letters[code - 8]);
	return (size_t)snprintf(ret_text, 8, "\\u%04x", (unsigned)code & 0xffff);
}

/* The character at the front of text, which is UTF-8; characters above U+FFFF are 0x10000 here. */
static size_t json_decode(struct span text, uint32_t *ret_code)
{
	const uint8_t *b = text.data;
	const size_t len = b[0] < 0x80 ? 1 : b[0] < 0xe0 ? 2 : b[0] < 0xf0 ? 3 : 4;

	*ret_code = len == 1   ? b[0]
		    : len == 2 ? (uint32_t)(b[0] & 31) << 6 | (b[1] & 63)
		    : len == 3
			    ? (uint32_t)(b[0] & 15) << 12 | (uint32_t)(b[1] & 63) << 6 | (b[2] & 63)
			    : 0x10000;
	return len;
}

/* ascii: all from DEL to U+FFFF is escaped, too. Pairs of surrogates YAML's parser would not read. */
static int json_write(struct secret *out, struct span text, bool ascii, struct error *err)
{
	size_t plain = 0, len;
	char escape[8];

	if (!text_is_utf8(text))
		return error_set(err, ERROR_FORMAT, "no UTF-8 text, which JSON cannot carry");
	if (secret_append(out, "\"", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < text.len; i += len) {
		uint32_t code;

		len = json_decode(span_slice(text, i, text.len), &code);
		if (code >= 0x20 && code != '"' && code != '\\' &&
		    (!ascii || code < 0x7f || code > 0xffff))
			continue;
		if (secret_append_span(out, span_slice(text, plain, i - plain), err) < 0 ||
		    secret_append(out, escape, json_escape(code, escape), err) < 0)
			return -1;
		plain = i + len;
	}
	if (secret_append_span(out, span_slice(text, plain, text.len), err) < 0)
		return -1;
	return secret_append(out, "\"", 1, err);
}

int json_string(struct secret *out, struct span text, struct error *err)
{
	return json_write(out, text, false, err);
}

int json_open(struct secret *out, struct json_object *ret_object, struct error *err)
{
	*ret_object = (struct json_object){ .out = out };
	return secret_append(out, "{", 1, err);
}

int json_key(struct json_object *object, struct span key, struct error *err)
{
	if (object->filled && secret_append(object->out, ",", 1, err) < 0)
		return -1;
	object->filled = true;
	if (json_write(object->out, key, object->ascii, err) < 0)
		return -1;
	return secret_append(object->out, ":", 1, err);
}

int json_text(struct json_object *object, const char *key, struct span value, struct error *err)
{
	if (json_key(object, span_of_text(key), err) < 0)
		return -1;
	return json_write(object->out, value, object->ascii, err);
}

int json_number(struct json_object *object, const char *key, unsigned long long value,
		struct error *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", value);
	if (json_key(object, span_of_text(key), err) < 0)
		return -1;
	return secret_append_text(object->out, text, err);
}

int json_flag(struct json_object *object, const char *key, bool value, struct error *err)
{
	if (json_key(object, span_of_text(key), err) < 0)
		return -1;
	return secret_append_text(object->out, value ? "true" : "false", err);
}

int json_names(struct json_object *object, const char *key, const struct names *names,
	       struct error *err)
{
	if (json_key(object, span_of_text(key), err) < 0 ||
	    secret_append(object->out, "[", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < names->len; i++)
		if ((i > 0 && secret_append(object->out, ",", 1, err) < 0) ||
		    json_write(object->out, span_of_text(names->items[i]), object->ascii, err) < 0)
			return -1;
	return secret_append(object->out, "]", 1, err);
}

int json_close(struct json_object *object, struct error *err)
{
	return secret_append(object->out, "}", 1, err);
}
