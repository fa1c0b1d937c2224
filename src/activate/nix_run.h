/* SPDX-License-Identifier: MIT */
/* Shared by the files that activate sops-nix' manifest: one run, from the manifest to the units. */
#ifndef ACTIVATE_NIX_RUN_H
#define ACTIVATE_NIX_RUN_H

#include "activate/nix.h"
#include "activate/nix_open.h"
#include "activate/plan.h"

struct nix_run {
	const struct nix_options *options;
	struct nix_report *report;
	struct nix_manifest nix;
	struct owner *owners; /* one an entry */
	struct owner root;    /* of the generations' directories; not in user mode */
	struct record record; /* of this run */
	struct record live;   /* of the generation that is live, if that is ours */
	struct plan plan;
	struct target target;
	uint64_t current;    /* the live generation; 0: none */
	struct secret units; /* for GENERATION_UNITS */
};

struct names *nix_notes(struct nix_run *run);

/* nix_read.c: the manifest with its templates; the sealed files; whose all of it will be. */
MUST_USE int nix_read_manifest(struct nix_run *run, const char *path, struct error *err);
MUST_USE int nix_read_sealed(struct nix_run *run, struct nix_sealed *ret_sealed, struct error *err);
MUST_USE int nix_find_owners(struct nix_run *run, struct error *err);

/* nix_slips.c: notes placeholders that stand for nothing, and units that would never be told. */
MUST_USE int nix_tell_slips(struct nix_run *run, struct error *err);

/*
 * nix_place.c: sets target and current, in sops-install-secrets' manner. ERROR_DENIED where
 * something lies in the link's place that is not to be removed.
 */
MUST_USE int nix_open_target(struct nix_run *run, struct error *err);
/* Makes the directories above link and mount. */
MUST_USE int nix_make_place(const struct nix_run *run, struct error *err);
/* Removes what is no link from the link's place. */
MUST_USE int nix_clear_place(const struct target *target, struct error *err);

#endif
