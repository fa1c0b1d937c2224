/* SPDX-License-Identifier: MIT */
#include "activate/faults.h"

#include <stdlib.h>

int faults_init(struct faults *faults, size_t len, bool keep, struct error *err)
{
	faults->items = calloc(len, sizeof(struct error *));
	if (faults->items == NULL)
		return error_memory(err);
	faults->len = len;
	faults->keep = keep;
	return 0;
}

int faults_take(struct faults *faults, size_t entry, struct error *err)
{
	struct error *copy;

	if (!faults->keep)
		return -1;
	if (faults->items[entry] == NULL) {
		copy = malloc(sizeof(*copy));
		if (copy == NULL)
			return error_memory(err);
		*copy = *err;
		faults->items[entry] = copy;
	}
	error_clear(err);
	return 0;
}

void faults_release(struct faults *faults)
{
	for (size_t i = 0; i < faults->len; i++)
		free(faults->items[i]);
	free(faults->items);
	*faults = FAULTS_INIT;
}
