/* SPDX-License-Identifier: MIT */
/*
 * age's texts for keys: "age1…" of SSH keys (what ssh-to-age prints), new identities.
 */
#ifndef AGE_CONVERT_H
#define AGE_CONVERT_H

#include <stdint.h>

#include "age/identity.h"
#include "ssh/pubkey.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

#define AGE_X25519_TEXT_MAX 64
/* "age1…" of an X25519 point, with its terminator. */
void age_x25519_text(const uint8_t point[32], char ret_text[AGE_X25519_TEXT_MAX]);
/* The same for an SSH public key; errors as ssh_public_to_x25519(). */
MUST_USE int age_text_of_ssh(const struct ssh_public_key *key, char ret_text[AGE_X25519_TEXT_MAX],
			     struct error *err);
/*
 * Of an SSH private key file, with its passphrase or an empty one: ret_identity "AGE-SECRET-KEY-1…"
 * without LF, and its recipient. ERROR_DENIED where a passphrase is missing, ERROR_AUTH for a wrong
 * one, ERROR_UNSUPPORTED for an RSA key.
 */
MUST_USE int age_text_of_ssh_private(struct span file, struct span passphrase,
				     struct secret *ret_identity,
				     char ret_recipient[AGE_X25519_TEXT_MAX], struct error *err);
/* A new X25519 identity: its text without LF, and its recipient. */
MUST_USE int age_identity_generate(struct secret *ret_identity,
				   char ret_recipient[AGE_X25519_TEXT_MAX], struct error *err);

#endif
