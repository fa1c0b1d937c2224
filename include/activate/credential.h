/* SPDX-License-Identifier: MIT */
/*
 * Credentials for systemd's LoadCredential=NAME:SOCKET, opened on demand and stored nowhere.
 *
 * systemd connects once for each credential, sends nothing and reads to the end. Which unit it
 * asks for, and which credential, is in the name that it binds its side to: "\0RANDOM/unit/UNIT/NAME".
 * Any process can bind such a name: who it is, the kernel says.
 *
 * The protocol has no errors, and a connection that ends at once is an empty credential to systemd. A
 * credential longer than it takes makes the unit's start fail: that is how it is refused.
 */
#ifndef ACTIVATE_CREDENTIAL_H
#define ACTIVATE_CREDENTIAL_H

#include "activate/names.h"
#include "util/secret.h"

/* systemd's limit for one credential. */
#define CREDENTIAL_MAX ((size_t)1 << 20)
/* Room for sun_path, and a NUL behind it. */
#define CREDENTIAL_NAME_MAX 109

struct credential {
	char unit[CREDENTIAL_NAME_MAX];
	char name[CREDENTIAL_NAME_MAX];
};

#define CREDENTIAL_INIT ((struct credential){ "", "" })

/* Takes the peer's name apart. ERROR_DENIED where it is none of systemd's. */
MUST_USE int credential_parse(struct span address, struct credential *ret_credential,
			      struct error *err);
/*
 * What the peer of the connection fd asks for. ERROR_DENIED unless it is root or our own user, with
 * a name that systemd gives; ERROR_USAGE where fd is no such connection.
 */
MUST_USE int credential_ask(int fd, struct credential *ret_credential, struct error *err);
/*
 * Opens the credential as the manifest says. ERROR_DENIED where that does not give it to that unit;
 * ERROR_LIMIT where systemd would not take it; what unseal_file() says. notes: what the operator should know.
 */
MUST_USE int credential_open(const char *manifest, const struct credential *credential,
			     struct secret *ret_value, struct names *notes, struct error *err);
/* Writes the value; waits for the reader, but not for ever. */
MUST_USE int credential_give(int fd, struct span value, struct error *err);
/*
 * Writes what makes systemd refuse it, also behind a part of the value. A signal handler may call it.
 * false where the peer did not take it, or has taken enough.
 */
bool credential_refuse(int fd);

#endif
