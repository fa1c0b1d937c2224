/* SPDX-License-Identifier: MIT */
/*
 * Another root, as that of a host before it is switched to: "activate --root /sysroot".
 */
#ifndef ACTIVATE_ROOT_H
#define ACTIVATE_ROOT_H

#include "util/error.h"

/*
 * From now on, for good, every path of this process is one below directory: symbolic links there lead
 * where they will when it is the root. Users and groups are those of its /etc/passwd and /etc/group;
 * no library of it is loaded. ERROR_NO_FILE, ERROR_SYSTEM.
 */
MUST_USE int root_enter(const char *directory, struct error *err);

#endif
