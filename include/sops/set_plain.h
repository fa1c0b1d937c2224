/* SPDX-License-Identifier: MIT */
/*
 * Setting a value where that makes others sealed or readable: comments that select do so for what follows them,
 * which may be another value then.
 */
#ifndef SOPS_SET_PLAIN_H
#define SOPS_SET_PLAIN_H

#include "sops/file.h"

/* As sops_file_set(), or with value NULL sops_file_unset(): the plaintext is changed and sealed again. */
MUST_USE int sops_set_in_plaintext(struct sops_file *file, const struct doc_path *path,
				   const struct doc_tree *value, struct secret *ret_sealed,
				   struct error *err);

#endif
