/* SPDX-License-Identifier: MIT */
/*
 * The data key: 32 random bytes, sealed to each key on its own; with several key groups each group
 * has a share of it (33 bytes) instead.
 */
#ifndef SOPS_DATAKEY_H
#define SOPS_DATAKEY_H

#include "age/identity.h"
#include "sops/group.h"
#include "sops/meta.h"
#include "sops/programs.h"
#include "util/buf.h"

/* Which kinds of keys are tried first; equal ranks keep the order in which they were read. */
struct sops_order {
	uint8_t rank[SOPS_KEY_KINDS];
};

/* sops' own: age, then pgp. */
#define SOPS_ORDER_DEFAULT                                                                         \
	((struct sops_order){ { [SOPS_KEY_AGE] = 0,                                                \
				[SOPS_KEY_PGP] = 1,                                                \
				[SOPS_KEY_KMS] = 2,                                                \
				[SOPS_KEY_GCP_KMS] = 2,                                            \
				[SOPS_KEY_HCKMS] = 2,                                              \
				[SOPS_KEY_AZURE_KV] = 2,                                           \
				[SOPS_KEY_HC_VAULT] = 2 } })

/*
 * "pgp,age": a list of kinds; those that it leaves out come last. ERROR_DUPLICATE for one named twice,
 * ERROR_USAGE for an unknown one.
 */
MUST_USE int sops_order_parse(const char *text, struct sops_order *ret_order, struct error *err);

/* All that may open a file. */
struct sops_opener {
	const struct age_identities *identities;
	const struct sops_programs *programs; /* NULL: no PGP */
	struct sops_order order;
};

/* What a key gets: its sealed share, or the entry that it has already. */
struct sops_entry {
	struct buf enc;
	const struct sops_key *kept; /* NULL: enc is new */
};

struct sops_entries {
	struct sops_entry *items; /* as many as there are keys, group by group */
	size_t len;
};

#define SOPS_ENTRIES_INIT ((struct sops_entries){ NULL, 0 })

/*
 * Seals key to groups. A key that has an entry in kept (NULL: none has) for the same data key keeps it,
 * where there is one group before and after. ERROR_UNSUPPORTED names a key that cannot be
 * sealed to here.
 */
MUST_USE int sops_datakey_wrap(const struct sops_groups *groups, const struct key32 *key,
			       const struct sops_groups *kept, const struct sops_programs *programs,
			       struct sops_entries *ret_entries, struct error *err);
void sops_entries_release(struct sops_entries *entries);

/*
 * Recovers the key: tries all groups, in each the keys by rank until one opens. ERROR_NO_KEY lists who
 * could, and with several groups the state of each.
 */
MUST_USE int sops_datakey_unwrap(const struct sops_meta *meta, const struct sops_opener *opener,
				 struct key32 *ret_key, struct error *err);

#endif
