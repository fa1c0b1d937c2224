/* SPDX-License-Identifier: MIT */
/*
 * RSA keys in SSH's wire format (RFC 4253 section 6.6, PROTOCOL.key).
 */
#ifndef SSH_RSA_H
#define SSH_RSA_H

#include <stdbool.h>

#include "crypto/rsa.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

/*
 * The numbers of an ssh-rsa public key, borrowed from wire. False for another type, and for a spelling
 * that is not the one there is: the key's name in an age file is made of these bytes.
 */
MUST_USE bool ssh_rsa_public(struct span wire, struct rsa_public *ret_key);
/* Appends the public key in wire form. */
MUST_USE int ssh_rsa_wire(const struct rsa_public *key, struct buf *wire, struct error *err);

/* Takes what a private key is made of from the front: n, e, d, the inverse of q, p, q. */
MUST_USE bool ssh_rsa_private(struct span *part, struct rsa_private *ret_key);
/* Appends just that. */
MUST_USE int ssh_rsa_store(const struct rsa_private *key, struct secret *part, struct error *err);

#endif
