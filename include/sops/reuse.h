/* SPDX-License-Identifier: MIT */
/*
 * Ciphertext of an earlier sealing, found again by what it seals: the same place (additional data),
 * type and plaintext. Each is handed out once, in document order, so that equal values
 * in one list keep the ciphertext of their own position (sops gives them one IV, trap T8).
 */
#ifndef SOPS_REUSE_H
#define SOPS_REUSE_H

#include "sops/file.h"

struct sops_reuse {
	const struct sops_file *file;
	uint8_t seed[16]; /* so that the table says nothing about the values */
	uint32_t *slots;  /* the first leaf of a chain, + 1 */
	uint32_t *chain;  /* the leaf behind a leaf, + 1 */
	size_t cap;       /* of slots: a power of two */
};

#define SOPS_REUSE_INIT ((struct sops_reuse){ .file = NULL })

/* Over all leaves of file, which stays borrowed. */
MUST_USE int sops_reuse_init(struct sops_reuse *reuse, const struct sops_file *file,
			     struct error *err);
/* The sealed text to use again; empty where there is none (left). */
MUST_USE int sops_reuse_take(struct sops_reuse *reuse, struct span aad, enum doc_type type,
			     struct span plain, struct span *ret_sealed, struct error *err);
void sops_reuse_release(struct sops_reuse *reuse);

#endif
