/* SPDX-License-Identifier: MIT */
/* What the files of keyring share. */
#ifndef KEYRING_INTERNAL_H
#define KEYRING_INTERNAL_H

#include "age/recipient.h"
#include "doc/doc.h"
#include "util/buf.h"

/* Does text, as it stands in a file, spell key, or one of own? */
bool keyring_is_key(const struct age_recipient *key, struct span text);
bool keyring_is_own(const struct age_recipients *own, struct span text);

/* Replacements in a text, given in any order. */
struct patch {
	size_t at, cut;          /* so many bytes there go */
	size_t text, text_len;   /* and these come, in the patches' bytes */
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
