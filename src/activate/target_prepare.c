/* SPDX-License-Identifier: MIT */
/* The half of activate/target.h that makes the place where generations lie, and takes it away. */
#include "activate/target.h"

#include "activate/generation.h"
#include "activate/ramfs.h"
#include "internal.h"
#include "util/buf.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Of whatever another program keeps in a directory of this name nothing is removed: without a link
 * of ours to it, each generation in it must be one of ours.
 */
static int target_check_ours(const struct target *target, uint64_t number, struct error *err)
{
	bool ours = number != 0 || target->manner.takes_over || target->manner.flat;

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
	if (number != 0 || target->manner.flat)
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

	if (target->manner.stays_folder)
		return target_check_memory(target, err);
	/* What a killed first run left in a folder. */
	if (number == 0 && !target->manner.flat && file_is_in_memory(target->root_fd) &&
	    generation_remove_all(target->root_fd, err) < 0)
		return -1;
	if (generation_is_empty(target->root_fd, &empty, err) < 0)
		return -1;
	if (!empty)
		return target_keep_folder(target, number, notes, err);
	if (ramfs_mount(target->parent_fd, target->root_name, target->manner.tmpfs, &mounted, err) <
	    0)
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
int target_unmount(struct target *target, struct error *err)
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
