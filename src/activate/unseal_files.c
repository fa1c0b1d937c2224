/* SPDX-License-Identifier: MIT */
/* The part of activate/unseal.h that is about several files: the child's words about one after the other. */
#include "activate/unseal.h"

#include "activate/values.h"
#include "util/text.h"

#include <string.h>

struct span unseal_files_text(const struct unseal_files *files, size_t i)
{
	const size_t start = i == 0 ? 0 : files->ends[i - 1];

	return span_slice(secret_span(&files->texts), start, files->ends[i] - start);
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
