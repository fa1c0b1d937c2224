/* SPDX-License-Identifier: MIT */
#include "sweep.h"

#define PCRE2_CODE_UNIT_WIDTH 8

#include <errno.h>
#include <gcrypt.h>
#include <pcre2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <yaml.h>

/* pcre2_compile()'s, which pcre2.h does not name. */
#define PCRE2_COMPILE_NO_MEMORY 121

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

/* Memory that libraries take for us: they say so in their own way. */
WRAP(gcry_error_t, gcry_cipher_open,
     (gcry_cipher_hd_t * ret, int algorithm, int mode, unsigned int flags),
     (ret, algorithm, mode, flags), (*ret = NULL, gcry_error_from_errno(ENOMEM)))
WRAP(gcry_error_t, gcry_md_open, (gcry_md_hd_t * ret, int algorithm, unsigned int flags),
     (ret, algorithm, flags), (*ret = NULL, gcry_error_from_errno(ENOMEM)))
WRAP(int, yaml_parser_initialize, (yaml_parser_t * parser), (parser),
     (memset(parser, 0, sizeof(*parser)), 0))
WRAP(pcre2_code_8 *, pcre2_compile_8,
     (PCRE2_SPTR8 pattern, PCRE2_SIZE len, uint32_t options, int *error, PCRE2_SIZE *offset,
      pcre2_compile_context_8 *context),
     (pattern, len, options, error, offset, context),
     (*error = PCRE2_COMPILE_NO_MEMORY, *offset = 0, NULL))
WRAP(pcre2_match_context_8 *, pcre2_match_context_create_8, (pcre2_general_context_8 * general),
     (general), NULL)
WRAP(pcre2_match_data_8 *, pcre2_match_data_create_8,
     (uint32_t pairs, pcre2_general_context_8 *general), (pairs, general), NULL)
WRAP(pcre2_match_data_8 *, pcre2_match_data_create_from_pattern_8,
     (const pcre2_code_8 *code, pcre2_general_context_8 *general), (code, general), NULL)

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
