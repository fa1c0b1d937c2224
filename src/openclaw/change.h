/* SPDX-License-Identifier: MIT */
/* What the files of a change share. */
#ifndef OPENCLAW_CHANGE_INTERNAL_H
#define OPENCLAW_CHANGE_INTERNAL_H

#include "openclaw/change.h"

/* change_user.c: AUTO(change_rights) rights = CHANGE_RIGHTS_INIT; root's rights come back at the end. */
struct change_rights {
	bool taken;
};

#define CHANGE_RIGHTS_INIT ((struct change_rights){ false })

MUST_USE int change_become(const struct change *change, bool as_user, struct change_rights *rights,
			   struct error *err);
void change_rights_release(struct change_rights *rights);

/* Where a file is worked on: its directory, open, and names in it. */
struct change_place {
	struct change_rights rights;
	int fd;             /* -1: there is no such directory */
	const char *name;   /* borrowed from the file's path */
	struct buf aside;   /* ".NAME.bootseal-old" */
	struct buf unready; /* ".NAME.bootseal-new" */
	const char *aside_name, *unready_name;
};

#define CHANGE_PLACE_INIT                                                                          \
	((struct change_place){ CHANGE_RIGHTS_INIT, -1, NULL, BUF_INIT, BUF_INIT, NULL, NULL })

/* With the rights that the file takes, until it is released. */
MUST_USE int change_place_open(const struct change *change, const struct change_file *file,
			       struct change_place *ret_place, struct error *err);
void change_place_release(struct change_place *place);

/* A regular file with one name, without following a link; *ret_fd is -1 where there is none. */
MUST_USE int change_open_file(const struct change_place *place, const char *name, int flags,
			      int *ret_fd, struct stat *ret_status, struct error *err);
/* Writes a new file of that text, mode and (where that may be) owner under the name unready. */
MUST_USE int change_write_new(const struct change_place *place, struct span text,
			      const struct stat *status, bool with_times, struct error *err);

#endif
