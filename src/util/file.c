/* SPDX-License-Identifier: MIT */
#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/text.h"

#ifndef RAMFS_MAGIC
#define RAMFS_MAGIC 0x858458f6
#endif

#define READ_CHUNK ((size_t)64 << 10)
#define TREE_DEPTH_MAX 64

void file_close_pointer(int *fd)
{
	const int number = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = number;
}

static int fail_limit(const char *name, size_t max, struct error *err)
{
	return error_set(err, ERROR_LIMIT, "cannot read \"%s\": it is larger than %zu bytes",
			 text_printable_text(name).text, max);
}

static int fail_read(const char *name, struct error *err)
{
	return error_sys(err, "cannot read \"%s\"", text_printable_text(name).text);
}

/* How much to reserve: the size of a regular file, a chunk for all else. */
static int read_size(int fd, const char *name, size_t max, size_t *ret_size, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return fail_read(name, err);
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return fail_read(name, err);
	}
	*ret_size = READ_CHUNK;
	if (!S_ISREG(status.st_mode))
		return 0;
	if (status.st_size > 0 && (size_t)status.st_size > max)
		return fail_limit(name, max, err);
	/* one byte more shows the end without growing */
	*ret_size = (size_t)status.st_size + 1;
	return 0;
}

int file_read_fd(int fd, const char *name, size_t max, struct secret *ret_data, struct error *err)
{
	AUTO(secret) data = SECRET_INIT;
	size_t size;

	if (read_size(fd, name, max, &size, err) < 0 || secret_reserve(&data, size, err) < 0)
		return -1;
	for (;;) {
		ssize_t got;

		if (data.len == data.cap && secret_grow(&data, READ_CHUNK, err) < 0)
			return -1;
		got = read(fd, data.data + data.len, data.cap - data.len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return fail_read(name, err);
		if (got == 0)
			break;
		data.len += (size_t)got;
		if (data.len > max)
			return fail_limit(name, max, err);
	}
	*ret_data = secret_move(&data);
	return 0;
}

int file_fail_open(const char *path, struct error *err)
{
	const bool missing = errno == ENOENT;

	error_sys(err, "cannot open \"%s\"", text_printable_text(path).text);
	if (missing)
		err->kind = ERROR_NO_FILE;
	if (text_holds_private_key(span_of_text(path)))
		return error_hint(err, "the name of a file is wanted here, not the key itself");
	return -1;
}

static int open_for_reading(int dir_fd, const char *path, int flags, int *ret_fd, struct error *err)
{
	*ret_fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
	return *ret_fd < 0 ? file_fail_open(path, err) : 0;
}

int file_read(int dir_fd, const char *path, size_t max, struct secret *ret_data, struct error *err)
{
	AUTO_FD int fd = -1;

	if (open_for_reading(dir_fd, path, 0, &fd, err) < 0)
		return -1;
	return file_read_fd(fd, path, max, ret_data, err);
}

int file_open_regular(int dir_fd, const char *path, int *ret_fd, struct error *err)
{
	AUTO_FD int fd = -1;
	struct stat status;

	if (open_for_reading(dir_fd, path, O_NONBLOCK, &fd, err) < 0)
		return -1;
	if (fstat(fd, &status) < 0)
		return fail_read(path, err);
	if (S_ISDIR(status.st_mode)) {
		errno = EISDIR;
		return fail_read(path, err);
	}
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_SYSTEM, "cannot read \"%s\": it is no regular file",
				 text_printable_text(path).text);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int file_read_regular(int dir_fd, const char *path, size_t max, struct secret *ret_data,
		      struct error *err)
{
	AUTO_FD int fd = -1;

	if (file_open_regular(dir_fd, path, &fd, err) < 0)
		return -1;
	return file_read_fd(fd, path, max, ret_data, err);
}

int file_openat_named(int dir_fd, const char *path, int flags)
{
	const struct open_how how = { .flags = (unsigned)(flags | O_CLOEXEC),
				      .resolve = RESOLVE_NO_MAGICLINKS };
	const long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof(how));

	/* a kernel, or a filter, of before it */
	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		return openat(dir_fd, path, flags | O_CLOEXEC);
	return (int)fd;
}

int file_open_inert(int dir_fd, const char *path, int flags, struct stat *ret_status)
{
	AUTO_FD int place = file_openat_named(dir_fd, path, O_PATH | flags);
	char again[40];

	if (place < 0 || fstat(place, ret_status) < 0)
		return -1;
	if (!S_ISREG(ret_status->st_mode) && !S_ISDIR(ret_status->st_mode)) {
		errno = ENXIO;
		return -1;
	}
	(void)snprintf(again, sizeof(again), "/proc/self/fd/%d", place);
	return open(again, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int file_open_beneath(int dir_fd, const char *path, struct stat *ret_status)
{
	AUTO_FD int own = -1;

	for (;;) {
		const size_t len = strcspn(path, "/");
		const bool is_last = path[len] == '\0';
		AUTO_FREE char *part = strndup(path, len);
		int fd;

		if (part == NULL || strcmp(part, "..") == 0) {
			errno = part ? EXDEV : ENOMEM;
			return -1;
		}
		if (is_last)
			return file_open_inert(own < 0 ? dir_fd : own, part, O_NOFOLLOW,
					       ret_status);
		/* through one that is a link there is no way */
		fd = openat(own < 0 ? dir_fd : own, len > 0 ? part : ".",
			    O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -1;
		file_close_pointer(&own);
		own = fd;
		path += len + 1;
	}
}

int file_write_all(int fd, struct span bytes, const char *name, struct error *err)
{
	while (bytes.len > 0) {
		const ssize_t written = write(fd, bytes.data, bytes.len);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return error_sys(err, "cannot write \"%s\"",
					 text_printable_text(name).text);
		bytes = span_slice(bytes, (size_t)written, bytes.len);
	}
	return 0;
}

int file_open_parent(int dir_fd, const char *path, int *ret_fd, const char **ret_name,
		     struct error *err)
{
	const char *slash = strrchr(path, '/');
	AUTO_FREE char *parent = NULL;
	int fd;

	parent = slash == NULL   ? strdup(".")
		 : slash == path ? strdup("/")
				 : strndup(path, (size_t)(slash - path));
	if (parent == NULL)
		return error_memory(err);
	fd = openat(dir_fd, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* to make and open files in it takes no right to list it */
	if (fd < 0 && errno == EACCES)
		fd = openat(dir_fd, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, "cannot open the directory \"%s\"",
				 text_printable_text(parent).text);
	*ret_fd = fd;
	*ret_name = slash == NULL ? path : slash + 1;
	return 0;
}

int file_make_directories(int dir_fd, const char *path, mode_t mode, struct error *err)
{
	AUTO_FREE char *copy = strdup(path);

	if (copy == NULL)
		return error_memory(err);
	for (char *slash = strchr(copy + 1, '/');; slash = strchr(slash + 1, '/')) {
		if (slash != NULL)
			*slash = '\0';
		/* the umask, which keeps secrets from others, is not meant for these */
		if (mkdirat(dir_fd, copy, mode) == 0 ? fchmodat(dir_fd, copy, mode, 0) < 0
						     : errno != EEXIST)
			return error_sys(err, "cannot make the directory \"%s\"",
					 text_printable_text(copy).text);
		if (slash == NULL)
			return 0;
		*slash = '/';
	}
}

bool file_is_in_memory(int fd)
{
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return false;
	return (unsigned long)status.f_type == RAMFS_MAGIC ||
	       (unsigned long)status.f_type == TMPFS_MAGIC;
}

/* Does a line of mountinfo describe this device, mounted noswap? */
static bool is_noswap_line(const char *line, dev_t device)
{
	const char *options = strstr(line, " - ");
	unsigned major_number, minor_number;

	if (options == NULL || sscanf(line, "%*d %*d %u:%u", &major_number, &minor_number) != 2 ||
	    major_number != major(device) || minor_number != minor(device))
		return false;
	return strstr(options, ",noswap") != NULL;
}

bool file_swap_is_on(void)
{
	FILE *swaps = fopen("/proc/swaps", "re");
	int byte, lines = 0;

	if (swaps == NULL)
		return true;
	while ((byte = getc(swaps)) != EOF)
		lines += byte == '\n';
	fclose(swaps);
	return lines > 1; /* the first is the heading */
}

bool file_is_unswappable(int fd)
{
	struct statfs status;
	struct stat file;
	char *line = NULL;
	size_t size = 0;
	bool found = false;
	FILE *mounts;

	if (fstatfs(fd, &status) < 0 || fstat(fd, &file) < 0)
		return false;
	if ((unsigned long)status.f_type == RAMFS_MAGIC)
		return true;
	if ((unsigned long)status.f_type != TMPFS_MAGIC)
		return false;
	mounts = fopen("/proc/self/mountinfo", "re");
	if (mounts == NULL)
		return false;
	while (!found && getline(&line, &size, mounts) > 0)
		found = is_noswap_line(line, file.st_dev);
	free(line);
	fclose(mounts);
	return found;
}

static int remove_tree(int dir_fd, const char *name, dev_t device, unsigned depth,
		       struct error *err);

static int remove_children(int fd, dev_t device, unsigned depth, struct error *err)
{
	DIR *directory = fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (directory == NULL) {
		close(fd);
		return error_sys(err, "cannot read a directory");
	}
	while (result == 0 && (entry = readdir(directory)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = remove_tree(dirfd(directory), entry->d_name, device, depth + 1,
					     err);
	closedir(directory);
	return result;
}

static int remove_tree(int dir_fd, const char *name, dev_t device, unsigned depth,
		       struct error *err)
{
	const char *shown = name;
	struct stat status;
	int fd;

	if (fstatat(dir_fd, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : error_sys(err, "cannot remove \"%s\"",
						   text_printable_text(shown).text);
	if (!S_ISDIR(status.st_mode)) {
		if (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
			return error_sys(err, "cannot remove \"%s\"",
					 text_printable_text(shown).text);
		return 0;
	}
	if (status.st_dev != device || depth > TREE_DEPTH_MAX)
		return error_set(err, ERROR_DENIED, "cannot remove \"%s\": %s",
				 text_printable_text(shown).text,
				 depth > TREE_DEPTH_MAX ? "it is nested too deep"
							: "something is mounted there");
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, "cannot open the directory \"%s\"",
				 text_printable_text(shown).text);
	if (remove_children(fd, device, depth, err) < 0)
		return -1;
	if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_sys(err, "cannot remove the directory \"%s\"",
				 text_printable_text(shown).text);
	return 0;
}

int file_remove_tree(int dir_fd, const char *name, struct error *err)
{
	struct stat parent;

	if (fstatat(dir_fd, "", &parent, AT_EMPTY_PATH) < 0)
		return error_sys(err, "cannot remove \"%s\"", text_printable_text(name).text);
	return remove_tree(dir_fd, name, parent.st_dev, 0, err);
}
