/* SPDX-License-Identifier: MIT */
/*
 * An RSA key of SSH's as an OpenPGP key (RFC 4880), as sops-nix makes one of a host's: created at
 * the beginning of 1970, so that there is one such key and one fingerprint for each.
 */
#ifndef SSH_PGP_H
#define SSH_PGP_H

#include <stdint.h>

#include "crypto/rsa.h"
#include "util/error.h"
#include "util/secret.h"

#define SSH_PGP_FINGERPRINT_LEN 20

/* For a key that was checked. */
MUST_USE int ssh_pgp_fingerprint(const struct rsa_public *key,
				 uint8_t ret_fingerprint[SSH_PGP_FINGERPRINT_LEN],
				 struct error *err);
/* The packets that gpg imports: the key without a passphrase, a name, and its own signature of both. */
MUST_USE int ssh_pgp_key(const struct rsa_private *key, struct secret *ret_packets,
			 struct error *err);

#endif
