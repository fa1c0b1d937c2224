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

/* What is public of one identity; its private scalar lies in keys, at offset index * 32. */
struct age_identity {
	const struct age_identity_kind *kind;
	char *source; /* where it came from, for messages: "/etc/ssh/…", "SOPS_AGE_KEY", owned */
	uint8_t point[32]; /* its X25519 public point */
	struct buf wire;   /* for an SSH key: the wire form of its public key; else empty */
};

struct age_identities {
	struct age_identity *items;
	size_t len, cap;
	struct secret keys; /* all private scalars in one locked block */
	/* known kinds that are not built in: not tried, but named where none of the others fits */
	size_t unusable_len;
	struct buf unusable; /* "a plugin's identity (keys.txt)", the first of them */
	/* who is asked for what protects a key, once and when it is needed; NULL: nobody. Borrowed. */
	const struct age_prompt *prompt;
};

#define AGE_IDENTITIES_INIT ((struct age_identities){ NULL, 0, 0, SECRET_INIT, 0, BUF_INIT, NULL })

/*
 * "AGE-SECRET-KEY-1…", one; a plugin's or post-quantum one is noted as unusable. ERROR_FORMAT; the
 * message names source and never the text.
 */
MUST_USE int age_identities_add(struct age_identities *identities, struct span text,
				const char *source, struct error *err);
/*
 * An identity file: either lines of "AGE-SECRET-KEY-1…" (blank lines and those with # skipped; a
 * plugin's or post-quantum one noted as unusable) or
 * an SSH private key (OpenSSH format, unencrypted ed25519). One bad line rejects the whole file and
 * leaves identities as they were. ERROR_UNSUPPORTED, with a hint, for encrypted or other keys.
 */
MUST_USE int age_identities_add_file(struct age_identities *identities, struct span file,
				     const char *source, struct error *err);
/* The age1… text of identity index, written with its terminator; it fits in AGE_X25519_TEXT_MAX. */
#define AGE_X25519_TEXT_MAX 64
MUST_USE int age_identities_recipient(const struct age_identities *identities, size_t index,
				      char ret_text[AGE_X25519_TEXT_MAX], struct error *err);
/* Where every one counts: ERROR_UNSUPPORTED if one of them is unusable. */
MUST_USE int age_identities_check_usable(const struct age_identities *identities,
					 struct error *err);
/* Appends "; not supported: …" where there are unusable ones. */
MUST_USE int age_identities_tell_unusable(const struct age_identities *identities,
					  struct buf *message, struct error *err);
void age_identities_release(struct age_identities *identities);

#endif
