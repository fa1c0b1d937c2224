/* SPDX-License-Identifier: MIT */
#include "activate/target.h"

#include "activate/ancestors.h"
#include "activate/generation.h"
#include "activate/manifest.h"
#include "activate/ramfs.h"
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

/* Sets root_fd and kind. */
static int target_look(struct target *target, struct error *err)
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

int target_lock(struct target *target, struct lock *ret_lock, struct error *err)
{
	for (;;) {
		AUTO(lock) lock = LOCK_INIT;
		struct stat held, there;

		if (lock_take(target->parent_fd, target->lock_name, &lock, err) < 0) {
			error_wrap(err, "beside \"%s\"", target->directory);
			return error_hint(err, "run as root, or choose a directory in a place "
					       "that is yours");
		}
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

/*
 * Of whatever another program keeps in a directory of this name nothing is removed: without a link
 * of ours to it, each generation in it must be one of ours.
 */
static int target_check_ours(const struct target *target, uint64_t number, struct error *err)
{
	bool ours = number != 0;

	if (!ours && generation_all_ours(target->root_fd, &ours, err) < 0)
		return error_wrap(err, "\"%s\"", target->root);
	if (ours)
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" has something in it that is not bootseal's",
		  target->root);
	return error_hint(err, "move it away, or choose another directory");
}

static int target_check_memory(const struct target *target, struct error *err)
{
	if (file_is_in_memory(target->root_fd))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is on a disk, and so not bootseal's", target->root);
	return error_hint(err, "move it away, or choose another directory");
}

/* A directory on a memory file system will do where no mount is to be had. */
static int target_accept_folder(const struct target *target, const char *why, struct names *notes,
				struct error *err)
{
	if (!file_is_in_memory(target->root_fd)) {
		error_set(err, ERROR_DENIED, "\"%s\" is on a disk, and %s there", target->root,
			  why);
		return error_hint(err, "run as root, or choose a directory on a memory file "
				       "system, as in /dev/shm or $XDG_RUNTIME_DIR");
	}
	return names_printf(notes, err, "\"%s\" is not a mount of its own (%s)%s", target->root,
			    why,
			    file_is_unswappable(target->root_fd)
				    ? ""
				    : ", and lies on a tmpfs that may be swapped out");
}

/* What is there would be hidden by a mount, and with it an earlier run's files in the folder. */
static int target_keep_folder(const struct target *target, uint64_t number, struct names *notes,
			      struct error *err)
{
	if (!ramfs_is_permitted())
		return target_accept_folder(target, "this process may not mount", notes, err);
	if (target_check_memory(target, err) < 0)
		return -1;
	if (number != 0)
		return target_accept_folder(target,
					    "it was live as a folder: run \"bootseal deactivate\" "
					    "before the next activation to change that",
					    notes, err);
	error_set(err, ERROR_DENIED, "\"%s\" is not empty, so that nothing can be mounted there",
		  target->root);
	return error_hint(err, "move away what is in it");
}

static int target_mount(struct target *target, uint64_t number, struct names *notes,
			struct error *err)
{
	bool empty, mounted = false;

	/* What a killed first run left in a folder. */
	if (number == 0 && file_is_in_memory(target->root_fd) &&
	    generation_remove_all(target->root_fd, err) < 0)
		return -1;
	if (generation_is_empty(target->root_fd, &empty, err) < 0)
		return -1;
	if (!empty)
		return target_keep_folder(target, number, notes, err);
	if (ramfs_mount(target->parent_fd, target->root_name, &mounted, err) < 0)
		return error_wrap(err, "\"%s\"", target->root);
	if (!mounted)
		return target_accept_folder(target, "this process may not mount", notes, err);
	target->kind = TARGET_MOUNT;
	return 0;
}

/* A new folder is root's for writing from the start, whatever the umask. */
static int target_make_root(struct target *target, struct error *err)
{
	if (mkdirat(target->parent_fd, target->root_name, 0751) < 0 && errno != EEXIST)
		return error_sys(err, "cannot make the directory \"%s\"", target->root);
	if (target_look(target, err) < 0)
		return -1;
	if (target->root_fd < 0 || fchmodat(target->parent_fd, target->root_name, 0751, 0) < 0)
		return error_sys(err, "cannot make the directory \"%s\"", target->root);
	return 0;
}

int target_prepare(struct target *target, struct names *notes, struct error *err)
{
	bool fresh = target->kind == TARGET_ABSENT;
	uint64_t number;

	if (target_current(target, &number, err) < 0 ||
	    (fresh && target_make_root(target, err) < 0) ||
	    target_check_ours(target, number, err) < 0)
		return -1;
	if (target->kind == TARGET_FOLDER && target_mount(target, number, notes, err) < 0) {
		if (fresh && unlinkat(target->parent_fd, target->root_name, AT_REMOVEDIR) == 0)
			target->kind = TARGET_ABSENT;
		return -1;
	}
	if (target->kind == TARGET_MOUNT && !ramfs_protect(target->parent_fd, target->root_name) &&
	    names_printf(notes, err,
			 "\"%s\" is writable: this kernel cannot make it read-only to all but us",
			 target->root) < 0)
		return -1;
	file_close_pointer(&target->root_fd);
	return ramfs_open_writable(target->parent_fd, target->root_name, &target->root_fd, err);
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
	ssize_t len = readlinkat(target->link_fd, target->link_name, link, sizeof(link) - 1);

	*ret_number = 0;
	if (len < 0 && errno == ENOENT)
		return 0;
	if (len < 0 && errno == EINVAL)
		return target_check_directory(target, err);
	if (len < 0)
		return error_sys(err, "cannot read the link \"%s\"", target->directory);
	link[len] = '\0';
	*ret_number = target_link_number(target, link);
	if (*ret_number != 0)
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is a link to \"%s\", and not bootseal's",
		  target->directory, text_printable_text(link).text);
	return error_hint(err, "remove the link, or choose another directory");
}

int target_switch(const struct target *target, uint64_t number, struct error *err)
{
	AUTO_FREE char *path = NULL;

	/* Relative, so that it holds in a container or chroot that sees the parent elsewhere. */
	if (target_format(&path, err, "%s/%llu",
			  target_is_beside(target) ? target->root_name : target->root,
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

static int target_unlink(int parent_fd, const char *name, int flags, struct error *err)
{
	if (unlinkat(parent_fd, name, flags) < 0 && errno != ENOENT)
		return error_sys(err, "cannot remove \"%s\"", name);
	return 0;
}

/*
 * The mount first: where it stays, all stays. Lazily: a service that still holds a file open keeps
 * that file alone. The files are removed all the same, through a clone, so that they are gone in
 * every mount namespace.
 */
static int target_unmount(struct target *target, struct error *err)
{
	struct error ignored = ERROR_INIT;
	int clone = -1;

	if (ramfs_open_writable(target->parent_fd, target->root_name, &clone, &ignored) == 0) {
		file_close_pointer(&target->root_fd);
		target->root_fd = clone;
	}
	if (umount2(target->root, MNT_DETACH | UMOUNT_NOFOLLOW) < 0) {
		error_sys(err, "cannot unmount \"%s\"", target->root);
		return error_hint(err, "nothing was removed: run it as root, in the host's mount "
				       "namespace");
	}
	return 0;
}

int target_remove(struct target *target, struct error *err)
{
	struct error ignored = ERROR_INIT;
	uint64_t number;

	/* It may have been mounted since it was looked at. */
	if (target_look(target, err) < 0 || target_current(target, &number, err) < 0 ||
	    (target->kind != TARGET_ABSENT && (target_check_memory(target, err) < 0 ||
					       target_check_ours(target, number, err) < 0)) ||
	    (target->kind == TARGET_MOUNT && target_unmount(target, err) < 0) ||
	    (number != 0 && target_unlink(target->link_fd, target->link_name, 0, err) < 0))
		return -1;
	/* What is no link there is not ours, and in nobody's way. */
	(void)!unlinkat(target->link_fd, target->spare_name, 0);
	if (target->kind == TARGET_FOLDER && generation_remove_all(target->root_fd, err) < 0)
		return -1;
	if (target->kind == TARGET_MOUNT)
		(void)!generation_remove_all(target->root_fd, &ignored);
	if (target_unlink(target->parent_fd, target->root_name, AT_REMOVEDIR, err) < 0)
		return -1;
	return target_unlock(target, err);
}

int target_unlock(const struct target *target, struct error *err)
{
	return target_unlink(target->parent_fd, target->lock_name, 0, err);
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
