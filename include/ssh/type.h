/* SPDX-License-Identifier: MIT */
/*
 * Types of SSH keys: which ones can be sealed to, and what to say of the others.
 */
#ifndef SSH_TYPE_H
#define SSH_TYPE_H

#include <stdbool.h>

#include "util/error.h"
#include "util/span.h"

#define SSH_ED25519_TYPE "ssh-ed25519"
#define SSH_RSA_TYPE "ssh-rsa"
#define SSH_TYPE_MAX 64 /* no type has a longer name */

/* Can data be sealed to keys of this type? */
bool ssh_type_is_usable(struct span type);
/* Why not ("ECDSA keys can only sign"), and in the hint what to do instead: ERROR_UNSUPPORTED. */
int ssh_type_refuse(struct span type, struct error *err);

#endif
