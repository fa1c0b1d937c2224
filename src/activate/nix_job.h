/* SPDX-License-Identifier: MIT */
/* Shared by the files that open the sealed files of sops-nix' manifest. */
#ifndef ACTIVATE_NIX_JOB_H
#define ACTIVATE_NIX_JOB_H

#include "activate/nix_open.h"
#include "keyring/identity.h"
#include "keyring/programs.h"
#include "sops/file.h"

/* What comes out of the child beside values, in the place of an entry's number. */
#define NIX_TIME UINT32_MAX
#define NIX_IDENTITY (UINT32_MAX - 1)
#define NIX_PROBLEM (UINT32_MAX - 2)
#define NIX_PGP_KEY (UINT32_MAX - 3)

/* The RSA keys of sshKeyPaths, as PGP keys. */
struct nix_pgp {
	struct keyring_identities sources; /* their files' bytes */
	const struct keyring_programs *starter;
	const struct sops_programs *gpg;
	struct sops_programs
		programs; /* the same, but that gpg is given those keys before it opens anything */
	struct secret *answer; /* what there is to tell goes there */
	bool log_keys;
	bool asked;            /* a file could not be opened otherwise */
	struct error unusable; /* ERROR_NONE: gpg has one of them */
};

/* What the child works on; the parent's memory as of the fork. */
struct nix_job {
	struct nix_sealed *sealed;
	size_t first, end; /* of the files, which several children share */
	bool uses_environment;
	struct keyring_identities sources;
	struct keyring_programs programs;
	struct nix_pgp pgp;
	struct sops_opener opener;
	struct sops_file *opened; /* NULL: only looking, at doc */
	const struct doc *doc;
};

/* nix_answer.c: what came out of all children, in the files' order. */
struct nix_answer {
	struct record *record;
	struct names *notes;
	struct secret *values;
	size_t *starts;
	size_t files; /* of which there is something */
	size_t end;   /* behind the last file of the child that speaks */
};

/* Takes one child's answer. It parsed foreign bytes: what it says is looked at. */
MUST_USE int nix_answer_take(struct nix_answer *answer, struct span rest, struct error *err);

/* nix_keys.c: reads all keys, and starts what gpg and plugins are started by, where they are needed. */
MUST_USE int nix_prepare_keys(struct nix_job *job, struct error *err);

/* nix_pgp.c, in the parent: reads the keys' files. What cannot be read is told where it is missed. */
MUST_USE int nix_pgp_read(struct nix_pgp *pgp, const struct names *paths, struct error *err);
/* In the child: what is to open PGP messages; NULL where no program can be started. */
const struct sops_programs *nix_pgp_use(struct nix_pgp *pgp, struct keyring_programs *programs,
					struct secret *answer);
void nix_pgp_release(struct nix_pgp *pgp);

#endif
