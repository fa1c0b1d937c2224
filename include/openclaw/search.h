/* SPDX-License-Identifier: MIT */
/* Secrets where they should not be: a search for their bytes in files, whatever these are. */
#ifndef OPENCLAW_SEARCH_H
#define OPENCLAW_SEARCH_H

#include <sys/types.h>

#include "activate/names.h"
#include "util/secret.h"

#define SEARCH_FILES_MAX 20000
#define SEARCH_DEPTH_MAX 16
#define SEARCH_BYTES_MAX ((uint64_t)1 << 30)
#define SEARCH_VALUES_MAX 256
#define SEARCH_ANY_OWNER ((uid_t)-1)

/* What is looked for; borrowed. */
struct search_values {
	struct span items[SEARCH_VALUES_MAX];
	size_t len;
};

/*
 * Appends one unless it is there, or there are too many. Of one of several lines, a private key, its longest line, too:
 * the line breaks are written in many a way.
 */
void search_add(struct search_values *values, struct span value);

/*
 * Looks into every regular file below directory, without following links or leaving its file system, but not into those
 * and directories of passed_over, nor into node_modules; files come before directories. ret_found gets the paths of those
 * that hold a value; ret_whole says whether all was looked at (limits, files that could not be read). A directory that is
 * not there is empty; so is one that is a link, or not owner's, where there is an owner. No device is opened.
 */
MUST_USE int search_directory(const char *directory, uid_t owner,
			      const struct search_values *values, const struct names *passed_over,
			      struct names *ret_found, bool *ret_whole, struct error *err);
/*
 * The same in all the places that a secret of an OpenClaw is left in: its state, the user's home ("/" is none), its logs in
 * /tmp, and units.
 */
struct search_places {
	const char *state, *home; /* NULL: not known */
	uid_t uid;
	gid_t gid;
	const char *user; /* whose rights count in what is not his own; NULL: the caller's do */
};

MUST_USE int search_all(const struct search_places *places, const struct search_values *values,
			const struct names *passed_over, struct names *ret_found, bool *ret_whole,
			struct error *err);
/* Is one of them in text? */
bool search_text(struct span text, const struct search_values *values);

#endif
