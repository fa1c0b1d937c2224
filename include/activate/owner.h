/* SPDX-License-Identifier: MIT */
/*
 * Owners: names and numbers to uid and gid. /etc/passwd and /etc/group first,
 * then NSS: at boot its services may call daemons that do not run yet.
 */
#ifndef ACTIVATE_OWNER_H
#define ACTIVATE_OWNER_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"

struct owner {
	uid_t uid;
	gid_t gid;
};

/*
 * user and group may be names, numbers or NULL. Without a user it is this
 * process' own; without a group the user's primary one. ERROR_CONFIG for a
 * name that nobody has.
 */
MUST_USE int owner_find(const char *user, const char *group, struct owner *ret_owner,
			struct error *err);
/*
 * Is that user (a name, a number, or NULL as above) in group gid, by its primary one or as a member? Nobody
 * knows that of a number without a user: no. NSS is asked for groups that /etc/group does not have.
 */
bool owner_is_in_group(const char *user, gid_t gid);

#endif
