/* SPDX-License-Identifier: MIT */
/*
 * The way to a directory: who may change any part of it decides what is found at its end.
 */
#ifndef ACTIVATE_ANCESTORS_H
#define ACTIVATE_ANCESTORS_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"

/*
 * Checks each part of the absolute path, and of what it comes to where parts are links: each must
 * be root's or ours, and a directory writable by nobody else, unless sticky. In a user namespace
 * an owner whom it does not know passes, for the host's root is one. ERROR_DENIED.
 */
MUST_USE int ancestors_check(const char *path, struct error *err);

/* Has this user namespace no such user? All those are shown as one, usually 65534. */
bool ancestors_is_unmapped(uid_t uid);

#endif
