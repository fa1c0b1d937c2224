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
	/* Fills point and wire. The message does not quote text. */
	int (*parse)(struct span text, struct age_recipient *recipient, struct error *err);
	/* Appends the stanza that wraps file_key (its first AGE_FILE_KEY_LEN bytes). */
	int (*wrap)(const struct age_recipient *recipient, const struct key32 *file_key,
		    struct buf *header, struct error *err);
};

struct age_identity_kind {
	const char *name;
	/*
	 * Tries to open stanza. Not being meant is no error: *ret_opened is then false.
	 * ERROR_FORMAT for a stanza of its type that breaks the specification.
	 */
	int (*unwrap)(const struct age_identity *identity, const struct key32 *scalar,
		      const struct age_stanza *stanza, bool *ret_opened, struct key32 *ret_file_key,
		      struct error *err);
};

extern const struct age_recipient_kind age_x25519_recipient;
extern const struct age_identity_kind age_x25519_identity;
extern const struct age_recipient_kind age_ssh_ed25519_recipient;
extern const struct age_identity_kind age_ssh_ed25519_identity;

/* NULL where no kind claims text. */
const struct age_recipient_kind *age_recipient_kind_of(struct span text);

#endif
