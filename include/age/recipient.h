/* SPDX-License-Identifier: MIT */
/*
 * Recipients: who may open an age file. Each kind (X25519, ssh-ed25519, …) is
 * one file with a const descriptor in a registry; this is what they share.
 */
#ifndef AGE_RECIPIENT_H
#define AGE_RECIPIENT_H

#include <stdbool.h>

#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define AGE_RECIPIENTS_MAX 4096

struct age_plugins;
struct age_recipient_kind;
struct age_identities;

/* One recipient; text is the spelling it was given in, owned. */
struct age_recipient {
	const struct age_recipient_kind *kind;
	char *text;
	uint8_t point[32]; /* X25519 public point (for ssh-ed25519: the converted one), or zeros */
	struct buf
		wire; /* the public key in the kind's own form: SSH's wire form, …; often empty */
	struct secret
		hidden;  /* of what has neither: a passphrase, the text of a plugin's identity */
	unsigned factor; /* the work that a passphrase takes */
};

struct age_recipients {
	struct age_recipient *items;
	size_t len, cap;
	const struct age_plugins *plugins; /* what starts plugins; NULL: none can be. Borrowed. */
};

#define AGE_RECIPIENTS_INIT ((struct age_recipients){ NULL, 0, 0, NULL })

/*
 * Adds the recipient that text spells: "age1…", "ssh-ed25519 AAAA… comment", a plugin's "age1NAME1…".
 * White space around it is ignored. ERROR_FORMAT, or ERROR_UNSUPPORTED for a
 * kind that is known but not built in; the message shows what is a public key by its looks, or short.
 */
MUST_USE int age_recipients_add(struct age_recipients *recipients, struct span text,
				struct error *err);
/*
 * A recipients file (age -R): one a line, blank lines and those with # skipped. name is for
 * messages. An SSH key that cannot be sealed to is skipped too: ret_skipped, of a list of what
 * people publish of themselves, gets a line on each. ERROR_FORMAT where none is left.
 */
MUST_USE int age_recipients_add_file(struct age_recipients *recipients, struct span file,
				     const char *name, struct buf *ret_skipped, struct error *err);
/*
 * The recipients that identities are the private half of, each of its own kind (age -e -i).
 * ERROR_UNSUPPORTED where one is unusable: it would be left out. A plugin's identity does not say
 * its recipient: it is sealed to as it is, and has no spelling (age_recipient_is_spelled()). What protects an
 * identity file is asked for.
 */
MUST_USE int age_recipients_add_own(struct age_recipients *recipients,
				    const struct age_identities *identities, struct error *err);
void age_recipients_release(struct age_recipients *recipients);

/* Do both stand for one key, in whatever spelling? An SSH key and its age1… form do. */
bool age_recipient_equal(const struct age_recipient *a, const struct age_recipient *b);
/* Is there a text that stands for it? */
bool age_recipient_is_spelled(const struct age_recipient *recipient);
bool age_recipient_is_ssh(const struct age_recipient *recipient);
/* "X25519", "ssh-ed25519", …: what its stanzas begin with. */
const char *age_recipient_kind_name(const struct age_recipient *recipient);
/*
 * Appends its shortest spelling that sops and age read: "age1…" where it has one, else "ssh-rsa AAAA…"
 * without the comment, else the text it was given in.
 */
MUST_USE int age_recipient_spell(const struct age_recipient *recipient, struct buf *text,
				 struct error *err);

#endif
