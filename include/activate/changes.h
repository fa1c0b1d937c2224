/* SPDX-License-Identifier: MIT */
/*
 * How a plan differs from what is live, and which units that concerns.
 */
#ifndef ACTIVATE_CHANGES_H
#define ACTIVATE_CHANGES_H

#include "activate/activate.h"
#include "activate/plan.h"

struct changes {
	int root_fd;      /* -1: nothing is live */
	uint64_t current; /* the live generation */
	const struct manifest *manifest;
	const struct plan *plan;
	const struct record *record; /* of the new generation, complete */
	const struct record *live;   /* of the live one */
};

/*
 * Fills report's added, changed and removed, units (with those that an earlier run did not
 * come to tell; none where nothing is live: at boot, units start after us and read what is
 * there), and a note for each sealed file that is older than the one opened before.
 */
MUST_USE int changes_find(const struct changes *changes, struct activate_report *report,
			  struct error *err);

#endif
