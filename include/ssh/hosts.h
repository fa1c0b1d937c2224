/* SPDX-License-Identifier: MIT */
/*
 * The host name field of known_hosts lines (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
 */
#ifndef SSH_HOSTS_H
#define SSH_HOSTS_H

#include <stdbool.h>

#include "util/span.h"

/*
 * Does hosts (the prefix of a struct ssh_public_key) name host? Knows lists, "[host]:port"
 * (the form for a port other than 22), hashed names, * and ?, and negation with "!".
 */
bool ssh_hosts_match(struct span hosts, const char *host, unsigned port);

#endif
