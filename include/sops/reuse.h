/* SPDX-License-Identifier: MIT */
/*
 * Ciphertext of an earlier sealing, found again by what it seals: the same place (additional data),
 * type and plaintext. Each is handed out once, in document order, so that equal values
 * in one list keep the ciphertext of their own position (sops gives them one IV, trap T8).
 */
#ifndef SOPS_REUSE_H
#define SOPS_REUSE_H

#include "doc/edit.h"
#include "sops/file.h"

struct sops_reuse {
	const struct sops_file *file;
	uint8_t seed[16]; /* so that the table says nothing about the values */
	uint32_t *slots;  /* the first leaf of a chain, + 1 */
	uint32_t *chain;  /* the leaf behind a leaf, + 1 */
	size_t cap;       /* of slots: a power of two */
	size_t taken;     /* so many were handed out */
	uint32_t last;    /* the node of the last of them that is a value */
	bool in_order;    /* the values came in the order of the document */
	size_t comment;   /* the leaf behind the last comment that was found by its looks */
};

#define SOPS_REUSE_INIT ((struct sops_reuse){ .file = NULL })

/* Over all leaves of file at and below its node top; it stays borrowed. */
MUST_USE int sops_reuse_init(struct sops_reuse *reuse, const struct sops_file *file, uint32_t top,
			     struct error *err);
/* The sealed text to use again, and the node that it stands at; empty where there is none (left). */
MUST_USE int sops_reuse_take(struct sops_reuse *reuse, struct span aad, enum doc_type type,
			     struct span plain, struct span *ret_sealed, uint32_t *ret_node,
			     struct error *err);
/*
 * The same for a scalar or comment of a plaintext document, which would be sealed as plain. Where sops sealed
 * another spelling that is shown like this one ("-Inf" as -.inf; comments of INI), that will do.
 */
MUST_USE int sops_reuse_take_node(struct sops_reuse *reuse, struct span aad, const struct doc *doc,
				  uint32_t node, struct span plain, struct span *ret_sealed,
				  uint32_t *ret_node, struct error *err);
/* Spelled as it was there, if that may be: doc_edit_seal_as(). */
MUST_USE int sops_reuse_apply(const struct sops_reuse *reuse, uint32_t former,
			      struct doc_edit *edit, uint32_t node, struct span sealed,
			      bool *ret_done, struct error *err);
void sops_reuse_release(struct sops_reuse *reuse);

#endif
