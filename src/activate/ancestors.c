/* SPDX-License-Identifier: MIT */
#include "activate/ancestors.h"

#include "util/buf.h"
#include "util/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool ancestors_is_unmapped(uid_t uid)
{
	FILE *map = fopen("/proc/self/uid_map", "re");
	unsigned first, count;
	bool mapped = map == NULL;

	while (!mapped && fscanf(map, "%u %*u %u", &first, &count) == 2)
		mapped = uid >= first && uid - first < count;
	if (map != NULL)
		fclose(map);
	return !mapped;
}

static int ancestors_check_one(const char *path, struct error *err)
{
	struct stat status;
	const char *shown = *path == '\0' ? "/" : path;

	if (lstat(shown, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", text_printable_text(shown).text);
	if (status.st_uid != 0 && status.st_uid != geteuid() &&
	    !ancestors_is_unmapped(status.st_uid))
		error_set(err, ERROR_DENIED, "\"%s\" belongs to uid %u, not to root or you",
			  text_printable_text(shown).text, (unsigned)status.st_uid);
	else if (S_ISDIR(status.st_mode) && (status.st_mode & 022) != 0 &&
		 (status.st_mode & S_ISVTX) == 0)
		error_set(err, ERROR_DENIED, "others may write in \"%s\"",
			  text_printable_text(shown).text);
	else
		return 0;
	return error_hint(err, "choose a directory in a place that is root's, or yours, alone");
}

static int ancestors_walk(const char *path, struct error *err)
{
	AUTO_FREE char *copy = strdup(path);

	if (copy == NULL)
		return error_memory(err);
	for (char *slash = copy; slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (ancestors_check_one(copy, err) < 0)
			return -1;
		*slash = '/';
	}
	return ancestors_check_one(copy, err);
}

int ancestors_check(const char *path, struct error *err)
{
	AUTO_FREE char *real = realpath(path, NULL);

	if (real == NULL)
		return error_sys(err, "cannot find the directory \"%s\"",
				 text_printable_text(path).text);
	return ancestors_walk(path, err) < 0 ? -1 : ancestors_walk(real, err);
}
