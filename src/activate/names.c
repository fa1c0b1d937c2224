/* SPDX-License-Identifier: MIT */
#include "activate/names.h"

#include "util/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int names_reserve_one(struct names *names, struct error *err)
{
	/* most have one */
	size_t cap = names->cap == 0 ? 1 : names->cap * 2;
	char **items;

	if (names->len < names->cap)
		return 0;
	items = realloc(names->items, cap * sizeof(*items));
	if (items == NULL)
		return error_memory(err);
	names->items = items;
	names->cap = cap;
	return 0;
}

int names_add(struct names *names, struct span text, struct error *err)
{
	char *copy;

	if (names_reserve_one(names, err) < 0)
		return -1;
	copy = strndup(text.len > 0 ? (const char *)text.data : "", text.len);
	if (copy == NULL)
		return error_memory(err);
	names->items[names->len++] = copy;
	return 0;
}

int names_add_once(struct names *names, const char *text, struct error *err)
{
	return names_have(names, text) ? 0 : names_add(names, span_of_text(text), err);
}

int names_add_all(struct names *names, const struct names *more, struct error *err)
{
	for (size_t i = 0; i < more->len; i++)
		if (names_add_once(names, more->items[i], err) < 0)
			return -1;
	return 0;
}

int names_printf(struct names *names, struct error *err, const char *format, ...)
{
	AUTO_FREE char *text = NULL;
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (len < 0) {
		text = NULL;
		return error_memory(err);
	}
	return names_add(names, span_of(text, (size_t)len), err);
}

bool names_have(const struct names *names, const char *text)
{
	for (size_t i = 0; i < names->len; i++)
		if (strcmp(names->items[i], text) == 0)
			return true;
	return false;
}

void names_release(struct names *names)
{
	for (size_t i = 0; i < names->len; i++)
		free(names->items[i]);
	free(names->items);
	*names = NAMES_INIT;
}
