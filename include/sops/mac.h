/* SPDX-License-Identifier: MIT */
/*
 * The MAC of a document: SHA-512 over its values in order, as upper-case hexadecimal, sealed like
 * a value with lastmodified as additional data.
 */
#ifndef SOPS_MAC_H
#define SOPS_MAC_H

#include "crypto/hash.h"
#include "sops/value.h"

struct sops_mac {
	struct hash hash;
	bool only_sealed; /* mac_only_encrypted */
};

#define SOPS_MAC_INIT ((struct sops_mac){ HASH_INIT, false })
#define SOPS_TIME_MAX 40

MUST_USE int sops_mac_init(struct sops_mac *mac, bool only_sealed, struct error *err);
/* Adds a scalar of doc that is not null; selected: is it (to be) sealed? */
MUST_USE int sops_mac_add(struct sops_mac *mac, const struct doc *doc, uint32_t node, bool selected,
			  struct error *err);
/* Adds a value by its plaintext, as sops reads it. */
MUST_USE int sops_mac_add_plain(struct sops_mac *mac, enum doc_type type, struct span plain,
				bool selected, struct error *err);
/* Ends the hash and seals it; lastmodified is in the form that sops_mac_time_now() gives. */
MUST_USE int sops_mac_seal(struct sops_mac *mac, struct sops_cipher *cipher,
			   struct span lastmodified, struct buf *ret_text, struct error *err);
/*
 * Ends the hash and compares it with the sealed one. ERROR_NO_MAC where there is none, ERROR_MAC
 * where it cannot be opened or differs.
 */
MUST_USE int sops_mac_check(struct sops_mac *mac, struct sops_cipher *cipher,
			    struct span lastmodified, struct span sealed, struct error *err);
/* Without a key: is it there, and of the form of one? ERROR_NO_MAC, ERROR_MAC. */
MUST_USE int sops_mac_look(struct span sealed, struct error *err);
/* Is that MAC sealed under key? For a key that may be a wrong one; what it was made of is not looked at. */
bool sops_mac_is_under(const struct key32 *key, struct span lastmodified, struct span sealed);
void sops_mac_release(struct sops_mac *mac);

/* Now, in UTC: "2026-11-21T19:20:01Z". */
MUST_USE int sops_mac_time_now(char ret_text[SOPS_TIME_MAX], struct error *err);

#endif
