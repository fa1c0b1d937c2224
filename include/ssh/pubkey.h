/* SPDX-License-Identifier: MIT */
/*
 * SSH public keys, as they stand in one line of an authorized_keys file, a
 * known_hosts file, a ".pub" file or the output of ssh-keyscan (sshd(8)):
 *
 *     [@marker] [options or host names] type base64 [comment]
 */
#ifndef SSH_PUBKEY_H
#define SSH_PUBKEY_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/rsa.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/span.h"

/* sshd's own limits are 8 and 16 KiB. */
#define SSH_LINE_MAX 16384

enum ssh_marker { SSH_MARKER_NONE, SSH_MARKER_REVOKED, SSH_MARKER_CERT_AUTHORITY };

struct ssh_public_key {
	enum ssh_marker marker;
	struct span prefix;  /* options or host names, borrowed from the line; often empty */
	struct span type;    /* "ssh-ed25519"; points into wire */
	struct span comment; /* borrowed from the line; may be empty */
	struct buf wire;     /* the key as SSH sends it: type, then what belongs to the type */
};

#define SSH_PUBLIC_KEY_INIT                                                                        \
	((struct ssh_public_key){ SSH_MARKER_NONE, SPAN_INIT, SPAN_INIT, SPAN_INIT, BUF_INIT })

/* Is there no key in line because it is blank or a comment? */
bool ssh_line_is_blank(struct span line);
/*
 * Reads one line, LF or CRLF at its end allowed. The type must be the one inside the
 * key. ERROR_FORMAT (the message does not quote the line), ERROR_LIMIT.
 */
MUST_USE int ssh_public_key_parse(struct span line, struct ssh_public_key *ret_key,
				  struct error *err);
/* The 32 bytes of an ssh-ed25519 key. ERROR_UNSUPPORTED for another type, ERROR_FORMAT. */
MUST_USE int ssh_public_key_ed25519(const struct ssh_public_key *key, uint8_t ret_public[32],
				    struct error *err);
/* The numbers of an ssh-rsa key, borrowed from it. The same errors; ERROR_LIMIT for one too large. */
MUST_USE int ssh_public_key_rsa(const struct ssh_public_key *key, struct rsa_public *ret_public,
				struct error *err);
/* ERROR_DENIED for a key marked as revoked or as a certificate authority's. */
MUST_USE int ssh_public_key_check_marker(const struct ssh_public_key *key, struct error *err);
void ssh_public_key_release(struct ssh_public_key *key);

/* "SHA256:…" as ssh-keygen -l prints it, of a key in wire form, with its terminator. */
#define SSH_FINGERPRINT_MAX 52
void ssh_fingerprint(struct span wire, char ret_text[SSH_FINGERPRINT_MAX]);

#endif
