/* SPDX-License-Identifier: MIT */
/*
 * Documents that are there only until their unit is ready ("lifetime: until-ready"): in no generation,
 * but at DIRECTORY.ready/NAME, on a mount of their own. Each is one regular file of its owner's. They are
 * published for their unit before it starts, and withdrawn as soon as it is up, or has ended.
 *
 * All of a unit's are published, or none; but a run that is killed between the renames of the first and the last leaves
 * some to their owner. The next run, whosever it is, takes them away, and all else that it left, which is in a directory
 * that root alone may enter. No unit's documents are out of reach because of another's.
 */
#ifndef ACTIVATE_READY_H
#define ACTIVATE_READY_H

#include <stdbool.h>

#include "activate/manifest.h"
#include "activate/names.h"
#include "activate/ready_record.h"
#include "activate/target.h"

#define READY_SUFFIX ".ready"

struct ready_report {
	char *directory;        /* DIRECTORY.ready; NULL where it is not known */
	struct names documents; /* published, or withdrawn: absolute paths */
	struct names notes;
};

#define READY_REPORT_INIT ((struct ready_report){ NULL, NAMES_INIT, NAMES_INIT })

void ready_report_release(struct ready_report *report);

/*
 * Opens what the manifest gives to unit, and publishes it. On an error nothing is published for it any
 * more. ERROR_NOT_FOUND where the manifest has nothing for it; ERROR_UNSUPPORTED for others than root.
 */
MUST_USE int ready_publish(const char *manifest, const char *unit, struct ready_report *report,
			   struct error *err);
/*
 * Withdraws all that is published for unit at directory, in any state of it, and waits for nobody. Not an error where
 * nothing is.
 */
MUST_USE int ready_withdraw(const char *directory, const char *unit, struct ready_report *report,
			    struct error *err);
/*
 * The same wherever a mount of ours is, and at MANIFEST_DIRECTORY: where the manifest cannot be read, or had
 * another directory when it was published.
 */
MUST_USE int ready_withdraw_everywhere(const char *unit, struct ready_report *report,
				       struct error *err);

/*
 * ERROR_DENIED where a value that is withdrawn when its unit is ready is also given to its owner (by a group,
 * too), or to that unit, for the whole boot: names both. Opens nothing; base_fd is the manifest's directory,
 * by which the same file is known by another name (-1: by its name alone).
 */
MUST_USE int ready_check_shared(const struct manifest *manifest, int base_fd, struct error *err);

struct ready_state {
	struct ready_record record;
	bool *published; /* one a document */
};

#define READY_STATE_INIT ((struct ready_state){ READY_RECORD_INIT, NULL })

/* What there is for directory; nothing is no error. */
MUST_USE int ready_look(const char *directory, struct ready_state *ret_state, struct error *err);
void ready_state_release(struct ready_state *state);

#endif
