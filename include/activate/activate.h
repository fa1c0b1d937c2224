/* SPDX-License-Identifier: MIT */
/*
 * Activation: a manifest's values opened and put where services read them. All
 * or nothing: until the one rename that switches to the new generation, an
 * error leaves the running host as it was.
 */
#ifndef ACTIVATE_ACTIVATE_H
#define ACTIVATE_ACTIVATE_H

#include <stdint.h>

#include "activate/ready.h"
#include "activate/record.h"
#include "activate/target.h"
#include "activate/units.h"

/* What was done, or in a dry run would be. */
struct activate_report {
	char *directory;
	uint64_t generation; /* the one that is live now; 0 in a dry run */
	uint64_t before;     /* of a rollback: the one that was live, */
	char time[32];       /* and when what is live again was made, from which commit */
	char revision[REVISION_MAX];
	bool first; /* nothing was live before: no unit is told */
	size_t files;
	bool has_credentials; /* beside the files; of a check alone */
	struct names added, changed, removed;
	struct names kept, missing; /* not renewed: with their last good value, or without */
	struct names unlinked;      /* live, but without their link */
	struct units units;         /* those told */
	struct names notes;         /* what the operator should know, a sentence each */
};

#define ACTIVATE_REPORT_INIT ((struct activate_report){ .directory = NULL })

void activate_report_release(struct activate_report *report);

/*
 * Checks without a key: the manifest, that each sealed file parses and holds the keys as
 * sealed values; owners who do not exist here are notes. Changes nothing.
 */
MUST_USE int activate_check(const char *manifest, struct activate_report *report,
			    struct error *err);
/* Opens everything and compares; changes nothing. */
MUST_USE int activate_dry_run(const char *manifest, struct activate_report *report,
			      struct error *err);
/*
 * Activates. ERROR_PARTIAL where the generation is live but units could not be told, a link could not be
 * made, or, where the manifest lets the others go on, some files could not be renewed (a dry run says
 * so, too); any other error means that nothing has changed.
 */
MUST_USE int activate_run(const char *manifest, struct activate_report *report, struct error *err);

/* The manifest, which nobody but root and the caller may write, with its directory as it is on this host. */
MUST_USE int activate_read_manifest(const char *path, struct manifest *ret_manifest,
				    struct error *err);
/* The directory that a manifest names, and its root, or NULL. Both are new. */
MUST_USE int activate_directory(const char *path, char **ret_directory, char **ret_root,
				struct error *err);

enum activate_source_state { ACTIVATE_SAME, ACTIVATE_DIFFERS, ACTIVATE_GONE };

/* A generation, and what is left of what it was made of. */
struct activate_generation {
	uint64_t number;
	struct record record;
	enum activate_source_state *sources; /* one for each of the record's sources */
};

struct activate_status {
	struct target target;
	bool read_only;
	uint64_t rolled_back_from;               /* 0: it is live by an activation */
	struct activate_generation *generations; /* the live one, and those before, newest first */
	size_t len;
	struct ready_state ready; /* what is published on demand */
};

#define ACTIVATE_STATUS_INIT ((struct activate_status){ .target = TARGET_INIT })

/* What is live in directory, and what was. ERROR_NOT_FOUND where nothing is. */
MUST_USE int activate_status_read(const char *directory, const char *root,
				  struct activate_status *ret_status, struct error *err);
void activate_status_release(struct activate_status *status);

/* The directories of all mounts of ours that this process sees, appended. */
MUST_USE int activate_directories(struct names *ret_directories, struct error *err);
/*
 * Removes all of it: link, generations, mount, and links elsewhere that lead to them; one of those that stays is a
 * note. Not an error where nothing is there.
 */
MUST_USE int activate_remove(const char *directory, const char *root, bool *ret_was_there,
			     struct names *notes, struct error *err);

#endif
