/* SPDX-License-Identifier: MIT */
/*
 * Public keys from where people have them: a .pub file, authorized_keys, known_hosts, the output of
 * ssh-keyscan, age recipients. Comes to the text of a keys/NAME.pub. Touches no file.
 */
#ifndef KEYRING_SOURCE_H
#define KEYRING_SOURCE_H

#include "age/recipient.h"
#include "util/buf.h"
#include "util/error.h"
#include "util/span.h"

#define KEYRING_SOURCE_MAX ((size_t)4 << 20)

/*
 * The keys in text that can be sealed to, each once, a line each: "ssh-ed25519 BASE64 [comment]" or "age1…". Of
 * SSH keys only those of type; where that is empty, of the keys with host names ssh-ed25519, and ssh-rsa where there
 * is no such. What was left out is told in lines that begin with "# ". Comments that would not be shown as they
 * are are dropped. ERROR_DENIED for a private key, a revoked key, or known_hosts lines of more than one host's key;
 * ERROR_NOT_FOUND where none is left; ERROR_FORMAT with the line, never quoted; ERROR_LIMIT.
 */
MUST_USE int keyring_take_keys(struct span text, struct span type, struct buf *ret_lines,
			       struct error *err);

/* The files that say which key a host has had so far. */
struct keyring_known {
	const char *name; /* for messages: "~/.ssh/known_hosts" */
	struct span text;
};

/*
 * The same for what ssh-keyscan printed about host, compared with what is known of it: ERROR_DENIED where a
 * known key of the same type is another, or the key is revoked. A line "# …" tells what it is equal to.
 */
MUST_USE int keyring_take_scan(struct span output, struct span type, const char *host,
			       unsigned port, const struct keyring_known *known, size_t known_len,
			       struct buf *ret_lines, struct error *err);

/*
 * Is fingerprint ("SHA256:…") that of the one SSH key in recipients? ERROR_DENIED where it is another's,
 * ERROR_USAGE where it is no fingerprint or there is not exactly one key.
 */
MUST_USE int keyring_check_fingerprint(const struct age_recipients *recipients,
				       const char *fingerprint, struct error *err);

#endif
