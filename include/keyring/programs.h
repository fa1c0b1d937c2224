/* SPDX-License-Identifier: MIT */
/*
 * Programs that open and seal for us: gpg, as sops runs it (SOPS_GPG_EXEC names another one), and
 * plugins of age ("age-plugin-NAME" in a directory of PATH). A command parses in a sandbox, where no
 * program can be started; so one process is forked before, which does nothing but start what it is
 * asked for, in a fixed form that it checks. It ends with the command, and takes with it what it
 * started.
 */
#ifndef KEYRING_PROGRAMS_H
#define KEYRING_PROGRAMS_H

#include <stdbool.h>
#include <sys/types.h>

#include "age/plugin.h"
#include "keyring/identity.h"
#include "keyring/prompt.h"
#include "sops/programs.h"

struct keyring_programs {
	int fd; /* to that process; -1: not started */
	pid_t pid;
	int to_plugin, from_plugin;   /* of the one that runs; -1 */
	struct keyring_prompt prompt; /* the terminal alone: for what plugins want to know */
	struct age_plugins plugins;
	struct sops_programs programs;
};

#define KEYRING_PROGRAMS_INIT                                                                      \
	((struct keyring_programs){ -1,                                                            \
				    -1,                                                            \
				    -1,                                                            \
				    -1,                                                            \
				    KEYRING_PROMPT_INIT,                                           \
				    { NULL, NULL, NULL, NULL, NULL, NULL },                        \
				    { NULL, NULL, NULL, NULL } })

/*
 * May text (a sealed file, rules, recipients) make a program necessary: does it name PGP or a plugin?
 * Looks at its letters alone.
 */
bool keyring_programs_are_needed(struct span text);
/* The same of an identity file; an encrypted one may hold anything. */
bool keyring_programs_are_needed_by(struct span identities);
/* The same of all that was gathered. */
bool keyring_programs_are_needed_for(const struct keyring_identities *sources);
/* Starts that process, and no program; opens the terminal. To be called before the sandbox. ERROR_SYSTEM. */
MUST_USE int keyring_programs_start(struct keyring_programs *programs, struct error *err);
/* For a policy or opener, as long as programs stays where it is; NULL where it was not started. */
const struct sops_programs *keyring_programs_use(struct keyring_programs *programs);
/* The same for identities and recipients. */
const struct age_plugins *keyring_programs_plugins(struct keyring_programs *programs);
/*
 * Gives gpg a key. From the first one on gpg has a home of its own, in memory, that nobody else can see and that
 * ends with the programs, however they end; it knows no other keys then. ERROR_SYSTEM where that cannot be (by
 * others than root, where they may make no namespace of users), ERROR_NO_KEY where gpg refuses.
 */
MUST_USE int keyring_programs_import(const struct keyring_programs *programs, struct span pgp_key,
				     struct error *err);
void keyring_programs_release(struct keyring_programs *programs);

#endif
