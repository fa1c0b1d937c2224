/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "activate/revision.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void check_commit(const char *commit)
{
	size_t len = strlen(commit);

	assert(len == 40 || len == 64);
	assert(strspn(commit, "0123456789abcdef") == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char commit[REVISION_MAX], ref[REVISION_REF_MAX] = "refs/heads/main";
	struct span text = span_of(data, len);

	if (revision_parse_packed(text, ref, commit))
		check_commit(commit);
	if (!revision_parse_head(text, commit, ref))
		return 0;
	if (ref[0] == '\0')
		check_commit(commit);
	else
		assert(strncmp(ref, "refs/", 5) == 0 && strstr(ref, "..") == NULL);
	return 0;
}
