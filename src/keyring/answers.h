/* SPDX-License-Identifier: MIT */
/*
 * Passphrases that were typed, so that a command on many files asks for each once, though each file is
 * opened in a process of its own: memory that they share, locked, left out of core dumps, and wiped by the
 * process that made it.
 */
#ifndef KEYRING_ANSWERS_H
#define KEYRING_ANSWERS_H

#include <stdbool.h>

#include "util/error.h"
#include "util/secret.h"

struct keyring_answers;

/* NULL where there is no such memory: then nothing is remembered. */
struct keyring_answers *keyring_answers_new(void);
/* The answer to question; *ret_found false where there is none. */
MUST_USE int keyring_answers_find(const struct keyring_answers *answers, const char *question,
				  bool *ret_found, struct secret *ret_answer, struct error *err);
/* Forgets nothing and holds few: what does not fit is asked for again. */
void keyring_answers_add(struct keyring_answers *answers, const char *question, struct span answer);
void keyring_answers_free(struct keyring_answers *answers);

#endif
