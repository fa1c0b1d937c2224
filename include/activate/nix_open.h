/* SPDX-License-Identifier: MIT */
/*
 * The sealed files of sops-nix' manifest: opened, each once, with the keys that it names and
 * those that sops itself would look for; or only looked at, which needs no key.
 */
#ifndef ACTIVATE_NIX_OPEN_H
#define ACTIVATE_NIX_OPEN_H

#include "activate/nix.h"
#include "activate/record.h"
#include "util/secret.h"

struct nix_sealed {
	const struct nix_manifest *nix;
	struct secret texts;  /* of all files, one behind the other: they are many, and small */
	size_t *ends;         /* of each file's text */
	size_t *heads, *next; /* the entries of each file: the first, and the one behind an entry */
	size_t *starts;       /* of each file's values, and their end */
};

#define NIX_SEALED_INIT ((struct nix_sealed){ NULL, SECRET_INIT, NULL, NULL, NULL, NULL })

/* Which entries each file has; no text yet. */
MUST_USE int nix_sealed_make(const struct nix_manifest *nix, struct nix_sealed *ret_sealed,
			     struct error *err);
/* Appends the text of the next file. */
MUST_USE int nix_sealed_add(struct nix_sealed *sealed, size_t file, struct span text,
			    struct error *err);
/* A copy of one. */
MUST_USE int nix_sealed_text(const struct nix_sealed *sealed, size_t file, struct secret *ret_text,
			     struct error *err);
void nix_sealed_release(struct nix_sealed *sealed);

/*
 * Opens all with the keys of the manifest, and with uses_environment sops' own, in one sandboxed child, and gives what activate/values.h says. The times go to the
 * record's sources behind the first. What cannot be used of the keys is in notes, and with
 * log_keys, which of its SSH keys are.
 */
MUST_USE int nix_open(struct nix_sealed *sealed, bool uses_environment, struct record *record,
		      struct names *notes, struct secret *ret_values, struct error *err);
/* Are the keys there, as texts, sealed or not? */
MUST_USE int nix_look(struct nix_sealed *sealed, struct error *err);

#endif
