/* SPDX-License-Identifier: MIT */
#include "doc/doc.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "internal.h"

int doc_parse(enum doc_format format, struct secret *text, unsigned flags, struct doc *ret_doc,
	      struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(format);

	if (ops == NULL)
		return error_set(err, ERROR_UNSUPPORTED, "the format \"%s\" is not supported",
				 doc_format_name(format));
	return ops->parse(text, flags, ret_doc, err);
}

void doc_release(struct doc *doc)
{
	secret_release(&doc->text);
	secret_release(&doc->pool);
	free(doc->nodes);
	free(doc->details);
	*doc = DOC_INIT;
}

static const struct doc_node *node_at(const struct doc *doc, uint32_t node)
{
	assert(node < doc->len);
	return &doc->nodes[node];
}

struct span doc_key(const struct doc *doc, uint32_t node)
{
	const struct doc_node *n = node_at(doc, node);
	const struct secret *from = n->flags & DOC_KEY_IN_POOL ? &doc->pool : &doc->text;

	if (n->kind == DOC_COMMENT)
		return SPAN_INIT; /* its fields hold its place */
	return span_slice(secret_span(from), n->key, n->key_len);
}

struct span doc_value(const struct doc *doc, uint32_t node)
{
	const struct doc_node *n = node_at(doc, node);
	const struct secret *from = n->flags & DOC_VALUE_IN_POOL ? &doc->pool : &doc->text;

	if (n->kind == DOC_ALIAS)
		return doc_value(doc, n->value);
	return span_slice(secret_span(from), n->value, n->value_len);
}

size_t doc_line_of(enum doc_format format, struct span text, size_t offset)
{
	const struct doc_ops *ops = doc_ops_of(format);
	size_t line = 1, at = 0;

	while (at < offset) {
		const size_t len = ops->break_at(text, at);

		line += len > 0 ? 1 : 0;
		at += len > 0 ? len : 1;
	}
	return line;
}

size_t doc_last_line(enum doc_format format, struct span text)
{
	size_t end = text.len;

	while (end > 0 && memchr(" \t\r\n", text.data[end - 1], 4))
		end--;
	return doc_line_of(format, text, end);
}

size_t doc_line(const struct doc *doc, uint32_t node)
{
	return doc_line_of(doc->format, secret_span(&doc->text), node_at(doc, node)->start);
}

/* node itself, or what follows it before end, that is a child of container and no comment. */
static uint32_t next_child(const struct doc *doc, uint32_t node, uint32_t end)
{
	while (node < end && doc->nodes[node].kind == DOC_COMMENT)
		node = doc->nodes[node].next;
	return node < end ? node : DOC_NONE;
}

struct doc_node *doc_add_node(struct doc *doc, uint32_t first, size_t max, struct error *err)
{
	struct doc_node *node;

	if (doc->len >= max) {
		error_set(err, ERROR_LIMIT, "more than %zu values", max);
		return NULL;
	}
	if (doc->len == doc->cap) {
		const uint32_t cap = doc->cap == 0 ? first : doc->cap + doc->cap / 2;
		/* offsets only, no secret */
		struct doc_node *nodes = realloc(doc->nodes, cap * sizeof(*nodes));

		if (nodes == NULL) {
			error_memory(err);
			return NULL;
		}
		doc->nodes = nodes;
		doc->cap = cap;
	}
	node = &doc->nodes[doc->len++];
	*node = (struct doc_node){ .next = doc->len };
	return node;
}

uint32_t doc_child(const struct doc *doc, uint32_t container)
{
	return next_child(doc, container + 1, node_at(doc, container)->next);
}

uint32_t doc_sibling(const struct doc *doc, uint32_t node)
{
	const struct doc_node *n = node_at(doc, node);

	if (n->parent == DOC_NONE)
		return DOC_NONE;
	return next_child(doc, n->next, doc->nodes[n->parent].next);
}

uint32_t doc_find(const struct doc *doc, uint32_t map, struct span key)
{
	uint32_t node = doc_child(doc, map);

	if (doc->nodes[map].kind != DOC_MAP)
		return DOC_NONE;
	while (node != DOC_NONE && !span_equal(doc_key(doc, node), key))
		node = doc_sibling(doc, node);
	return node;
}

uint32_t doc_root(const struct doc *doc, size_t index)
{
	uint32_t node = doc_child(doc, 0);

	while (node != DOC_NONE && index-- > 0)
		node = doc_sibling(doc, node);
	return node;
}

size_t doc_documents(const struct doc *doc)
{
	size_t count = 0;

	for (uint32_t node = doc_child(doc, 0); node != DOC_NONE; node = doc_sibling(doc, node))
		count++;
	return count;
}

bool doc_is_reserved(enum doc_format format, struct span key)
{
	return format == DOC_DOTENV ? span_starts_with(key, "sops_") : span_equal_text(key, "sops");
}

uint32_t doc_find_metadata(const struct doc *doc, uint32_t root)
{
	uint32_t node = doc->nodes[root].kind == DOC_MAP ? doc_child(doc, root) : DOC_NONE;

	while (node != DOC_NONE && !doc_is_reserved(doc->format, doc_key(doc, node)))
		node = doc_sibling(doc, node);
	return node;
}

int doc_place_comments(struct doc *doc, struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(doc->format);

	return ops->place_comments ? ops->place_comments(doc, err) : 0;
}

/* Where node i comes in sops' order: a comment that was placed goes with another node. */
static uint64_t order_of(const struct doc *doc, uint32_t i)
{
	const struct doc_node *n = &doc->nodes[i];

	if (n->kind == DOC_COMMENT && n->flags & YAML_PLACED)
		return (uint64_t)n->key << 32 | n->key_len;
	return (uint64_t)i << 32 | YAML_RANK_SELF << YAML_RANK_SHIFT;
}

void doc_order(const struct doc *doc, uint32_t *order)
{
	/* comments move over a few nodes at most */
	for (uint32_t i = 0; i < doc->len; i++) {
		const uint64_t mine = order_of(doc, i);
		uint32_t place = i;

		for (; place > 0 && order_of(doc, order[place - 1]) > mine; place--)
			order[place] = order[place - 1];
		order[place] = i;
	}
}

bool doc_comment_is_seen(const struct doc *doc, uint32_t comment)
{
	return doc->format != DOC_YAML || node_at(doc, comment)->flags & YAML_PLACED;
}

int doc_comment_shows(const struct doc *doc, uint32_t comment, struct span plain, bool *ret_shows,
		      struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(doc->format);

	*ret_shows = false;
	return ops->comment_shows ? ops->comment_shows(doc, comment, plain, ret_shows, err) : 0;
}

/* The container in whose range node stands, by the array alone. */
static uint32_t range_of(const struct doc *doc, uint32_t node)
{
	uint32_t at = node;

	while (at-- > 0)
		if (doc->nodes[at].kind != DOC_COMMENT)
			break;
	while (doc->nodes[at].kind > DOC_LIST || doc->nodes[at].next <= node)
		at = doc->nodes[at].parent;
	return at;
}

uint32_t doc_comment_container(const struct doc *doc, uint32_t comment, unsigned nth)
{
	const uint32_t first = node_at(doc, comment)->parent;
	uint32_t at = range_of(doc, comment);
	uint32_t after = comment + 1;

	if (nth == 0)
		return first;
	for (; at != DOC_NONE && doc->nodes[at].kind != DOC_STREAM; at = doc->nodes[at].parent)
		if (at != first && --nth == 0)
			return at;
	/* then those that open right behind it */
	for (; after < doc->len && doc->nodes[after].kind != DOC_SCALAR; after++) {
		const uint8_t kind = doc->nodes[after].kind;

		if ((kind == DOC_MAP || kind == DOC_LIST) && after != first && --nth == 0)
			return after;
	}
	return DOC_NONE;
}

int doc_plain(const struct doc *doc, uint32_t node, char scratch[DOC_CANONICAL_MAX],
	      struct span *ret_text, struct error *err)
{
	const struct doc_node *n = node_at(doc, node);

	const struct doc_ops *ops = doc_ops_of(doc->format);

	if (ops->plain)
		return ops->plain(n->type, doc_value(doc, node), scratch, ret_text, err);
	*ret_text = doc_value(doc, node);
	return 0;
}

int doc_canonical(const struct doc *doc, uint32_t node, char scratch[DOC_CANONICAL_MAX],
		  struct span *ret_text, struct error *err)
{
	const struct doc_node *n = node_at(doc, node);

	return yaml_canonical(n->type, doc_value(doc, node), scratch, ret_text, err);
}

int doc_check_unsealed(const struct doc *doc, uint32_t node, struct error *err)
{
	const struct doc_ops *ops = doc_ops_of(doc->format);

	return ops->check_unsealed ? ops->check_unsealed(doc, node, err) : 0;
}

int doc_canonical_plain(enum doc_type type, struct span plain, char scratch[DOC_CANONICAL_MAX],
			struct span *ret_text, struct error *err)
{
	return yaml_canonical_plain(type, plain, scratch, ret_text, err);
}

int doc_spelled_plain(enum doc_format format, enum doc_type type, struct span plain,
		      char scratch[DOC_CANONICAL_MAX], struct span *ret_text, struct error *err)
{
	return doc_ops_of(format)->spell(type, plain, scratch, ret_text, err);
}

bool doc_entry_lines(const struct doc *doc, uint32_t node, size_t *ret_start, size_t *ret_end)
{
	const struct doc_ops *ops = doc_ops_of(doc->format);

	return ops->entry_lines && ops->entry_lines(doc, node, ret_start, ret_end);
}
