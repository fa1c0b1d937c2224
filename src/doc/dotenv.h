/* SPDX-License-Identifier: MIT */
/*
 * dotenv as sops reads it: lines KEY=VALUE and #COMMENT, nothing is quoted or trimmed, and "\n" in a
 * value is a line break. Keys that begin with "sops_" are the metadata.
 */
#ifndef DOC_DOTENV_H
#define DOC_DOTENV_H

#include "flat.h"

#define DOTENV_RESERVED "sops_"

/* dotenv_parse.c */
MUST_USE int dotenv_parse(struct secret *text, unsigned flags, struct doc *ret_doc,
			  struct error *err);

/* dotenv_edit.c: as the functions of struct doc_ops. */
MUST_USE int dotenv_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
			 struct error *err);
MUST_USE int dotenv_open(struct doc_edit *edit, uint32_t node, enum doc_type type,
			 struct span plain, struct error *err);
MUST_USE int dotenv_append(struct doc_edit *edit, uint32_t container, struct span key,
			   const struct doc_tree *value, struct error *err);
MUST_USE int dotenv_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
			    struct error *err);
MUST_USE int dotenv_remove(struct doc_edit *edit, uint32_t node, struct error *err);
MUST_USE int dotenv_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata,
				 unsigned indent, uint32_t *ret_changed, struct error *err);
MUST_USE int dotenv_emit(const struct doc_tree *tree, unsigned indent, struct secret *out,
			 struct error *err);

#endif
