/* SPDX-License-Identifier: MIT */
/*
 * From ed25519 SSH keys to X25519, as ssh-to-age and age's ssh-ed25519 recipients do it.
 */
#ifndef SSH_CONVERT_H
#define SSH_CONVERT_H

#include <stdint.h>

#include "ssh/privkey.h"
#include "ssh/pubkey.h"

/*
 * ERROR_UNSUPPORTED for another type than ssh-ed25519, ERROR_FORMAT for bytes that are
 * no point, ERROR_DENIED for a key marked as revoked or as a certificate authority's.
 */
MUST_USE int ssh_public_to_x25519(const struct ssh_public_key *key, uint8_t ret_point[32],
				  struct error *err);
/* For an ed25519 key that is not locked. */
void ssh_private_to_x25519(const struct ssh_private_key *key, struct key32 *ret_scalar);

#endif
