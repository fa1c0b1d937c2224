/* SPDX-License-Identifier: MIT */
#include "sops/set_plain.h"

#include "doc/edit.h"
#include "doc/path.h"

/* What path names below the container that is there, as a tree: keys and lists around value. */
static int wrap(const struct doc_path *path, size_t from, const struct doc_tree *value,
		struct doc_tree *ret_tree, struct error *err)
{
	struct span key = SPAN_INIT;

	for (size_t part = from; part < path->len; part++) {
		const bool is_index = path->parts[part].is_index;

		if (doc_tree_add(ret_tree, is_index ? DOC_LIST : DOC_MAP, key, DOC_TYPE_NONE,
				 SPAN_INIT, err) < 0)
			return -1;
		key = is_index ? SPAN_INIT : doc_path_key(path, part);
	}
	if (doc_tree_copy(ret_tree, key, value, err) < 0)
		return -1;
	for (size_t part = from; part < path->len; part++)
		doc_tree_close(ret_tree);
	return 0;
}

static int replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		   struct error *err)
{
	if (value->nodes[0].kind != DOC_SCALAR)
		return doc_edit_replace(edit, node, value, err);
	return doc_edit_set(edit, node, (enum doc_type)value->nodes[0].type,
			    doc_tree_value(value, 0), err);
}

static int change(struct doc_edit *edit, const struct doc_path *path, const struct doc_tree *value,
		  struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	struct span key = SPAN_INIT;
	uint32_t node;
	size_t parts;

	if (doc_path_follow(edit->doc, path, &node, &parts, err) < 0)
		return -1;
	if (!value)
		return doc_edit_remove(edit, node, err);
	if (parts == path->len || edit->doc->nodes[node].kind == DOC_SCALAR)
		return replace(edit, node, value, err);
	if (wrap(path, parts + 1, value, &tree, err) < 0)
		return -1;
	if (!path->parts[parts].is_index)
		key = doc_path_key(path, parts);
	return doc_edit_append(edit, node, key, &tree, err);
}

int sops_set_in_plaintext(struct sops_file *file, const struct doc_path *path,
			  const struct doc_tree *value, struct secret *ret_sealed,
			  struct error *err)
{
	AUTO(secret) plain = SECRET_INIT;
	AUTO(secret) changed = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;

	if (sops_file_plaintext(file, &plain, err) < 0 ||
	    doc_parse(file->doc.format, &plain, 0, &doc, err) < 0 ||
	    doc_edit_begin(&doc, doc.text.len + 4096, &edit, err) < 0 ||
	    change(&edit, path, value, err) < 0 || doc_edit_finish(&edit, &changed, err) < 0)
		return -1;
	return sops_file_reseal(file, &changed, ret_sealed, NULL, err);
}
