/* SPDX-License-Identifier: MIT */
/*
 * Why entries of a manifest cannot be renewed. With "onError: keep" such a reason costs
 * that entry alone; with "stop" it is the error of the whole run.
 */
#ifndef ACTIVATE_FAULTS_H
#define ACTIVATE_FAULTS_H

#include <stdbool.h>
#include <stddef.h>

#include "util/error.h"

struct faults {
	struct error **items; /* one an entry; NULL: none */
	size_t len;
	bool keep;
};

#define FAULTS_INIT ((struct faults){ NULL, 0, false })

MUST_USE int faults_init(struct faults *faults, size_t len, bool keep, struct error *err);
/*
 * What err says is wrong with that entry. Where the others go on, err is taken over, and 0; an
 * entry's first reason stays. Else -1, with err as it is.
 */
MUST_USE int faults_take(struct faults *faults, size_t entry, struct error *err);
void faults_release(struct faults *faults);

#endif
