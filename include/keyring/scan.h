/* SPDX-License-Identifier: MIT */
/*
 * Asking a host for its public key, with the user's own ssh-keyscan, and reading what
 * ssh knows of it. Starts a program: to be done before a sandbox is entered.
 */
#ifndef KEYRING_SCAN_H
#define KEYRING_SCAN_H

#include "util/error.h"
#include "util/secret.h"

#define KEYRING_HOST_MAX 255
#define KEYRING_KNOWN_FILES 2

struct keyring_host {
	char name[KEYRING_HOST_MAX + 1];
	unsigned port;
};

/* "web1.example", "web1.example:2222", "[2001:db8::1]:22", "2001:db8::1". ERROR_USAGE. */
MUST_USE int keyring_host_parse(const char *text, struct keyring_host *ret_host, struct error *err);

/* What ssh-keyscan prints. ERROR_SYSTEM where it is not there, ERROR_NOT_FOUND where nobody answers. */
MUST_USE int keyring_scan(const struct keyring_host *host, struct secret *ret_output,
			  struct error *err);

/* ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts; a missing one is empty. */
extern const char *const keyring_known_names[KEYRING_KNOWN_FILES];
MUST_USE int keyring_read_known(struct secret ret_texts[KEYRING_KNOWN_FILES], struct error *err);

#endif
