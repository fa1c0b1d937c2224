/* SPDX-License-Identifier: MIT */
/* What "openclaw secrets reload --json" says: {"ok":true,"warningCount":0}. */
#ifndef OPENCLAW_RELOAD_H
#define OPENCLAW_RELOAD_H

#include "util/error.h"
#include "util/secret.h"

/* It is a line or a few. */
#define RELOAD_MAX ((size_t)64 << 10)

/*
 * How many secrets it could not have, of an answer whose text is taken over: it goes on without those that it can do
 * without. Other fields count for nothing. ERROR_FORMAT where it is no such answer; ERROR_FINDINGS where it is not
 * "ok"; ERROR_LIMIT; what doc_parse() says.
 */
MUST_USE int reload_parse(struct secret *text, unsigned *ret_warnings, struct error *err);

#endif
