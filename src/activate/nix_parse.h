/* SPDX-License-Identifier: MIT */
/* Shared by the files that read sops-nix' manifest. */
#ifndef ACTIVATE_NIX_PARSE_H
#define ACTIVATE_NIX_PARSE_H

#include "activate/nix.h"
#include "nix_json.h"

/* The manifest as it stands there. */
struct nix_top {
	uint32_t secrets, templates, placeholders, ssh_keys, age_ssh_keys, logging;
	struct span mount_point, link, gnupg_home, age_key_file;
	int64_t keep;
	bool use_tmpfs, user_mode;
};

/* What the readers of one manifest share. */
struct nix_parse {
	struct reader reader;
	struct nix_manifest *nix;
	struct nix_top top;
	const char *runtime_dir; /* for %r; NULL: it stays */
};

/* A copy of a text that a message and a log can show, and the kernel take for a name. */
MUST_USE int nix_copy(struct span text, const char *what, char **ret_copy, struct error *err);

/* nix_placeholders.c: those of the manifest, of which each secret must have one. No template is there yet. */
MUST_USE int nix_read_placeholders(const struct nix_parse *parse, struct error *err);

#endif
