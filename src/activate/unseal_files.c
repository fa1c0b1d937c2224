/* SPDX-License-Identifier: MIT */
/* The part of activate/unseal.h that is about several files: the child's words about one after the other. */
#include "activate/unseal.h"

#include "activate/values.h"
#include "util/text.h"

#include <string.h>

int unseal_advise(struct error *err)
{
	if (err->kind != ERROR_MAC && err->kind != ERROR_NO_MAC)
		return -1;
	err->hint[0] = '\0';
	return error_hint(err, "it was changed without its key: take it back from git; \"bootseal "
			       "decrypt --ignore-mac\" shows what it holds");
}

struct span unseal_files_text(const struct unseal_files *files, size_t i)
{
	const size_t start = i == 0 ? 0 : files->ends[i - 1];

	return span_slice(secret_span(&files->texts), start, files->ends[i] - start);
}

static bool unseal_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool unseal_same_readers(const struct manifest_entry *a, const struct manifest_entry *b)
{
	return unseal_same_text(a->owner, b->owner) && unseal_same_text(a->group, b->group) &&
	       a->mode == b->mode && unseal_same_text(a->unit, b->unit);
}

bool unseal_may_share(const struct manifest *manifest, size_t a, size_t b)
{
	const struct manifest_entry *first = NULL;

	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];

		if (entry->file != a && entry->file != b)
			continue;
		if (first != NULL && !unseal_same_readers(first, entry))
			return false;
		first = entry;
	}
	return true;
}

bool unseal_take(struct span *answer, struct span *ret_values, char ret_time[UNSEAL_TIME_MAX])
{
	struct span rest = *answer, values;
	struct value value;

	if (!values_take(&rest, &value) || value.entry != VALUE_TIME)
		return false;
	ret_time[0] = '\0';
	if (value.bytes.len > 0 && value.bytes.len < UNSEAL_TIME_MAX && text_is_utf8(value.bytes)) {
		memcpy(ret_time, value.bytes.data, value.bytes.len);
		ret_time[value.bytes.len] = '\0';
	}
	values = *answer = rest;
	while (values_take(&rest, &value) && value.entry != VALUE_TIME)
		*answer = rest;
	*ret_values = span_slice(values, 0, values.len - answer->len);
	return true;
}
