/* SPDX-License-Identifier: MIT */
/*
 * Identities from where sops looks for them, and the host's own SSH key.
 *
 * In three steps, because foreign bytes are parsed in a sandbox that has no files: gather reads
 * bytes, run starts the programs that the user named, parse makes identities of it all. A source
 * that cannot be used is no error (another may do); its problem is told if nothing opens the file.
 */
#ifndef KEYRING_IDENTITY_H
#define KEYRING_IDENTITY_H

#include <stdbool.h>

#include "age/identity.h"
#include "util/buf.h"
#include "util/secret.h"

#define KEYRING_IDENTITY_FILE_MAX ((size_t)16 << 20)

/* Bytes from one place, not yet looked at. */
struct keyring_identity_source {
	char *name;    /* for messages: a path as the user wrote it, or a variable's name */
	bool is_value; /* keys as text, several on a line (SOPS_AGE_KEY) */
	struct secret bytes;
	struct secret public_half; /* PATH.pub, of a key that hides it */
};

struct keyring_identities {
	struct keyring_identity_source *items;
	size_t len;
	struct buf problems; /* "; "-separated: what could not be read, run or parsed */
	struct buf warnings; /* lines: keys that others may read */
};

#define KEYRING_IDENTITIES_INIT ((struct keyring_identities){ NULL, 0, BUF_INIT, BUF_INIT })

/*
 * Reads, in sops' order: the SSH key that SOPS_AGE_SSH_PRIVATE_KEY_FILE names, ~/.ssh/id_ed25519,
 * ~/.ssh/id_rsa, the keys in SOPS_AGE_KEY, the file that SOPS_AGE_KEY_FILE names, sops/age/keys.txt
 * below $XDG_CONFIG_HOME or ~/.config; then the host's own, /etc/ssh/ssh_host_ed25519_key and
 * ssh_host_rsa_key. What is not there, and was not named, is passed over.
 */
MUST_USE int keyring_identities_gather(struct keyring_identities *ret_sources, struct error *err);
/* The same without the host's own, for who names the host's keys; nothing is added but what there is. */
MUST_USE int keyring_identities_gather_own(struct keyring_identities *ret_sources,
					   struct error *err);
/* Reads one more file; where it cannot be, that is one of the problems. */
MUST_USE int keyring_identities_add_file(struct keyring_identities *sources, const char *path,
					 struct error *err);
/* Does the environment name programs that print keys (SOPS_AGE_KEY_CMD, SOPS_AGE_SSH_PRIVATE_KEY_CMD)? */
bool keyring_identities_have_commands(void);
/*
 * Runs them, once for each recipient (lines, "age1…\n"), which they get as SOPS_AGE_RECIPIENT. Not
 * to be called in a sandbox.
 */
MUST_USE int keyring_identities_run(struct keyring_identities *sources, struct span recipients,
				    struct error *err);
/*
 * Makes identities of what was gathered, and forgets it; ret_identities is empty, its prompt stays.
 * ERROR_SYSTEM (memory) alone.
 */
MUST_USE int keyring_identities_parse(struct keyring_identities *sources,
				      struct age_identities *ret_identities, struct error *err);
void keyring_identities_release(struct keyring_identities *sources);

#endif
