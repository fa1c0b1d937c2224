/* SPDX-License-Identifier: MIT */
/*
 * This process with another user's rights on files, for a while: what it opens then is what that user could open,
 * wherever his links lead.
 */
#ifndef UTIL_RIGHTS_H
#define UTIL_RIGHTS_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/attr.h"
#include "util/error.h"

/* AUTO(rights) rights = RIGHTS_INIT; root's own come back at the end. */
struct rights {
	bool taken;
};

#define RIGHTS_INIT ((struct rights){ false })

/* Of the user, and of all groups that name is in. Does nothing for who is not root, nor for root's own. ERROR_SYSTEM. */
MUST_USE int rights_take(const char *name, uid_t uid, gid_t gid, struct rights *rights,
			 struct error *err);
void rights_release(struct rights *rights);

#endif
