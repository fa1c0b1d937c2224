/* SPDX-License-Identifier: MIT */
/*
 * The data key: 32 random bytes, sealed to each recipient in an armored age file of its own.
 */
#ifndef SOPS_DATAKEY_H
#define SOPS_DATAKEY_H

#include "age/identity.h"
#include "age/recipient.h"
#include "sops/meta.h"
#include "util/buf.h"

/* Seals key to recipient alone. */
MUST_USE int sops_datakey_wrap(const struct age_recipient *recipient, const struct key32 *key,
			       struct buf *ret_enc, struct error *err);
/*
 * Recovers the key: tries every age entry with all identities. ERROR_NO_KEY lists who could;
 * ERROR_UNSUPPORTED for key groups.
 */
MUST_USE int sops_datakey_unwrap(const struct sops_meta *meta,
				 const struct age_identities *identities, struct key32 *ret_key,
				 struct error *err);

#endif
