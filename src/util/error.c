/* SPDX-License-Identifier: MIT */
#include "util/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Marks text that was cut, so that nobody takes it for the whole. */
static void mark_cut(char *text, size_t size, int wanted)
{
	if (wanted >= 0 && (size_t)wanted >= size)
		memcpy(text + size - 4, "...", 4);
}

int error_set(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	err->kind = kind;
	mark_cut(err->message, sizeof(err->message),
		 vsnprintf(err->message, sizeof(err->message), format, arguments));
	va_end(arguments);
	return -1;
}

int error_sys(struct error *err, const char *format, ...)
{
	const int number = errno;
	char what[ERROR_MESSAGE_MAX];
	va_list arguments;

	va_start(arguments, format);
	mark_cut(what, sizeof(what), vsnprintf(what, sizeof(what), format, arguments));
	va_end(arguments);
	return error_set(err, ERROR_SYSTEM, "%s: %s", what, strerror(number));
}

int error_memory(struct error *err)
{
	return error_set(err, ERROR_SYSTEM, "out of memory");
}

int error_wrap(struct error *err, const char *format, ...)
{
	char where[ERROR_MESSAGE_MAX], message[ERROR_MESSAGE_MAX];
	va_list arguments;

	va_start(arguments, format);
	mark_cut(where, sizeof(where), vsnprintf(where, sizeof(where), format, arguments));
	va_end(arguments);
	memcpy(message, err->message, sizeof(message));
	return error_set(err, err->kind, "%s: %s", where, message);
}

int error_hint(struct error *err, const char *format, ...)
{
	va_list arguments;

	if (err->hint[0] != '\0')
		return -1;
	va_start(arguments, format);
	mark_cut(err->hint, sizeof(err->hint),
		 vsnprintf(err->hint, sizeof(err->hint), format, arguments));
	va_end(arguments);
	return -1;
}

void error_clear(struct error *err)
{
	*err = ERROR_INIT;
}
