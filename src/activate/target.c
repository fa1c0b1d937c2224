/* SPDX-License-Identifier: MIT */
#include "activate/target.h"

#include "activate/ancestors.h"
#include "activate/generation.h"
#include "activate/manifest.h"
#include "activate/ramfs.h"
#include "internal.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Longer than any link of ours: DIRECTORY.d/NUMBER. */
#define TARGET_LINK_MAX 4096

static PRINTF_LIKE(3, 4) int target_format(char **ret_text, struct error *err, const char *format,
					   ...)
{
	va_list arguments;
	char *text;
	int len;

	va_start(arguments, format);
	len = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (len < 0)
		return error_memory(err);
	*ret_text = text;
	return 0;
}

static int target_name(struct target *target, const char *directory, const char *root,
		       struct error *err)
{
	const char *last = strrchr(directory, '/') + 1;

	if (target_format(&target->directory, err, "%s", directory) < 0 ||
	    target_format(&target->root, err, "%s%s", root == NULL ? directory : root,
			  root == NULL ? TARGET_ROOT_SUFFIX : "") < 0 ||
	    target_format(&target->lock_name, err, ".%s.lock", last) < 0 ||
	    target_format(&target->spare_name, err, ".%s.next", last) < 0)
		return -1;
	target->link_name = strrchr(target->directory, '/') + 1;
	target->root_name = strrchr(target->root, '/') + 1;
	return 0;
}

/* Root's or ours, and writable by nobody else. */
static int target_check_owner(int fd, const char *path, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", path);
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return error_set(err, ERROR_DENIED, "\"%s\" belongs to uid %u, not to root or you",
				 path, (unsigned)status.st_uid);
	if ((status.st_mode & 022) == 0)
		return 0;
	error_set(err, ERROR_DENIED, "others may write in \"%s\"", path);
	return error_hint(err, "choose a directory in a place that is root's, or yours, alone");
}

static int target_open_parent(const char *path, int *ret_fd, struct error *err)
{
	AUTO_FREE char *parent = NULL;
	const char *last;

	if (file_open_parent(AT_FDCWD, path, ret_fd, &last, err) < 0)
		return -1;
	parent = strndup(path, (size_t)(last - path));
	if (parent == NULL)
		return error_memory(err);
	if (target_check_owner(*ret_fd, parent, err) < 0)
		return -1;
	/* Without the last slash, "" for the root. */
	parent[strlen(parent) - 1] = '\0';
	return *parent == '\0' ? 0 : ancestors_check(parent, err);
}

int target_look(struct target *target, struct error *err)
{
	int fd = openat(target->parent_fd, target->root_name,
			O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	file_close_pointer(&target->root_fd);
	target->kind = TARGET_ABSENT;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return error_sys(err, "cannot open the directory \"%s\"", target->root);
	target->root_fd = fd;
	target->kind = ramfs_is_mount(fd) ? TARGET_MOUNT : TARGET_FOLDER;
	if (target_check_owner(fd, target->root, err) < 0)
		return -1;
	if (target->kind == TARGET_FOLDER || file_is_unswappable(fd))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is a mount of another kind", target->root);
	return error_hint(err, "unmount it, or choose another directory");
}

int target_open(const char *directory, const char *root, struct target *ret_target,
		struct error *err)
{
	AUTO(target) target = TARGET_INIT;

	if (manifest_check_directory(directory, err) < 0 ||
	    (root != NULL && manifest_check_directory(root, err) < 0) ||
	    target_name(&target, directory, root, err) < 0 ||
	    target_open_parent(target.directory, &target.link_fd, err) < 0 ||
	    target_open_parent(target.root, &target.parent_fd, err) < 0 ||
	    target_look(&target, err) < 0)
		return -1;
	*ret_target = target;
	target = TARGET_INIT;
	return 0;
}

typedef int target_take(int dir_fd, const char *path, struct lock *ret_lock, struct error *err);

static int target_lock_by(target_take *take, struct target *target, struct lock *ret_lock,
			  struct error *err)
{
	for (;;) {
		AUTO(lock) lock = LOCK_INIT;
		struct stat held, there;

		if (take(target->parent_fd, target->lock_name, &lock, err) < 0) {
			error_wrap(err, "beside \"%s\"", target->directory);
			return error_hint(err, "run as root, or choose a directory in a place "
					       "that is yours");
		}
		if (lock.fd < 0)
			return 0;
		if (fstat(lock.fd, &held) < 0)
			return error_sys(err, "cannot lock \"%s\"", target->directory);
		if (fstatat(target->parent_fd, target->lock_name, &there, AT_SYMLINK_NOFOLLOW) <
			    0 ||
		    there.st_ino != held.st_ino || there.st_dev != held.st_dev)
			continue;
		if (target_look(target, err) < 0)
			return -1;
		*ret_lock = lock;
		lock = LOCK_INIT;
		return 0;
	}
}

int target_lock(struct target *target, struct lock *ret_lock, struct error *err)
{
	return target_lock_by(lock_take, target, ret_lock, err);
}

int target_try_lock(struct target *target, struct lock *ret_lock, struct error *err)
{
	return target_lock_by(lock_try, target, ret_lock, err);
}

/* Do link and root lie in one directory? */
static bool target_is_beside(const struct target *target)
{
	size_t len = (size_t)(target->link_name - target->directory);

	return len == (size_t)(target->root_name - target->root) &&
	       strncmp(target->directory, target->root, len) == 0;
}

/* "secrets.d/7", or "/run/secrets.d/7" as sops-install-secrets writes it; 0 for what is neither. */
static uint64_t target_link_number(const struct target *target, const char *link)
{
	size_t full = strlen(target->root), part = strlen(target->root_name);

	if (strncmp(link, target->root, full) == 0 && link[full] == '/')
		return generation_number(link + full + 1);
	if (target_is_beside(target) && strncmp(link, target->root_name, part) == 0 &&
	    link[part] == '/')
		return generation_number(link + part + 1);
	return 0;
}

/* An empty directory may be replaced by the link; nothing else. */
static int target_check_directory(const struct target *target, struct error *err)
{
	AUTO_FD int fd = openat(target->link_fd, target->link_name,
				O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool empty = false;

	if (fd >= 0 && !ramfs_is_mount(fd) && generation_is_empty(fd, &empty, err) < 0)
		return -1;
	if (empty)
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is there, and no link of bootseal's",
		  target->directory);
	return error_hint(
		err, "name the directory of a manifest (/run/secrets, say), or move this away");
}

int target_current(const struct target *target, uint64_t *ret_number, struct error *err)
{
	char link[TARGET_LINK_MAX];
	ssize_t len;
	uint64_t number = 0;

	if (target->manner.flat) {
		*ret_number = 0;
		return 0;
	}
	len = readlinkat(target->link_fd, target->link_name, link, sizeof(link) - 1);
	if (len < 0 && errno == EINVAL && !target->manner.takes_over) {
		if (target_check_directory(target, err) < 0)
			return -1;
	} else if (len < 0 && errno != ENOENT && errno != EINVAL) {
		return error_sys(err, "cannot read the link \"%s\"", target->directory);
	}
	if (len >= 0) {
		link[len] = '\0';
		number = target_link_number(target, link);
	}
	if (len < 0 || number != 0 || target->manner.takes_over) {
		*ret_number = number;
		return 0;
	}
	error_set(err, ERROR_DENIED, "\"%s\" is a link to \"%s\", and not bootseal's",
		  target->directory, text_printable_text(link).text);
	return error_hint(err, "remove the link, or choose another directory");
}

int target_switch(const struct target *target, uint64_t number, struct error *err)
{
	AUTO_FREE char *path = NULL;

	/* Relative, so that it holds in a container or chroot that sees the parent elsewhere. */
	if (target_format(&path, err, "%s/%llu",
			  target_is_beside(target) && !target->manner.takes_over ? target->root_name
										 : target->root,
			  (unsigned long long)number) < 0)
		return -1;
	if (unlinkat(target->link_fd, target->spare_name, 0) < 0 && errno != ENOENT) {
		error_sys(err, "\"%s\" is in the way of the link \"%s\", and cannot be removed",
			  target->spare_name, target->directory);
		return error_hint(err, "move it away");
	}
	if (symlinkat(path, target->link_fd, target->spare_name) < 0)
		return error_sys(err, "cannot make the link \"%s\"", target->directory);
	/* An empty directory in the link's place: target_current() let no other pass. */
	(void)!unlinkat(target->link_fd, target->link_name, AT_REMOVEDIR);
	if (renameat(target->link_fd, target->spare_name, target->link_fd, target->link_name) == 0)
		return 0;
	error_sys(err, "cannot switch the link \"%s\"", target->directory);
	(void)!unlinkat(target->link_fd, target->spare_name, 0);
	return -1;
}

void target_release(struct target *target)
{
	free(target->directory);
	free(target->root);
	free(target->lock_name);
	free(target->spare_name);
	file_close_pointer(&target->link_fd);
	file_close_pointer(&target->parent_fd);
	file_close_pointer(&target->root_fd);
	*target = TARGET_INIT;
}
