/* SPDX-License-Identifier: MIT */
/*
 * A small tree of values to be written: new metadata, a new subtree. Public or
 * secret, all bytes lie in one struct secret.
 */
#ifndef DOC_TREE_H
#define DOC_TREE_H

#include "doc/doc.h"

struct doc_tree_node {
	uint8_t kind;                            /* DOC_MAP, DOC_LIST or DOC_SCALAR */
	uint8_t type;                            /* of a scalar */
	uint32_t parent, next;                   /* pre-order, as in struct doc */
	uint32_t key, key_len, value, value_len; /* in bytes */
};

struct doc_tree {
	struct doc_tree_node *nodes;
	uint32_t len, cap;
	uint32_t open; /* the container that is being filled */
	struct secret bytes;
};

#define DOC_TREE_INIT ((struct doc_tree){ NULL, 0, 0, DOC_NONE, SECRET_INIT })

/* Built in order; key is ignored in a list and for the root. */
MUST_USE int doc_tree_open_map(struct doc_tree *tree, const char *key, struct error *err);
MUST_USE int doc_tree_open_list(struct doc_tree *tree, const char *key, struct error *err);
void doc_tree_close(struct doc_tree *tree);
MUST_USE int doc_tree_scalar(struct doc_tree *tree, const char *key, enum doc_type type,
			     struct span value, struct error *err);
void doc_tree_release(struct doc_tree *tree);

/*
 * Writes the tree as sops writes YAML (block style, indent spaces a level, strings quoted by go-yaml's
 * rules, literal blocks). base is the column of the tree's own keys.
 */
MUST_USE int doc_tree_emit_yaml(const struct doc_tree *tree, uint32_t node, unsigned indent,
				unsigned base, struct secret *out, struct error *err);

/* Writes the tree, whose root is a map, as a document of that format. indent: columns a level, where the format has them. ERROR_FORMAT for what the format cannot hold. */
MUST_USE int doc_tree_emit(enum doc_format format, const struct doc_tree *tree, unsigned indent,
			   struct secret *out, struct error *err);

#endif
