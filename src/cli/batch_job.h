/* SPDX-License-Identifier: MIT */
/* What the sandboxed children of a batch do. */
#ifndef CLI_BATCH_JOB_H
#define CLI_BATCH_JOB_H

#include "cli/batch.h"

/* argument is a struct batch; the answer its tally and items. */
int batch_look_job(void *argument, struct secret *ret_answer, struct error *err);
/* The same, for work->check: files that it refuses are no more to be done. */
int batch_check_job(void *argument, struct secret *ret_answer, struct error *err);
/* argument is a struct batch; the answer the recipients of the files that are to be changed, a line each. */
int batch_list_job(void *argument, struct secret *ret_answer, struct error *err);

struct batch_make {
	struct batch *batch;
	struct repo_change
		*change; /* NULL: the files themselves are replaced, or the text is the answer */
	struct secret *answer; /* the job's own */
};

/* argument is a struct batch_make; the answer the batch's tally, then the change's entries or the new text. */
int batch_make_job(void *argument, struct secret *ret_answer, struct error *err);

#endif
