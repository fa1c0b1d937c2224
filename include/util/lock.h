/* SPDX-License-Identifier: MIT */
/*
 * An exclusive lock on a file or directory (flock), held until released or the
 * process ends. Two runs that would meet wait for each other.
 */
#ifndef UTIL_LOCK_H
#define UTIL_LOCK_H

#include "util/error.h"

struct lock {
	int fd;
};

#define LOCK_INIT ((struct lock){ -1 })

/*
 * Creates (mode 0600, no symlink followed) and locks the file path, relative to
 * dir_fd; waits while another process holds it. ERROR_SYSTEM.
 */
MUST_USE int lock_take(int dir_fd, const char *path, struct lock *ret_lock, struct error *err);
/* The same without waiting; ret_lock->fd is -1 while another process holds it. */
MUST_USE int lock_try(int dir_fd, const char *path, struct lock *ret_lock, struct error *err);
/*
 * Locks the directory dir_fd itself (AT_FDCWD: the working directory): what a
 * command holds from reading a file in it to replacing that file. name is for messages.
 */
MUST_USE int lock_take_directory(int dir_fd, const char *name, struct lock *ret_lock,
				 struct error *err);
/* The same without waiting; ret_lock->fd is -1 while another process holds it. */
MUST_USE int lock_try_directory(int dir_fd, const char *name, struct lock *ret_lock,
				struct error *err);
void lock_release(struct lock *lock);

#endif
