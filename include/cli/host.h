/* SPDX-License-Identifier: MIT */
/* What the commands on a host share: which manifest, and which directory, they are about. */
#ifndef CLI_HOST_H
#define CLI_HOST_H

#include "activate/activate.h"
#include "cli/command.h"

/* The command's argument, or the manifest of this host. Borrowed. */
const char *host_manifest(const struct invocation *invocation);
/*
 * The directory of the live secrets, and where its generations lie (NULL: DIRECTORY.d): what
 * --directory says (NULL: not given), or what the manifest names. ERROR_CONFLICT where both are
 * given.
 */
struct host_place {
	char *directory, *root;
};

#define HOST_PLACE_INIT ((struct host_place){ NULL, NULL })

MUST_USE int host_find_place(const struct invocation *invocation, const char *option,
			     struct host_place *ret_place, struct error *err);
void host_place_release(struct host_place *place);

/* The option --root, of a command whose options have a text "root". */
#define HOST_OPTION_ROOT(type)                                                                     \
	{                                                                                          \
		"root", 0, "DIRECTORY", "as if DIRECTORY were the root, with MANIFEST in it",      \
			OPTION_TEXT, offsetof(type, root)                                          \
	}
/* What it says (NULL: not given). */
MUST_USE int host_enter_root(const char *root, struct error *err);

enum host_way { HOST_DONE, HOST_DRY, HOST_CHECK };

/*
 * Prints what an activation or a rollback came to, and returns result; err is as that left it. What
 * was done stays done where it cannot be printed: that is said, and no error.
 */
MUST_USE int host_report(enum host_way way, bool json, const struct activate_report *report,
			 int result, struct error *err);
/*
 * At the end of a command that printed what it did, with result: what cannot be made of that or written is a note,
 * that what is so all the same, and no error.
 */
void host_said(int result, const char *what, const char *is);

#endif
