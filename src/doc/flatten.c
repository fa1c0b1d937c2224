/* SPDX-License-Identifier: MIT */
/*
 * Flattened metadata: each value stands on a line of its own, with its path as the key. Parts are
 * joined by "__map_" (the key in a map follows) and "__list_" (the number in a list).
 */
#include <stdlib.h>
#include <string.h>

#include "flat.h"
#include "internal.h"
#include "util/buf.h"
#include "util/text.h"

#define MAP_MARK "__map_"
#define LIST_MARK "__list_"

struct flat_entry {
	struct doc_node node; /* the scalar; its key is the whole path */
	uint32_t at;          /* in the key, for next_part() */
};

/* One part of a path. */
struct part {
	bool in_list;
	struct span key; /* as it stands, in a list too */
	int64_t index;   /* in a list */
};

struct unflattener {
	struct doc *doc;
	struct flat_entry *entries;
};

void flat_entries_release(struct flat_entries *entries)
{
	free(entries->items);
	*entries = FLAT_ENTRIES_INIT;
}

int flat_entries_add(struct flat_entries *entries, const struct doc *doc,
		     const struct doc_node *node, struct error *err)
{
	if (node->key_len > FLAT_KEY_MAX || entries->len == FLAT_ENTRIES_MAX)
		return error_set(err, ERROR_LIMIT, "line %zu: the metadata are too long",
				 doc_line_of(doc->format, secret_span(&doc->text), node->start));
	if (entries->len == entries->cap) {
		const size_t cap = entries->cap > 0 ? entries->cap * 2 : 32;
		struct flat_entry *larger = reallocarray(entries->items, cap, sizeof(*larger));

		if (!larger)
			return error_memory(err);
		entries->items = larger;
		entries->cap = cap;
	}
	entries->items[entries->len++] = (struct flat_entry){ *node, 0 };
	return 0;
}

static struct span key_of(const struct doc *doc, const struct flat_entry *entry)
{
	const struct secret *from = entry->node.flags & DOC_KEY_IN_POOL ? &doc->pool : &doc->text;

	return span_slice(secret_span(from), entry->node.key, entry->node.key_len);
}

/* As Go's Atoi, whose answer sops takes even where it fails: 0, or the nearest there is. */
static int64_t read_index(struct span text)
{
	const bool negative = span_starts_with(text, "-");
	int64_t value = 0;

	if (negative || span_starts_with(text, "+"))
		text = span_slice(text, 1, text.len);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return 0;
	for (size_t i = 0; i < text.len && value < INT32_MAX; i++)
		value = value * 10 + (text.data[i] - '0');
	return negative ? -value : value;
}

static bool has_mark(struct span key, size_t at, const char *mark)
{
	return span_starts_with(span_slice(key, at, key.len), mark);
}

/*
 * The next part of key. *at is 0 before the first, then one more than the offset of the mark that
 * follows, and more than key.len at the end.
 */
static bool next_part(struct span key, size_t *at, struct part *ret_part)
{
	size_t start = *at > 0 ? *at - 1 : 0, end;

	if (*at > key.len)
		return false;
	ret_part->in_list = *at > 0 && has_mark(key, start, LIST_MARK);
	if (*at > 0)
		start += ret_part->in_list ? sizeof(LIST_MARK) - 1 : sizeof(MAP_MARK) - 1;
	for (end = start; end < key.len; end++)
		if (key.data[end] == '_' &&
		    (has_mark(key, end, MAP_MARK) || has_mark(key, end, LIST_MARK)))
			break;
	ret_part->key = span_slice(key, start, end - start);
	ret_part->index = ret_part->in_list ? read_index(ret_part->key) : 0;
	*at = end + 1;
	return true;
}

static int compare_parts(const struct part *a, const struct part *b)
{
	const uint8_t *x = a->key.data, *y = b->key.data;
	const size_t len = a->key.len < b->key.len ? a->key.len : b->key.len;
	int order;

	if (a->in_list != b->in_list)
		return a->in_list ? 1 : -1;
	if (a->in_list)
		return a->index < b->index ? -1 : a->index > b->index;
	order = len > 0 ? memcmp(x, y, len) : 0;
	if (order != 0)
		return order;
	return a->key.len < b->key.len ? -1 : a->key.len > b->key.len;
}

/* By their paths, part by part; equal ones by their place in the text. */
static int compare_entries(const void *a, const void *b, void *argument)
{
	const struct doc *doc = argument;
	const struct flat_entry *x = a, *y = b;
	const struct span x_key = key_of(doc, x), y_key = key_of(doc, y);
	size_t x_at = 0, y_at = 0;
	struct part x_part, y_part;

	for (;;) {
		const bool x_more = next_part(x_key, &x_at, &x_part);
		const bool y_more = next_part(y_key, &y_at, &y_part);
		const int order = x_more && y_more ? compare_parts(&x_part, &y_part) : 0;

		if (order != 0)
			return order;
		if (!x_more || !y_more)
			return x_more                          ? 1
			       : y_more                        ? -1
			       : x->node.start < y->node.start ? -1
							       : x->node.start > y->node.start;
	}
}

static int refuse(const struct unflattener *u, size_t entry, const char *why, struct error *err)
{
	const struct flat_entry *e = &u->entries[entry];

	return error_set(err, ERROR_FORMAT, "line %zu: the metadata's \"%s\" %s",
			 doc_line_of(u->doc->format, secret_span(&u->doc->text), e->node.start),
			 text_printable(key_of(u->doc, e)).text, why);
}

static struct part peek(const struct unflattener *u, size_t entry)
{
	struct part part = { .key = SPAN_INIT };
	size_t at = u->entries[entry].at;

	(void)next_part(key_of(u->doc, &u->entries[entry]), &at, &part);
	return part;
}

/* Goes behind the part at hand; false: it was the last. */
static bool advance(struct unflattener *u, size_t entry)
{
	const struct span key = key_of(u->doc, &u->entries[entry]);
	struct part part;
	size_t at = u->entries[entry].at;

	(void)next_part(key, &at, &part);
	u->entries[entry].at = (uint32_t)at;
	return at <= key.len;
}

/* The end of the run of entries from start on that have the same part next. */
static size_t run_end(const struct unflattener *u, size_t start, size_t end)
{
	const struct part first = peek(u, start);
	size_t i = start + 1;

	while (i < end) {
		const struct part part = peek(u, i);

		if (compare_parts(&first, &part) != 0)
			break;
		i++;
	}
	return i;
}

/* Numbers and booleans are written bare: their type shows in their text. */
static enum doc_type weak_type(struct span text)
{
	if (span_equal_text(text, "true") || span_equal_text(text, "false"))
		return DOC_TYPE_BOOL;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < '0' || text.data[i] > '9')
			return DOC_TYPE_STRING;
	return text.len > 0 && text.len < 10 ? DOC_TYPE_INT : DOC_TYPE_STRING;
}

static int add_scalar(struct unflattener *u, const struct doc_node *node, struct error *err)
{
	uint32_t index;

	if (flat_add_node(u->doc, node, &index, err) < 0)
		return -1;
	u->doc->nodes[index].type = (uint8_t)weak_type(doc_value(u->doc, index));
	return 0;
}

static int build_children(struct unflattener *u, size_t start, size_t end, uint32_t parent,
			  unsigned depth, struct error *err);

/* What start to end have in common: a value, or a container of values. */
static int build_child(struct unflattener *u, size_t start, size_t end, uint32_t parent,
		       unsigned depth, struct error *err)
{
	const struct part part = peek(u, start);
	struct doc_node node = u->entries[start].node;
	size_t values = 0;
	uint32_t index;

	for (size_t i = start; i < end; i++)
		values += advance(u, i) ? 0 : 1;
	if (values > 1)
		return refuse(u, start + 1, "is there twice", err);
	if (values == 1 && end - start > 1)
		return refuse(u, start, "is a value and has parts, too", err);
	node.parent = parent;
	node.key += (uint32_t)(part.key.data - key_of(u->doc, &u->entries[start]).data);
	node.key_len = (uint32_t)part.key.len;
	if (values == 1)
		return add_scalar(u, &node, err);
	if (peek(u, start).in_list != peek(u, end - 1).in_list)
		return refuse(u, end - 1, "is in a list that is a map, too", err);
	node.kind = peek(u, start).in_list ? DOC_LIST : DOC_MAP;
	node.type = DOC_TYPE_NONE;
	if (flat_add_node(u->doc, &node, &index, err) < 0 ||
	    build_children(u, start, end, index, depth + 1, err) < 0)
		return -1;
	u->doc->nodes[index].next = u->doc->len;
	return 0;
}

static int build_children(struct unflattener *u, size_t start, size_t end, uint32_t parent,
			  unsigned depth, struct error *err)
{
	int64_t expected = 0;

	if (depth > FLAT_DEPTH_MAX)
		return error_set(err, ERROR_LIMIT, "the metadata have more than %d levels",
				 FLAT_DEPTH_MAX);
	for (size_t next; start < end; start = next) {
		const struct part part = peek(u, start);

		if (part.in_list && part.index != expected++)
			return refuse(u, start, "is in a list that lacks an entry", err);
		next = run_end(u, start, end);
		if (build_child(u, start, next, parent, depth, err) < 0)
			return -1;
	}
	return 0;
}

int flat_unflatten(struct doc *doc, const struct doc_node *container, struct flat_entries *entries,
		   struct error *err)
{
	struct unflattener u = { doc, entries->items };
	uint32_t index;

	if (entries->len > 1)
		qsort_r(entries->items, entries->len, sizeof(*entries->items), compare_entries,
			doc);
	if (flat_add_node(doc, container, &index, err) < 0 ||
	    build_children(&u, 0, entries->len, index, 1, err) < 0)
		return -1;
	doc->nodes[index].next = doc->len;
	return 0;
}

struct flattener {
	const struct doc_tree *tree;
	struct doc_tree *flat;
	struct buf key;
	uint32_t top; /* whose entries have no key before theirs */
};

static int flatten_below(struct flattener *f, uint32_t container, struct error *err)
{
	const struct doc_tree_node *nodes = f->tree->nodes;
	const bool in_list = nodes[container].kind == DOC_LIST;
	const size_t len = f->key.len;
	size_t index = 0;

	for (uint32_t i = container + 1; i < nodes[container].next; i = nodes[i].next) {
		int result;

		f->key.len = len;
		if (container != f->top &&
		    buf_append_text(&f->key, in_list ? LIST_MARK : MAP_MARK, err) < 0)
			return -1;
		if ((in_list ? buf_printf(&f->key, err, "%zu", index++)
			     : buf_append_span(&f->key, flat_tree_key(f->tree, i), err)) < 0)
			return -1;
		result = nodes[i].kind != DOC_SCALAR
				 ? flatten_below(f, i, err)
				 : doc_tree_add(f->flat, DOC_SCALAR, buf_span(&f->key),
						(enum doc_type)nodes[i].type,
						flat_tree_value(f->tree, i), err);
		if (result < 0)
			return -1;
	}
	return 0;
}

int flat_flatten(const struct doc_tree *tree, uint32_t top, struct doc_tree *ret_flat,
		 struct error *err)
{
	AUTO(doc_tree) flat = DOC_TREE_INIT;
	struct flattener f = { tree, &flat, BUF_INIT, top };
	const int result = doc_tree_open_map(&flat, NULL, err) < 0 ? -1 : flatten_below(&f, top, err);

	buf_release(&f.key);
	if (result < 0)
		return -1;
	doc_tree_close(&flat);
	*ret_flat = flat;
	flat = DOC_TREE_INIT;
	return 0;
}
