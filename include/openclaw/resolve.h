/* SPDX-License-Identifier: MIT */
/*
 * The exec provider's answer: values of what is published, as far as the caller's uid may read it. It
 * holds no key and opens nothing sealed; what it gives, any process of that uid can read as well.
 *
 * An id is the name of a secret of the manifest, or a key of one of its documents. A secret's file is
 * the value, less one line break at its end, as OpenClaw takes a single-value file.
 */
#ifndef OPENCLAW_RESOLVE_H
#define OPENCLAW_RESOLVE_H

#include "activate/manifest.h"
#include "activate/names.h"
#include "util/secret.h"

/* What OpenClaw reads at most (its default for maxOutputBytes). */
#define RESOLVE_ANSWER_MAX ((size_t)1 << 20)

/* Where things are published: directories (O_PATH), -1 where there is none. */
struct resolve_place {
	int live_fd, ready_fd;
};

#define RESOLVE_PLACE_INIT ((struct resolve_place){ -1, -1 })

/* Opens what there is of the manifest's. ERROR_SYSTEM. */
MUST_USE int resolve_open(const struct manifest *manifest, struct resolve_place *ret_place,
			  struct error *err);
void resolve_place_release(struct resolve_place *place);

/*
 * Appends the answer of protocol version 1, with a line break. What cannot be had is an error of that id
 * alone: NOT_FOUND (not in the manifest, not published now, not for this uid), AMBIGUOUS_DUPLICATE_KEY (two
 * values that differ), UNUSABLE_VALUE (empty, no UTF-8, too long, or in a broken document). ERROR_LIMIT
 * above RESOLVE_ANSWER_MAX; ERROR_SYSTEM.
 */
MUST_USE int resolve_answer(const struct manifest *manifest, const struct resolve_place *place,
			    const struct names *ids, struct secret *out, struct error *err);

#endif
