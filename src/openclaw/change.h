/* SPDX-License-Identifier: MIT */
/* What the files of a change share. */
#ifndef OPENCLAW_CHANGE_INTERNAL_H
#define OPENCLAW_CHANGE_INTERNAL_H

#include "openclaw/change.h"
#include "util/rights.h"

/* Where a file is worked on: its directory, open, and names in it. */
struct change_place {
	struct rights rights;
	int fd;             /* -1: there is no such directory */
	const char *name;   /* borrowed from the file's path */
	struct buf aside;   /* ".NAME.bootseal-old" */
	struct buf unready; /* ".NAME.bootseal-new" */
	const char *aside_name, *unready_name;
};

#define CHANGE_PLACE_INIT                                                                          \
	((struct change_place){ RIGHTS_INIT, -1, NULL, BUF_INIT, BUF_INIT, NULL, NULL })

/* change_ahead.c: set aside by nobody else, or by a run before: what stands there would be lost, or put back for the file. */
MUST_USE int change_check_aside(const struct change_place *place, const struct change_file *file,
				struct error *err);

/* With the rights that the file takes, until it is released. */
MUST_USE int change_place_open(const struct change *change, const struct change_file *file,
			       struct change_place *ret_place, struct error *err);
void change_place_release(struct change_place *place);

/* A regular file with one name, without following a link; *ret_fd is -1 where there is none. */
MUST_USE int change_open_file(const struct change_place *place, const char *name, int flags,
			      int *ret_fd, struct stat *ret_status, struct error *err);
/* Writes a new file of that text, with the mode, owner and attributes of file, under the name unready. */
MUST_USE int change_write_new(const struct change_place *place, const struct change_file *file,
			      struct span text, bool with_times, struct error *err);

/* change_attributes.c: as a row of values (activate/values.h); an ACL that a new file inherits, off; and set again. */
MUST_USE int change_attributes_take(int fd, const char *name, struct secret *ret_attributes,
				    struct error *err);
MUST_USE int change_attributes_clear(int fd, const char *name, struct error *err);
MUST_USE int change_attributes_set(int fd, const char *name, struct span attributes,
				   struct error *err);
/* Is there something of that name in the place's directory? */
bool change_is_there(const struct change_place *place, const char *name);

#endif
