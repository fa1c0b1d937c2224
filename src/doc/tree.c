/* SPDX-License-Identifier: MIT */
#include "doc/tree.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "internal.h"
#include "util/buf.h"
#include "util/text.h"

/* More is no value of one document. */
static int grow(struct doc_tree *tree, struct error *err)
{
	if (tree->len == tree->cap) {
		const uint32_t cap = tree->cap * 2 + 32;
		struct doc_tree_node *nodes;

		if (tree->len >= DOC_NODES_MAX)
			return error_set(err, ERROR_LIMIT, "more than %zu values", DOC_NODES_MAX);
		nodes = realloc(tree->nodes, cap * sizeof(*nodes)); /* offsets only */
		if (nodes == NULL)
			return error_memory(err);
		tree->nodes = nodes;
		tree->cap = cap;
	}
	return 0;
}

int doc_tree_add(struct doc_tree *tree, enum doc_kind kind, struct span key, enum doc_type type,
		 struct span value, struct error *err)
{
	const uint32_t key_at = (uint32_t)tree->bytes.len;

	assert(tree->len == 0 || tree->open != DOC_NONE);
	if (tree->bytes.len + key.len + value.len > DOC_TEXT_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu MiB of values",
				 DOC_TEXT_MAX >> 20);
	if (grow(tree, err) < 0 || secret_append_span(&tree->bytes, key, err) < 0 ||
	    secret_append_span(&tree->bytes, value, err) < 0)
		return -1;
	tree->nodes[tree->len] = (struct doc_tree_node){
		.kind = (uint8_t)kind,
		.type = (uint8_t)type,
		.parent = tree->open,
		.next = kind == DOC_MAP || kind == DOC_LIST ? 0 : tree->len + 1,
		.key = key_at,
		.key_len = (uint32_t)key.len,
		.value = key_at + (uint32_t)key.len,
		.value_len = (uint32_t)value.len,
	};
	if (kind == DOC_MAP || kind == DOC_LIST)
		tree->open = tree->len;
	tree->len++;
	return 0;
}

static struct span key_span(const char *key)
{
	return key == NULL ? SPAN_INIT : span_of_text(key);
}

int doc_tree_open_map(struct doc_tree *tree, const char *key, struct error *err)
{
	return doc_tree_add(tree, DOC_MAP, key_span(key), DOC_TYPE_NONE, SPAN_INIT, err);
}

int doc_tree_open_list(struct doc_tree *tree, const char *key, struct error *err)
{
	return doc_tree_add(tree, DOC_LIST, key_span(key), DOC_TYPE_NONE, SPAN_INIT, err);
}

void doc_tree_close(struct doc_tree *tree)
{
	assert(tree->open != DOC_NONE);
	tree->nodes[tree->open].next = tree->len;
	tree->open = tree->nodes[tree->open].parent;
}

int doc_tree_scalar(struct doc_tree *tree, const char *key, enum doc_type type, struct span value,
		    struct error *err)
{
	return doc_tree_add(tree, DOC_SCALAR, key_span(key), type, value, err);
}

/* The containers of value that end with its node. */
static void close_ended(struct doc_tree *tree, const struct doc_tree *value, uint32_t node)
{
	const bool is_leaf = value->nodes[node].next == node + 1 &&
			     value->nodes[node].kind != DOC_MAP &&
			     value->nodes[node].kind != DOC_LIST;

	for (uint32_t i = is_leaf ? value->nodes[node].parent : node;
	     i != DOC_NONE && value->nodes[i].next == node + 1; i = value->nodes[i].parent)
		doc_tree_close(tree);
}

int doc_tree_copy(struct doc_tree *tree, struct span key, const struct doc_tree *value,
		  struct error *err)
{
	for (uint32_t node = 0; node < value->len; node++) {
		if (doc_tree_add(tree, (enum doc_kind)value->nodes[node].kind,
				 node == 0 ? key : doc_tree_key(value, node),
				 (enum doc_type)value->nodes[node].type,
				 doc_tree_value(value, node), err) < 0)
			return -1;
		close_ended(tree, value, node);
	}
	return 0;
}

struct span doc_tree_key(const struct doc_tree *tree, uint32_t node)
{
	return span_slice(secret_span(&tree->bytes), tree->nodes[node].key,
			  tree->nodes[node].key_len);
}

struct span doc_tree_value(const struct doc_tree *tree, uint32_t node)
{
	return span_slice(secret_span(&tree->bytes), tree->nodes[node].value,
			  tree->nodes[node].value_len);
}

/* A key and the map that it is in. */
struct place {
	uint32_t map;
	struct span name;
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	const size_t len = x->name.len < y->name.len ? x->name.len : y->name.len;
	int order = 0;

	if (x->map != y->map)
		return x->map < y->map ? -1 : 1;
	if (len > 0)
		order = memcmp(x->name.data, y->name.data, len);
	return order != 0 ? order : x->name.len < y->name.len ? -1 : x->name.len > y->name.len;
}

int doc_tree_check_keys(const struct doc_tree *tree, struct error *err)
{
	AUTO_FREE struct place *places = calloc((size_t)tree->len + 1, sizeof(*places));
	size_t len = 0;

	if (!places)
		return error_memory(err);
	for (uint32_t node = 1; node < tree->len; node++)
		if (tree->nodes[tree->nodes[node].parent].kind == DOC_MAP &&
		    tree->nodes[node].kind != DOC_COMMENT)
			places[len++] = (struct place){ tree->nodes[node].parent,
							doc_tree_key(tree, node) };
	if (len > 0)
		qsort(places, len, sizeof(*places), compare_places);
	for (size_t i = 1; i < len; i++)
		if (compare_places(&places[i - 1], &places[i]) == 0)
			return error_set(err, ERROR_DUMP, "a map has the key \"%s\" twice",
					 text_printable(places[i].name).text);
	return 0;
}

void doc_tree_release(struct doc_tree *tree)
{
	secret_release(&tree->bytes);
	free(tree->nodes);
	*tree = DOC_TREE_INIT;
}

int doc_tree_emit_yaml(const struct doc_tree *tree, uint32_t node, unsigned indent, unsigned base,
		       struct secret *out, struct error *err)
{
	const struct yaml_layout layout = { indent < 2 || indent > 9 ? 2 : indent, "\n" };

	return yaml_emit_block(tree, node, &layout, base, out, err);
}

int doc_tree_emit(enum doc_format format, const struct doc_tree *tree, unsigned indent,
		  struct secret *out, struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(format);

	if (ops == NULL)
		return error_set(err, ERROR_UNSUPPORTED, "the format \"%s\" is not supported",
				 doc_format_name(format));
	if (ops->emit(tree, indent, out, err) == 0)
		return 0;
	if (err->kind == ERROR_FORMAT)
		err->kind = ERROR_DUMP;
	return -1;
}

int doc_tree_emit_value(enum doc_format format, const struct doc_tree *tree, unsigned indent,
			struct secret *out, struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(format);
	const struct doc_tree_node *root = &tree->nodes[0];

	if (root->kind == DOC_MAP)
		return doc_tree_emit(format, tree, indent, out, err);
	if (root->kind == DOC_SCALAR && root->type == DOC_TYPE_STRING)
		return secret_append_span(out,
					  span_slice(secret_span(&tree->bytes), root->value,
						     root->value_len),
					  err);
	if (ops == NULL || ops->emit_value == NULL)
		return error_set(err, ERROR_DUMP,
				 "%s has no spelling for a single value that is no string",
				 doc_format_name(format));
	return ops->emit_value(tree, indent, out, err);
}
