/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"

#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/generation.h"
#include "activate/ramfs.h"
#include "activate/ready.h"
#include "activate/target.h"
#include "util/buf.h"

/* One that was there before, by another name, is ours by what is live in it. */
static int is_taken_over(const char *directory, bool *ret_is, struct error *err)
{
	AUTO_FREE char *record = NULL;
	struct stat status;

	if (asprintf(&record, "%s/" GENERATION_RECORD, directory) < 0) {
		record = NULL;
		return error_memory(err);
	}
	*ret_is = lstat(record, &status) == 0 && S_ISREG(status.st_mode) && status.st_uid == 0;
	return 0;
}

/* Root's or ours, as all that we make: a user may have been let mount one of this name, too. */
static bool is_own(const char *root)
{
	struct stat status;

	return lstat(root, &status) == 0 && (status.st_uid == 0 || status.st_uid == geteuid()) &&
	       (status.st_mode & 022) == 0;
}

static int add_mount(const struct mntent *mount, struct names *directories, struct error *err)
{
	static const char *const suffixes[] = { TARGET_ROOT_SUFFIX, READY_SUFFIX };
	bool ours = strcmp(mount->mnt_fsname, RAMFS_SOURCE) == 0;

	for (size_t i = 0; i < 2 && ramfs_is_type(mount->mnt_type); i++) {
		const size_t len = strlen(mount->mnt_dir), end = strlen(suffixes[i]);

		if (len <= end || strcmp(mount->mnt_dir + len - end, suffixes[i]) != 0 ||
		    !is_own(mount->mnt_dir))
			continue;
		/* the link lies beside */
		mount->mnt_dir[len - end] = '\0';
		if (!ours && is_taken_over(mount->mnt_dir, &ours, err) < 0)
			return -1;
		return ours ? names_add_once(directories, mount->mnt_dir, err) : 0;
	}
	return 0;
}

int activate_directories(struct names *ret_directories, struct error *err)
{
	char line[RAMFS_LINE_MAX];
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
