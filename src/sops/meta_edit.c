/* SPDX-License-Identifier: MIT */
#include "sops/meta_edit.h"

#include <string.h>

/* What becomes of one of the metadata's entries. */
enum fate { STAYS, GOES, CHANGES };

static const char groups_key[] = "key_groups", threshold_key[] = "shamir_threshold";

static enum sops_key_kind kind_of(struct span key)
{
	unsigned kind = 0;

	while (kind < SOPS_KEY_KINDS && !sops_meta_is_named(key, sops_key_kind_names[kind]))
		kind++;
	return (enum sops_key_kind)kind;
}

/* Is the list of that kind to stand directly in the metadata? */
static bool wants_list(const struct sops_meta_change *change, enum sops_key_kind kind)
{
	return change->keys.groups->len == 1 &&
	       sops_group_has_kind(&change->keys.groups->items[0], kind);
}

static size_t count_kind(const struct sops_group *group, enum sops_key_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < group->len; i++)
		count += group->items[i].kind == kind;
	return count;
}

/* Are all keys of that kind those that the file has? */
static bool keeps_list(const struct sops_meta_change *change, enum sops_key_kind kind)
{
	const struct sops_group *group = &change->keys.groups->items[0];

	for (size_t i = 0; i < group->len; i++)
		if (group->items[i].kind == kind && !change->keys.entries->items[i].kept)
			return false;
	return count_kind(group, kind) == count_kind(&change->meta->groups.items[0], kind);
}

static bool holds_something(const struct sops_meta_change *change, uint32_t node)
{
	return change->doc->nodes[node].kind == DOC_SCALAR
		       ? change->doc->nodes[node].type != DOC_TYPE_NULL
		       : doc_child(change->doc, node) != DOC_NONE;
}

static enum fate fate_of_list(const struct sops_meta_change *change, uint32_t node,
			      enum sops_key_kind kind)
{
	if (!wants_list(change, kind))
		return holds_something(change, node) ? GOES : STAYS;
	return keeps_list(change, kind) ? STAYS : CHANGES;
}

static enum fate fate_of_threshold(const struct sops_meta_change *change)
{
	const unsigned threshold = sops_groups_threshold(change->keys.groups);

	if (threshold == change->meta->groups.threshold)
		return STAYS;
	return threshold == 0 ? GOES : CHANGES;
}

static enum fate fate_of(const struct sops_meta_change *change, uint32_t node)
{
	const struct span key = doc_key(change->doc, node);
	const enum sops_key_kind kind = kind_of(key);

	if (kind < SOPS_KEY_KINDS)
		return fate_of_list(change, node, kind);
	if (sops_meta_is_named(key, groups_key))
		return change->keys.groups->len > 1 ? CHANGES : GOES;
	if (sops_meta_is_named(key, threshold_key))
		return fate_of_threshold(change);
	return change->stamp && (node == change->meta->mac_node ||
				 node == change->meta->lastmodified_node)
		       ? CHANGES
		       : STAYS;
}

/* The new value of an entry called name, as tree's next node under key. */
static int put_value(const struct sops_meta_change *change, struct span name, const char *key,
		     struct doc_tree *tree, struct error *err)
{
	const enum sops_key_kind kind = kind_of(name);

	if (kind < SOPS_KEY_KINDS)
		return sops_meta_tree_keys(&change->keys, 0, kind, key, tree, err);
	if (sops_meta_is_named(name, groups_key))
		return sops_meta_tree_groups(&change->keys, key, tree, err);
	if (sops_meta_is_named(name, threshold_key))
		return sops_meta_tree_threshold(sops_groups_threshold(change->keys.groups), key,
						tree, err);
	return doc_tree_scalar(tree, key, DOC_TYPE_STRING,
			       sops_meta_is_named(name, "mac") ? change->stamp->mac
							       : change->stamp->lastmodified,
			       err);
}

/* Is there to be an entry of that name that the file lacks? */
static bool is_missing(const struct sops_meta_change *change, const char *name)
{
	const enum sops_key_kind kind = kind_of(span_of_text(name));

	if (sops_meta_find(change->doc, change->meta->node, name) != DOC_NONE)
		return false;
	if (kind < SOPS_KEY_KINDS)
		return wants_list(change, kind);
	if (strcmp(name, groups_key) == 0)
		return change->keys.groups->len > 1;
	return sops_groups_threshold(change->keys.groups) > 0;
}

/* All that can be missing, sorted. */
static const char *const names[] = { "age",      "azure_kv", "gcp_kms",
				     "hc_vault", "hckms",    "key_groups",
				     "kms",      "pgp",      "shamir_threshold" };
#define NAMES (sizeof(names) / sizeof(*names))

static int change_in_place(const struct sops_meta_change *change, uint32_t node,
			   struct doc_edit *edit, struct error *err)
{
	const struct span name = doc_key(change->doc, node);
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (put_value(change, name, NULL, &tree, err) < 0)
		return -1;
	if (tree.nodes[0].kind != DOC_SCALAR || change->doc->nodes[node].kind != DOC_SCALAR)
		return doc_edit_replace(edit, node, &tree, err);
	return doc_edit_set(edit, node, (enum doc_type)tree.nodes[0].type, doc_tree_value(&tree, 0),
			    err);
}

static int edit_in_place(const struct sops_meta_change *change, struct doc_edit *edit,
			 struct error *err)
{
	const uint32_t metadata = change->meta->node;

	for (uint32_t node = doc_child(change->doc, metadata); node != DOC_NONE;
	     node = doc_sibling(change->doc, node)) {
		const enum fate fate = fate_of(change, node);

		if (fate == GOES && doc_edit_remove(edit, node, err) < 0)
			return -1;
		if (fate == CHANGES && change_in_place(change, node, edit, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < NAMES; i++) {
		AUTO(doc_tree) tree = DOC_TREE_INIT;

		if (is_missing(change, names[i]) &&
		    (put_value(change, span_of_text(names[i]), NULL, &tree, err) < 0 ||
		     doc_edit_append(edit, metadata, span_of_text(names[i]), &tree, err) < 0))
			return -1;
	}
	return 0;
}

static int copy_child(const struct sops_meta_change *change, uint32_t node, struct doc_tree *tree,
		      struct error *err)
{
	const enum fate fate = fate_of(change, node);
	AUTO(buf) key_bytes = BUF_INIT;
	const char *key;

	if (fate == GOES)
		return 0;
	if (buf_append_span(&key_bytes, doc_key(change->doc, node), err) < 0 ||
	    buf_text(&key_bytes, &key, err) < 0)
		return -1;
	return fate == STAYS ? sops_meta_tree_take(change->doc, node, key, tree, err)
			     : put_value(change, span_of_text(key), key, tree, err);
}

/* In the order of their bytes, does name come before other? */
static bool sorts_before(const char *name, struct span other)
{
	const size_t len = strlen(name) < other.len ? strlen(name) : other.len;
	const int order = len > 0 ? memcmp(name, other.data, len) : 0;

	return order != 0 ? order < 0 : strlen(name) < other.len;
}

/* The whole of the new metadata: entries that the file lacks go before the one that sorts behind them. */
static int make_tree(const struct sops_meta_change *change, struct doc_tree *tree,
		     struct error *err)
{
	size_t next = 0;

	if (doc_tree_open_map(tree, NULL, err) < 0)
		return -1;
	for (uint32_t node = doc_child(change->doc, change->meta->node);;
	     node = doc_sibling(change->doc, node)) {
		const bool done = node == DOC_NONE;

		for (; next < NAMES &&
		       (done || sorts_before(names[next], doc_key(change->doc, node)));
		     next++)
			if (is_missing(change, names[next]) &&
			    put_value(change, span_of_text(names[next]), names[next], tree, err) <
				    0)
				return -1;
		if (done)
			break;
		if (copy_child(change, node, tree, err) < 0)
			return -1;
	}
	doc_tree_close(tree);
	return 0;
}

/* Can an entry of the metadata be changed alone? Flat formats write the whole of it, line by line. */
static bool is_editable(const struct doc *doc)
{
	return doc->format == DOC_YAML;
}

/*
 * Entries that are new get their place in sops' order when the whole is written anew, which can be where
 * no comment would get lost.
 */
static bool is_better_whole(const struct sops_meta_change *change)
{
	const struct doc *doc = change->doc;
	const uint32_t metadata = change->meta->node;
	bool adds = false;

	for (size_t i = 0; i < NAMES; i++)
		adds = adds || is_missing(change, names[i]);
	for (uint32_t node = metadata; adds && node < doc->nodes[metadata].next; node++)
		adds = doc->nodes[node].kind != DOC_COMMENT;
	return adds;
}

int sops_meta_edit(const struct sops_meta_change *change, struct doc_edit *edit, struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (!is_editable(change->doc))
		return doc_edit_remove(edit, change->meta->node, err);
	if (!is_better_whole(change))
		return edit_in_place(change, edit, err);
	if (make_tree(change, &tree, err) < 0)
		return -1;
	return doc_edit_replace(edit, change->meta->node, &tree, err);
}

int sops_meta_edit_end(const struct sops_meta_change *change, struct doc_edit *edit,
		       struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	uint32_t changed;

	if (is_editable(change->doc))
		return 0;
	if (make_tree(change, &tree, err) < 0)
		return -1;
	return doc_edit_add_metadata(edit, &tree, sops_meta_indent(change->doc, change->meta),
				     &changed, err);
}

uint32_t sops_meta_next(const struct doc *doc, size_t *index)
{
	uint32_t root;

	while ((root = doc_root(doc, (*index)++)) != DOC_NONE)
		if (doc->nodes[root].kind == DOC_MAP) {
			const uint32_t node = doc_find_metadata(doc, root);

			if (node != DOC_NONE)
				return node;
		}
	return DOC_NONE;
}

bool sops_meta_is_before(const struct doc *doc, uint32_t metadata, uint32_t node)
{
	if (metadata == DOC_NONE || node == DOC_NONE)
		return metadata < node;
	return doc->nodes[metadata].entry < doc->nodes[node].start;
}
