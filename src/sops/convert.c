/* SPDX-License-Identifier: MIT */
/* An opened file in another format: the whole of it, or one value. */
#include "doc/tree.h"
#include "sops/file.h"
#include "sops/lookup.h"

/* As doc_leaf_read(), of what a sealed leaf was opened to. */
static int read_leaf(const void *argument, uint32_t node, char scratch[DOC_CANONICAL_MAX],
		     enum doc_type *ret_type, struct span *ret_text, struct error *err)
{
	const struct sops_file *file = argument;
	const struct sops_leaf *leaf = sops_file_leaf(file, node);

	if (!leaf)
		return doc_leaf_read(&file->doc, node, scratch, ret_type, ret_text, err);
	*ret_type = leaf->type;
	return doc_canonical_plain(leaf->type, sops_file_plain(file, leaf), scratch, ret_text, err);
}

int sops_file_convert(const struct sops_file *file, const struct doc_path *path,
		      enum doc_format format, unsigned indent, struct secret *ret_text,
		      struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) text = SECRET_INIT;
	uint32_t node;

	if (path->len > 0 && !path->parts[0].is_index &&
	    doc_is_reserved(file->doc.format, doc_path_key(path, 0)))
		return error_set(err, ERROR_NOT_FOUND, "\"sops\" is the metadata, not a value");
	if (format == DOC_BINARY && path->len == 0 && doc_root(&file->doc, 1) != DOC_NONE)
		return error_set(err, ERROR_DUMP,
				 "it has several documents, and so is no sealed binary file; "
				 "--output-type says what else to write");
	if (sops_file_follow(file, path, &node, err) < 0 ||
	    doc_tree_from(&file->doc, node, read_leaf, file, &tree, err) < 0 ||
	    doc_tree_emit_value(format, &tree, indent, &text, err) < 0)
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}

int sops_reformat(enum doc_format from, const struct secret *sealed, enum doc_format to,
		  unsigned indent, const struct key32 *data_key, struct secret *ret_text,
		  struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) out = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (secret_append_span(&text, secret_span(sealed), err) < 0 ||
	    doc_parse(from, &text, DOC_SEALED, &doc, err) < 0)
		return -1;
	if (doc_root(&doc, 1) != DOC_NONE)
		return error_set(err, ERROR_DUMP, "several documents in one file");
	if (doc_tree_from(&doc, doc_root(&doc, 0), NULL, NULL, &tree, err) < 0 ||
	    doc_tree_emit(to, &tree, indent, &out, err) < 0)
		return -1;
	if (sops_check(to, &out, data_key, err) < 0) {
		if (err->kind != ERROR_BUG)
			return -1;
		/* metadata that are lines in one of the two are none in the other: no bug, so no such hint */
		error_clear(err);
		(void)error_set(err, ERROR_DUMP, "a sealed file of %s does not become one of %s",
				doc_format_name(from), doc_format_name(to));
		return error_hint(err, "decrypt it, and encrypt it with --output-type");
	}
	*ret_text = secret_move(&out);
	return 0;
}
