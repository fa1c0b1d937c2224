/* SPDX-License-Identifier: MIT */
/* Shared by the files that open the sealed files of sops-nix' manifest. */
#ifndef ACTIVATE_NIX_JOB_H
#define ACTIVATE_NIX_JOB_H

#include "activate/nix_open.h"
#include "keyring/identity.h"
#include "keyring/programs.h"
#include "sops/file.h"

/* What the child works on; the parent's memory as of the fork. */
struct nix_job {
	struct nix_sealed *sealed;
	bool uses_environment;
	struct keyring_identities sources;
	struct keyring_programs programs;
	struct sops_opener opener;
	struct sops_file *opened; /* NULL: only looking, at doc */
	const struct doc *doc;
};

/* nix_keys.c: reads all keys, and starts what gpg and plugins are started by, where they are needed. */
MUST_USE int nix_prepare_keys(struct nix_job *job, struct error *err);

#endif
