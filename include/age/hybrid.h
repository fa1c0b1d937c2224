/* SPDX-License-Identifier: MIT */
/*
 * Post-quantum hybrid keys: "age1pq1…" and "AGE-SECRET-KEY-PQ-1…" of age 1.3. Each of these is
 * ERROR_UNSUPPORTED, and names what is needed, where libsodium lacks ML-KEM.
 */
#ifndef AGE_HYBRID_H
#define AGE_HYBRID_H

#include <stdbool.h>

#include "age/identity.h"
#include "util/buf.h"
#include "util/secret.h"

/* Is text spelled like such an identity? */
bool age_hybrid_is_identity(struct span text);
/* Adds the one that text spells. ERROR_FORMAT where it is damaged. */
MUST_USE int age_hybrid_add(struct age_identities *identities, struct span text, const char *source,
			    struct error *err);
/* A new one: its text without LF, and its recipient, appended. */
MUST_USE int age_hybrid_generate(struct secret *ret_identity, struct buf *ret_recipient,
				 struct error *err);

#endif
