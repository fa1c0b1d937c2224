/* SPDX-License-Identifier: MIT */
/*
 * The mount that generations live on: ramfs, or tmpfs with noswap, never
 * swapped out. What everyone sees is mounted read-only (on ramfs a file's owner
 * could else fill the host's memory, or change its secret); we write through a
 * private writable clone of the mount that ends with this process.
 */
#ifndef ACTIVATE_RAMFS_H
#define ACTIVATE_RAMFS_H

#include <stdbool.h>

#include "util/error.h"

/* What the kernel's list of mounts says that ours are of. */
#define RAMFS_SOURCE "bootseal"
/* What one line of that list names, decoded, fits into this: a path and few words more. */
#define RAMFS_LINE_MAX 16384

/*
 * Mounts a new file system (nodev, nosuid, noexec, mode 0751) on the directory
 * name below dir_fd, read-only where the kernel can: ramfs, or tmpfs, and the other where that cannot be. ret_mounted is false, and
 * nothing is changed, where this process may not mount at all.
 */
MUST_USE int ramfs_mount(int dir_fd, const char *name, bool tmpfs, bool *ret_mounted,
			 struct error *err);
/* May this process mount at all? */
bool ramfs_is_permitted(void);
/* Makes an existing mount, whosever it was, read-only to all but us, nodev, nosuid and noexec; false where the kernel cannot. */
bool ramfs_protect(int dir_fd, const char *name);
/* A descriptor (O_PATH) of the mounted directory through which we may write. */
MUST_USE int ramfs_open_writable(int dir_fd, const char *name, int *ret_fd, struct error *err);
/* Is fd the root of a mount? */
bool ramfs_is_mount(int fd);
/* Is this, as the list of mounts calls it, what ours are of? Users cannot mount these, as they can others. */
bool ramfs_is_type(const char *type);
/* Is the file system of fd, the root of a mount, one that ramfs_mount() made? */
bool ramfs_is_ours(int fd);
/* Is the mount of fd read-only? */
bool ramfs_is_read_only(int fd);

#endif
