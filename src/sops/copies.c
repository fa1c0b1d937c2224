/* SPDX-License-Identifier: MIT */
#include "sops/copies.h"

#include "doc/edit.h"
#include "sops/meta_tree.h"

/* Do two nodes of doc hold the same values under the same keys? Spelling and comments do not count. */
static bool is_same(const struct doc *doc, uint32_t a, uint32_t b)
{
	uint32_t x = doc_child(doc, a), y = doc_child(doc, b);

	if (doc->nodes[a].kind != doc->nodes[b].kind || doc->nodes[a].type != doc->nodes[b].type ||
	    !span_equal(doc_key(doc, a), doc_key(doc, b)))
		return false;
	if (doc->nodes[a].kind == DOC_SCALAR)
		return span_equal(doc_value(doc, a), doc_value(doc, b));
	while (x != DOC_NONE && y != DOC_NONE && is_same(doc, x, y)) {
		x = doc_sibling(doc, x);
		y = doc_sibling(doc, y);
	}
	return x == DOC_NONE && y == DOC_NONE;
}

size_t sops_copies_other(const struct doc *doc, uint32_t metadata)
{
	uint32_t root = doc_root(doc, 0);

	while ((root = doc_sibling(doc, root)) != DOC_NONE) {
		const uint32_t copy = doc_find_metadata(doc, root);

		if (copy != DOC_NONE && !is_same(doc, metadata, copy))
			return doc_line(doc, copy);
	}
	return 0;
}

bool sops_copies_are_missing(const struct doc *doc)
{
	uint32_t root = doc_root(doc, 0);

	while ((root = doc_sibling(doc, root)) != DOC_NONE)
		if (doc_find_metadata(doc, root) == DOC_NONE)
			return true;
	return false;
}

struct copier {
	struct doc doc;
	struct sops_meta meta;
	struct doc_tree tree;
	struct doc_edit edit;
	bool changed;
};

static void copier_release(struct copier *c)
{
	doc_edit_release(&c->edit);
	doc_tree_release(&c->tree);
	sops_meta_release(&c->meta);
	doc_release(&c->doc);
}

static int write_copy(struct copier *c, uint32_t root, bool adds, struct error *err)
{
	const uint32_t copy = doc_find_metadata(&c->doc, root);

	if (copy == DOC_NONE) {
		c->changed = c->changed || adds;
		return adds ? doc_edit_add_copy(&c->edit, root, &c->tree,
						sops_meta_indent(&c->doc, &c->meta), err)
			    : 0;
	}
	if (is_same(&c->doc, c->meta.node, copy))
		return 0;
	c->changed = true;
	return doc_edit_replace(&c->edit, copy, &c->tree, err);
}

static int write_copies(struct copier *c, bool adds, struct error *err)
{
	const size_t len = c->doc.text.len / 2 * 3 + 4096;
	uint32_t root = doc_root(&c->doc, 0);

	if (sops_meta_read(&c->doc, &c->meta, err) < 0 ||
	    sops_meta_tree_take(&c->doc, c->meta.node, NULL, &c->tree, err) < 0 ||
	    doc_edit_begin(&c->doc, len, &c->edit, err) < 0)
		return -1;
	while ((root = doc_sibling(&c->doc, root)) != DOC_NONE)
		if (write_copy(c, root, adds, err) < 0)
			return -1;
	return 0;
}

int sops_copies_write(const struct doc *like, struct secret *sealed, bool adds, struct error *err)
{
	AUTO(copier)
	c = { .doc = DOC_INIT, .meta = SOPS_META_INIT, .tree = DOC_TREE_INIT, .edit = DOC_EDIT_INIT };
	AUTO(secret) text = SECRET_INIT;

	if (doc_documents(like) < 2)
		return 0;
	if (doc_parse(like->format, sealed, DOC_SEALED, &c.doc, err) < 0)
		return -1;
	if (write_copies(&c, adds, err) < 0 ||
	    (c.changed && doc_edit_finish(&c.edit, &text, err) < 0)) {
		*sealed = secret_move(&c.doc.text);
		return -1;
	}
	*sealed = secret_move(c.changed ? &text : &c.doc.text);
	return 0;
}
