/* SPDX-License-Identifier: MIT */
/* What the files of unseal share. */
#ifndef UNSEAL_JOB_H
#define UNSEAL_JOB_H

#include "activate/unseal.h"
#include "sops/file.h"

/* What the child works on; the parent's memory as of the fork. */
struct unseal_job {
	const struct manifest *manifest;
	struct unseal_files *files;
	const struct unseal_identities *identities;
	size_t file; /* at hand */
	struct secret *text;
	struct sops_file *opened; /* NULL: only looking, at doc */
	const struct doc *doc;
	const struct sops_meta *meta;
	uint32_t entry;
};

/* unseal_entries.c: what every entry of the manifest wants of the file at hand. */
MUST_USE int unseal_entries(struct unseal_job *job, struct secret *out, struct error *err);
/* A value of the entry at hand. */
MUST_USE int unseal_add(const struct unseal_job *job, const char *name, const struct secret *text,
			struct secret *out, struct error *err);

#endif
