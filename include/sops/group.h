/* SPDX-License-Identifier: MIT */
/*
 * Keys and key groups: who may open a file. With one group any of its keys opens the file; of
 * several, each holds a share of the data key, and threshold of them are needed.
 */
#ifndef SOPS_GROUP_H
#define SOPS_GROUP_H

#include <stdbool.h>

#include "age/recipient.h"
#include "util/buf.h"

#define SOPS_GROUPS_MAX 255 /* shares that there can be */
#define SOPS_GROUP_KEYS_MAX 4096

/* In the order in which sops has them in a group that it read (trap T34). */
enum sops_key_kind {
	SOPS_KEY_KMS,
	SOPS_KEY_GCP_KMS,
	SOPS_KEY_HCKMS,
	SOPS_KEY_AZURE_KV,
	SOPS_KEY_HC_VAULT,
	SOPS_KEY_PGP,
	SOPS_KEY_AGE,
	SOPS_KEY_KINDS, /* how many there are */
};

/* "kms", …, "pgp", "age": the name of a kind's list in the metadata, and in a decryption order. */
extern const char *const sops_key_kind_names[SOPS_KEY_KINDS];
/* SOPS_KEY_KINDS where there is none of that name. */
enum sops_key_kind sops_key_kind_of(struct span name);

struct sops_key {
	enum sops_key_kind kind;
	char *text; /* as sops shows and compares it: recipient, fingerprint, ARN, …; owned */
	struct age_recipients age; /* of an age key that is to be sealed to: that one; else empty */
	/* What stands in a file; of a key that is to be sealed to: empty, DOC_NONE. Borrowed. */
	struct span enc;
	uint32_t node; /* its entry in the document, with all its other fields */
};

struct sops_group {
	struct sops_key *items;
	size_t len, cap;
};

struct sops_groups {
	struct sops_group *items;
	size_t len, cap;
	unsigned threshold; /* as it was written or asked for; 0: all groups */
};

#define SOPS_GROUPS_INIT ((struct sops_groups){ NULL, 0, 0, 0 })

/* Appends an empty group. ERROR_LIMIT. */
MUST_USE int sops_groups_open(struct sops_groups *groups, struct error *err);
/*
 * Adds a key to group number index, unless it has it already (trap T32). An age recipient is parsed:
 * ERROR_FORMAT, ERROR_UNSUPPORTED. So is a fingerprint, which loses its blanks. Of the other kinds
 * text is what sops shows; nothing here seals to them, but a file's entries are kept.
 */
MUST_USE int sops_groups_add(struct sops_groups *groups, size_t index, enum sops_key_kind kind,
			     struct span text, struct error *err);
/*
 * The same for a list with commas between. An empty part is passed over, as in rules, or with strict
 * ERROR_USAGE, as on a command line, where line breaks separate keys as well.
 */
MUST_USE int sops_groups_add_list(struct sops_groups *groups, size_t index, enum sops_key_kind kind,
				  struct span list, bool strict, struct error *err);
/* Appends a key as it stands in a file; its text is taken over on success. */
MUST_USE int sops_group_append(struct sops_group *group, enum sops_key_kind kind, char *text,
			       struct sops_key **ret_key, struct error *err);
/* Adds a copy of another's key, as it is, unless the group has it; it has no entry of its own yet. */
MUST_USE int sops_groups_add_copy(struct sops_groups *groups, size_t index,
				  const struct sops_key *key, struct error *err);
/* A copy of all groups and of the threshold. */
MUST_USE int sops_groups_copy(const struct sops_groups *groups, struct sops_groups *ret_copy,
			      struct error *err);
/* Takes out one group. */
void sops_groups_delete(struct sops_groups *groups, size_t index);
void sops_groups_release(struct sops_groups *groups);

/* All keys of all groups. */
size_t sops_groups_count(const struct sops_groups *groups);
/* How many groups it takes to open the file: threshold, or all of them. */
size_t sops_groups_needed(const struct sops_groups *groups);
/* What the metadata say of it: the same for several groups, for one what was asked for, if anything. */
unsigned sops_groups_threshold(const struct sops_groups *groups);
bool sops_group_has_kind(const struct sops_group *group, enum sops_key_kind kind);
/* NULL where group has no such key. */
const struct sops_key *sops_group_find(const struct sops_group *group, enum sops_key_kind kind,
				       struct span text);
/* The same in any group. */
const struct sops_key *sops_groups_find(const struct sops_groups *groups, enum sops_key_kind kind,
					struct span text);
/*
 * Does any group have that key, in whatever spelling? An ssh-ed25519 key and the age1… recipient made of it are
 * one: who has the private key opens both.
 */
bool sops_groups_have(const struct sops_groups *groups, const struct sops_key *key);
/* Have they, group by group, the same keys, in whatever order? The threshold is not looked at. */
bool sops_groups_same_keys(const struct sops_groups *a, const struct sops_groups *b);
/* Refuses what cannot be sealed to: no group, an empty one, a threshold out of range. ERROR_CONFIG. */
MUST_USE int sops_groups_check(const struct sops_groups *groups, struct error *err);

/* What updatekeys prints: group by group the common and the added keys, then the removed ones. */
enum sops_change_kind { SOPS_CHANGE_NONE, SOPS_CHANGE_ADDED, SOPS_CHANGE_REMOVED };

struct sops_change {
	size_t group;
	enum sops_change_kind kind;
	const struct sops_key *key; /* of after; a removed one of before; borrowed */
};

struct sops_changes {
	struct sops_change *items;
	size_t len;
	bool any; /* is one added or removed? */
};

#define SOPS_CHANGES_INIT ((struct sops_changes){ NULL, 0, false })

MUST_USE int sops_groups_compare(const struct sops_groups *before, const struct sops_groups *after,
				 struct sops_changes *ret_changes, struct error *err);
void sops_changes_release(struct sops_changes *changes);

#endif
