/* SPDX-License-Identifier: MIT */
/*
 * Passphrases: the scrypt stanza (C2SP age.md, "The scrypt recipient type"), which stands alone in
 * its file, and identity files that are sealed with one.
 */
#ifndef AGE_PASSPHRASE_H
#define AGE_PASSPHRASE_H

#include "age/identity.h"
#include "age/recipient.h"
#include "util/secret.h"

/* 2^N times as much work as one step; 18 is 256 MiB, and about a second. */
#define AGE_SCRYPT_FACTOR 18
/* What a file may ask for at most, 4 GiB: age's own limit. */
#define AGE_SCRYPT_FACTOR_MAX 22

/* The passphrase that opens a file: asked for when a file wants one, as that of source. */
MUST_USE int age_identities_add_passphrase(struct age_identities *identities, const char *source,
					   struct error *err);
/* One that is known. Several are tried one after the other. */
MUST_USE int age_identities_add_known_passphrase(struct age_identities *identities,
						 struct span passphrase, const char *source,
						 struct error *err);
/* The passphrase to seal a file with, and the work that each guess at it is to be. */
MUST_USE int age_recipients_add_passphrase(struct age_recipients *recipients,
					   struct span passphrase, unsigned factor,
					   struct error *err);
/* Asks for a new passphrase, typed twice; one that is left empty is made up, and told. */
MUST_USE int age_passphrase_new(const struct age_prompt *prompt, struct secret *ret_passphrase,
				struct error *err);

#endif
