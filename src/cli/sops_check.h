/* SPDX-License-Identifier: MIT */
/* What sops looks at before it does anything. */
#ifndef SOPS_CHECK_H
#define SOPS_CHECK_H

#include "cli/sops.h"
#include "sops_words.h"

/*
 * The number of arguments, the rules that were named, the file: errors as of sops_call_parse(), with call->status
 * where that is not what their kind says. Leaves out arguments that are too many.
 */
MUST_USE int sops_words_check(struct sops_words *words, struct sops_call *call, struct error *err);
/* As sops says it: above all flags behind the file are easily meant otherwise. */
void sops_warn_of_more(const struct sops_words *p);
/* Keys of a kind that this program does not have. */
int sops_refuse(const char *what, const char *name, struct error *err);

#endif
