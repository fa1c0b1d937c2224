/* SPDX-License-Identifier: MIT */
/* How far a command on many files is: a line on stderr where that is a terminal, else nothing. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

struct progress {
	const char *what; /* "sealing" */
	size_t total;
	bool shown; /* a line stands there */
	bool off;   /* no terminal, or too few files */
	long last;  /* when it was drawn, in milliseconds */
};

void progress_start(struct progress *progress, const char *what, size_t total);
/* Draws it anew, not too often. */
void progress_step(struct progress *progress, size_t done, const char *name);
/* Takes the line away: before anything else is printed, and at the end. */
void progress_clear(struct progress *progress);

#endif
