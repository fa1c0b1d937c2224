/* SPDX-License-Identifier: MIT */
/*
 * What an opened file says: the whole plaintext, or one value of it.
 */
#include <stdlib.h>
#include <string.h>

#include "doc/edit.h"
#include "doc/tree.h"
#include "sops/file.h"
#include "sops/lookup.h"
#include "sops/meta_edit.h"
#include "util/text.h"

static int compare_leaf(const void *key, const void *leaf)
{
	const uint32_t node = *(const uint32_t *)key,
		       other = ((const struct sops_leaf *)leaf)->node;

	return node < other ? -1 : node > other;
}

const struct sops_leaf *sops_file_leaf(const struct sops_file *file, uint32_t node)
{
	if (file->leaves_len == 0)
		return NULL;
	return bsearch(&node, file->leaves, file->leaves_len, sizeof(*file->leaves), compare_leaf);
}

struct span sops_file_plain(const struct sops_file *file, const struct sops_leaf *leaf)
{
	return span_slice(secret_span(&file->plain), leaf->offset, leaf->len);
}

/*
 * sops writes a list's comments as elements (trap T1). Is node the first of a list that has no
 * other elements, and is therefore empty when it is opened?
 */
static bool begins_list_of_comments(const struct sops_file *file, const struct sops_leaf *leaf)
{
	const struct doc *doc = &file->doc;
	const uint32_t list = doc->nodes[leaf->node].parent;

	if (doc->format != DOC_YAML || leaf->type != DOC_TYPE_COMMENT ||
	    doc->nodes[leaf->node].kind != DOC_SCALAR || doc_child(doc, list) != leaf->node)
		return false;
	for (uint32_t i = leaf->node; i != DOC_NONE; i = doc_sibling(doc, i)) {
		const struct sops_leaf *element = sops_file_leaf(file, i);

		if (!element || element->type != DOC_TYPE_COMMENT)
			return false;
	}
	return true;
}

/* How many bytes stand before offset on its line. */
static size_t column_of(const struct doc *doc, size_t offset)
{
	size_t column = 0;

	while (column < offset && doc->text.data[offset - column - 1] != '\n')
		column++;
	return column;
}

/*
 * "[]" in the place of such a list, and its comments on lines of their own; advances *i behind it. A comment behind
 * the list stays where it is.
 */
static int write_list_of_comments(const struct sops_file *file, struct doc_edit *edit, size_t *i,
				  struct error *err)
{
	const uint32_t list = file->doc.nodes[file->leaves[*i].node].parent;
	const struct doc_node *n = &file->doc.nodes[list];
	AUTO(doc_tree) empty = DOC_TREE_INIT;

	if (doc_tree_open_list(&empty, NULL, err) < 0)
		return -1;
	doc_tree_close(&empty);
	if (doc_edit_replace(edit, list, &empty, err) < 0)
		return -1;
	for (; *i < file->leaves_len && file->leaves[*i].node < n->next; ++*i) {
		if (file->doc.nodes[file->leaves[*i].node].start >= edit->cursor)
			return 0;
		if (secret_append_text(&edit->text, "\n", err) < 0)
			return -1;
		for (size_t blanks = column_of(&file->doc, n->entry); blanks > 0; blanks--)
			if (secret_append_text(&edit->text, " ", err) < 0)
				return -1;
		if (secret_append_text(&edit->text, "#", err) < 0 ||
		    secret_append_span(&edit->text, sops_file_plain(file, &file->leaves[*i]), err) <
			    0)
			return -1;
	}
	return 0;
}

static int write_plaintext(const struct sops_file *file, struct doc_edit *edit, struct error *err)
{
	size_t documents = 0, i = 0;
	uint32_t metadata = sops_meta_next(&file->doc, &documents);

	for (;;) {
		const uint32_t node = i < file->leaves_len ? file->leaves[i].node : DOC_NONE;

		for (; sops_meta_is_before(&file->doc, metadata, node);
		     metadata = sops_meta_next(&file->doc, &documents))
			if (doc_edit_remove(edit, metadata, err) < 0)
				return -1;
		if (node == DOC_NONE)
			return 0;
		if (begins_list_of_comments(file, &file->leaves[i])) {
			if (write_list_of_comments(file, edit, &i, err) < 0)
				return -1;
			continue;
		}
		if (doc_edit_open(edit, node, file->leaves[i].type,
				  sops_file_plain(file, &file->leaves[i]), err) < 0)
			return -1;
		i++;
	}
}

/* What it will come to: locked memory, so not much more than needed. */
static size_t expected_len(const struct sops_file *file)
{
	size_t len = file->doc.text.len + file->plain.len + file->leaves_len * 3;

	for (size_t i = 0; i < file->leaves_len; i++) {
		const size_t sealed = file->doc.nodes[file->leaves[i].node].value_len;

		len -= sealed < len ? sealed : len;
	}
	return len + 4096;
}

int sops_file_plaintext(struct sops_file *file, struct secret *ret_text, struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	const struct doc_path whole = DOC_PATH_INIT;

	/* its text is only an envelope */
	if (file->doc.format == DOC_BINARY)
		return sops_file_convert(file, &whole, DOC_BINARY, DOC_INDENT_SOPS, ret_text, err);
	if (doc_edit_begin(&file->doc, expected_len(file), &edit, err) < 0 ||
	    write_plaintext(file, &edit, err) < 0)
		return -1;
	return doc_edit_finish(&edit, ret_text, err);
}

int sops_file_follow(const struct sops_file *file, const struct doc_path *path, uint32_t *ret_node,
		     struct error *err)
{
	AUTO(buf) shown = BUF_INIT;
	const char *text;
	size_t parts;

	if (doc_path_follow(&file->doc, path, ret_node, &parts, err) < 0) {
		if (err->kind == ERROR_BAD_INDEX)
			err->kind = ERROR_BAD_EXTRACT;
		return -1;
	}
	if (parts == path->len)
		return 0;
	if (doc_path_format(path, parts + 1, &shown, err) < 0 || buf_text(&shown, &text, err) < 0)
		return -1;
	return error_set(err, ERROR_NOT_FOUND, "there is no %s", text);
}

/* A scalar as sops prints it: canonical, without quotes; booleans as YAML and JSON have them. */
static int extract_canonical(const struct sops_file *file, uint32_t node, enum doc_type type,
			     char scratch[DOC_CANONICAL_MAX], struct span *ret_text,
			     struct error *err)
{
	const struct sops_leaf *leaf = sops_file_leaf(file, node);

	if (leaf ? doc_canonical_plain(type, sops_file_plain(file, leaf), scratch, ret_text, err) <
			    0
		 : doc_canonical(&file->doc, node, scratch, ret_text, err) < 0)
		return -1;
	if (type == DOC_TYPE_BOOL)
		*ret_text = span_equal_text(*ret_text, "True") ? SPAN_LITERAL("true")
							       : SPAN_LITERAL("false");
	return 0;
}

/* As it was written before it was sealed. */
static int extract_written(const struct sops_file *file, uint32_t node, enum doc_type type,
			   char scratch[DOC_CANONICAL_MAX], struct span *ret_text,
			   struct error *err)
{
	const struct sops_leaf *leaf = sops_file_leaf(file, node);

	if (leaf)
		return doc_spelled_plain(file->doc.format, type, sops_file_plain(file, leaf),
					 scratch, ret_text, err);
	*ret_text = doc_value(&file->doc, node);
	return 0;
}

/* As sops has it where all values are strings. */
static int extract_flat(const struct sops_file *file, uint32_t node, enum doc_type type,
			char scratch[DOC_CANONICAL_MAX], struct span *ret_text, struct error *err)
{
	const struct sops_leaf *leaf = sops_file_leaf(file, node);
	char other[DOC_CANONICAL_MAX];
	struct span plain = SPAN_INIT;
	int result = 0;

	if (leaf)
		plain = sops_file_plain(file, leaf);
	else if (type != DOC_TYPE_NULL)
		result = doc_canonical(&file->doc, node, other, &plain, err);
	if (result == 0)
		result = doc_spelled_plain(DOC_DOTENV, type, plain, scratch, ret_text, err);
	secret_wipe(other, sizeof(other));
	return result;
}

enum spelling { CANONICAL, WRITTEN, FLAT };

static int extract_scalar(const struct sops_file *file, uint32_t node, enum spelling spelling,
			  struct secret *ret_text, enum doc_type *ret_type, struct error *err)
{
	const struct sops_leaf *leaf = sops_file_leaf(file, node);
	const enum doc_type type = leaf ? leaf->type : (enum doc_type)file->doc.nodes[node].type;
	char scratch[DOC_CANONICAL_MAX];
	struct span text = SPAN_LITERAL("null");
	int result = 0;

	if (spelling == FLAT)
		result = extract_flat(file, node, type, scratch, &text, err);
	else if (leaf || type != DOC_TYPE_NULL)
		result = spelling == WRITTEN
				 ? extract_written(file, node, type, scratch, &text, err)
				 : extract_canonical(file, node, type, scratch, &text, err);
	if (result == 0)
		result = secret_append_span(ret_text, text, err);
	secret_wipe(scratch, sizeof(scratch));
	*ret_type = type;
	return result;
}

int sops_file_scalar(const struct sops_file *file, uint32_t node, struct secret *ret_text,
		     enum doc_type *ret_type, struct error *err)
{
	return extract_scalar(file, node, WRITTEN, ret_text, ret_type, err);
}

int sops_file_flat_scalar(const struct sops_file *file, uint32_t node, struct secret *ret_text,
			  enum doc_type *ret_type, struct error *err)
{
	return extract_scalar(file, node, FLAT, ret_text, ret_type, err);
}

/* Each line of text without its first column blanks, or as many as there are. */
static int outdent(struct span text, size_t column, struct secret *ret_text, struct error *err)
{
	struct span line;

	while (text.len > 0) {
		const uint8_t *end = memchr(text.data, '\n', text.len);
		size_t blanks = 0;

		line = span_slice(text, 0, end ? (size_t)(end + 1 - text.data) : text.len);
		text = span_slice(text, line.len, text.len);
		while (blanks < column && blanks < line.len &&
		       (line.data[blanks] == ' ' || line.data[blanks] == '\t'))
			blanks++;
		if (secret_append_span(ret_text, span_slice(line, blanks, line.len), err) < 0)
			return -1;
	}
	return 0;
}

/* The end of a container, with the comment that stands behind its last entry on the same line. */
static size_t end_with_comment(const struct doc *doc, const struct doc_node *n)
{
	const uint8_t *text = doc->text.data;
	const uint8_t *line_end;
	size_t end = n->end;

	if (doc->format != DOC_YAML || end == n->start || text[end - 1] == '\n' ||
	    text[n->start] == '{' || text[n->start] == '[')
		return n->end; /* a comment behind a flow container is about the whole of it */
	while (end < doc->text.len && (text[end] == ' ' || text[end] == '\t'))
		end++;
	if (end == doc->text.len || text[end] != '#')
		return n->end;
	line_end = memchr(text + end, '\n', doc->text.len - end);
	return line_end ? (size_t)(line_end - text) : doc->text.len;
}

/* A map or list, with its comments, as a text of its own. */
static int extract_container(struct sops_file *file, const struct doc_path *path,
			     struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	uint32_t node;
	size_t parts;

	if (sops_file_plaintext(file, &text, err) < 0 ||
	    doc_parse(file->doc.format, &text, 0, &doc, err) < 0 ||
	    doc_path_follow(&doc, path, &node, &parts, err) < 0)
		return -1;
	if (parts != path->len)
		return error_set(err, ERROR_BUG,
				 "the plaintext lacks what the sealed document has");

	const struct doc_node *n = &doc.nodes[node];

	if (outdent(span_of(doc.text.data + n->start, end_with_comment(&doc, n) - n->start),
		    doc_column(&doc, node), ret_text, err) < 0)
		return -1;
	/* as sops prints it: a list of JSON has no line break behind it */
	if (ret_text->len == 0 || ret_text->data[ret_text->len - 1] == '\n' ||
	    (doc.format == DOC_JSON && n->kind == DOC_LIST))
		return 0;
	return secret_append_text(ret_text, "\n", err);
}

static int extract(struct sops_file *file, const struct doc_path *path, enum spelling spelling,
		   struct secret *ret_text, enum doc_type *ret_type, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	enum doc_type type = DOC_TYPE_NONE;
	uint32_t node;

	if (path->len == 0) {
		if (sops_file_plaintext(file, &text, err) < 0)
			return -1;
	} else {
		if (doc_is_reserved(file->doc.format, doc_path_key(path, 0)))
			return error_set(err, ERROR_NOT_FOUND,
					 "\"sops\" is the metadata, not a value");
		if (sops_file_follow(file, path, &node, err) < 0)
			return -1;
		if (file->doc.nodes[node].kind == DOC_SCALAR
			    ? extract_scalar(file, node, spelling, &text, &type, err) < 0
			    : extract_container(file, path, &text, err) < 0)
			return -1;
	}
	*ret_text = secret_move(&text);
	*ret_type = type;
	return 0;
}

int sops_file_extract(struct sops_file *file, const struct doc_path *path, struct secret *ret_text,
		      enum doc_type *ret_type, struct error *err)
{
	return extract(file, path, CANONICAL, ret_text, ret_type, err);
}

int sops_file_get(struct sops_file *file, const struct doc_path *path, struct secret *ret_text,
		  enum doc_type *ret_type, struct error *err)
{
	return extract(file, path, WRITTEN, ret_text, ret_type, err);
}
