/* SPDX-License-Identifier: MIT */
/*
 * A manifest's sealed files: opened, each once and each in a sandboxed child of
 * its own; or only looked at, which needs no key.
 */
#ifndef ACTIVATE_UNSEAL_H
#define ACTIVATE_UNSEAL_H

#include "activate/manifest.h"
#include "util/child.h"
#include "util/secret.h"

/* Longest "lastmodified" that is kept. */
#define UNSEAL_TIME_MAX 64

/* An identity file as it was read; the child parses it. */
struct unseal_identity {
	const char *path; /* borrowed from the manifest */
	struct secret text;
	struct secret public_half; /* PATH.pub, of a key that hides it */
};

struct unseal_identities {
	struct unseal_identity *items;
	size_t len;
};

#define UNSEAL_IDENTITIES_INIT ((struct unseal_identities){ NULL, 0 })

/*
 * Reads the manifest's identity files, relative to dir_fd. One that does not exist is a note
 * as long as there is another; ERROR_NO_KEY where none does.
 */
MUST_USE int unseal_identities_read(const struct manifest *manifest, int dir_fd,
				    struct unseal_identities *ret_identities, struct names *notes,
				    struct error *err);
void unseal_identities_release(struct unseal_identities *identities);

/*
 * May one child open both files? What it says of them comes out of one memory: not where one's values are given to
 * others, or for longer, than the other's.
 */
bool unseal_may_share(const struct manifest *manifest, size_t a, size_t b);
/*
 * Opens sealed file number file in a child of its own, and appends to values what the manifest
 * wants of it (activate/values.h); gives the time of its last change. Only
 * sealed values count: what is not is not authenticated in every file. ERROR_NOT_FOUND
 * for a key that is not there or not sealed, or, where the manifest says to keep what is good, a
 * value that says so; what sops_open() says.
 */
MUST_USE int unseal_file(const struct manifest *manifest, size_t file,
			 const struct unseal_identities *identities, struct secret *text,
			 struct secret *values, char ret_time[UNSEAL_TIME_MAX], struct error *err);

/* One child opens at most so many. */
#define UNSEAL_FILES_MAX 64

/* Sealed files as they were read, which follow each other in the manifest. */
struct unseal_files {
	size_t first, len;
	struct secret *others; /* what other files gave: the child lets go of it before it parses; NULL: nothing */
	struct secret texts; /* one behind the other */
	size_t ends[UNSEAL_FILES_MAX];
};

/* What is advised for a file that was changed without its key, where there is no operator. Returns -1. */
int unseal_advise(struct error *err);
struct span unseal_files_text(const struct unseal_files *files, size_t i);
/* Starts a child that opens all of them. Its answer is an error where one of them does not open. */
MUST_USE int unseal_start(const struct manifest *manifest, struct unseal_files *files,
			  const struct unseal_identities *identities, struct children *children,
			  struct error *err);
/* Takes what the answer says of the next file; false where it says nothing. */
bool unseal_take(struct span *answer, struct span *ret_values, char ret_time[UNSEAL_TIME_MAX]);
/* Whether the keys are there as sealed values; opens nothing. */
MUST_USE int unseal_check(const struct manifest *manifest, size_t file, struct secret *text,
			  struct error *err);

#endif
