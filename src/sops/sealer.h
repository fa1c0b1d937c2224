/* SPDX-License-Identifier: MIT */
/*
 * A document on its way to a sealed one; what whole documents and documents in pieces share.
 */
#ifndef SOPS_SEALER_H
#define SOPS_SEALER_H

#include "doc/edit.h"
#include "sops/datakey.h"
#include "sops/file.h"
#include "sops/mac.h"
#include "sops/meta_tree.h"
#include "sops/reuse.h"
#include "sops/walk.h"

/* A sealed text that waits for its turn: where comments select, the walk is not in text order. */
struct patch {
	uint32_t node, former;
	size_t offset, len;
};

struct patches {
	struct patch *items;
	size_t len, cap;
	struct buf text;
};

struct sealer {
	struct doc doc;
	struct sops_selection selection;
	struct sops_walk walk;
	struct sops_cipher cipher;
	struct sops_mac mac;
	struct sops_reuse reuse; /* file NULL: a new file */
	struct doc_edit edit;
	struct patches patches;
	struct buf text; /* the sealed value at hand */
	struct sops_notes *notes;
	struct sops_step step;
	bool any_new;   /* a value or comment was sealed that was not before */
	bool rehearsal; /* all that sealing does but seal, to hear what it says */
};

#define SEALER_INIT                                                                                \
	((struct sealer){ .doc = DOC_INIT,                                                         \
			  .selection = SOPS_SELECTION_INIT,                                        \
			  .walk = SOPS_WALK_INIT,                                                  \
			  .cipher = SOPS_CIPHER_INIT,                                              \
			  .mac = SOPS_MAC_INIT,                                                    \
			  .reuse = SOPS_REUSE_INIT,                                                \
			  .edit = DOC_EDIT_INIT,                                                   \
			  .text = BUF_INIT })

void sealer_release(struct sealer *s);

/* What is the same for all pieces: the key. */
MUST_USE int sealer_begin(struct sealer *s, bool mac_only, const struct key32 *key,
			  struct error *err);
/* Reads text (taken over) and makes all ready for sealer_leaves(). */
MUST_USE int sealer_read(struct sealer *s, enum doc_format format, struct secret *text,
			 const struct sops_selector *selector, struct error *err);
/* Seals what was read. */
MUST_USE int sealer_leaves(struct sealer *s, struct error *err);
/* Forgets the document: the next piece is read. */
void sealer_forget(struct sealer *s);

/* What makes the metadata, given a new stamp: for a new file, or for a file that was sealed before. */
struct metadata_maker {
	int (*make)(const void *argument, const struct sops_seal_stamp *stamp,
		    struct doc_tree *ret_tree, struct error *err);
	const void *argument;
	unsigned indent;
	/* The lines that are there already, but for the stamp. NULL: there are none. */
	int (*lines)(const void *argument, const struct sops_seal_stamp *stamp,
		     struct secret *ret_lines, struct error *err);
};

/* The metadata with that stamp; and the same with a new one: the MAC over all that was sealed. */
MUST_USE int sealer_add_metadata(struct sealer *s, const struct metadata_maker *maker,
				 const struct sops_seal_stamp *stamp, struct error *err);
MUST_USE int sealer_sign(struct sealer *s, const struct metadata_maker *maker, struct error *err);

/* A new file's. */
struct new_file {
	const struct sops_policy *policy;
	const struct sops_file *former; /* what it was before; NULL: nothing */
	struct sops_entries entries;
};

void new_file_release(struct new_file *file);
/* Seals key to all of the policy. */
MUST_USE int new_file_wrap(struct new_file *file, const struct key32 *key, struct error *err);
struct metadata_maker new_file_maker(const struct new_file *file);

#endif
