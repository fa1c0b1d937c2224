/* SPDX-License-Identifier: MIT */
/*
 * Identities: the private keys that open age files. One SSH ed25519 key is two
 * identities in one: it opens ssh-ed25519 stanzas and X25519 stanzas of the
 * converted key ("age1…" as made by ssh-to-age).
 */
#ifndef AGE_IDENTITY_H
#define AGE_IDENTITY_H

#include <stdbool.h>

#include "age/prompt.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define AGE_IDENTITIES_MAX 4096
#define AGE_IDENTITY_FILE_MAX ((size_t)16 << 20)

struct age_identity_kind;
struct age_plugins;
struct age_recipient;
struct age_stanza;

/* What is public of one identity; its private part lies in the block of all of them. */
struct age_identity {
	const struct age_identity_kind *kind;
	char *source; /* where it came from, for messages: "/etc/ssh/…", "SOPS_AGE_KEY", owned */
	uint8_t point[32]; /* its X25519 public point; zeros for a kind that does not rest on one */
	struct buf
		wire; /* its public half in the kind's own form: SSH's wire form, …; often empty */
	size_t private_start, private_len;
	void *state; /* what its kind learns while it is used: a key without its passphrase; owned */
};

struct age_identities {
	struct age_identity *items;
	size_t len, cap;
	struct secret keys; /* all private parts in one locked block, in the order of items */
	/* known kinds that are not built in: not tried, but named where none of the others fits */
	size_t unusable_len;
	struct buf unusable; /* "a plugin's identity (keys.txt)", the first of them */
	/* who is asked for what protects a key, once and when it is needed; NULL: nobody. Borrowed. */
	const struct age_prompt *prompt;
	const struct age_plugins *plugins; /* what starts plugins; NULL: none can be. Borrowed. */
	bool ask_nobody;                   /* tries only those that need no person and no program */
	const struct age_recipient *meant; /* whom the file is known to be sealed to, or NULL */
};

#define AGE_IDENTITIES_INIT                                                                        \
	((struct age_identities){ NULL, 0, 0, SECRET_INIT, 0, BUF_INIT, NULL, NULL, false, NULL })

/* What an identity is made of. All of it is copied. */
struct age_identity_parts {
	const struct age_identity_kind *kind;
	const uint8_t *point; /* 32 bytes, or NULL */
	struct span wire, private_part;
	void *state; /* taken over by the identity, if it could be added */
};

/* Adds one whose parts are known: for the kinds. */
MUST_USE int age_identities_append(struct age_identities *identities,
				   const struct age_identity_parts *parts, const char *source,
				   struct error *err);
/* The private part of one of the items; borrowed until identities is next changed. */
struct span age_identities_private(const struct age_identities *identities,
				   const struct age_identity *identity);
/*
 * "AGE-SECRET-KEY-1…", one; a plugin's or post-quantum one is noted as unusable. ERROR_FORMAT; the
 * message names source and never the text.
 */
MUST_USE int age_identities_add(struct age_identities *identities, struct span text,
				const char *source, struct error *err);
/*
 * An identity file: either lines of "AGE-SECRET-KEY-1…" (blank lines and those with # skipped; a
 * plugin's or post-quantum one noted as unusable), such a file sealed with a passphrase, or an SSH
 * private key (ed25519 or RSA). One bad line rejects the whole file and leaves identities as they
 * were. ERROR_UNSUPPORTED, with a hint, for other keys. A passphrase is asked for when a file comes
 * that it might open.
 */
MUST_USE int age_identities_add_file(struct age_identities *identities, struct span file,
				     const char *source, struct error *err);
/*
 * The same for an SSH private key with its .pub file, or nothing: for those that hide their public
 * half under their passphrase (ssh_private_key_hides_public()). With it a passphrase is asked for
 * only where it can be of use.
 */
MUST_USE int age_identities_add_pair(struct age_identities *identities, struct span file,
				     struct span public_file, const char *source,
				     struct error *err);
/*
 * For messages: appends the recipient that it is the private half of, as age_recipient_spell() does; "locked"
 * where that cannot be told without asking, "of age-plugin-NAME" of a plugin's.
 */
MUST_USE int age_identity_spell(const struct age_identity *identity, struct buf *text,
				struct error *err);
/* Can its recipient be told without asking anybody? A plugin's identity does not say it at all. */
bool age_identity_is_spelled(const struct age_identity *identity);
/* The program of a plugin's identity, "age-plugin-NAME", borrowed; NULL for any other. */
const char *age_identity_program(const struct age_identity *identity);
/* Of one that asks: might it open stanza, as far as that can be told without asking? */
bool age_identity_may_open(const struct age_identities *identities,
			   const struct age_identity *identity, const struct age_stanza *stanza);
/* Is there one that asks a program or a person? */
bool age_identities_ask(const struct age_identities *identities);
/* A plugin's identity that holds no more than its name (age -j NAME). ERROR_USAGE for what is no name. */
MUST_USE int age_identities_add_plugin(struct age_identities *identities, const char *name,
				       struct error *err);
/* Where every one counts: ERROR_UNSUPPORTED if one of them is unusable. */
MUST_USE int age_identities_check_usable(const struct age_identities *identities,
					 struct error *err);
/* How many recipients and identities a message lists, and how much of each: all of an age1… one. */
#define AGE_TOLD_MAX 4
#define AGE_TOLD_LEN 62
/* Appends a recipient, printable, and cut where it is long. */
MUST_USE int age_recipient_tell(struct span recipient, struct buf *message, struct error *err);
/* Appends "; tried PATH (RECIPIENT, VERDICT), …", or that there are none; verdict with its ", ", or "". */
MUST_USE int age_identities_tell_tried(const struct age_identities *identities, const char *verdict,
				       struct buf *message, struct error *err);
/* Appends "; not supported: …" where there are unusable ones. */
MUST_USE int age_identities_tell_unusable(const struct age_identities *identities,
					  struct buf *message, struct error *err);
void age_identities_release(struct age_identities *identities);

#endif
