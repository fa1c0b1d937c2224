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
	uint32_t at, len;    /* by what, in edit->text */
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
		(struct doc_patch){ (uint32_t)start, (uint32_t)end, (uint32_t)at,
				    (uint32_t)(edit->text.len - at) };
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

/* In the order of the text, none within another, and what they write in that order, without a gap? */
static bool are_in_order(const struct doc_patch *patches, size_t len)
{
	uint32_t end = 0, at = 0;

	for (size_t i = 0; i < len; i++) {
		if (patches[i].start < end || patches[i].at != at)
			return false;
		end = patches[i].end;
		at += patches[i].len;
	}
	return true;
}

static size_t new_len(const struct doc_edit *edit)
{
	size_t len = edit->doc->text.len;

	for (size_t i = 0; i < edit->patches_len; i++)
		len = len - (edit->patches[i].end - edit->patches[i].start) + edit->patches[i].len;
	return len;
}

/*
 * Makes the new text where what was written stands, from its end to its start: nothing moves to
 * the left, and a large document needs no second copy.
 */
static int splice(struct doc_edit *edit, struct error *err)
{
	const uint8_t *old = edit->doc->text.data;
	const size_t len = new_len(edit);
	size_t cursor = edit->doc->text.len, end = len;

	if (len > edit->text.len && secret_reserve(&edit->text, len, err) < 0)
		return -1;
	for (size_t i = edit->patches_len; i > 0; i--) {
		const struct doc_patch *patch = &edit->patches[i - 1];
		const size_t kept = cursor - patch->end;

		end -= kept + patch->len;
		if (patch->len > 0)
			memmove(edit->text.data + end, edit->text.data + patch->at, patch->len);
		if (kept > 0)
			memcpy(edit->text.data + end + patch->len, old + patch->end, kept);
		cursor = patch->start;
	}
	if (cursor > 0)
		memcpy(edit->text.data, old, cursor);
	edit->text.len = len;
	return 0;
}

/* The same, of patches in any order, into a text of its own. */
static int splice_sorted(struct doc_edit *edit, struct secret *text, struct error *err)
{
	const struct span old = secret_span(&edit->doc->text), new = secret_span(&edit->text);
	size_t cursor = 0;

	qsort(edit->patches, edit->patches_len, sizeof(*edit->patches), compare_patches);
	if (secret_reserve(text, old.len + new.len, err) < 0)
		return -1;
	for (size_t i = 0; i < edit->patches_len; i++) {
		const struct doc_patch *patch = &edit->patches[i];
		/* lines that are taken out may share a line break */
		const size_t copied = patch->start > cursor ? patch->start - cursor : 0;

		if (secret_append_span(text, span_slice(old, cursor, copied), err) < 0 ||
		    secret_append_span(text, span_slice(new, patch->at, patch->len), err) < 0)
			return -1;
		cursor = patch->end > cursor ? patch->end : cursor;
	}
	return secret_append_span(text, span_slice(old, cursor, old.len), err);
}

int flat_finish(struct doc_edit *edit, struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (are_in_order(edit->patches, edit->patches_len)) {
		if (splice(edit, err) < 0)
			return -1;
		*ret_text = secret_move(&edit->text);
		return 0;
	}
	if (splice_sorted(edit, &text, err) < 0)
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}

int flat_refuse_container(const char *format, struct span key, struct error *err)
{
	return error_set(err, ERROR_DUMP, "%s has no place for a map or list (\"%s\")", format,
			 text_printable(key).text);
}
