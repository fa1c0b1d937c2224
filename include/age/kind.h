/* SPDX-License-Identifier: MIT */
/*
 * Kinds of recipients and identities. Each lives in one file of src/age, which ends
 * with its const descriptors; recipient.c lists the recipients' in the order in which
 * they are asked. What no kind claims is an unknown stanza, and skipped.
 */
#ifndef AGE_KIND_H
#define AGE_KIND_H

#include <stdbool.h>

#include "age/header.h"
#include "age/identity.h"
#include "age/recipient.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

struct age_recipient_kind {
	const char *name;
	/* Is text spelled like one of this kind? */
	bool (*claims)(struct span text);
	/* What people know it by: is it an SSH key (then wire is its wire form)? */
	bool is_ssh;
	/* Does it rest on an X25519 point: has it an age1… spelling, and is it known by that? */
	bool has_point;
	/* Must it be the only one of its file: else who knows another key could change the file. */
	bool is_alone;
	/* Fills point, wire or both. The message does not quote text. */
	int (*parse)(struct span text, struct age_recipient *recipient, struct error *err);
	/* What its stanzas are labelled with, sorted, a line each; NULL: nothing. See header.c. */
	const char *labels;
	/* Appends the stanza that wraps file_key (its first AGE_FILE_KEY_LEN bytes). */
	int (*wrap)(const struct age_recipient *recipient, const struct key32 *file_key,
		    struct buf *header, struct error *err);
	/* In the place of wrap, where a program does it: it tells the labels, too. */
	int (*wrap_by)(const struct age_plugins *plugins, const struct age_recipient *recipient,
		       const struct key32 *file_key, struct buf *header, struct buf *labels,
		       struct error *err);
};

/* What an identity works with: its public and private parts, and all those it stands among. */
struct age_key {
	const struct age_identities *identities;
	const struct age_identity *identity;
	struct span private_part;
};

/* What can be told of a stanza and an identity that asks, without asking. */
enum age_match {
	AGE_MATCH_NONE,     /* it is not meant for it */
	AGE_MATCH_POSSIBLE, /* it does not say whom it is meant for */
	AGE_MATCH_NAMED,    /* it names it */
};

struct age_identity_kind {
	const char *name;
	/* The kind of the recipients that it is the private half of; NULL where that is not known. */
	const struct age_recipient_kind *recipient;
	/* Is it a passphrase? */
	bool is_passphrase;
	/*
	 * Appends the recipients that it is the private half of, a line each with its LF. May ask
	 * for what protects the key, where they cannot be known without. NULL: it does not tell.
	 */
	int (*recipient_text)(const struct age_key *key, struct buf *lines, struct error *err);
	/* Of one that holds others, under a passphrase: asks for it, and gives them, borrowed. */
	int (*held)(const struct age_key *key, const struct age_identities **ret_held,
		    struct error *err);
	/* Frees what the kind keeps in identity->state; NULL where it keeps nothing. */
	void (*release_state)(void *state);
	/*
	 * Tries to open stanza. Not being meant is no error: *ret_opened is then false.
	 * ERROR_FORMAT for a stanza of its type that breaks the specification.
	 */
	int (*unwrap)(const struct age_key *key, const struct age_stanza *stanza, bool *ret_opened,
		      struct key32 *ret_file_key, struct error *err);
	/*
	 * In the place of unwrap, for one that asks a program or a person: it sees all stanzas, and
	 * is tried when no other identity opens one. That it failed is told where none does.
	 */
	int (*open)(const struct age_key *key, const struct age_header *header, bool *ret_opened,
		    struct key32 *ret_file_key, struct error *err);
	/* Beside open, for one whose public half says more; NULL: any stanza is AGE_MATCH_POSSIBLE. */
	enum age_match (*match)(const struct age_key *key, const struct age_stanza *stanza);
};

extern const struct age_recipient_kind age_x25519_recipient;
extern const struct age_identity_kind age_x25519_identity;
extern const struct age_recipient_kind age_ssh_ed25519_recipient;
extern const struct age_identity_kind age_ssh_ed25519_identity;
extern const struct age_recipient_kind age_ssh_rsa_recipient;
extern const struct age_identity_kind age_ssh_rsa_identity;
extern const struct age_recipient_kind age_hybrid_recipient;
extern const struct age_identity_kind age_hybrid_identity;
extern const struct age_recipient_kind age_tagged_recipient;
extern const struct age_recipient_kind age_scrypt_recipient;
extern const struct age_identity_kind age_scrypt_identity;
extern const struct age_identity_kind age_scrypt_asked_identity;
extern const struct age_identity_kind age_locked_file_identity;
extern const struct age_recipient_kind age_plugin_recipient;
extern const struct age_identity_kind age_plugin_identity;

/* NULL where no kind claims text. */
const struct age_recipient_kind *age_recipient_kind_of(struct span text);

#endif
