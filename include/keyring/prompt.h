/* SPDX-License-Identifier: MIT */
/*
 * Who answers what the age layer asks: the terminal, or the file that BOOTSEAL_PASSPHRASE_FILE
 * names, for passphrases. Both are opened before the sandbox, where neither could be, and the
 * terminal is asked only when it is needed, and once for each key: also where several processes forked from
 * this one open a file each. What is only told goes to stderr where there is no terminal. No passphrase comes
 * from argv or an environment value.
 */
#ifndef KEYRING_PROMPT_H
#define KEYRING_PROMPT_H

#include "age/prompt.h"
#include "util/buf.h"

#define KEYRING_PASSPHRASE_VARIABLE "BOOTSEAL_PASSPHRASE_FILE"
/* The largest such file: no passphrase is longer. */
#define KEYRING_PASSPHRASE_MAX ((size_t)64 << 10)

struct keyring_answers;

struct keyring_prompt {
	int terminal; /* -1: there is none */
	bool has_passphrase;
	struct secret passphrase; /* the file's first line */
	struct error problem; /* what was wrong with that file: told when a passphrase is wanted */
	struct keyring_answers *answers; /* what was typed before */
	struct buf warning;              /* others may read it; empty: they may not */
	struct age_prompt prompt;
};

#define KEYRING_PROMPT_INIT                                                                        \
	((struct keyring_prompt){                                                                  \
		-1, false, SECRET_INIT, ERROR_INIT, NULL, BUF_INIT, { NULL, NULL, NULL, NULL } })

/* The caller shows the warning, if there is one. */
void keyring_prompt_open(struct keyring_prompt *ret_prompt);
/* For the age layer, as long as prompt stays where it is. */
const struct age_prompt *keyring_prompt_use(struct keyring_prompt *prompt);
void keyring_prompt_release(struct keyring_prompt *prompt);

#endif
