/* SPDX-License-Identifier: MIT */
/*
 * Identities that a passphrase protects: they are unlocked when a file comes that they might open,
 * and once. What cannot be unlocked is no error, another identity may do: it is told of where none does.
 */
#ifndef AGE_LOCKED_H
#define AGE_LOCKED_H

#include "age/kind.h"

/* What came of unlocking one. */
struct age_locked {
	bool tried;
	struct age_identities identities;
	struct error problem; /* where there are none */
};

/* For the kinds: adds one whose kind has unlock(). Its wire is what unlock() needs. */
MUST_USE int age_locked_append(struct age_identities *identities,
			       const struct age_identity_parts *parts, const char *source,
			       struct error *err);
/* An identity file that is itself an age file: is it one, and adds it. */
bool age_locked_file_likely(struct span text);
MUST_USE int age_locked_file_add(struct age_identities *identities, struct span file,
				 const char *source, struct error *err);
/* Does it wait for its passphrase? */
bool age_locked_is(const struct age_identity *identity);
/*
 * An age_identity_kind's unwrap for such a kind: unlocks what was not, and asks what that gave.
 * ERROR_CANCELLED, ERROR_SYSTEM end the search; other problems are kept.
 */
MUST_USE int age_locked_unwrap(const struct age_key *key, const struct age_stanza *stanza,
			       bool *ret_opened, struct key32 *ret_file_key, struct error *err);
/* Appends "; not unlocked: …" for each that was tried in vain. */
MUST_USE int age_locked_tell(const struct age_identities *identities, struct buf *message,
			     struct error *err);
void age_locked_free(struct age_locked *locked);

#endif
