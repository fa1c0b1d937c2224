/* SPDX-License-Identifier: MIT */
/*
 * The place that is activated: the link DIRECTORY, and DIRECTORY.d beside it, or another
 * directory, where the generations are numbered directories. The parent of each, and each directory
 * above (activate/ancestors.h), must be ours or root's alone, so that nobody can
 * put something else in its place.
 */
#ifndef ACTIVATE_TARGET_H
#define ACTIVATE_TARGET_H

#include <stdbool.h>
#include <stdint.h>

#include "activate/names.h"
#include "util/lock.h"

enum target_kind {
	TARGET_ABSENT, /* nothing there yet */
	TARGET_FOLDER, /* a directory on a memory file system, not a mount of its own */
	TARGET_MOUNT,  /* ramfs, or tmpfs with noswap */
};

/* Generations lie in DIRECTORY.d, beside the link DIRECTORY. */
#define TARGET_ROOT_SUFFIX ".d"

/* What is otherwise for sops-install-secrets (activate/nix.h) and, the last, for documents. */
struct target_manner {
	bool takes_over; /* what lies at DIRECTORY gives way, whosever it is; the link is absolute */
	bool stays_folder; /* nothing is mounted */
	bool tmpfs;        /* with noswap, rather than ramfs */
	bool flat; /* not generations lie in root, and no link leads to it (activate/ready.h) */
};

struct target {
	struct target_manner manner;       /* zeros; may be set once it is open */
	char *directory;                   /* "/run/secrets" */
	char *root;                        /* "/run/secrets.d" */
	char *lock_name;                   /* ".secrets.lock", beside root */
	char *spare_name;                  /* ".secrets.next": the new link until it is renamed */
	const char *link_name, *root_name; /* "secrets", "secrets.d"; in directory and root */
	int link_fd, parent_fd;            /* the directories that they lie in */
	int root_fd;                       /* -1 where kind is TARGET_ABSENT */
	enum target_kind kind;
};

#define TARGET_INIT ((struct target){ .link_fd = -1, .parent_fd = -1, .root_fd = -1 })

/*
 * Looks at what is there and changes nothing; root_fd (O_PATH) is for reading. root is NULL for
 * DIRECTORY.d. ERROR_DENIED where the parent may be written by others, or where root is no
 * directory of ours.
 */
MUST_USE int target_open(const char *directory, const char *root, struct target *ret_target,
			 struct error *err);
/*
 * Waits for another activation, and keeps later ones waiting. Takes the lock
 * file that is there when it is taken, not one that was removed meanwhile, and then looks
 * anew at what is there.
 */
MUST_USE int target_lock(struct target *target, struct lock *ret_lock, struct error *err);
/* The same without waiting; ret_lock->fd is -1, and nothing was looked at, while another process holds it. */
MUST_USE int target_try_lock(struct target *target, struct lock *ret_lock, struct error *err);
/*
 * Makes root, and mounts it where this process may; from then on root_fd may be
 * written through. What is less than that is said in notes. ERROR_DENIED where
 * secrets would come to lie on a disk, and where root has in it what is not ours.
 */
MUST_USE int target_prepare(struct target *target, struct names *notes, struct error *err);
/*
 * The number that the link points to; 0 where there is no link. ERROR_DENIED for
 * a link or file that is not ours.
 */
MUST_USE int target_current(const struct target *target, uint64_t *ret_number, struct error *err);
/* Points the link at generation number: one rename. */
MUST_USE int target_switch(const struct target *target, uint64_t number, struct error *err);
/*
 * Removes mount, link, generations, root and the lock file, which must be held. ERROR_DENIED for
 * what lies on a disk or has neither a link nor a record of ours; where it cannot be unmounted
 * nothing is removed.
 */
MUST_USE int target_remove(struct target *target, struct error *err);
/* Removes the lock file alone, which must be held. */
MUST_USE int target_unlock(const struct target *target, struct error *err);
void target_release(struct target *target);

#endif
