/* SPDX-License-Identifier: MIT */
#include "sops/seal_tree.h"

#include <stdlib.h>

#include "sops/lookup.h"

/* What holds for all that is in a container. */
struct place {
	size_t aad_len;
	bool matches; /* a key on the path does */
};

struct walker {
	const struct sops_tree_sealer *sealer;
	const struct doc_tree *value;
	struct doc_tree *out;
	struct place *places; /* by node of value; of containers */
	struct buf aad;
	struct buf sealed; /* of one value */
};

#define WALKER_INIT ((struct walker){ NULL, NULL, NULL, NULL, BUF_INIT, BUF_INIT })

static void walker_release(struct walker *w)
{
	free(w->places);
	buf_release(&w->aad);
	buf_release(&w->sealed);
}

/* Goes to node: its additional data are in w->aad then. */
static int enter(struct walker *w, uint32_t node, const struct place *top, struct place *ret_place,
		 struct error *err)
{
	const struct doc_tree_node *n = &w->value->nodes[node];
	const struct span key = doc_tree_key(w->value, node);
	struct place place = n->parent == DOC_NONE ? *top : w->places[n->parent];
	bool matches;

	w->aad.len = place.aad_len;
	if (n->parent != DOC_NONE && w->value->nodes[n->parent].kind == DOC_MAP) {
		if (sops_selection_key(w->sealer->selection, key, &matches, err) < 0 ||
		    buf_append_span(&w->aad, key, err) < 0 ||
		    buf_append_text(&w->aad, ":", err) < 0)
			return -1;
		place = (struct place){ w->aad.len, place.matches || matches };
	}
	*ret_place = place;
	return 0;
}

/* As it was sealed already, where the same value stood in the same place. */
static int seal_plain(struct walker *w, enum doc_type type, struct span plain, struct error *err)
{
	const struct sops_tree_sealer *sealer = w->sealer;
	const struct span aad = buf_span(&w->aad);
	struct span former;
	uint32_t node;

	if (sealer->reuse->file) {
		if (sops_reuse_take(sealer->reuse, aad, type, plain, &former, &node, err) < 0)
			return -1;
		if (former.len > 0)
			return buf_append_span(&w->sealed, former, err);
	}
	return sops_cipher_seal(sealer->cipher, type, plain, aad, &w->sealed, err);
}

/* Into the MAC, and sealed; what is empty stays as it is (trap T4). */
static int seal(struct walker *w, enum doc_type type, struct span text, bool selected,
		struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	struct span plain = text;
	int result = 0;

	if (sops_mac_add_plain(w->sealer->mac, type, text, selected, err) < 0)
		return -1;
	if (!selected || text.len == 0)
		return 0;
	/* a boolean is sealed as sops spells it, "True", which is opened as "true" */
	if (type == DOC_TYPE_BOOL)
		result = doc_canonical_plain(type, text, scratch, &plain, err);
	return result < 0 ? -1 : seal_plain(w, type, plain, err);
}

static int add_scalar(struct walker *w, uint32_t node, const struct place *place, struct span key,
		      struct error *err)
{
	const bool selected = sops_selection_seals(w->sealer->selection, place->matches);
	const enum doc_type type = (enum doc_type)w->value->nodes[node].type;
	const struct span text = doc_tree_value(w->value, node);

	buf_clear(&w->sealed);
	if (type != DOC_TYPE_NULL && seal(w, type, text, selected, err) < 0)
		return -1;
	if (w->sealed.len > 0)
		return doc_tree_add(w->out, DOC_SCALAR, key, DOC_TYPE_STRING, buf_span(&w->sealed),
				    err);
	return doc_tree_add(w->out, DOC_SCALAR, key, type, text, err);
}

/* Closes the containers that end behind node. */
static void close_ended(struct walker *w, uint32_t node)
{
	for (uint32_t i = w->value->nodes[node].kind == DOC_SCALAR ? w->value->nodes[node].parent
								   : node;
	     i != DOC_NONE && w->value->nodes[i].next == node + 1; i = w->value->nodes[i].parent)
		doc_tree_close(w->out);
}

static int add_node(struct walker *w, uint32_t node, const struct place *top, struct span key,
		    struct error *err)
{
	const struct doc_tree_node *n = &w->value->nodes[node];
	struct place place;

	if (enter(w, node, top, &place, err) < 0)
		return -1;
	w->places[node] = place;
	if ((n->kind == DOC_SCALAR ? add_scalar(w, node, &place, key, err)
				   : doc_tree_add(w->out, (enum doc_kind)n->kind, key,
						  DOC_TYPE_NONE, SPAN_INIT, err)) < 0)
		return -1;
	close_ended(w, node);
	return 0;
}

int sops_seal_tree(const struct sops_tree_sealer *sealer, const struct doc_tree *value,
		   struct span aad, bool selected, struct span key, struct doc_tree *ret_tree,
		   struct error *err)
{
	AUTO(walker) w = WALKER_INIT;
	/* whether something on the path matches is told by what it comes to */
	const struct place top = { aad.len,
				   sops_selection_seals(sealer->selection, true) == selected };

	w.sealer = sealer;
	w.value = value;
	w.out = ret_tree;
	w.places = calloc(value->len, sizeof(*w.places));
	if (!w.places)
		return error_memory(err);
	if (buf_append_span(&w.aad, aad, err) < 0)
		return -1;
	for (uint32_t node = 0; node < value->len; node++)
		if (add_node(&w, node, &top, node == 0 ? key : doc_tree_key(value, node), err) < 0)
			return -1;
	return 0;
}

/* The canonical text of what is there now; its type is in *ret_type. */
static int old_value(const struct sops_file *file, uint32_t node, char scratch[DOC_CANONICAL_MAX],
		     enum doc_type *ret_type, struct span *ret_text, struct error *err)
{
	const struct sops_leaf *leaf = sops_file_leaf(file, node);

	*ret_type = leaf ? leaf->type : (enum doc_type)file->doc.nodes[node].type;
	*ret_text = SPAN_INIT;
	if (leaf)
		return doc_canonical_plain(leaf->type, sops_file_plain(file, leaf), scratch,
					   ret_text, err);
	return *ret_type == DOC_TYPE_NULL ? 0
					  : doc_canonical(&file->doc, node, scratch, ret_text, err);
}

static int equal_scalar(const struct doc_tree *value, uint32_t i, const struct sops_file *file,
			uint32_t node, bool *ret_equal, struct error *err)
{
	const enum doc_type new_type = (enum doc_type)value->nodes[i].type;
	char old_scratch[DOC_CANONICAL_MAX], new_scratch[DOC_CANONICAL_MAX];
	struct span old_text, new_text = SPAN_INIT;
	enum doc_type type;
	int result = old_value(file, node, old_scratch, &type, &old_text, err);

	if (result == 0 && new_type != DOC_TYPE_NULL)
		result = doc_canonical_plain(new_type, doc_tree_value(value, i), new_scratch,
					     &new_text, err);
	*ret_equal = result == 0 && type == new_type && span_equal(old_text, new_text);
	secret_wipe(old_scratch, sizeof(old_scratch));
	secret_wipe(new_scratch, sizeof(new_scratch));
	return result;
}

/* Nesting is that of the document which the tree was read from, which is limited. */
static int equal_node(const struct doc_tree *value, uint32_t i, const struct sops_file *file,
		      uint32_t node, bool *ret_equal, struct error *err)
{
	const struct doc_tree_node *n = &value->nodes[i];
	const struct doc *doc = &file->doc;
	uint32_t child;

	*ret_equal = n->kind == doc->nodes[node].kind;
	if (!*ret_equal)
		return 0;
	if (n->kind == DOC_SCALAR)
		return equal_scalar(value, i, file, node, ret_equal, err);
	child = doc_child(doc, node);
	for (uint32_t k = i + 1; k < n->next; k = value->nodes[k].next) {
		*ret_equal = child != DOC_NONE &&
			     (n->kind == DOC_LIST ||
			      span_equal(doc_tree_key(value, k), doc_key(doc, child)));
		if (!*ret_equal)
			return 0;
		if (equal_node(value, k, file, child, ret_equal, err) < 0)
			return -1;
		if (!*ret_equal)
			return 0;
		child = doc_sibling(doc, child);
	}
	*ret_equal = child == DOC_NONE;
	return 0;
}

int sops_tree_equals(const struct doc_tree *value, const struct sops_file *file, uint32_t node,
		     bool *ret_equal, struct error *err)
{
	return equal_node(value, 0, file, node, ret_equal, err);
}
