/* SPDX-License-Identifier: MIT */
/*
 * The walk over a document: every value and comment in the order of the MAC, with its additional
 * data and whether it is (to be) sealed. One pass, no recursion; see bootseal-format(7).
 */
#ifndef SOPS_WALK_H
#define SOPS_WALK_H

#include "doc/doc.h"
#include "sops/selection.h"
#include "util/buf.h"

enum sops_step_kind {
	SOPS_STEP_VALUE,
	SOPS_STEP_COMMENT, /* also a sealed comment that stands as a list's element (trap T1) */
	SOPS_STEP_NULL,    /* never sealed, never in the MAC */
	SOPS_STEP_END,     /* behind the last child of container node */
	SOPS_STEP_DONE,
};

struct sops_step {
	enum sops_step_kind kind;
	uint32_t node;
	bool selected;
	/* The path's additional data, of an END the container's; borrowed until the next step. */
	struct span aad;
};

struct sops_frame {
	uint32_t container;
	uint32_t end;         /* the node behind its subtree */
	size_t aad_len;       /* of the container's path in walk.aad; 0: the top */
	bool key_matches;     /* a key on the path does */
	bool comment_matches; /* a comment since the last sibling that is no comment does */
	bool ended;           /* its END was told */
};

struct sops_walk {
	const struct doc *doc;
	struct sops_selection *selection;
	bool sealed; /* the document is sealed: skip "sops", know comments by their type */
	struct buf aad;
	struct buf other_aad; /* of a comment whose container is not the one it stands in */
	struct sops_frame *frames;
	size_t depth, cap;
	size_t active;           /* how many frames have comment_matches */
	uint32_t *order;         /* by position, where the order of comments decides; else NULL */
	uint32_t next;           /* the next position */
	uint32_t comments_until; /* all positions from next up to here are known to hold comments */
	/* Containers that comments which match stand before: active when the walk comes to them. */
	uint32_t *early;
	size_t early_len, early_cap;
};

#define SOPS_WALK_INIT ((struct sops_walk){ .next = 0 })

/* doc and selection stay borrowed. */
MUST_USE int sops_walk_init(struct sops_walk *walk, const struct doc *doc,
			    struct sops_selection *selection, bool sealed, struct error *err);
MUST_USE int sops_walk_next(struct sops_walk *walk, struct sops_step *ret_step, struct error *err);
/*
 * At an END: goes into a key that the container does not have (yet), so that a new value's
 * additional data and selection are known. Called once for each new level.
 */
MUST_USE int sops_walk_enter_new(struct sops_walk *walk, struct span key, struct sops_step *step,
				 struct error *err);
void sops_walk_release(struct sops_walk *walk);

/* walk_aad.c: the additional data of what stands directly in container: ":" at the top. ret_aad is overwritten. */
MUST_USE int sops_walk_aad_of(const struct doc *doc, uint32_t container, struct buf *ret_aad,
			      struct error *err);

#endif
