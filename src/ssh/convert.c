/* SPDX-License-Identifier: MIT */
#include "ssh/convert.h"

#include <assert.h>
#include <string.h>

#include "crypto/x25519.h"

int ssh_public_to_x25519(const struct ssh_public_key *key, uint8_t ret_point[32], struct error *err)
{
	uint8_t public_key[ED25519_LEN];

	if (ssh_public_key_check_marker(key, err) < 0 ||
	    ssh_public_key_ed25519(key, public_key, err) < 0)
		return -1;
	if (!ed25519_to_x25519(public_key, ret_point))
		return error_set(err, ERROR_FORMAT, "the ssh-ed25519 key is no valid point");
	return 0;
}

void ssh_private_to_x25519(const struct ssh_private_key *key, struct key32 *ret_scalar)
{
	AUTO(key32) seed = KEY32_INIT;

	assert(key->type == SSH_KEY_ED25519 && key->private_part.len == sizeof(seed.data));
	memcpy(seed.data, key->private_part.data, sizeof(seed.data));
	ed25519_seed_to_x25519(&seed, ret_scalar);
}
