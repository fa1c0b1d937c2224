/* SPDX-License-Identifier: MIT */
/*
 * Shared by the files behind activate/ready.h: the place where documents are published. All that is in
 * here wants the lock of the directory.
 */
#ifndef ACTIVATE_SRC_READY_H
#define ACTIVATE_SRC_READY_H

#include "activate/ready.h"
#include "activation.h"

/* Beside the documents: the record, and what is not yet published. */
#define READY_RECORD MANIFEST_RESERVED ".ready"
#define READY_NEW MANIFEST_RESERVED ".new"
/* A generation that is complete, until each of its documents is moved to its place. */
#define READY_BUILT READY_NEW "/1/"
/* Nobody but root lists the one, or enters the other. */
#define READY_MODE 0751
#define READY_CLOSED 0700

/* Looks, and changes nothing: target_open() for DIRECTORY.ready, with the lock of directory. */
MUST_USE int ready_open(const char *directory, struct target *ret_target, struct error *err);
/* ERROR_DENIED where something else than documents of ours lies there. */
MUST_USE int ready_check_ours(const struct target *target, struct error *err);
/* The record that is there; ret_there is false, and the record a new one, where there is none. */
MUST_USE int ready_load(const struct target *target, struct ready_record *ret_record,
			bool *ret_there, struct error *err);
MUST_USE int ready_store(const struct target *target, const struct ready_record *record,
			 struct error *err);
/*
 * Makes the place where it is not there, so that root_fd may be written through, and takes away what a
 * killed run left. A record that is damaged is lost, with all that is published.
 */
MUST_USE int ready_prepare(struct target *target, struct ready_record *ret_record,
			   struct names *notes, struct error *err);
/* Removes one document, and directories that are empty then. ret_was_there may be NULL. */
MUST_USE int ready_remove_document(int root_fd, const char *name, bool *ret_was_there,
				   struct error *err);
/* Withdraws all of unit's; what was there is added to withdrawn (which may be NULL). */
MUST_USE int ready_empty(struct target *target, const char *unit, struct names *withdrawn,
			 struct error *err);
/*
 * The same beside another run, which holds the lock and may hold it long: no more is touched than the unit's
 * documents; where it is not known which those are, all.
 */
MUST_USE int ready_empty_unlocked(struct target *target, const char *unit, struct names *withdrawn,
				  struct error *err);
/* Removes the place, where it is ours. */
MUST_USE int ready_remove(struct target *target, struct error *err);

/* --- For a plain activation (src/activate/ready_changes.c) --- */

/* How the values that are published on demand differ from what their units know: into the report. */
MUST_USE int ready_compare(struct activation *run, struct error *err);
/* Records them as known, and removes what the manifest does not have any more. */
MUST_USE int ready_note(struct activation *run, struct error *err);

#endif
