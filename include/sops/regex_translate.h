/* SPDX-License-Identifier: MIT */
/*
 * From the syntax of sops' regular expressions (RE2, as in Go) to PCRE2's. What both spell alike
 * but read differently is rewritten; what RE2 lacks, and PCRE2 would take, is refused by name, so
 * that a rule never means one thing here and another in sops.
 */
#ifndef SOPS_REGEX_TRANSLATE_H
#define SOPS_REGEX_TRANSLATE_H

#include "util/buf.h"
#include "util/error.h"
#include "util/span.h"

#define SOPS_REGEX_MAX 4096
/* Go's limit for {n,m}. */
#define SOPS_REGEX_REPEAT_MAX 1000

/* Appends pattern, translated, to ret_pattern. ERROR_CONFIG names the construct. */
MUST_USE int sops_regex_translate(struct span pattern, struct buf *ret_pattern, struct error *err);

#endif
