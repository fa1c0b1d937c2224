/* SPDX-License-Identifier: MIT */
#include "doc/edit.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "internal.h"

int doc_edit_begin(const struct doc *doc, size_t expected_len, struct doc_edit *ret_edit,
		   struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	const struct doc_ops *ops = doc_ops_of(doc->format);

	edit.doc = doc;
	edit.place = ops->metadata_place ? ops->metadata_place(doc) : doc->text.len;
	if (secret_reserve(&edit.text, expected_len > 64 ? expected_len : 64, err) < 0)
		return -1;
	*ret_edit = edit;
	edit = DOC_EDIT_INIT;
	return 0;
}

void doc_edit_release(struct doc_edit *edit)
{
	secret_release(&edit->text);
	secret_release(&edit->trial);
	free(edit->patches);
	*edit = DOC_EDIT_INIT;
}

int doc_edit_copy_to(struct doc_edit *edit, size_t offset, struct error *err)
{
	const size_t from = edit->cursor;

	assert(offset >= from && offset <= edit->doc->text.len);
	if (edit->metadata == SIZE_MAX && from <= edit->place && edit->place <= offset)
		edit->metadata = edit->text.len + (edit->place - from);
	edit->cursor = offset;
	return secret_append_span(&edit->text, doc_text_slice(edit->doc, from, offset), err);
}

void doc_edit_skip_to(struct doc_edit *edit, size_t offset)
{
	assert(offset >= edit->cursor && offset <= edit->doc->text.len);
	edit->cursor = offset;
}

int doc_edit_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		  struct error *err)
{
	return doc_ops_of(edit->doc->format)->seal(edit, node, sealed, ret_exact, err);
}

int doc_edit_seal_as(struct doc_edit *edit, uint32_t node, struct span sealed,
		     const struct doc_former *former, bool *ret_done, struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(edit->doc->format);

	assert(former->doc->format == edit->doc->format);
	*ret_done = false;
	return ops->seal_as ? ops->seal_as(edit, node, sealed, former, ret_done, err) : 0;
}

int doc_edit_open(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
		  struct error *err)
{
	return doc_ops_of(edit->doc->format)->open(edit, node, type, plain, err);
}

int doc_edit_set(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span value,
		 struct error *err)
{
	return doc_ops_of(edit->doc->format)->set(edit, node, type, value, err);
}

int doc_edit_append(struct doc_edit *edit, uint32_t container, struct span key,
		    const struct doc_tree *value, struct error *err)
{
	return doc_ops_of(edit->doc->format)->append(edit, container, key, value, err);
}

int doc_edit_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		     struct error *err)
{
	return doc_ops_of(edit->doc->format)->replace(edit, node, value, err);
}

int doc_edit_remove(struct doc_edit *edit, uint32_t node, struct error *err)
{
	return doc_ops_of(edit->doc->format)->remove(edit, node, err);
}

int doc_edit_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata, unsigned indent,
			  uint32_t *ret_changed, struct error *err)
{
	return doc_ops_of(edit->doc->format)
		->add_metadata(edit, metadata, indent, ret_changed, err);
}

int doc_edit_add_copy(struct doc_edit *edit, uint32_t root, const struct doc_tree *metadata,
		      unsigned indent, struct error *err)
{
	return doc_ops_of(edit->doc->format)->add_copy(edit, root, metadata, indent, err);
}

size_t doc_column(const struct doc *doc, uint32_t container)
{
	const struct doc_ops *ops = doc_ops_of(doc->format);

	return ops->column ? ops->column(doc, container) : 0;
}

int doc_edit_add_lines(struct doc_edit *edit, struct span lines, bool *ret_done,
		       uint32_t *ret_changed, struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(edit->doc->format);

	*ret_done = false;
	return ops->add_lines ? ops->add_lines(edit, lines, ret_done, ret_changed, err) : 0;
}

/* What the first characters of a sealed text may be escaped to, to say how its value is spelled. */
#define SEALED_HEAD "ENC[A"

/* Where old stands in text; of two sealed texts that may be what is behind their same first characters. */
static const uint8_t *find_swapped(struct span text, struct span *old, struct span *new)
{
	const size_t head = strlen(SEALED_HEAD);
	const uint8_t *found = NULL;

	if (text.len > 0 && old->len > 0)
		found = memmem(text.data, text.len, old->data, old->len);
	if (found || text.len == 0 || old->len <= head || !span_starts_with(*old, SEALED_HEAD) ||
	    !span_starts_with(*new, SEALED_HEAD))
		return found;
	*old = span_slice(*old, head, old->len);
	*new = span_slice(*new, head, new->len);
	return memmem(text.data, text.len, old->data, old->len);
}

int doc_edit_swap(struct doc_edit *edit, uint32_t node, struct span old, struct span new,
		  bool *ret_found, struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(edit->doc->format);
	const struct doc_node *n = &edit->doc->nodes[node];
	const struct span text = doc_text_slice(edit->doc, n->start, n->end);
	const uint8_t *found = find_swapped(text, &old, &new);
	size_t at;

	*ret_found = found != NULL;
	if (!found)
		return 0;
	at = n->start + (size_t)(found - text.data);
	if (ops->patch)
		return ops->patch(edit, at, at + old.len, new, err);
	if (doc_edit_copy_to(edit, at, err) < 0)
		return -1;
	doc_edit_skip_to(edit, edit->cursor + old.len);
	return secret_append_span(&edit->text, new, err);
}

int doc_edit_finish(struct doc_edit *edit, struct secret *ret_text, struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(edit->doc->format);

	if (ops->finish)
		return ops->finish(edit, ret_text, err);
	if (doc_edit_copy_to(edit, edit->doc->text.len, err) < 0)
		return -1;
	*ret_text = secret_move(&edit->text);
	return 0;
}
