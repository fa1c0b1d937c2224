/* SPDX-License-Identifier: MIT */
/*
 * What the kinds that are SSH keys share.
 */
#ifndef AGE_SSH_H
#define AGE_SSH_H

#include <stdbool.h>

#include "age/kind.h"
#include "ssh/privkey.h"
#include "util/span.h"

/* The short name of a key that a stanza carries in the open: 4 bytes of a hash, in base64. */
#define AGE_SSH_TAG_LEN 6
void age_ssh_tag(struct span wire, char ret_tag[AGE_SSH_TAG_LEN + 1]);
bool age_ssh_tag_is(struct span wire, struct span tag);

/* An age_identity_kind's recipient_text, for a kind whose wire is SSH's. */
int age_ssh_recipient_text(const struct age_key *key, struct buf *lines, struct error *err);

/* An SSH private key as an identity; parts points into it. */
struct age_ssh_identity {
	const struct age_identity_kind *kind;
	uint8_t point[32];
	struct secret private_part;
};

#define AGE_SSH_IDENTITY_INIT ((struct age_ssh_identity){ NULL, { 0 }, SECRET_INIT })

/* key is not locked; its private part is taken over where it is what the kind wants. */
MUST_USE int age_ssh_identity_of(struct ssh_private_key *key, struct age_ssh_identity *ret_identity,
				 struct error *err);
void age_ssh_identity_release(struct age_ssh_identity *identity);

/*
 * Adds a key that is locked: file, with what is known of its public half (wire, or empty; is_rsa: it is an RSA key at least). It is
 * asked for its passphrase when a stanza could be meant for it, and but once.
 */
MUST_USE int age_ssh_locked_add(struct age_identities *identities, struct span file,
				struct span wire, bool is_rsa, const char *source,
				struct error *err);

#endif
