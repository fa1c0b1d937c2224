/* SPDX-License-Identifier: MIT */
#include "activate/json.h"

#include "doc/json.h"
#include "util/text.h"

#include <stdio.h>

int json_string(struct secret *out, struct span text, struct error *err)
{
	if (!text_is_utf8(text))
		return error_set(err, ERROR_FORMAT, "no UTF-8 text, which JSON cannot carry");
	return doc_json_string(out, text, DOC_JSON_NO_HTML | DOC_JSON_NO_LINES, err);
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
