/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"

#include <mntent.h>
#include <stdio.h>
#include <string.h>

#include "activate/ramfs.h"
#include "activate/ready.h"
#include "activate/target.h"

/* What the lines of one file name, decoded, fits into this: a path and few words more. */
#define MOUNT_LINE_MAX 16384

static int add_mount(const struct mntent *mount, struct names *directories, struct error *err)
{
	static const char *const suffixes[] = { TARGET_ROOT_SUFFIX, READY_SUFFIX };

	for (size_t i = 0; i < 2 && strcmp(mount->mnt_fsname, RAMFS_SOURCE) == 0; i++) {
		const size_t len = strlen(mount->mnt_dir), end = strlen(suffixes[i]);

		if (len <= end || strcmp(mount->mnt_dir + len - end, suffixes[i]) != 0)
			continue;
		/* the link lies beside */
		mount->mnt_dir[len - end] = '\0';
		return names_add_once(directories, mount->mnt_dir, err);
	}
	return 0;
}

int activate_directories(struct names *ret_directories, struct error *err)
{
	char line[MOUNT_LINE_MAX];
	struct mntent mount;
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	int result = 0;

	if (mounts == NULL)
		return error_sys(err, "cannot open \"/proc/self/mounts\"");
	while (result == 0 && getmntent_r(mounts, &mount, line, sizeof(line)) != NULL)
		result = add_mount(&mount, ret_directories, err);
	endmntent(mounts);
	return result;
}
