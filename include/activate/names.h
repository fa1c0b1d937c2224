/* SPDX-License-Identifier: MIT */
/*
 * A growing list of short public texts: names of secrets, keys, units, notes.
 */
#ifndef ACTIVATE_NAMES_H
#define ACTIVATE_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"
#include "util/span.h"

struct names {
	char **items;
	size_t len, cap;
};

#define NAMES_INIT ((struct names){ NULL, 0, 0 })

/* Appends a copy. A NUL in text ends it. */
MUST_USE int names_add(struct names *names, struct span text, struct error *err);
/* The same, but only where text is not there yet. */
MUST_USE int names_add_once(struct names *names, const char *text, struct error *err);
/* Each of more, once. */
MUST_USE int names_add_all(struct names *names, const struct names *more, struct error *err);
MUST_USE int names_printf(struct names *names, struct error *err, const char *format, ...)
	PRINTF_LIKE(3, 4);
bool names_have(const struct names *names, const char *text);
void names_release(struct names *names);

#endif
