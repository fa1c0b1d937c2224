/* SPDX-License-Identifier: MIT */
/*
 * Who opens a file: its recipients one by one, and which of the identities here is theirs. What asks
 * nobody is tried; of what would ask a person or a program it is told that it might.
 */
#ifndef KEYRING_WHO_H
#define KEYRING_WHO_H

#include <stdbool.h>

#include "age/header.h"
#include "keyring/keyring.h"
#include "sops/datakey.h"
#include "sops/meta.h"

enum who_state { WHO_NOBODY, WHO_MAY, WHO_OPENS };

/* Where a program of its own, gpg, would be the one. */
#define WHO_GPG SIZE_MAX

/* A recipient of a sops file, or a stanza of an age file, which says less. */
struct who_key {
	size_t group;
	char *kind;       /* "age", "pgp"; a stanza's type */
	char *text;       /* the recipient, printable; of a stanza what is known of it, or "" */
	const char *name; /* whose it is, borrowed from the keyring; NULL: nobody's */
	enum who_state state;
	size_t identity; /* the first that opens it, or might: an index, or WHO_GPG */
	char *why;       /* it is broken, printable; NULL: it is not */
};

struct who {
	struct who_key *items;
	size_t len;
	size_t groups, needed; /* of an age file one of one */
	enum who_state state;  /* of the file */
	enum who_state *uses;  /* of each identity: of what use it is */
};

#define WHO_INIT ((struct who){ NULL, 0, 0, 0, WHO_NOBODY, NULL })

/* Only memory can fail. */
MUST_USE int who_of_sops(const struct sops_meta *meta, const struct sops_opener *opener,
			 const struct keyring *keyring, struct who *ret_who, struct error *err);
MUST_USE int who_of_age(const struct age_header *header, const struct age_identities *identities,
			const struct keyring *keyring, struct who *ret_who, struct error *err);
void who_release(struct who *who);

#endif
