/* SPDX-License-Identifier: MIT */
/* Files replaced whole: the second half of util/file.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

#define LINKS_MAX 40
#define NAME_TRIES 16
#define MARK ".bootseal-"
#define DIGITS 8

/* What the symlink path points to, seen from dir_fd; NULL in ret_target where it is none. */
static int read_link(int dir_fd, const char *path, char **ret_target, struct error *err)
{
	char target[4096];
	const ssize_t len = readlinkat(dir_fd, path, target, sizeof(target) - 1);
	const char *slash = strrchr(path, '/');
	size_t directory;

	*ret_target = NULL;
	if (len < 0)
		return 0; /* no symlink, or nothing there: opening it will tell */
	target[len] = '\0';
	directory = slash == NULL || target[0] == '/' ? 0 : (size_t)(slash - path) + 1;
	if (asprintf(ret_target, "%.*s%s", (int)directory, path, target) < 0) {
		*ret_target = NULL;
		return error_memory(err);
	}
	return 0;
}

/* Follows symlinks to the last one's target: ret_path is new. */
static int resolve(int dir_fd, const char *path, char **ret_path, struct error *err)
{
	char *current = strdup(path);

	if (current == NULL)
		return error_memory(err);
	for (int links = 0; links < LINKS_MAX; links++) {
		char *target;

		if (read_link(dir_fd, current, &target, err) < 0) {
			free(current);
			return -1;
		}
		if (target == NULL) {
			*ret_path = current;
			return 0;
		}
		free(current);
		current = target;
	}
	free(current);
	errno = ELOOP;
	return error_sys(err, "cannot replace \"%s\"", text_printable_text(path).text);
}

/*
 * What a temporary file is named after: the file, or, where its name is too long for more behind it, a
 * hash of that, so that who comes next finds what was left of it.
 */
struct stem {
	char text[NAME_MAX + 1];
};

static struct stem stem_of(const char *name)
{
	struct stem stem;
	uint8_t hash[16];
	const size_t len = strlen(name);

	if (len + 1 + strlen(MARK) + DIGITS <= NAME_MAX) {
		memcpy(stem.text, name, len + 1);
		return stem;
	}
	crypto_generichash(hash, sizeof(hash), (const uint8_t *)name, len, NULL, 0);
	sodium_bin2hex(stem.text, sizeof(stem.text), hash, sizeof(hash));
	return stem;
}

/* Is candidate ".STEM.bootseal-" and eight hexadecimal digits? */
static bool is_temporary_of(const char *candidate, const char *stem)
{
	const size_t len = strlen(stem);
	const char *digits;

	if (candidate[0] != '.' || strncmp(candidate + 1, stem, len) != 0 ||
	    strncmp(candidate + 1 + len, MARK, strlen(MARK)) != 0)
		return false;
	digits = candidate + 1 + len + strlen(MARK);
	return strlen(digits) == DIGITS && strspn(digits, "0123456789abcdef") == DIGITS;
}

/* Removes what killed runs left of name: temporary files that nobody holds locked. */
static void remove_stale(int dir_fd, const char *name)
{
	const struct stem stem = stem_of(name);
	const int copy = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = copy < 0 ? NULL : fdopendir(copy);
	struct dirent *entry;

	if (directory == NULL) {
		if (copy >= 0)
			close(copy);
		return;
	}
	while ((entry = readdir(directory)) != NULL) {
		const char *candidate = entry->d_name;
		int fd;

		if (!is_temporary_of(candidate, stem.text))
			continue;
		fd = openat(dir_fd, candidate, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0)
			unlinkat(dir_fd, candidate, 0);
		if (fd >= 0)
			close(fd);
	}
	closedir(directory);
}

/* ".STEM.bootseal-XXXXXXXX", new. */
static int new_name(const char *name, char **ret_name, struct error *err)
{
	if (asprintf(ret_name, ".%s" MARK "%08x", stem_of(name).text, randombytes_random()) >= 0)
		return 0;
	*ret_name = NULL;
	return error_memory(err);
}

/* The way to an open file that has no name, for linkat(2). */
struct proc_path {
	char text[40];
};

static struct proc_path proc_path_of(int fd)
{
	struct proc_path path;

	snprintf(path.text, sizeof(path.text), "/proc/self/fd/%d", fd);
	return path;
}

/*
 * A new file without a name, locked as the named are: of a killed run nothing is left. False where
 * the file system has no such files, or they could not be given a name (no /proc).
 */
static bool open_nameless(int dir_fd, int *ret_fd)
{
	AUTO_FD int fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0 || access(proc_path_of(fd).text, F_OK) < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		return false;
	*ret_fd = fd;
	fd = -1;
	return true;
}

/* A new locked file; ret_name is its name. A cleaner may take it before it is locked: then another. */
static int open_named(int dir_fd, const char *name, int *ret_fd, char **ret_name, struct error *err)
{
	for (int tries = 0; tries < NAME_TRIES; tries++) {
		AUTO_FREE char *temporary = NULL;
		AUTO_FD int fd = -1;
		struct stat status;

		if (new_name(name, &temporary, err) < 0)
			return -1;
		fd = openat(dir_fd, temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    0600);
		if (fd < 0 && errno == EEXIST)
			continue;
		if (fd < 0)
			break;
		if (flock(fd, LOCK_EX | LOCK_NB) < 0 || fstat(fd, &status) < 0 ||
		    status.st_nlink == 0)
			continue;
		*ret_fd = fd;
		*ret_name = temporary;
		fd = -1;
		temporary = NULL;
		return 0;
	}
	(void)error_sys(err, "cannot write beside \"%s\"", text_printable_text(name).text);
	return error_hint(
		err, "a new file takes the place of the old one, which stays whole until then: its "
		     "directory must be writable");
}

static int refuse_group(const struct file_replace *replace, const struct stat *old,
			struct error *err)
{
	(void)error_set(
		err, ERROR_DENIED,
		"cannot replace \"%s\": its group (%u) reads it, and would not read a new file",
		text_printable_text(replace->name).text, (unsigned)old->st_gid);
	return error_hint(err, "only a member of that group, or root, can make one for it");
}

/*
 * The new file gets the owner and group of the old one; where only root could give it away, the group alone, and who
 * makes it owns it. Another group may do no more than others may: that must not be less than the old one could.
 */
static int copy_owner(const struct file_replace *replace, const struct stat *old, mode_t *mode,
		      struct error *err)
{
	const mode_t others = (old->st_mode & 07) << 3;
	const bool private = (*mode & FILE_PRIVATE) != 0;
	struct stat own;

	*mode = old->st_mode & 0777;
	if (fstat(replace->fd, &own) < 0)
		return error_sys(err, "cannot write \"%s\"",
				 text_printable_text(replace->name).text);
	if ((own.st_uid == old->st_uid && own.st_gid == old->st_gid) ||
	    fchown(replace->fd, old->st_uid, old->st_gid) == 0)
		return 0;
	if (private) {
		*mode &= 0700;
		return 0;
	}
	if (own.st_gid == old->st_gid || fchown(replace->fd, (uid_t)-1, old->st_gid) == 0)
		return 0;
	if ((old->st_mode & 070 & ~others) != 0)
		return refuse_group(replace, old, err);
	*mode &= ~(mode_t)070 | others;
	return 0;
}

/* Mode and owner of what is replaced, before any content. */
static int copy_mode(struct file_replace *replace, mode_t mode, struct error *err)
{
	struct stat old;

	if (fstatat(replace->dir_fd, replace->name, &old, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return error_sys(err, "cannot replace \"%s\"",
					 text_printable_text(replace->name).text);
	} else if (!S_ISREG(old.st_mode)) {
		return error_set(err, ERROR_SYSTEM, "cannot replace \"%s\": it is no regular file",
				 text_printable_text(replace->name).text);
	} else if (copy_owner(replace, &old, &mode, err) < 0) {
		return -1;
	}
	if (fchmod(replace->fd, mode & 0777) < 0)
		return error_sys(err, "cannot set the mode of \"%s\"",
				 text_printable_text(replace->name).text);
	return 0;
}

int file_replace_begin(int dir_fd, const char *path, mode_t mode, struct file_replace *ret_replace,
		       struct error *err)
{
	AUTO(file_replace) replace = FILE_REPLACE_INIT;
	AUTO_FREE char *target = NULL;
	const char *name;

	if (resolve(dir_fd, path, &target, err) < 0 ||
	    file_open_parent(dir_fd, target, &replace.dir_fd, &name, err) < 0)
		return -1;
	if (name[0] == '\0')
		return error_set(err, ERROR_USAGE, "cannot replace \"%s\": it names a directory",
				 text_printable_text(path).text);
	replace.name = strdup(name);
	if (replace.name == NULL)
		return error_memory(err);
	remove_stale(replace.dir_fd, name);
	if (!open_nameless(replace.dir_fd, &replace.fd) &&
	    open_named(replace.dir_fd, name, &replace.fd, &replace.temporary, err) < 0)
		return -1;
	if (copy_mode(&replace, mode, err) < 0)
		return -1;
	*ret_replace = replace;
	replace = FILE_REPLACE_INIT;
	return 0;
}

static int fail_replace(const struct file_replace *replace, struct error *err)
{
	const bool is_mount = errno == EBUSY;

	(void)error_sys(err, "cannot replace \"%s\"", text_printable_text(replace->name).text);
	return is_mount ? error_hint(err,
				     "a file that is mounted by itself cannot be replaced, only "
				     "written into: mount its directory, or use \"> FILE\"")
			: -1;
}

static bool link_as(const struct file_replace *replace, const char *name)
{
	return linkat(AT_FDCWD, proc_path_of(replace->fd).text, replace->dir_fd, name,
		      AT_SYMLINK_FOLLOW) == 0;
}

/* The nameless file gets its name; where that is taken, a temporary one that can be renamed. */
static int link_nameless(struct file_replace *replace, struct error *err)
{
	for (int tries = 0; tries < NAME_TRIES; tries++) {
		AUTO_FREE char *temporary = NULL;

		if (link_as(replace, replace->name))
			return 0;
		if (errno != EEXIST)
			break;
		if (new_name(replace->name, &temporary, err) < 0)
			return -1;
		if (link_as(replace, temporary)) {
			replace->temporary = temporary;
			temporary = NULL;
			return 0;
		}
	}
	return fail_replace(replace, err);
}

int file_replace_commit(struct file_replace *replace, struct error *err)
{
	if (!replace->fast && fsync(replace->fd) < 0)
		return fail_replace(replace, err);
	if (replace->temporary == NULL && link_nameless(replace, err) < 0)
		return -1;
	if (replace->temporary != NULL &&
	    renameat(replace->dir_fd, replace->temporary, replace->dir_fd, replace->name) < 0)
		return fail_replace(replace, err);
	free(replace->temporary);
	replace->temporary = NULL;
	/* the new file stands; a directory that cannot be synced (NFS) loses nothing */
	if (!replace->fast)
		fsync(replace->dir_fd);
	file_replace_release(replace);
	return 0;
}

void file_replace_release(struct file_replace *replace)
{
	if (replace->temporary != NULL)
		unlinkat(replace->dir_fd, replace->temporary, 0);
	file_close_pointer(&replace->fd);
	file_close_pointer(&replace->dir_fd);
	free(replace->temporary);
	free(replace->name);
	*replace = FILE_REPLACE_INIT;
}

int file_write(int dir_fd, const char *path, struct span bytes, mode_t mode, struct error *err)
{
	AUTO(file_replace) replace = FILE_REPLACE_INIT;

	if (file_replace_begin(dir_fd, path, mode, &replace, err) < 0 ||
	    file_write_all(replace.fd, bytes, path, err) < 0)
		return -1;
	return file_replace_commit(&replace, err);
}

static int copy_over(const struct file_replace *replace, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (file_read_fd(replace->fd, replace->name, SECRET_MAX, &text, err) < 0)
		return -1;
	return file_write(replace->dir_fd, replace->name, secret_span(&text), 0600, err);
}

int file_move_over(int from_fd, const char *from, int dir_fd, const char *name, struct error *err)
{
	AUTO(file_replace) replace = FILE_REPLACE_INIT;

	replace.name = strdup(name);
	if (replace.name == NULL)
		return error_memory(err);
	replace.dir_fd = fcntl(dir_fd, F_DUPFD_CLOEXEC, 0);
	replace.fd = openat(from_fd, from, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (replace.dir_fd < 0 || replace.fd < 0)
		return fail_replace(&replace, err);
	if (copy_mode(&replace, 0600, err) < 0)
		return -1;
	if (renameat(from_fd, from, dir_fd, name) == 0)
		return 0;
	return errno == EXDEV ? copy_over(&replace, err) : fail_replace(&replace, err);
}
