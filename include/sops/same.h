/* SPDX-License-Identifier: MIT */
/*
 * Does an edited text say the same as before? Then it needs no new MAC.
 */
#ifndef SOPS_SAME_H
#define SOPS_SAME_H

#include "sops/file.h"

/* Are two readable scalars of two documents the same to the MAC and of one kind, however they are spelled? */
MUST_USE int sops_same_scalar(const struct doc *a, uint32_t x, const struct doc *b, uint32_t y,
			      bool *ret_same, struct error *err);
/*
 * Have both documents the same maps, lists and keys in the same order, and the same readable values? Comments do not
 * count, and what file's sealed values hold is for its MAC to say. plain is a plaintext document.
 */
MUST_USE int sops_same_readable(const struct sops_file *file, const struct doc *plain,
				bool *ret_same, struct error *err);

#endif
