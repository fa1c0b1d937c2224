/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <string.h>

#include "dotenv.h"
#include "internal.h"
#include "util/text.h"

/* A comment's line breaks, which it has from another format: each line is one of its own. */
static int write_comment(struct secret *out, struct span text, struct error *err)
{
	const uint8_t *end;

	while ((end = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL)) {
		const size_t len = (size_t)(end - text.data);

		if (secret_append(out, text.data, len, err) < 0 ||
		    secret_append_text(out, "\n#", err) < 0)
			return -1;
		text = span_slice(text, len + 1, text.len);
	}
	return secret_append_span(out, text, err);
}

NOINLINE static int write_typed(struct secret *out, enum doc_type type, struct span plain,
				struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct span text;
	int result;

	if (flat_spell(type, plain, scratch, &text, err) < 0)
		return -1;
	result = flat_write_escaped(out, text, err);
	secret_wipe(scratch, sizeof(scratch));
	return result;
}

static int write_value(struct secret *out, enum doc_type type, struct span plain, struct error *err)
{
	return type == DOC_TYPE_STRING ? flat_write_escaped(out, plain, err)
				       : write_typed(out, type, plain, err);
}

int dotenv_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];

	*ret_exact = true; /* every value and comment has one spelling */
	return flat_patch_span(edit, n->start, n->end, sealed, err);
}

int dotenv_open(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
		struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];
	const size_t at = edit->text.len;

	if (n->kind != DOC_SCALAR && n->kind != DOC_COMMENT)
		return flat_refuse_container("dotenv", doc_key(edit->doc, node), err);
	if (n->kind == DOC_COMMENT ? write_comment(&edit->text, plain, err) < 0
				   : write_value(&edit->text, type, plain, err) < 0)
		return -1;
	return flat_patch(edit, n->start, n->end, at, err);
}

/* Can key stand before "=" and be read again? */
static int check_key(struct span key, struct error *err)
{
	const char *why = NULL;

	if (span_starts_with(key, DOTENV_RESERVED))
		return error_set(err, ERROR_SEALED,
				 "keys that begin with \"" DOTENV_RESERVED
				 "\" are the metadata's (\"%s\")",
				 text_printable(key).text);
	if (span_starts_with(key, "#"))
		why = "would be a comment";
	else if (key.len > 0 && memchr(key.data, '=', key.len))
		why = "holds a \"=\"";
	else if (key.len > 0 && memchr(key.data, '\n', key.len))
		why = "holds a line break";
	return why ? error_set(err, ERROR_DUMP, "the key \"%s\" %s in dotenv",
			       text_printable(key).text, why)
		   : 0;
}

/* KEY=VALUE, or a comment, as a line. */
static int write_line(struct secret *out, struct span key, enum doc_type type, struct span value,
		      struct error *err)
{
	if (type == DOC_TYPE_COMMENT) {
		if (secret_append_text(out, "#", err) < 0 || write_comment(out, value, err) < 0)
			return -1;
	} else if (check_key(key, err) < 0 || secret_append_span(out, key, err) < 0 ||
		   secret_append_text(out, "=", err) < 0 ||
		   write_value(out, type, value, err) < 0) {
		return -1;
	}
	return secret_append_text(out, "\n", err);
}

/* Behind the last line that is not the metadata's. */
static size_t append_place(const struct doc *doc)
{
	size_t place = 0;

	for (uint32_t i = 2; i < doc->len && doc->nodes[i].kind != DOC_MAP; i++)
		place = doc->nodes[i].end;
	return doc->len > 2 && doc->nodes[2].kind != DOC_MAP ? flat_line_next(doc, place) : place;
}

/* A line more of the metadata, behind their last one. */
static int append_metadata(struct doc_edit *edit, const struct doc_node *metadata, struct span key,
			   const struct doc_tree *value, struct error *err)
{
	const struct flat_piece *pieces = flat_details(edit->doc)->pieces;
	const size_t at = edit->text.len;

	assert(metadata->kind == DOC_MAP && value->nodes[0].kind == DOC_SCALAR);
	if (secret_append_text(&edit->text, DOTENV_RESERVED, err) < 0 ||
	    secret_append_span(&edit->text, key, err) < 0 ||
	    secret_append_text(&edit->text, "=", err) < 0 ||
	    write_value(&edit->text, (enum doc_type)value->nodes[0].type, flat_tree_value(value, 0),
			err) < 0 ||
	    secret_append_text(&edit->text, "\n", err) < 0)
		return -1;
	return flat_insert_lines(edit, pieces[metadata->value_len - 1].end, at, err);
}

int dotenv_append(struct doc_edit *edit, uint32_t container, struct span key,
		  const struct doc_tree *value, struct error *err)
{
	const size_t at = edit->text.len;

	if (container != 1)
		return append_metadata(edit, &edit->doc->nodes[container], key, value, err);
	if (value->nodes[0].kind != DOC_SCALAR)
		return flat_refuse_container("dotenv", key, err);
	if (write_line(&edit->text, key, (enum doc_type)value->nodes[0].type,
		       flat_tree_value(value, 0), err) < 0)
		return -1;
	return flat_insert_lines(edit, append_place(edit->doc), at, err);
}

static int write_metadata(struct secret *out, const struct doc_tree *metadata, struct error *err)
{
	AUTO(doc_tree) flat = DOC_TREE_INIT;

	if (flat_flatten(metadata, 0, &flat, err) < 0)
		return -1;
	for (uint32_t i = 1; i < flat.len; i++)
		if (secret_append_text(out, DOTENV_RESERVED, err) < 0 ||
		    secret_append_span(out, flat_tree_key(&flat, i), err) < 0 ||
		    secret_append_text(out, "=", err) < 0 ||
		    write_value(out, (enum doc_type)flat.nodes[i].type, flat_tree_value(&flat, i),
				err) < 0 ||
		    secret_append_text(out, "\n", err) < 0)
			return -1;
	return 0;
}

/* Lines that follow each other go together: they may share the text's missing last line break. */
static int remove_metadata(struct doc_edit *edit, const struct doc_node *n, struct error *err)
{
	const struct flat_piece *pieces = flat_details(edit->doc)->pieces;

	for (uint32_t i = 0, first = 0; i < n->value_len; i++) {
		if (i + 1 < n->value_len && pieces[i + 1].start == pieces[i].end)
			continue;
		if (flat_remove_lines(edit, pieces[first].start, pieces[i].start, err) < 0)
			return -1;
		first = i + 1;
	}
	return 0;
}

int dotenv_remove(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];

	if (n->kind == DOC_MAP)
		return remove_metadata(edit, n, err);
	return flat_remove_lines(edit, n->entry, n->end, err);
}

int dotenv_add_metadata(struct doc_edit *edit, const struct doc_tree *metadata, unsigned indent,
			uint32_t *ret_changed, struct error *err)
{
	const size_t at = edit->text.len;

	(void)indent;
	*ret_changed = DOC_NONE;
	if (write_metadata(&edit->text, metadata, err) < 0)
		return -1;
	return flat_insert_lines(edit, edit->doc->text.len, at, err);
}

/* The metadata's new lines stand where the first of the old ones was. */
static int replace_metadata(struct doc_edit *edit, const struct doc_node *n,
			    const struct doc_tree *metadata, struct error *err)
{
	const struct doc *doc = edit->doc;
	const size_t at = edit->text.len;

	if (write_metadata(&edit->text, metadata, err) < 0)
		return -1;
	if (n->end == doc->text.len &&
	    doc->text.data[n->end - 1] != '\n') /* it has no last break */
		secret_truncate(&edit->text, edit->text.len - 1);
	if (flat_patch(edit, n->entry, n->entry, at, err) < 0)
		return -1;
	for (uint32_t i = 0; i < n->value_len; i++)
		if (flat_patch(edit, flat_details(doc)->pieces[i].start,
			       flat_details(doc)->pieces[i].end, edit->text.len, err) < 0)
			return -1;
	return 0;
}

int dotenv_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		   struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];

	if (n->kind == DOC_MAP && value->nodes[0].kind == DOC_MAP)
		return replace_metadata(edit, n, value, err);
	if (value->nodes[0].kind != DOC_SCALAR)
		return flat_refuse_container("dotenv", doc_key(edit->doc, node), err);
	return dotenv_open(edit, node, (enum doc_type)value->nodes[0].type,
			   flat_tree_value(value, 0), err);
}

int dotenv_emit(const struct doc_tree *tree, unsigned indent, struct secret *out, struct error *err)
{
	(void)indent;
	for (uint32_t i = 1; i < tree->nodes[0].next; i = tree->nodes[i].next) {
		const struct doc_tree_node *n = &tree->nodes[i];

		if (n->kind != DOC_SCALAR && n->kind != DOC_COMMENT)
			return flat_refuse_container("dotenv", flat_tree_key(tree, i), err);
		if (write_line(out, flat_tree_key(tree, i), (enum doc_type)n->type,
			       flat_tree_value(tree, i), err) < 0)
			return -1;
	}
	return 0;
}
