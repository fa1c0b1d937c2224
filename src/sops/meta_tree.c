/* SPDX-License-Identifier: MIT */
#include "sops/meta_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int put_text(struct doc_tree *tree, const char *key, struct span text, struct error *err)
{
	return doc_tree_scalar(tree, key, DOC_TYPE_STRING, text, err);
}

static int take_node(const struct doc *doc, uint32_t node, const char *key, struct doc_tree *tree,
		     struct error *err)
{
	const struct doc_node *n = &doc->nodes[node];

	if (n->kind == DOC_MAP)
		return doc_tree_open_map(tree, key, err);
	if (n->kind == DOC_LIST)
		return doc_tree_open_list(tree, key, err);
	return doc_tree_scalar(tree, key, (enum doc_type)n->type, doc_value(doc, node), err);
}

int sops_meta_tree_take(const struct doc *doc, uint32_t top, const char *key, struct doc_tree *tree,
			struct error *err)
{
	uint32_t inside = doc->nodes[top].parent; /* the container that is open in tree */

	for (uint32_t node = top; node < doc->nodes[top].next; node++) {
		AUTO(buf) own_key = BUF_INIT;

		if (doc->nodes[node].kind == DOC_COMMENT)
			continue;
		for (; inside != doc->nodes[node].parent; inside = doc->nodes[inside].parent)
			doc_tree_close(tree);
		if (node != top && (buf_append_span(&own_key, doc_key(doc, node), err) < 0 ||
				    buf_text(&own_key, &key, err) < 0))
			return -1;
		if (take_node(doc, node, key, tree, err) < 0)
			return -1;
		if (doc->nodes[node].kind != DOC_SCALAR)
			inside = node;
	}
	for (; inside != doc->nodes[top].parent; inside = doc->nodes[inside].parent)
		doc_tree_close(tree);
	return 0;
}

static int put_entry(const struct sops_meta_keys *keys, const struct sops_key *key,
		     const struct sops_entry *entry, struct doc_tree *tree, struct error *err)
{
	const bool is_pgp = key->kind == SOPS_KEY_PGP;

	if (entry->kept)
		return sops_meta_tree_take(keys->doc, entry->kept->node, NULL, tree, err);
	if (doc_tree_open_map(tree, NULL, err) < 0)
		return -1;
	if (is_pgp && put_text(tree, "created_at", span_of_text(keys->now), err) < 0)
		return -1;
	if (put_text(tree, "enc", buf_span(&entry->enc), err) < 0 ||
	    put_text(tree, is_pgp ? "fp" : "recipient", span_of_text(key->text), err) < 0)
		return -1;
	doc_tree_close(tree);
	return 0;
}

int sops_meta_tree_keys(const struct sops_meta_keys *keys, size_t group, enum sops_key_kind kind,
			const char *key, struct doc_tree *tree, struct error *err)
{
	const struct sops_group *g = &keys->groups->items[group];
	size_t first = 0;

	for (size_t i = 0; i < group; i++)
		first += keys->groups->items[i].len;
	if (doc_tree_open_list(tree, key, err) < 0)
		return -1;
	for (size_t i = 0; i < g->len; i++)
		if (g->items[i].kind == kind &&
		    put_entry(keys, &g->items[i], &keys->entries->items[first + i], tree, err) < 0)
			return -1;
	doc_tree_close(tree);
	return 0;
}

/* The kinds in the order of their names, as sops writes them. */
static const enum sops_key_kind sorted_kinds[SOPS_KEY_KINDS] = {
	SOPS_KEY_AGE,   SOPS_KEY_AZURE_KV, SOPS_KEY_GCP_KMS, SOPS_KEY_HC_VAULT,
	SOPS_KEY_HCKMS, SOPS_KEY_KMS,      SOPS_KEY_PGP,
};

int sops_meta_tree_groups(const struct sops_meta_keys *keys, const char *key, struct doc_tree *tree,
			  struct error *err)
{
	if (doc_tree_open_list(tree, key, err) < 0)
		return -1;
	for (size_t i = 0; i < keys->groups->len; i++) {
		if (doc_tree_open_map(tree, NULL, err) < 0)
			return -1;
		for (size_t k = 0; k < SOPS_KEY_KINDS; k++) {
			const enum sops_key_kind kind = sorted_kinds[k];
			/* sops writes these two even where they are empty */
			const bool always = kind == SOPS_KEY_AGE || kind == SOPS_KEY_HC_VAULT;

			if ((always || sops_group_has_kind(&keys->groups->items[i], kind)) &&
			    sops_meta_tree_keys(keys, i, kind, sops_key_kind_names[kind], tree,
						err) < 0)
				return -1;
		}
		doc_tree_close(tree);
	}
	doc_tree_close(tree);
	return 0;
}

/* The lists of one group, directly in the metadata, whose names sort from first on and before end. */
static int put_flat(const struct sops_meta_keys *keys, const char *first, const char *end,
		    struct doc_tree *tree, struct error *err)
{
	if (keys->groups->len != 1)
		return 0;
	for (size_t k = 0; k < SOPS_KEY_KINDS; k++) {
		const enum sops_key_kind kind = sorted_kinds[k];
		const char *name = sops_key_kind_names[kind];

		if (strcmp(name, first) >= 0 && strcmp(name, end) < 0 &&
		    sops_group_has_kind(&keys->groups->items[0], kind) &&
		    sops_meta_tree_keys(keys, 0, kind, name, tree, err) < 0)
			return -1;
	}
	return 0;
}

int sops_meta_tree_threshold(unsigned threshold, const char *key, struct doc_tree *tree,
			     struct error *err)
{
	char text[16];
	const int len = snprintf(text, sizeof(text), "%u", threshold);

	return doc_tree_scalar(tree, key, DOC_TYPE_INT, span_of(text, (size_t)len), err);
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

/* Does name stand for something that a new file's metadata say in their own way? */
static bool is_known(struct span name)
{
	static const char *const others[] = { "key_groups",         "lastmodified",     "mac",
					      "mac_only_encrypted", "shamir_threshold", "version" };
	bool known = false;

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		known = known || sops_meta_is_named(name, others[i]);
	for (size_t i = 0; i < SOPS_SELECTORS; i++)
		known = known || sops_meta_is_named(name, sops_selector_names[i]);
	for (size_t i = 0; i < SOPS_KEY_KINDS; i++)
		known = known || sops_meta_is_named(name, sops_key_kind_names[i]);
	return known;
}

/* What former's metadata hold beside all that, which nobody here knows. */
static int put_unknown(const struct sops_file *former, struct doc_tree *tree, struct error *err)
{
	const struct doc *doc = &former->doc;

	for (uint32_t node = doc_child(doc, former->meta.node); node != DOC_NONE;
	     node = doc_sibling(doc, node)) {
		AUTO(buf) key_bytes = BUF_INIT;
		const char *key;

		if (!is_known(doc_key(doc, node)) &&
		    (buf_append_span(&key_bytes, doc_key(doc, node), err) < 0 ||
		     buf_text(&key_bytes, &key, err) < 0 ||
		     sops_meta_tree_take(doc, node, key, tree, err) < 0))
			return -1;
	}
	return 0;
}

static int put_fields(const struct sops_policy *policy, const struct sops_meta_keys *keys,
		      const struct sops_file *former, const struct sops_seal_stamp *stamp,
		      struct doc_tree *tree, struct error *err)
{
	const unsigned threshold = sops_groups_threshold(keys->groups);

	if (doc_tree_open_map(tree, NULL, err) < 0 || put_flat(keys, "a", "b", tree, err) < 0 ||
	    put_selector(policy, true, tree, err) < 0 || put_flat(keys, "f", "k", tree, err) < 0 ||
	    (keys->groups->len > 1 && sops_meta_tree_groups(keys, "key_groups", tree, err) < 0) ||
	    put_flat(keys, "k", "l", tree, err) < 0 ||
	    put_text(tree, "lastmodified", stamp->lastmodified, err) < 0 ||
	    put_text(tree, "mac", stamp->mac, err) < 0)
		return -1;
	if (policy->mac_only_encrypted && doc_tree_scalar(tree, "mac_only_encrypted", DOC_TYPE_BOOL,
							  SPAN_LITERAL("true"), err) < 0)
		return -1;
	if (put_flat(keys, "p", "q", tree, err) < 0 ||
	    (threshold > 0 &&
	     sops_meta_tree_threshold(threshold, "shamir_threshold", tree, err) < 0) ||
	    put_selector(policy, false, tree, err) < 0 ||
	    put_text(tree, "version", SPAN_LITERAL(SOPS_FORMAT_VERSION), err) < 0 ||
	    (former && put_unknown(former, tree, err) < 0))
		return -1;
	doc_tree_close(tree);
	return 0;
}

int sops_meta_tree_new(const struct sops_policy *policy, const struct sops_entries *entries,
		       const struct sops_file *former, const struct sops_seal_stamp *stamp,
		       struct doc_tree *ret_tree, struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(buf) now = BUF_INIT;
	struct sops_meta_keys keys = { &policy->groups, entries, NULL, NULL };

	if (buf_append_span(&now, stamp->lastmodified, err) < 0 ||
	    buf_text(&now, &keys.now, err) < 0 ||
	    put_fields(policy, &keys, former, stamp, &tree, err) < 0)
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

/* What takes the place of one of the metadata's own scalars; false: it stays. */
static bool is_renewed(const struct doc *doc, const struct sops_meta *meta,
		       const struct sops_seal_stamp *stamp, uint32_t node, struct span *ret_text)
{
	if (node == meta->mac_node)
		*ret_text = stamp->mac;
	else if (node == meta->lastmodified_node)
		*ret_text = stamp->lastmodified;
	else if (sops_meta_is_named(doc_key(doc, node), "version") && is_older(meta->version))
		*ret_text = SPAN_LITERAL(SOPS_FORMAT_VERSION);
	else
		return false;
	return true;
}

/* A file that was opened although its MAC is missing gets one. */
static int append_mac(const struct sops_meta *meta, const struct sops_seal_stamp *stamp,
		      struct doc_edit *edit, struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (put_text(&tree, NULL, stamp->mac, err) < 0)
		return -1;
	return doc_edit_append(edit, meta->node, SPAN_LITERAL("mac"), &tree, err);
}

int sops_meta_lines(const struct doc *doc, const struct sops_meta *meta,
		    const struct sops_seal_stamp *stamp, struct secret *ret_lines,
		    struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(secret) text = SECRET_INIT;
	size_t start, end;

	/* a mac that is not there gets no line: the tree is written anew with it */
	if (meta->mac_node == DOC_NONE || !doc_entry_lines(doc, meta->node, &start, &end))
		return 0;
	if (doc_edit_begin(doc, doc->text.len + 1024, &edit, err) < 0)
		return -1;
	for (uint32_t node = doc_child(doc, meta->node); node != DOC_NONE;
	     node = doc_sibling(doc, node)) {
		struct span renewed;

		if (is_renewed(doc, meta, stamp, node, &renewed) &&
		    doc_edit_set(&edit, node, DOC_TYPE_STRING, renewed, err) < 0)
			return -1;
	}
	if (meta->mac_node == DOC_NONE && append_mac(meta, stamp, &edit, err) < 0)
		return -1;
	if (doc_edit_finish(&edit, &text, err) < 0)
		return -1;
	/* what stands before and behind did not change */
	return secret_append_span(ret_lines,
				  span_slice(secret_span(&text), start,
					     text.len - (doc->text.len - end) - start),
				  err);
}

static int copy_child(const struct doc *doc, const struct sops_meta *meta,
		      const struct sops_seal_stamp *stamp, uint32_t node, struct doc_tree *tree,
		      struct error *err)
{
	AUTO(buf) key_bytes = BUF_INIT;
	const char *key;
	struct span text;

	if (buf_append_span(&key_bytes, doc_key(doc, node), err) < 0 ||
	    buf_text(&key_bytes, &key, err) < 0)
		return -1;
	if (is_renewed(doc, meta, stamp, node, &text))
		return put_text(tree, key, text, err);
	return sops_meta_tree_take(doc, node, key, tree, err);
}

int sops_meta_tree_copy(const struct doc *doc, const struct sops_meta *meta,
			const struct sops_seal_stamp *stamp, struct doc_tree *ret_tree,
			struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_tree_open_map(&tree, NULL, err) < 0)
		return -1;
	for (uint32_t node = doc_child(doc, meta->node); node != DOC_NONE;
	     node = doc_sibling(doc, node))
		if ((meta->mac_node != DOC_NONE ||
		     !sops_meta_is_named(doc_key(doc, node), "mac")) &&
		    copy_child(doc, meta, stamp, node, &tree, err) < 0)
			return -1;
	if (meta->mac_node == DOC_NONE && put_text(&tree, "mac", stamp->mac, err) < 0)
		return -1;
	doc_tree_close(&tree);
	*ret_tree = tree;
	tree = DOC_TREE_INIT;
	return 0;
}
