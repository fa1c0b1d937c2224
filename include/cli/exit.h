/* SPDX-License-Identifier: MIT */
/*
 * Exit statuses: the one table. sops' numbers where the situation is the same, ours
 * from 30 to 39. bootseal(1) repeats it; "make lint" compares the two.
 */
#ifndef CLI_EXIT_H
#define CLI_EXIT_H

#include "util/error.h"

struct exit_status {
	enum error_kind kind;
	int status;
	const char *meaning;
};

/* Ends with an entry of kind ERROR_NONE. */
extern const struct exit_status exit_statuses[];

int exit_status_of(enum error_kind kind);

#endif
