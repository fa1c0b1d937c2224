/* SPDX-License-Identifier: MIT */
/* Replacements in a text, collected in any order and applied in one pass. */
#ifndef KEYRING_PATCH_H
#define KEYRING_PATCH_H

#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

struct patch {
	size_t at, cut;        /* so many bytes there go */
	size_t text, text_len; /* and these come, in the patches' bytes */
};

struct patches {
	struct patch *items;
	size_t len, cap;
	struct buf bytes;
};

#define PATCHES_INIT ((struct patches){ NULL, 0, 0, BUF_INIT })

MUST_USE int patches_add(struct patches *patches, size_t at, size_t cut, struct span text,
			 struct error *err);
/* The text with all of them applied; two that overlap are ERROR_CONFIG. */
MUST_USE int patches_apply(struct patches *patches, struct span text, struct secret *ret_text,
			   struct error *err);
void patches_release(struct patches *patches);

#endif
