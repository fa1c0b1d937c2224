/* SPDX-License-Identifier: MIT */
/*
 * PGP by the gpg program (SOPS_GPG_EXEC names another one), as sops does it. A command parses in a
 * sandbox, where no program can be started; so one process is forked before, which does nothing but run gpg
 * with what it is asked to seal or to open. It ends with the command.
 */
#ifndef KEYRING_GPG_H
#define KEYRING_GPG_H

#include <stdbool.h>
#include <sys/types.h>

#include "sops/programs.h"

struct keyring_gpg {
	int fd; /* to that process; -1: not started */
	pid_t pid;
	struct sops_programs pgp;
};

#define KEYRING_GPG_INIT ((struct keyring_gpg){ -1, -1, { NULL, NULL, NULL } })

/* May text, a sealed file or rules, name PGP keys? Looks at its letters alone. */
bool keyring_gpg_is_needed(struct span text);
/* Starts that process, not gpg. To be called before the sandbox. ERROR_SYSTEM. */
MUST_USE int keyring_gpg_start(struct keyring_gpg *gpg, struct error *err);
/* For a policy or opener, as long as gpg stays where it is; NULL where it was not started. */
const struct sops_programs *keyring_gpg_use(struct keyring_gpg *gpg);
void keyring_gpg_release(struct keyring_gpg *gpg);

#endif
