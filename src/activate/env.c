/* SPDX-License-Identifier: MIT */
#include "activate/env.h"

#include "util/text.h"

#include <string.h>

bool env_name_is_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		uint8_t c = name.data[i];
		bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';

		if (!letter && !(i > 0 && c >= '0' && c <= '9'))
			return false;
	}
	return name.len > 0;
}

/* U+FDD0 to U+FDEF and the last two of each plane; value is valid UTF-8. */
static bool env_has_noncharacter(struct span value)
{
	for (size_t i = 0; i + 2 < value.len; i++) {
		const uint8_t *b = value.data + i;

		if (b[0] == 0xEF && b[1] == 0xB7 && b[2] >= 0x90 && b[2] <= 0xAF)
			return true;
		if (b[0] == 0xEF && b[1] == 0xBF && b[2] >= 0xBE)
			return true;
		/* U+nFFFE and U+nFFFF above the first plane. */
		if (b[0] >= 0xF0 && (b[1] & 0x0F) == 0x0F && b[2] == 0xBF && i + 3 < value.len &&
		    b[3] >= 0xBE)
			return true;
	}
	return false;
}

static int env_check(struct span name, struct span value, struct error *err)
{
	if (value.len > 0 && memchr(value.data, 0, value.len) != NULL)
		return error_set(
			err, ERROR_CONFIG,
			"the value of \"%s\" holds a NUL byte, which no environment can carry",
			text_printable(name).text);
	if (!text_is_utf8(value) || env_has_noncharacter(value))
		return error_set(err, ERROR_CONFIG,
				 "the value of \"%s\" is no UTF-8 text that systemd takes in an "
				 "environment file",
				 text_printable(name).text);
	if (value.len > ENV_ASSIGNMENT_MAX || name.len > ENV_ASSIGNMENT_MAX - 1 ||
	    value.len > ENV_ASSIGNMENT_MAX - 1 - name.len)
		return error_set(err, ERROR_CONFIG,
				 "the value of \"%s\" is too long for an environment variable",
				 text_printable(name).text);
	return 0;
}

/*
 * Single quotes, where all that is within them means itself: dotenv takes no backslash away within double ones, and
 * takes one before the closing quote for an escape.
 */
static bool env_is_literal(struct span value)
{
	bool is_odd = false;

	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '\'')
			return false;
		is_odd = is_odd || strchr("\"\\`$", value.data[i]) != NULL;
	}
	return is_odd && value.data[value.len - 1] != '\\';
}

/* Each byte alike, at one cost: the encoded value is built in one reserved block. */
static void env_quote(struct secret *out, struct span value)
{
	for (size_t i = 0; i < value.len; i++) {
		uint8_t c = value.data[i];

		if (c == '"' || c == '\\' || c == '`' || c == '$')
			out->data[out->len++] = '\\';
		out->data[out->len++] = c;
	}
}

/* A checked one. */
static int env_put(struct secret *out, struct span value, struct error *err)
{
	const bool is_literal = env_is_literal(value);
	const char *quote = is_literal ? "'" : "\"";

	if (secret_grow(out, 2 * value.len + sizeof("\"\""), err) < 0 ||
	    secret_append(out, quote, 1, err) < 0)
		return -1;
	if (!is_literal)
		env_quote(out, value);
	else if (secret_append_span(out, value, err) < 0)
		return -1;
	return secret_append(out, quote, 1, err);
}

int env_append_value(struct secret *out, struct span name, struct span value, struct error *err)
{
	return env_check(name, value, err) < 0 ? -1 : env_put(out, value, err);
}

int env_append(struct secret *out, struct span name, struct span value, struct error *err)
{
	if (!env_name_is_valid(name))
		return error_set(err, ERROR_CONFIG,
				 "\"%s\" cannot name an environment variable: letters, digits and "
				 "\"_\" only, no digit first",
				 text_printable(name).text);
	if (env_check(name, value, err) < 0 || secret_append_span(out, name, err) < 0 ||
	    secret_append(out, "=", 1, err) < 0 || env_put(out, value, err) < 0)
		return -1;
	return secret_append(out, "\n", 1, err);
}
