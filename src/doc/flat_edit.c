/* SPDX-License-Identifier: MIT */
/* Edits as a list of patches: they may come in any order, and are made all at once in the end. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "flat.h"
#include "internal.h"
#include "util/text.h"

struct doc_patch {
	uint32_t start, end; /* what is replaced */
	size_t at, len;      /* by what, in edit->text */
};

int flat_patch(struct doc_edit *edit, size_t start, size_t end, size_t at, struct error *err)
{
	if (edit->patches_len == edit->patches_cap) {
		const size_t cap = edit->patches_cap > 0 ? edit->patches_cap * 2 : 64;
		struct doc_patch *larger = reallocarray(edit->patches, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		edit->patches = larger;
		edit->patches_cap = cap;
	}
	assert(start <= end && end <= edit->doc->text.len && at <= edit->text.len);
	edit->patches[edit->patches_len++] =
		(struct doc_patch){ (uint32_t)start, (uint32_t)end, at, edit->text.len - at };
	return 0;
}

int flat_patch_span(struct doc_edit *edit, size_t start, size_t end, struct span text,
		    struct error *err)
{
	const size_t at = edit->text.len;

	if (secret_append_span(&edit->text, text, err) < 0)
		return -1;
	return flat_patch(edit, start, end, at, err);
}

/* The length of the line break that ends at offset. */
static size_t break_before(const struct doc *doc, size_t offset)
{
	const uint8_t *text = doc->text.data;

	if (offset <= flat_details(doc)->begin || text[offset - 1] != '\n')
		return 0;
	return offset - 1 > flat_details(doc)->begin && text[offset - 2] == '\r' ? 2 : 1;
}

int flat_remove_lines(struct doc_edit *edit, size_t start, size_t last, struct error *err)
{
	const struct doc *doc = edit->doc;
	const size_t end = flat_line_next(doc, last);

	start = flat_line_start(doc, start);
	/* the last line has no break, and the one before it is to have none */
	if (end == doc->text.len && end > 0 && doc->text.data[end - 1] != '\n')
		start -= break_before(doc, start);
	return flat_patch(edit, start, end, edit->text.len, err);
}

int flat_insert_lines(struct doc_edit *edit, size_t offset, size_t at, struct error *err)
{
	const struct doc *doc = edit->doc;
	const char *newline = flat_details(doc)->newline;
	const size_t newline_len = strlen(newline), len = edit->text.len - at;

	if (offset <= flat_details(doc)->begin || doc->text.data[offset - 1] == '\n')
		return flat_patch(edit, offset, offset, at, err);
	/* behind a line without a break: the break goes before the lines instead of behind them */
	assert(len >= newline_len);
	memmove(edit->text.data + at + newline_len, edit->text.data + at, len - newline_len);
	memcpy(edit->text.data + at, newline, newline_len);
	return flat_patch(edit, offset, offset, at, err);
}

static int compare_patches(const void *a, const void *b)
{
	const struct doc_patch *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	if (x->end != y->end)
		return x->end < y->end ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

static bool are_sorted(const struct doc_patch *patches, size_t len)
{
	for (size_t i = 1; i < len; i++)
		if (compare_patches(&patches[i - 1], &patches[i]) > 0)
			return false;
	return true;
}

/* At most, and about. */
static size_t new_len(const struct doc_edit *edit)
{
	size_t replaced = 0;

	for (size_t i = 0; i < edit->patches_len; i++)
		replaced += edit->patches[i].end - edit->patches[i].start;
	return edit->doc->text.len + edit->text.len -
	       (replaced < edit->doc->text.len ? replaced : edit->doc->text.len);
}

int flat_finish(struct doc_edit *edit, struct secret *ret_text, struct error *err)
{
	const struct span old = secret_span(&edit->doc->text), new = secret_span(&edit->text);
	AUTO(secret) text = SECRET_INIT;
	size_t cursor = 0;

	if (!are_sorted(edit->patches, edit->patches_len))
		qsort(edit->patches, edit->patches_len, sizeof(*edit->patches), compare_patches);
	if (secret_reserve(&text, new_len(edit), err) < 0)
		return -1;
	for (size_t i = 0; i < edit->patches_len; i++) {
		const struct doc_patch *patch = &edit->patches[i];

		/* lines that are taken out may share a line break */
		const size_t copied = patch->start > cursor ? patch->start - cursor : 0;

		if (secret_append_span(&text, span_slice(old, cursor, copied), err) < 0 ||
		    secret_append_span(&text, span_slice(new, patch->at, patch->len), err) < 0)
			return -1;
		cursor = patch->end > cursor ? patch->end : cursor;
	}
	if (secret_append_span(&text, span_slice(old, cursor, old.len), err) < 0)
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}

int flat_refuse_container(const char *format, struct span key, struct error *err)
{
	return error_set(err, ERROR_DUMP, "%s has no place for a map or list (\"%s\")", format,
			 text_printable(key).text);
}
