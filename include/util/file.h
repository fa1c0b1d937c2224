/* SPDX-License-Identifier: MIT */
/*
 * Files: read whole under a limit, written whole or not at all.
 *
 * What we read may be a symlink; owner, mode and kind are checked on the open
 * descriptor. What we create is relative to a directory descriptor, never
 * through a symlink. A file is replaced by a temporary one in the same
 * directory (mode before content, fsync, rename, fsync of the directory), so
 * that a crash at any system call leaves it whole, old or new. The temporary
 * file has no name until it is complete (O_TMPFILE), so that nothing is left of
 * a killed run. Where the file system cannot do so, and for the moment before
 * the rename, it is ".NAME.bootseal-XXXXXXXX", mode 0600 until it is complete and
 * locked while its writer lives; the next replacement of NAME removes what a
 * killed run left.
 */
#ifndef UTIL_FILE_H
#define UTIL_FILE_H

#include <stdbool.h>
#include <sys/stat.h>

#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

/* AUTO_FD int fd = -1; closes it at the end of the scope. */
void file_close_pointer(int *fd);
#define AUTO_FD __attribute__((cleanup(file_close_pointer)))

/*
 * Reads the regular file (or pipe, device) path, relative to dir_fd (AT_FDCWD
 * for the working directory), whole. ERROR_NO_FILE where it does not exist,
 * ERROR_SYSTEM for a directory or an unreadable one, ERROR_LIMIT above max bytes;
 * each message names the path. ret_data is new.
 */
MUST_USE int file_read(int dir_fd, const char *path, size_t max, struct secret *ret_data,
		       struct error *err);
/* The same, and ERROR_SYSTEM for a pipe or device: at no time does it wait for one. */
MUST_USE int file_read_regular(int dir_fd, const char *path, size_t max, struct secret *ret_data,
			       struct error *err);
MUST_USE int file_open_regular(int dir_fd, const char *path, int *ret_fd, struct error *err);
/*
 * As openat(), but not through links of the kernel's own, as in /proc/PID: they lead past directories that the caller
 * could not enter. ELOOP.
 */
int file_openat_named(int dir_fd, const char *path, int flags);
/*
 * Opens path for reading where it is a regular file or a directory, at no time anything else: a device may act on being
 * opened. The descriptor, or -1 with errno, ENXIO for another kind. flags is O_NOFOLLOW (a link is another kind) or 0.
 */
MUST_USE int file_open_inert(int dir_fd, const char *path, int flags, struct stat *ret_status);
/* The same of a path below dir_fd of which no part is a link or "..". */
MUST_USE int file_open_beneath(int dir_fd, const char *path, struct stat *ret_status);
/* As file_read() from an open descriptor; name is for messages. */
MUST_USE int file_read_fd(int fd, const char *name, size_t max, struct secret *ret_data,
			  struct error *err);

/*
 * "cannot open "path"", with errno: ERROR_NO_FILE where it does not exist, else ERROR_SYSTEM; a
 * hint where path is a private key, given by mistake.
 */
int file_fail_open(const char *path, struct error *err);

/* All of bytes; name is for messages. ERROR_SYSTEM. */
MUST_USE int file_write_all(int fd, struct span bytes, const char *name, struct error *err);

/*
 * A file being replaced. Take it with file_replace_begin(), write to fd, then
 * file_replace_commit(). Released uncommitted, nothing has changed.
 */
struct file_replace {
	int dir_fd, fd;
	char *name;      /* the target's name in dir_fd */
	char *temporary; /* the temporary file's name in dir_fd; NULL: it has none */
	bool fast;       /* may be set: commit does not wait for the disk */
};

#define FILE_REPLACE_INIT ((struct file_replace){ -1, -1, NULL, NULL, false })

/*
 * Beside a mode: what is to be written is not sealed. Where its owner cannot be that of the old file, it is for nobody
 * else than who writes it: the old one may have been put there to be read.
 */
#define FILE_PRIVATE 0x10000u

/*
 * Prepares to replace (or create) path, relative to dir_fd. Where path is a
 * symlink its target is replaced. An existing file's mode, group and owner are
 * kept; where the owner cannot be, the caller owns it. ERROR_DENIED where the group
 * cannot be, and would lose it. A new one gets mode. Not possible for what is no regular file. Called before the sandbox is
 * entered; ret_replace->dir_fd is what has to stay writable there.
 */
MUST_USE int file_replace_begin(int dir_fd, const char *path, mode_t mode,
				struct file_replace *ret_replace, struct error *err);
MUST_USE int file_replace_commit(struct file_replace *replace, struct error *err);
void file_replace_release(struct file_replace *replace);

/* begin, write, commit in one call. */
MUST_USE int file_write(int dir_fd, const char *path, struct span bytes, mode_t mode,
			struct error *err);

/*
 * Puts the file from (in from_fd), whose content is on the disk, in the place of name in dir_fd, with the mode and
 * owner that name has (0600 where it does not exist). From another file system it is copied.
 */
MUST_USE int file_move_over(int from_fd, const char *from, int dir_fd, const char *name,
			    struct error *err);

/*
 * The directory of path, opened (one that we may not read with O_PATH); ret_name points at the last
 * component, in path.
 */
MUST_USE int file_open_parent(int dir_fd, const char *path, int *ret_fd, const char **ret_name,
			      struct error *err);
/* mkdir -p below dir_fd with exactly this mode, whatever the umask, for what is new. */
MUST_USE int file_make_directories(int dir_fd, const char *path, mode_t mode, struct error *err);
/* Is fd on a file system that never touches a disk: ramfs, or tmpfs? */
bool file_is_in_memory(int fd);
/* Is fd on ramfs, or on tmpfs mounted noswap: what can never be swapped out? */
bool file_is_unswappable(int fd);
/* Is there swap space in use on this machine? True where that cannot be told. */
bool file_swap_is_on(void);
/*
 * Removes name (a file, or a directory with all in it) below dir_fd, without
 * following a symlink or crossing a mount. Not an error where it does not exist.
 */
MUST_USE int file_remove_tree(int dir_fd, const char *name, struct error *err);

#endif
