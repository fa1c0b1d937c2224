/* SPDX-License-Identifier: MIT */
/*
 * The program called as "sops-install-secrets" takes that one's command line (Go's flags), and says
 * on stdout what that one says (bootseal-sops-nix(7)).
 */
#ifndef CLI_SOPS_NIX_H
#define CLI_SOPS_NIX_H

#include <stdbool.h>
#include <stdio.h>

#include "activate/nix.h"

#define SOPS_NIX_NAME "sops-install-secrets"
/* What it ends with where anything fails. */
#define SOPS_NIX_FAILED 1

/* What a command line comes to. */
struct sops_nix_call {
	enum nix_check check;
	bool ignores_owners;
	bool help;        /* asked for; that is no failure */
	bool wrong_words; /* not one manifest: how it is used is told, and that is no failure either */
	const char *manifest;
};

/* argv without the program's name. ERROR_USAGE. */
MUST_USE int sops_nix_parse(int argc, const char *const *argv, struct sops_nix_call *ret_call,
			    struct error *err);
/* What the environment adds, as switch-to-configuration and the unit set it. */
struct nix_options sops_nix_options(const struct sops_nix_call *call);
/* Does all of it. program is for the messages. */
MUST_USE int sops_nix_run(const char *program, int argc, const char *const *argv,
			  struct error *err);

#endif
