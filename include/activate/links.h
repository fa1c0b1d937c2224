/* SPDX-License-Identifier: MIT */
/*
 * The links outside of the directory (activate/link.h) that a generation's record names: made with it, and removed
 * when no file has them any more, as long as they are ours.
 */
#ifndef ACTIVATE_LINKS_H
#define ACTIVATE_LINKS_H

#include "activate/owner.h"
#include "activate/record.h"
#include "activate/target.h"

/* Makes path a link to the file of that name, whatever generation is live. */
MUST_USE int links_make(const struct target *target, const char *path, const char *name,
			struct owner owner, struct error *err);
/* Adds to record's left the links that live's files have, and its own do not. */
MUST_USE int links_leave(struct record *record, const struct record *live, struct error *err);
/* Appends the links of the files, and those that were left, of one record; of all generations that have one. */
MUST_USE int links_of(const struct record *record, struct names *links, struct error *err);
MUST_USE int links_of_all(int root_fd, struct names *links, struct error *err);
/* What an activation leaves: record's left, and live's, which a killed run may not have come to. */
MUST_USE int links_drop_left(const struct target *target, const struct record *record,
			     const struct record *live, struct names *notes, struct error *err);
/*
 * Removes those of links that lead into the directory and that no file of now (which may be NULL) has. One that cannot
 * be removed stays, and a note says so.
 */
MUST_USE int links_drop(const struct target *target, const struct names *links,
			const struct record *now, struct names *notes, struct error *err);

#endif
