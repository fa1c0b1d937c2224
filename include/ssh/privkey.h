/* SPDX-License-Identifier: MIT */
/*
 * SSH private keys, ed25519 and RSA, in all formats that ssh-keygen and OpenSSL write: OpenSSH's own
 * (PROTOCOL.key), PEM (PKCS#1) and PKCS#8, each with or without a passphrase.
 */
#ifndef SSH_PRIVKEY_H
#define SSH_PRIVKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define SSH_PRIVATE_KEY_MAX 65536

enum ssh_key_type { SSH_KEY_ED25519, SSH_KEY_RSA };

struct ssh_private_key {
	bool locked;            /* under a passphrase that was not given: see below */
	bool is_rsa;            /* a locked one that does not tell its public half, but this */
	enum ssh_key_type type; /* of one that is not locked */
	struct buf wire;        /* its public half; empty for a locked one that does not tell it */
	struct secret private_part; /* ed25519: the seed; RSA: as ssh_rsa_private() reads it */
};

#define SSH_PRIVATE_KEY_INIT                                                                       \
	((struct ssh_private_key){ false, false, SSH_KEY_ED25519, BUF_INIT, SECRET_INIT })

/* Does a line begin like a PEM file: could it be an SSH private key? */
bool ssh_private_key_likely(struct span file);
/* Could it be one that is encrypted with its public half in it: any format but OpenSSH's own? */
bool ssh_private_key_hides_public(struct span file);
/*
 * Reads a private key; what stands before it and behind it is not looked at. Where passphrase is empty and one is needed, that is no error: the key is
 * then locked, and has no private part. ERROR_AUTH for a wrong passphrase; ERROR_UNSUPPORTED, with a
 * hint, for another type or another format; ERROR_LIMIT; ERROR_FORMAT where it is broken. No message
 * quotes anything of the file.
 */
MUST_USE int ssh_private_key_parse(struct span file, struct span passphrase,
				   struct ssh_private_key *ret_key, struct error *err);
void ssh_private_key_release(struct ssh_private_key *key);

#endif
