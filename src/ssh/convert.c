/* SPDX-License-Identifier: MIT */
#include "ssh/convert.h"

#include "crypto/x25519.h"

int ssh_public_to_x25519(const struct ssh_public_key *key, uint8_t ret_point[32], struct error *err)
{
	uint8_t public_key[ED25519_LEN];

	if (key->marker == SSH_MARKER_REVOKED)
		return error_set(err, ERROR_DENIED, "the SSH key is marked as revoked");
	if (key->marker == SSH_MARKER_CERT_AUTHORITY)
		return error_set(err, ERROR_DENIED,
				 "the SSH key is a certificate authority's, no host's own");
	if (ssh_public_key_ed25519(key, public_key, err) < 0)
		return -1;
	if (!ed25519_to_x25519(public_key, ret_point))
		return error_set(err, ERROR_FORMAT, "the ssh-ed25519 key is no valid point");
	return 0;
}

void ssh_private_to_x25519(const struct ssh_private_key *key, struct key32 *ret_scalar)
{
	ed25519_seed_to_x25519(&key->seed, ret_scalar);
}
