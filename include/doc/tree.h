/* SPDX-License-Identifier: MIT */
/*
 * A small tree of values to be written: new metadata, a new subtree. Public or
 * secret, all bytes lie in one struct secret.
 */
#ifndef DOC_TREE_H
#define DOC_TREE_H

#include "doc/doc.h"

struct doc_tree_node {
	uint8_t kind; /* DOC_MAP, DOC_LIST, DOC_SCALAR, or DOC_COMMENT: its value follows the "#" */
	uint8_t type; /* of a scalar */
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
/* The same for any kind (comments, too), with a key that may hold any byte; a container is opened. */
MUST_USE int doc_tree_add(struct doc_tree *tree, enum doc_kind kind, struct span key,
			  enum doc_type type, struct span value, struct error *err);
/* All of value, another tree, under key. */
MUST_USE int doc_tree_copy(struct doc_tree *tree, struct span key, const struct doc_tree *value,
			   struct error *err);
/* Borrowed until the tree is changed. */
struct span doc_tree_key(const struct doc_tree *tree, uint32_t node);
struct span doc_tree_value(const struct doc_tree *tree, uint32_t node);
/* Refuses a map with a key twice: JSON may have one, other formats not. ERROR_DUMP. */
MUST_USE int doc_tree_check_keys(const struct doc_tree *tree, struct error *err);
void doc_tree_release(struct doc_tree *tree);

/*
 * Writes the tree as sops writes YAML (block style, indent spaces a level, strings quoted by go-yaml's
 * rules, literal blocks). base is the column of the tree's own keys.
 */
MUST_USE int doc_tree_emit_yaml(const struct doc_tree *tree, uint32_t node, unsigned indent,
				unsigned base, struct secret *out, struct error *err);

/*
 * Writes the tree, whose root is a map, as a document of that format; indent: blanks a level. Comments are left out where the format has none. ERROR_DUMP for what the format cannot hold.
 */
#define DOC_INDENT_SOPS UINT32_MAX /* as sops does it by default */
MUST_USE int doc_tree_emit(enum doc_format format, const struct doc_tree *tree, unsigned indent,
			   struct secret *out, struct error *err);

/*
 * One value as sops prints it: strings as they are, a map as a document, all else as the format has it.
 */
MUST_USE int doc_tree_emit_value(enum doc_format format, const struct doc_tree *tree,
				 unsigned indent, struct secret *out, struct error *err);

/*
 * What a leaf of a document holds: its type and canonical text (as doc_canonical(); null has none),
 * borrowed or in scratch. For a sealed document what the leaf was opened to.
 */
typedef int doc_leaf_reader(const void *argument, uint32_t node, char scratch[DOC_CANONICAL_MAX],
			    enum doc_type *ret_type, struct span *ret_text, struct error *err);
/* The leaf as it stands. */
MUST_USE int doc_leaf_read(const struct doc *doc, uint32_t node, char scratch[DOC_CANONICAL_MAX],
			   enum doc_type *ret_type, struct span *ret_text, struct error *err);
/* The values and comments from node on as a tree, without metadata. read NULL: as they stand, with it. */
MUST_USE int doc_tree_from(const struct doc *doc, uint32_t node, doc_leaf_reader *read,
			   const void *argument, struct doc_tree *ret_tree, struct error *err);

/*
 * A plaintext document (taken over) in another format: values, and comments where it has them; the
 * first of ret_documents. ERROR_SEALED for what has metadata; ERROR_DUMP.
 */
MUST_USE int doc_convert(enum doc_format from, struct secret *text, enum doc_format to,
			 unsigned indent, struct secret *ret_text, size_t *ret_documents,
			 struct error *err);

#endif
