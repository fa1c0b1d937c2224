/* SPDX-License-Identifier: MIT */
#include "keyring/patch.h"

#include <stdlib.h>

#define PATCHES_MAX 65536

void patches_release(struct patches *patches)
{
	free(patches->items);
	buf_release(&patches->bytes);
	*patches = PATCHES_INIT;
}

int patches_add(struct patches *patches, size_t at, size_t cut, struct span text, struct error *err)
{
	if (patches->len == PATCHES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d places to edit", PATCHES_MAX);
	if (patches->len == patches->cap) {
		size_t cap = patches->cap ? 2 * patches->cap : 8;
		struct patch *items = realloc(patches->items, cap * sizeof *items);

		if (!items)
			return error_memory(err);
		patches->items = items;
		patches->cap = cap;
	}
	size_t offset = patches->bytes.len;

	if (buf_append_span(&patches->bytes, text, err))
		return -1;
	patches->items[patches->len++] =
		(struct patch){ .at = at, .cut = cut, .text = offset, .text_len = text.len };
	return 0;
}

/* By place; those at one place in the order in which they were given. */
static int compare_patches(const void *a, const void *b)
{
	const struct patch *first = a, *second = b;

	if (first->at != second->at)
		return first->at < second->at ? -1 : 1;
	return first->text < second->text ? -1 : first->text > second->text;
}

int patches_apply(struct patches *patches, struct span text, struct secret *ret_text,
		  struct error *err)
{
	AUTO(secret) done = SECRET_INIT;
	size_t cursor = 0;

	if (patches->len > 0)
		qsort(patches->items, patches->len, sizeof *patches->items, compare_patches);
	if (secret_reserve(&done, text.len + patches->bytes.len + 1, err))
		return -1;
	for (size_t i = 0; i < patches->len; i++) {
		const struct patch *patch = &patches->items[i];

		if (patch->at < cursor || patch->at > text.len || patch->cut > text.len - patch->at)
			return error_set(err, ERROR_CONFIG, "two edits meet in one place");
		if (secret_append_span(&done, span_slice(text, cursor, patch->at - cursor), err) ||
		    secret_append_span(&done,
				       span_slice(buf_span(&patches->bytes), patch->text,
						  patch->text_len),
				       err))
			return -1;
		cursor = patch->at + patch->cut;
	}
	if (secret_append_span(&done, span_slice(text, cursor, text.len), err))
		return -1;
	*ret_text = secret_move(&done);
	return 0;
}
