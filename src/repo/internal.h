/* SPDX-License-Identifier: MIT */
/* What the files of repo share. */
#ifndef REPO_INTERNAL_H
#define REPO_INTERNAL_H

#include "repo/change.h"

/* The name of a new text in the journal, held by value so that it can stand in a call's arguments. */
struct repo_text_name {
	char text[24];
};

struct repo_text_name repo_text_name(size_t index);

/*
 * Replaces the files of a whole journal, and removes its index when they are on the disk. A file that
 * cannot be replaced is told of, and the others are.
 */
MUST_USE int repo_roll_forward(const struct repo *repo, int journal_fd,
			       struct repo_journal *journal, struct repo_outcome *ret_outcome,
			       struct error *err);

#endif
