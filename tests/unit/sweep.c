/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>

static size_t countdown;
static bool armed, failed;

void sweep_arm(size_t nth)
{
	countdown = nth;
	failed = false;
	armed = true;
}

bool sweep_disarm(void)
{
	armed = false;
	return failed;
}

/* Is it this allocation's turn to fail? */
static bool refuse(void)
{
	if (!armed || failed || --countdown > 0)
		return false;
	failed = true;
	errno = ENOMEM;
	return true;
}

/* The linker calls __wrap_x() for x(), and x() is __real_x(). */
#define WRAP(type, name, parameters, arguments, failure)                                           \
	type __real_##name parameters;                                                             \
	type __wrap_##name parameters;                                                             \
	type __wrap_##name parameters                                                              \
	{                                                                                          \
		return refuse() ? (failure) : __real_##name arguments;                             \
	}

WRAP(void *, malloc, (size_t len), (len), NULL)
WRAP(void *, calloc, (size_t n, size_t len), (n, len), NULL)
WRAP(void *, realloc, (void *p, size_t len), (p, len), NULL)
WRAP(void *, reallocarray, (void *p, size_t n, size_t len), (p, n, len), NULL)
WRAP(void *, aligned_alloc, (size_t alignment, size_t len), (alignment, len), NULL)
WRAP(int, posix_memalign, (void **ret, size_t alignment, size_t len), (ret, alignment, len), ENOMEM)
WRAP(char *, strdup, (const char *text), (text), NULL)
WRAP(char *, strndup, (const char *text, size_t len), (text, len), NULL)
WRAP(void *, sodium_malloc, (size_t len), (len), NULL)
WRAP(void *, sodium_allocarray, (size_t n, size_t len), (n, len), NULL)
WRAP(FILE *, open_memstream, (char **ret, size_t *ret_len), (ret, ret_len), NULL)
WRAP(int, vasprintf, (char **ret, const char *format, va_list list), (ret, format, list), -1)
WRAP(int, __vasprintf_chk, (char **ret, int flag, const char *format, va_list list),
     (ret, flag, format, list), -1)

int __wrap_asprintf(char **ret, const char *format, ...) __attribute__((format(printf, 2, 3)));
int __wrap_asprintf(char **ret, const char *format, ...)
{
	va_list list;
	int len;

	va_start(list, format);
	len = __wrap_vasprintf(ret, format, list);
	va_end(list);
	return len;
}

int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int __wrap___asprintf_chk(char **ret, int flag, const char *format, ...)
{
	va_list list;
	int len;

	(void)flag;
	va_start(list, format);
	len = __wrap_vasprintf(ret, format, list);
	va_end(list);
	return len;
}
