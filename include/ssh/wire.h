/* SPDX-License-Identifier: MIT */
/*
 * SSH's wire format (RFC 4251 section 5): strings with a 32-bit length before them.
 */
#ifndef SSH_WIRE_H
#define SSH_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "ssh/type.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/span.h"

/* Takes a string from the front of *wire; false, and *wire unchanged, where it is cut short. */
bool ssh_wire_string(struct span *wire, struct span *ret_string);

/* An ssh-ed25519 public key as SSH sends it: the type, the 32 bytes. */
#define SSH_ED25519_WIRE_LEN (4 + 11 + 4 + 32)
void ssh_wire_ed25519(const uint8_t public_key[32], uint8_t ret_wire[SSH_ED25519_WIRE_LEN]);

/* Appends "TYPE BASE64", the line of a .pub file without its comment, of a public key in wire form. */
MUST_USE int ssh_wire_text(struct span wire, struct buf *text, struct error *err);

#endif
