/* SPDX-License-Identifier: MIT */
/* Which files of root's count. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "activate/values.h"
#include "survey.h"
#include "util/buf.h"

bool survey_is_roots_own(const char *path)
{
	AUTO_FREE char *copy = strdup(path);
	struct stat status;

	for (char *slash = copy ? strchr(copy + 1, '/') : NULL; slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (lstat(copy, &status) < 0 || !S_ISDIR(status.st_mode) || status.st_uid != 0 ||
		    (status.st_mode & 022) != 0)
			return false;
		*slash = '/';
	}
	return copy != NULL;
}

bool survey_is_named_by_root(const struct survey *survey, struct span records, const char *path)
{
	const char *config = survey->config, *state = survey->state;
	struct value record;

	if (strstr(path, "/../") != NULL)
		return false;
	if (config != NULL && strncmp(path, config, strlen(config)) == 0)
		return true;
	if (state != NULL && strncmp(path, state, strlen(state)) == 0 && path[strlen(state)] == '/')
		return true;
	while (values_take(&records, &record))
		if (record.entry == CHECK_TRUSTED && span_equal_text(record.name, path))
			return true;
	return false;
}

bool survey_is_trusted(const struct survey *survey, struct span records, const char *path)
{
	AUTO_FREE char *real = NULL;

	if (!survey_is_named_by_root(survey, records, path) || !survey_is_roots_own(path))
		return false;
	/* root's own link, to what is root's own */
	real = realpath(path, NULL);
	return real != NULL && survey_is_roots_own(real);
}
