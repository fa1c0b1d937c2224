/* SPDX-License-Identifier: MIT */
#include "sops/new_values.h"

#include <stdlib.h>
#include <string.h>

#include "sops/same.h"
#include "sops/walk.h"
#include "util/text.h"

const char *sops_selector_name(const struct sops_selector *selector)
{
	return sops_selector_names[selector->text ? selector->kind : SOPS_UNENCRYPTED_SUFFIX];
}

const char *sops_selector_text(const struct sops_selector *selector)
{
	return selector->text ? selector->text : SOPS_DEFAULT_SUFFIX;
}

bool sops_selector_equals(const struct sops_selector *a, const struct sops_selector *b)
{
	return strcmp(sops_selector_name(a), sops_selector_name(b)) == 0 &&
	       strcmp(sops_selector_text(a), sops_selector_text(b)) == 0;
}

/* The child of the other container that stands for child: in a map that of its key; *cursor is where to look first. */
static uint32_t find_same(const struct doc *before, uint32_t container, uint32_t *cursor,
			  const struct doc *after, uint32_t child)
{
	const bool in_map = before->nodes[container].kind == DOC_MAP;
	uint32_t found = *cursor;

	if (in_map &&
	    (found == DOC_NONE || !span_equal(doc_key(before, found), doc_key(after, child))))
		found = doc_find(before, container, doc_key(after, child));
	if (found != DOC_NONE)
		*cursor = doc_sibling(before, found);
	return found;
}

/* By node of after: the one at its place before; DOC_NONE: it is new. Parents come first. */
static void map_nodes(const struct doc *before, const struct doc *after, uint32_t *map)
{
	for (uint32_t node = 1; node < after->len; node++)
		map[node] = DOC_NONE;
	map[0] = 0;
	for (uint32_t node = 0; node < after->len; node++) {
		const uint32_t old = map[node];
		uint32_t cursor;

		if (old == DOC_NONE || before->nodes[old].kind != after->nodes[node].kind ||
		    (after->nodes[node].kind != DOC_STREAM && after->nodes[node].kind != DOC_MAP &&
		     after->nodes[node].kind != DOC_LIST))
			continue;
		cursor = doc_child(before, old);
		for (uint32_t child = doc_child(after, node); child != DOC_NONE;
		     child = doc_sibling(after, child))
			map[child] = find_same(before, old, &cursor, after, child);
	}
}

#define BY_FILE 0x1u
#define BY_RULE 0x2u

struct comparison {
	struct doc *before, *after;
	uint32_t *map;
	uint8_t *was, *selected; /* by node of before and of after */
};

static void comparison_release(struct comparison *c)
{
	free(c->map);
	free(c->was);
	free(c->selected);
}

/* Sets bit for each value and comment that the selector seals. */
static int mark(const struct doc *doc, const struct sops_selector *selector, uint8_t *marks,
		uint8_t bit, struct error *err)
{
	AUTO(sops_selection) selection = SOPS_SELECTION_INIT;
	AUTO(sops_walk) walk = SOPS_WALK_INIT;
	struct sops_step step;

	if (sops_selection_init(&selection, selector, err) < 0 ||
	    sops_walk_init(&walk, doc, &selection, false, err) < 0)
		return -1;
	do {
		if (sops_walk_next(&walk, &step, err) < 0)
			return -1;
		if ((step.kind == SOPS_STEP_VALUE || step.kind == SOPS_STEP_COMMENT) &&
		    step.selected)
			marks[step.node] |= bit;
	} while (step.kind != SOPS_STEP_DONE);
	return 0;
}

/* With what the file's selector seals in both. */
static int compare(struct doc *before, struct doc *after, const struct sops_selector *selector,
		   struct comparison *c, struct error *err)
{
	c->before = before;
	c->after = after;
	c->map = calloc((size_t)after->len + 1, sizeof(*c->map));
	c->selected = calloc((size_t)after->len + 1, 1);
	c->was = calloc((size_t)before->len + 1, 1);
	if (!c->map || !c->selected || !c->was)
		return error_memory(err);
	map_nodes(before, after, c->map);
	if (doc_place_comments(before, err) < 0 || doc_place_comments(after, err) < 0)
		return -1;
	return mark(before, selector, c->was, BY_FILE, err) < 0
		       ? -1
		       : mark(after, selector, c->selected, BY_FILE, err);
}

/*
 * Was that text of a comment or value nowhere readable before? Mostly it is the next one behind *cursor, where the
 * last one was found.
 */
static bool is_new_text(const struct comparison *c, enum doc_kind kind, uint32_t *cursor,
			struct span text)
{
	const struct doc *before = c->before;

	for (uint32_t i = 1; i <= before->len; i++) {
		const uint32_t node = (uint32_t)(((uint64_t)*cursor + i) % before->len);

		if (before->nodes[node].kind != kind || c->was[node] ||
		    !span_equal(doc_value(before, node), text))
			continue;
		*cursor = node;
		return false;
	}
	return true;
}

/* In a list, or in what a list holds, values come to other places when one before them goes. */
static bool is_in_list(const struct doc *doc, uint32_t node)
{
	while (node != 0 && doc->nodes[node].kind != DOC_LIST)
		node = doc->nodes[node].parent;
	return node != 0;
}

/* Is it new or another than before, and sealed by the rule alone? A number may be spelled otherwise. */
static int is_left_readable(const struct comparison *c, uint32_t node, uint32_t *cursor,
			    bool *ret_left, struct error *err)
{
	const uint32_t old = c->map[node];
	const struct span text = doc_value(c->after, node);
	bool same;

	*ret_left = c->selected[node] == BY_RULE && text.len > 0;
	if (!*ret_left)
		return 0;
	if (c->after->nodes[node].kind == DOC_COMMENT) {
		*ret_left = is_new_text(c, DOC_COMMENT, cursor, text);
		return 0;
	}
	if (old == DOC_NONE || c->before->nodes[old].kind != DOC_SCALAR || c->was[old])
		return 0;
	if (sops_same_scalar(c->before, old, c->after, node, &same, err) < 0)
		return -1;
	*ret_left = !same &&
		    (!is_in_list(c->after, node) || is_new_text(c, DOC_SCALAR, cursor, text));
	return 0;
}

/* The key that says where it is: its own, or that of the list that it is in. */
static struct span nearest_key(const struct doc *doc, uint32_t node)
{
	while (doc->nodes[doc->nodes[node].parent].kind == DOC_LIST)
		node = doc->nodes[node].parent;
	return doc_key(doc, node);
}

static int refuse(const struct comparison *c, uint32_t node, const struct sops_selector *file,
		  const struct sops_selector *rule, struct error *err)
{
	const bool is_comment = c->after->nodes[node].kind == DOC_COMMENT;

	(void)error_set(err, ERROR_DENIED,
			"line %zu%s%s%s: a new %s that the rule says must be sealed (%s \"%s\") "
			"would stay readable, because the file is sealed by %s \"%s\"",
			doc_line(c->after, node), is_comment ? "" : ", key \"",
			is_comment ? "" : text_printable(nearest_key(c->after, node)).text,
			is_comment ? "" : "\"", is_comment ? "comment" : "value",
			sops_selector_name(rule),
			text_printable_text(sops_selector_text(rule)).text,
			sops_selector_name(file),
			text_printable_text(sops_selector_text(file)).text);
	return error_hint(err, "\"bootseal updatekeys --selectors\" applies the rule to the file");
}

int sops_check_new_values(struct doc *before, struct doc *after, const struct sops_selector *file,
			  const struct sops_selector *rule, struct error *err)
{
	AUTO(comparison) c = { NULL, NULL, NULL, NULL, NULL };
	uint32_t cursor = 0;

	if (compare(before, after, file, &c, err) < 0 ||
	    mark(after, rule, c.selected, BY_RULE, err) < 0)
		return -1;
	for (uint32_t node = 1; node < after->len; node++) {
		bool left;

		if (is_left_readable(&c, node, &cursor, &left, err) < 0)
			return -1;
		if (left)
			return refuse(&c, node, file, rule, err);
	}
	return 0;
}

/* The values and comments that were sealed and are not any more where they were; sorted. */
struct gone {
	struct span *items;
	size_t len;
};

static void gone_release(struct gone *gone)
{
	free(gone->items);
}

static int compare_spans(const void *a, const void *b)
{
	const struct span x = *(const struct span *)a, y = *(const struct span *)b;
	const size_t len = x.len < y.len ? x.len : y.len;
	const int order = len > 0 ? memcmp(x.data, y.data, len) : 0;

	return order != 0 ? order : x.len < y.len ? -1 : x.len > y.len;
}

/* One digit, or true, says nothing: it may be anywhere. */
static bool is_telling(const struct doc *doc, uint32_t node)
{
	return doc->nodes[node].type != DOC_TYPE_BOOL && doc->nodes[node].type != DOC_TYPE_NULL &&
	       doc_value(doc, node).len > 1;
}

/* Of those in before that were sealed, flags away what is sealed in its place still. */
static void forget_kept(struct comparison *c)
{
	for (uint32_t node = 1; node < c->after->len; node++) {
		const uint32_t old = c->map[node];

		if (old != DOC_NONE && c->selected[node] &&
		    c->before->nodes[old].kind == DOC_SCALAR &&
		    span_equal(doc_value(c->before, old), doc_value(c->after, node)))
			c->was[old] |= BY_RULE;
	}
}

static int find_gone(struct comparison *c, struct gone *gone, struct error *err)
{
	const struct doc *before = c->before;

	gone->items = calloc((size_t)before->len + 1, sizeof(*gone->items));
	if (!gone->items)
		return error_memory(err);
	forget_kept(c);
	for (uint32_t node = 1; node < before->len; node++)
		if (c->was[node] == BY_FILE && is_telling(before, node))
			gone->items[gone->len++] = doc_value(before, node);
	if (gone->len > 0)
		qsort(gone->items, gone->len, sizeof(*gone->items), compare_spans);
	return 0;
}

/* Is a value or comment readable that was sealed? */
static bool is_exposed(const struct comparison *c, const struct gone *gone, uint32_t node,
		       uint32_t *cursor)
{
	const struct doc_node *n = &c->after->nodes[node];
	const uint32_t old = c->map[node];
	const struct span text = doc_value(c->after, node);

	if ((n->kind != DOC_SCALAR && n->kind != DOC_COMMENT) || c->selected[node] ||
	    text.len == 0 || n->type == DOC_TYPE_NULL)
		return false;
	if (n->kind == DOC_SCALAR && old != DOC_NONE && c->before->nodes[old].kind == DOC_SCALAR) {
		if (c->was[old])
			return true;
		if (span_equal(doc_value(c->before, old), text))
			return false;
	}
	return is_telling(c->after, node) && gone->len > 0 &&
	       bsearch(&text, gone->items, gone->len, sizeof(text), compare_spans) &&
	       (n->kind == DOC_SCALAR || is_new_text(c, DOC_COMMENT, cursor, text));
}

int sops_find_exposed(struct doc *before, struct doc *after, const struct sops_selector *selector,
		      struct sops_notes *ret_notes, struct error *err)
{
	AUTO(comparison) c = { NULL, NULL, NULL, NULL, NULL };
	AUTO(gone) gone = { NULL, 0 };
	struct sops_notes notes = SOPS_NOTES_INIT;
	uint32_t cursor = 0;

	if (compare(before, after, selector, &c, err) < 0 || find_gone(&c, &gone, err) < 0)
		return -1;
	for (uint32_t node = 1; node < after->len; node++) {
		if (!is_exposed(&c, &gone, node, &cursor))
			continue;
		if (notes.len < SOPS_NOTES_LINES_MAX)
			notes.lines[notes.len] = doc_line(after, node);
		notes.len++;
	}
	*ret_notes = notes;
	return 0;
}
