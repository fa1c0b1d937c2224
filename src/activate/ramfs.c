/* SPDX-License-Identifier: MIT */
#include "activate/ramfs.h"

#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define RAMFS_ATTRIBUTES (MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC)

static bool ramfs_forbidden(void)
{
	return errno == EPERM || errno == EACCES || errno == ENOSYS;
}

/* A detached mount of type; -1 with errno. flag may be NULL. */
static int ramfs_make(const char *type, const char *flag)
{
	AUTO_FD int context = fsopen(type, FSOPEN_CLOEXEC);

	if (context < 0 || fsconfig(context, FSCONFIG_SET_STRING, "source", RAMFS_SOURCE, 0) < 0 ||
	    fsconfig(context, FSCONFIG_SET_STRING, "mode", "0751", 0) < 0 ||
	    (flag != NULL && fsconfig(context, FSCONFIG_SET_FLAG, flag, NULL, 0) < 0) ||
	    fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return fsmount(context, FSMOUNT_CLOEXEC, RAMFS_ATTRIBUTES);
}

static bool ramfs_set_read_only(int fd, const char *name, int flags)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | RAMFS_ATTRIBUTES };

	return mount_setattr(fd, name, (unsigned)flags, &attr, sizeof(attr)) == 0;
}

int ramfs_mount(int dir_fd, const char *name, bool tmpfs, bool *ret_mounted, struct error *err)
{
	AUTO_FD int fd = tmpfs ? ramfs_make("tmpfs", "noswap") : ramfs_make("ramfs", NULL);

	*ret_mounted = false;
	if (fd < 0 && ramfs_forbidden())
		return 0;
	if (fd < 0)
		fd = tmpfs ? ramfs_make("ramfs", NULL) : ramfs_make("tmpfs", "noswap");
	if (fd < 0)
		return error_sys(err, "cannot make a ramfs, nor a tmpfs with noswap");
	(void)ramfs_set_read_only(fd, "", AT_EMPTY_PATH);
	if (move_mount(fd, "", dir_fd, name, MOVE_MOUNT_F_EMPTY_PATH) < 0) {
		if (ramfs_forbidden())
			return 0;
		return error_sys(err, "cannot mount on \"%s\"", name);
	}
	*ret_mounted = true;
	return 0;
}

bool ramfs_is_permitted(void)
{
	AUTO_FD int fd = ramfs_make("ramfs", NULL);

	return fd >= 0 || !ramfs_forbidden();
}

bool ramfs_protect(int dir_fd, const char *name)
{
	return ramfs_set_read_only(dir_fd, name, AT_SYMLINK_NOFOLLOW);
}

int ramfs_open_writable(int dir_fd, const char *name, int *ret_fd, struct error *err)
{
	struct mount_attr attr = { .attr_clr = MOUNT_ATTR_RDONLY };
	AUTO_FD int visible = openat(dir_fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	AUTO_FD int clone = -1;

	if (visible < 0)
		return error_sys(err, "cannot open the directory \"%s\"", name);
	if (!ramfs_is_read_only(visible)) {
		*ret_fd = visible;
		visible = -1;
		return 0;
	}
	clone = open_tree(visible, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (clone < 0 || mount_setattr(clone, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_sys(err, "cannot make the mount \"%s\" writable for this process",
				 name);
	*ret_fd = clone;
	clone = -1;
	return 0;
}

bool ramfs_is_mount(int fd)
{
	struct statx status;

	return statx(fd, "", AT_EMPTY_PATH, STATX_TYPE, &status) == 0 &&
	       (status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0;
}

bool ramfs_is_type(const char *type)
{
	return strcmp(type, "ramfs") == 0 || strcmp(type, "tmpfs") == 0;
}

bool ramfs_is_ours(int fd)
{
	char line[RAMFS_LINE_MAX];
	struct mntent mount;
	struct stat own, there;
	FILE *mounts = fstat(fd, &own) == 0 ? setmntent("/proc/self/mounts", "re") : NULL;
	bool found = false;

	while (mounts != NULL && !found && getmntent_r(mounts, &mount, line, sizeof(line)) != NULL)
		found = ramfs_is_type(mount.mnt_type) &&
			strcmp(mount.mnt_fsname, RAMFS_SOURCE) == 0 &&
			stat(mount.mnt_dir, &there) == 0 && there.st_dev == own.st_dev;
	if (mounts != NULL)
		endmntent(mounts);
	return found;
}

bool ramfs_is_read_only(int fd)
{
	struct statvfs status;

	return fstatvfs(fd, &status) == 0 && (status.f_flag & ST_RDONLY) != 0;
}
