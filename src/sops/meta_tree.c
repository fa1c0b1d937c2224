/* SPDX-License-Identifier: MIT */
#include "sops/meta_tree.h"

#include <stdlib.h>

static int put_text(struct doc_tree *tree, const char *key, struct span text, struct error *err)
{
	return doc_tree_scalar(tree, key, DOC_TYPE_STRING, text, err);
}

static int put_recipients(const struct sops_policy *policy, const struct buf *encs,
			  struct doc_tree *tree, struct error *err)
{
	if (doc_tree_open_list(tree, "age", err) < 0)
		return -1;
	for (size_t i = 0; i < policy->recipients.len; i++) {
		if (doc_tree_open_map(tree, NULL, err) < 0 ||
		    put_text(tree, "enc", buf_span(&encs[i]), err) < 0 ||
		    put_text(tree, "recipient", span_of_text(policy->recipients.items[i].text),
			     err) < 0)
			return -1;
		doc_tree_close(tree);
	}
	doc_tree_close(tree);
	return 0;
}

/* The selector, where its kind is among those that are sorted before (or behind) "lastmodified". */
static int put_selector(const struct sops_policy *policy, bool before, struct doc_tree *tree,
			struct error *err)
{
	const enum sops_selector_kind kind =
		policy->selector.text ? policy->selector.kind : SOPS_UNENCRYPTED_SUFFIX;
	const char *text = policy->selector.text ? policy->selector.text : SOPS_DEFAULT_SUFFIX;
	const char *name = sops_selector_names[kind];

	if (policy->whole || (name[0] == 'e') != before)
		return 0;
	return put_text(tree, name, span_of_text(text), err);
}

static int put_fields(const struct sops_policy *policy, const struct buf *encs,
		      const struct sops_seal_stamp *stamp, struct doc_tree *tree, struct error *err)
{
	if (doc_tree_open_map(tree, NULL, err) < 0 || put_recipients(policy, encs, tree, err) < 0 ||
	    put_selector(policy, true, tree, err) < 0 ||
	    put_text(tree, "lastmodified", stamp->lastmodified, err) < 0 ||
	    put_text(tree, "mac", stamp->mac, err) < 0)
		return -1;
	if (policy->mac_only_encrypted && doc_tree_scalar(tree, "mac_only_encrypted", DOC_TYPE_BOOL,
							  SPAN_LITERAL("true"), err) < 0)
		return -1;
	if (put_selector(policy, false, tree, err) < 0 ||
	    put_text(tree, "version", SPAN_LITERAL(SOPS_FORMAT_VERSION), err) < 0)
		return -1;
	doc_tree_close(tree);
	return 0;
}

int sops_meta_tree_new(const struct sops_policy *policy, const struct buf *encs,
		       const struct sops_seal_stamp *stamp, struct doc_tree *ret_tree,
		       struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (put_fields(policy, encs, stamp, &tree, err) < 0)
		return -1;
	*ret_tree = tree;
	tree = DOC_TREE_INIT;
	return 0;
}

/* Is version a.b.c older than ours? One that cannot be read is not. */
static bool is_older(struct span version)
{
	struct span ours = SPAN_LITERAL(SOPS_FORMAT_VERSION), a, b;

	if (span_starts_with(version, "v"))
		version = span_slice(version, 1, version.len);
	while (span_take_until(&version, '.', &a) && span_take_until(&ours, '.', &b)) {
		char theirs_text[16] = "", ours_text[16] = "";
		unsigned long x, y;

		if (a.len >= sizeof(theirs_text) || b.len >= sizeof(ours_text))
			return false;
		for (size_t i = 0; i < a.len; i++)
			theirs_text[i] = (char)a.data[i];
		for (size_t i = 0; i < b.len; i++)
			ours_text[i] = (char)b.data[i];
		x = strtoul(theirs_text, NULL, 10);
		y = strtoul(ours_text, NULL, 10);
		if (x != y)
			return x < y;
	}
	return false;
}

/* A scalar of the old metadata, or what takes its place. */
static struct span value_of(const struct doc *doc, const struct sops_meta *meta,
			    const struct sops_seal_stamp *stamp, uint32_t node)
{
	if (node == meta->mac_node)
		return stamp->mac;
	if (node == meta->lastmodified_node)
		return stamp->lastmodified;
	if (doc->nodes[node].parent == meta->node &&
	    span_equal_text(doc_key(doc, node), "version") && is_older(meta->version))
		return SPAN_LITERAL(SOPS_FORMAT_VERSION);
	return doc_value(doc, node);
}

static int copy_node(const struct doc *doc, const struct sops_meta *meta,
		     const struct sops_seal_stamp *stamp, uint32_t node, struct doc_tree *tree,
		     struct error *err)
{
	const struct doc_node *n = &doc->nodes[node];
	const bool renewed = node == meta->mac_node || node == meta->lastmodified_node;
	AUTO(buf) key_bytes = BUF_INIT;
	const char *key;

	if (buf_append_span(&key_bytes, doc_key(doc, node), err) < 0 ||
	    buf_text(&key_bytes, &key, err) < 0)
		return -1;
	if (n->kind == DOC_MAP)
		return doc_tree_open_map(tree, key, err);
	if (n->kind == DOC_LIST)
		return doc_tree_open_list(tree, key, err);
	return doc_tree_scalar(tree, key, renewed ? DOC_TYPE_STRING : (enum doc_type)n->type,
			       value_of(doc, meta, stamp, node), err);
}

static int copy_all(const struct doc *doc, const struct sops_meta *meta,
		    const struct sops_seal_stamp *stamp, struct doc_tree *tree, struct error *err)
{
	uint32_t inside = meta->node; /* the container that is open in tree */

	if (copy_node(doc, meta, stamp, meta->node, tree, err) < 0)
		return -1;
	for (uint32_t node = meta->node + 1; node < doc->nodes[meta->node].next; node++) {
		if (doc->nodes[node].kind == DOC_COMMENT)
			continue;
		for (; inside != doc->nodes[node].parent; inside = doc->nodes[inside].parent)
			doc_tree_close(tree);
		if (copy_node(doc, meta, stamp, node, tree, err) < 0)
			return -1;
		if (doc->nodes[node].kind != DOC_SCALAR)
			inside = node;
	}
	for (; inside != doc->nodes[meta->node].parent; inside = doc->nodes[inside].parent)
		doc_tree_close(tree);
	return 0;
}

int sops_meta_tree_copy(const struct doc *doc, const struct sops_meta *meta,
			const struct sops_seal_stamp *stamp, struct doc_tree *ret_tree,
			struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (copy_all(doc, meta, stamp, &tree, err) < 0)
		return -1;
	*ret_tree = tree;
	tree = DOC_TREE_INIT;
	return 0;
}
