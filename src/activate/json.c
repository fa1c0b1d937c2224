/* SPDX-License-Identifier: MIT */
#include "activate/json.h"

#include "util/text.h"

#include <stdio.h>

/* The escape of one byte below 0x20, a quote or a backslash; its length. */
static size_t json_escape(uint8_t c, char ret_text[8])
{
	static const char letters[] = "btn\0fr"; /* 8 to 13; 11 has none */
	static const char digits[] = "0123456789abcdef";

	ret_text[0] = '\\';
	if (c == '"' || c == '\\') {
		ret_text[1] = (char)c;
		return 2;
	}
	if (c >= 8 && c <= 13 && letters[c - 8] != '\0') {
		ret_text[1] = letters[c - 8];
		return 2;
	}
	ret_text[1] = 'u';
	ret_text[2] = ret_text[3] = '0';
	ret_text[4] = digits[c >> 4];
	ret_text[5] = digits[c & 15];
	return 6;
}

int json_string(struct secret *out, struct span text, struct error *err)
{
	size_t plain = 0;
	char escape[8];

	if (!text_is_utf8(text))
		return error_set(err, ERROR_FORMAT, "no UTF-8 text, which JSON cannot carry");
	if (secret_append(out, "\"", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		uint8_t c = text.data[i];

		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		if (secret_append_span(out, span_slice(text, plain, i - plain), err) < 0 ||
		    secret_append(out, escape, json_escape(c, escape), err) < 0)
			return -1;
		plain = i + 1;
	}
	if (secret_append_span(out, span_slice(text, plain, text.len), err) < 0)
		return -1;
	return secret_append(out, "\"", 1, err);
}

int json_open(struct secret *out, struct json_object *ret_object, struct error *err)
{
	*ret_object = (struct json_object){ out, false };
	return secret_append(out, "{", 1, err);
}

int json_key(struct json_object *object, struct span key, struct error *err)
{
	if (object->filled && secret_append(object->out, ",", 1, err) < 0)
		return -1;
	object->filled = true;
	if (json_string(object->out, key, err) < 0)
		return -1;
	return secret_append(object->out, ":", 1, err);
}

int json_text(struct json_object *object, const char *key, struct span value, struct error *err)
{
	if (json_key(object, span_of_text(key), err) < 0)
		return -1;
	return json_string(object->out, value, err);
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
		    json_string(object->out, span_of_text(names->items[i]), err) < 0)
			return -1;
	return secret_append(object->out, "]", 1, err);
}

int json_close(struct json_object *object, struct error *err)
{
	return secret_append(object->out, "}", 1, err);
}
