/* SPDX-License-Identifier: MIT */
/*
 * SSH private keys in OpenSSH's own format (PROTOCOL.key): unencrypted ed25519 ones.
 */
#ifndef SSH_PRIVKEY_H
#define SSH_PRIVKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define SSH_PRIVATE_KEY_MAX 65536

struct ssh_private_key {
	struct key32 seed;
	uint8_t public_key[32];
};

#define SSH_PRIVATE_KEY_INIT ((struct ssh_private_key){ KEY32_INIT, { 0 } })

/* Does file begin like a PEM file: could it be an SSH private key? */
bool ssh_private_key_likely(struct span file);
/*
 * ERROR_UNSUPPORTED, with a hint, for an encrypted key, another type or another
 * format; ERROR_FORMAT where it is broken. No message quotes anything of the file.
 */
MUST_USE int ssh_private_key_parse(struct span file, struct ssh_private_key *ret_key,
				   struct error *err);
void ssh_private_key_release(struct ssh_private_key *key);

#endif
