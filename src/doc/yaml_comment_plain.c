/* SPDX-License-Identifier: MIT */
/*
 * Comments whose place needs no second scan, because they stand where nearly all do: on lines of
 * their own right above the entry that they are about and at its column, or behind a value on its
 * line, in a block. One of any other kind, and the whole text is scanned as go-yaml does it
 * (yaml_comment.c). The fuzz target compares the two.
 */
#include <string.h>

#include "internal.h"

/* go-yaml looks over some blanks, and bytes of a key, and no further: this is well below. */
#define COLUMN_MAX 200
#define KEY_MAX 800

struct plain_placer {
	struct doc *doc;
	struct span text;
	uint32_t before; /* the node before the comment that is no comment; 0: the stream */
	uint32_t placed; /* comments so far */
};

/* The bytes from at back to the line's start, which are all blanks; COLUMN_MAX: they are not. */
static uint32_t column_of(const struct plain_placer *p, uint32_t at)
{
	uint32_t column = 0;

	while (column < COLUMN_MAX && at > column && p->text.data[at - column - 1] == ' ')
		column++;
	if (at > column && p->text.data[at - column - 1] != '\n')
		return COLUMN_MAX;
	return column;
}

/* Behind the line break at offset at; 0: there is none. */
static uint32_t next_line(const struct plain_placer *p, uint32_t at)
{
	return at < p->text.len && p->text.data[at] == '\n' ? at + 1 : 0;
}

/* Is a scalar written on one line with its key, in a block? */
static bool is_on_one_line(const struct plain_placer *p, const struct doc_node *n)
{
	if (n->kind != DOC_SCALAR || n->style > YAML_STYLE_DOUBLE || (n->flags & YAML_IN_FLOW) ||
	    n->start - n->entry > KEY_MAX)
		return false;
	for (uint32_t i = n->entry; i < n->end; i++)
		if (yaml_break_at(p->text, i) > 0)
			return false;
	return true;
}

static bool is_blank_between(const struct plain_placer *p, uint32_t start, uint32_t end)
{
	if (start == end || end - start > COLUMN_MAX)
		return false;
	for (; start < end; start++)
		if (p->text.data[start] != ' ')
			return false;
	return true;
}

/* The comment's own parent is left: the scan may have to decide after all. */
static void place(struct plain_placer *p, uint32_t comment, uint32_t node)
{
	struct doc_node *n = &p->doc->nodes[comment];

	n->key = node;
	n->key_len = YAML_RANK_HEAD << YAML_RANK_SHIFT | p->placed++;
	n->flags |= YAML_PLACED;
}

/* "key: value # comment" and "- value # comment" */
static bool place_behind(struct plain_placer *p, uint32_t comment)
{
	const struct doc_node *before = &p->doc->nodes[p->before];

	if (!is_on_one_line(p, before) ||
	    !is_blank_between(p, before->end, p->doc->nodes[comment].start))
		return false;
	place(p, comment, p->before);
	return true;
}

/* Where a map's entry or a list's dash stands; DOC_NONE where that is not on the line. */
static uint32_t entry_start(const struct plain_placer *p, const struct doc_node *n)
{
	uint32_t at = n->entry;

	if (p->doc->nodes[n->parent].kind != DOC_LIST)
		return at;
	while (at > 0 && p->text.data[at - 1] == ' ')
		at--;
	return at > 0 && at < n->entry && p->text.data[at - 1] == '-' ? at - 1 : DOC_NONE;
}

/* The entry below a row of comments: of the collection that they stand in, or of one that begins there. */
static uint32_t entry_below(const struct plain_placer *p, uint32_t comment, uint32_t behind)
{
	const struct doc *doc = p->doc;

	while (behind < doc->len && doc->nodes[behind].entry < doc->nodes[comment].start &&
	       (doc->nodes[behind].kind == DOC_MAP || doc->nodes[behind].kind == DOC_LIST) &&
	       doc->nodes[behind].style != YAML_STYLE_FLOW)
		behind++;
	return behind;
}

/* Does nothing but "key:" or a whole value stand before a row of comments? */
static bool is_plain_before(const struct plain_placer *p, uint32_t comment, uint32_t entry)
{
	const struct doc_node *nodes = p->doc->nodes;
	const struct doc_node *parent = &nodes[nodes[entry].parent];
	const uint32_t start = nodes[comment].start - column_of(p, nodes[comment].start);
	uint32_t end;

	if (p->before == 0)
		return parent->parent == 0;
	if (parent->start <= nodes[comment].start)
		return is_on_one_line(p, &nodes[p->before]);
	/* the collection begins below its key */
	end = parent->entry;
	while (end < start && yaml_break_at(p->text, end) == 0)
		end++;
	return end > parent->entry && p->text.data[end - 1] == ':' && next_line(p, end) == start;
}

/* Is it an entry of a block, without anchor, tag or question mark? */
static bool is_plain_below(const struct plain_placer *p, uint32_t entry)
{
	const struct doc_node *nodes = p->doc->nodes;
	const struct doc_node *n = &nodes[entry];

	return entry < p->doc->len && n->kind != DOC_COMMENT && n->parent != 0 &&
	       nodes[n->parent].style != YAML_STYLE_FLOW && n->start - n->entry <= KEY_MAX &&
	       n->entry < p->text.len && strchr("&!*?", p->text.data[n->entry]) == NULL;
}

/* A row of comments on lines of their own, from number first to before behind. */
static bool place_above(struct plain_placer *p, uint32_t first, uint32_t behind)
{
	const struct doc_node *nodes = p->doc->nodes;
	const uint32_t column = column_of(p, nodes[first].start);
	const uint32_t entry = entry_below(p, first, behind);
	uint32_t line;

	if (column == COLUMN_MAX || !is_plain_below(p, entry) || !is_plain_before(p, first, entry))
		return false;
	for (uint32_t i = first; i < behind; i++) {
		line = next_line(p, nodes[i].end);
		if (line == 0 || column_of(p, line + column) != column ||
		    line + column !=
			    (i + 1 < behind ? nodes[i + 1].start : entry_start(p, &nodes[entry])))
			return false;
	}
	for (uint32_t i = first; i < behind; i++)
		place(p, i, entry);
	return true;
}

static bool place_row(struct plain_placer *p, uint32_t *comment)
{
	const struct doc *doc = p->doc;
	uint32_t behind = *comment;

	if (p->before > 0 && column_of(p, doc->nodes[behind].start) == COLUMN_MAX) {
		if (!place_behind(p, behind))
			return false;
		*comment = behind + 1;
		return true;
	}
	while (behind < doc->len && doc->nodes[behind].kind == DOC_COMMENT)
		behind++;
	if (!place_above(p, *comment, behind))
		return false;
	*comment = behind;
	return true;
}

static void finish(struct doc *doc, bool all_placed)
{
	for (uint32_t i = 1; i < doc->len; i++) {
		struct doc_node *n = &doc->nodes[i];

		if (n->kind != DOC_COMMENT)
			continue;
		if (all_placed)
			n->parent = doc->nodes[n->key].parent;
		else
			n->flags &= (uint8_t)~YAML_PLACED;
	}
}

bool yaml_place_plain_comments(struct doc *doc)
{
	struct plain_placer p = { .doc = doc, .text = secret_span(&doc->text) };
	/* go-yaml counts columns in its own way behind CR LF */
	bool all_placed = memchr(p.text.data, '\r', p.text.len) == NULL;
	uint32_t node = 1;

	while (node < doc->len && all_placed)
		if (doc->nodes[node].kind != DOC_COMMENT)
			p.before = node++;
		else
			all_placed = place_row(&p, &node);
	finish(doc, all_placed);
	return all_placed;
}
