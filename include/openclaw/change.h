/* SPDX-License-Identifier: MIT */
/*
 * The files of an installation, changed together: each new text is put in the place of the old one, which is set aside
 * under a name beside it. Then all of it is put back, as the same files with their owners, modes and times, or what was
 * set aside is overwritten and removed. Each step may be done again after a run was killed, by who has the same list.
 *
 * What lies in the gateway's user's own directories is changed with that user's rights, so that no link that he
 * made leads elsewhere.
 */
#ifndef OPENCLAW_CHANGE_H
#define OPENCLAW_CHANGE_H

#include <sys/stat.h>

#include "util/buf.h"
#include "util/secret.h"

#define CHANGE_FILES_MAX 1024

enum change_kind {
	CHANGE_WRITE,     /* a new text */
	CHANGE_REMOVE,    /* the file goes */
	CHANGE_DIRECTORY, /* one that is made, and not there before */
};

struct change_file {
	enum change_kind kind;
	char *path;
	bool as_user; /* with the rights of the gateway's user */
	bool existed;
	struct stat status;          /* of what existed; of a new one the mode */
	struct secret before, after; /* contents */
	struct secret attributes;    /* the extended ones of what existed, ACLs among them */
};

/* Whose gateway it is. */
struct change_user {
	char *name;
	uid_t uid;
	gid_t gid;
};

struct change {
	struct change_user user;
	struct change_file *files;
	size_t len;
	bool ran; /* its unit was active before */
};

#define CHANGE_INIT ((struct change){ { NULL, 0, 0 }, NULL, 0, false })

void change_release(struct change *change);
/* Appends a file of that path, all else empty. ERROR_LIMIT. */
MUST_USE int change_add(struct change *change, const char *path, struct change_file **ret_file,
			struct error *err);
/*
 * The content of a file as it is now, and its status; *ret_exists false where there is none. ERROR_DENIED for what is
 * not a regular file with one name.
 */
MUST_USE int change_look(const struct change *change, const char *path, bool as_user,
			 bool *ret_exists, struct stat *ret_status, struct secret *ret_text,
			 struct error *err);

/*
 * Takes the extended attributes of each file that exists, which what is new gets, too. ERROR_UNSUPPORTED for one that
 * could not be set again.
 */
MUST_USE int change_take_attributes(struct change *change, struct error *err);

/*
 * Could it be made, as far as is known beforehand: may each file be written there, by whom it is, and is no name taken?
 * Not root tells of his own files alone. ERROR_SYSTEM, ERROR_DENIED, ERROR_FINDINGS.
 */
MUST_USE int change_check(const struct change *change, struct error *err);
/* Puts all of it in place, in order. ERROR_FINDINGS for a file that is not as it was read. */
MUST_USE int change_apply(const struct change *change, struct error *err);
/* Puts back what was set aside, and takes away what is new, from any state that a killed run leaves. */
MUST_USE int change_take_back(const struct change *change, struct error *err);
/* Is anything still set aside? */
MUST_USE int change_is_aside(const struct change *change, bool *ret_is, struct error *err);
/* Overwrites what was set aside, and removes it. */
MUST_USE int change_forget(const struct change *change, struct error *err);

/* The files that are not as this change left them: printable paths, a line each. */
MUST_USE int change_compare(const struct change *change, struct buf *ret_lines, struct error *err);
/* Makes everything as it was before, where nothing is aside any more: files that are made anew. */
MUST_USE int change_restore(const struct change *change, struct error *err);

/* As a row of bytes, and back. ERROR_FORMAT. */
MUST_USE int change_format(const struct change *change, struct secret *ret_bytes,
			   struct error *err);
MUST_USE int change_parse(struct span bytes, struct change *ret_change, struct error *err);

#endif
