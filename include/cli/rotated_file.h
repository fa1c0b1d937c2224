/* SPDX-License-Identifier: MIT */
/*
 * The sealed file that a rotation changes. Until that is over, copies of it, as sealed as the file, are in a directory of
 * root's, ROTATED_COPIES: where the rotation is killed they say which tokens the gateway may have been left with. A boot takes
 * them away, after which the gateway has what is sealed.
 */
#ifndef CLI_ROTATED_FILE_H
#define CLI_ROTATED_FILE_H

#include "activate/single.h"
#include "util/error.h"
#include "util/lock.h"
#include "util/secret.h"

#define ROTATED_COPIES "/run/bootseal.rotation"

/* As it was before the rotation; and as that had made it, where it is taken back. */
enum rotated_copy { ROTATED_BEFORE, ROTATED_AFTER, ROTATED_LEN };

struct rotated_file {
	const char *path, *directory; /* absolute */
	struct lock lock;             /* of the directory */
	struct secret before;         /* its text */
	char *copies[ROTATED_LEN];
};

#define ROTATED_FILE_INIT                                                                          \
	((struct rotated_file){ NULL, NULL, LOCK_INIT, SECRET_INIT, { NULL, NULL } })

/*
 * Reads it, and waits until no other rotation is under way that has its copies in directory, which is made where it is
 * missing. Both stay borrowed. Copies are not looked at, nor made.
 */
MUST_USE int rotated_file_open(const char *path, const char *directory,
			       struct rotated_file *ret_file, struct error *err);
/* From here on there is a copy of it as it is now. */
MUST_USE int rotated_file_begin(struct rotated_file *file, struct error *err);
/* Seals value at its place in the file, or, where it is empty, a new token, with the manifest's first identity. */
MUST_USE int rotated_file_seal(const struct rotated_file *file, const struct single_place *place,
			       struct span value, struct error *err);
/* The file is again what it was, whether or not it was changed. The copies stay. */
MUST_USE int rotated_file_restore(const struct rotated_file *file, struct error *err);
/* The gateway has what is sealed: the copies go. Those that cannot be removed do no harm. */
void rotated_file_end(const struct rotated_file *file);
void rotated_file_release(struct rotated_file *file);

#endif
