/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"

#include <mntent.h>
#include <stdio.h>
#include <string.h>

#include "activate/ramfs.h"
#include "activate/target.h"

/* What the lines of one file name, decoded, fits into this: a path and few words more. */
#define MOUNT_LINE_MAX 16384

static int add_mount(const struct mntent *mount, struct names *directories, struct error *err)
{
	const struct span path = span_of_text(mount->mnt_dir);

	/* the link lies beside */
	if (strcmp(mount->mnt_fsname, RAMFS_SOURCE) != 0 ||
	    !span_ends_with(path, TARGET_ROOT_SUFFIX))
		return 0;
	return names_add(directories, span_slice(path, 0, path.len - strlen(TARGET_ROOT_SUFFIX)),
			 err);
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
