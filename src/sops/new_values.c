/* SPDX-License-Identifier: MIT */
#include "sops/new_values.h"

#include <stdlib.h>
#include <string.h>

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
	const struct doc *before;
	struct doc *after;
	uint32_t *map;
	uint8_t *selected; /* by node of after */
};

static void comparison_release(struct comparison *c)
{
	free(c->map);
	free(c->selected);
}

/* Sets bit for each value and comment that the selector seals. */
static int mark(struct comparison *c, const struct sops_selector *selector, uint8_t bit,
		struct error *err)
{
	AUTO(sops_selection) selection = SOPS_SELECTION_INIT;
	AUTO(sops_walk) walk = SOPS_WALK_INIT;
	struct sops_step step;

	if (sops_selection_init(&selection, selector, err) < 0 ||
	    sops_walk_init(&walk, c->after, &selection, false, err) < 0)
		return -1;
	do {
		if (sops_walk_next(&walk, &step, err) < 0)
			return -1;
		if ((step.kind == SOPS_STEP_VALUE || step.kind == SOPS_STEP_COMMENT) &&
		    step.selected)
			c->selected[step.node] |= bit;
	} while (step.kind != SOPS_STEP_DONE);
	return 0;
}

/*
 * Is a comment of that text nowhere before? Mostly it is the next one behind *cursor, where the last one was
 * found.
 */
static bool is_new_comment(const struct doc *before, uint32_t *cursor, struct span text)
{
	for (uint32_t i = 1; i <= before->len; i++) {
		const uint32_t node = (uint32_t)(((uint64_t)*cursor + i) % before->len);

		if (before->nodes[node].kind != DOC_COMMENT ||
		    !span_equal(doc_value(before, node), text))
			continue;
		*cursor = node;
		return false;
	}
	return true;
}

/* Is it new, and sealed by the rule alone? */
static bool is_left_readable(const struct comparison *c, uint32_t node, uint32_t *cursor)
{
	const uint32_t old = c->map[node];
	const struct span text = doc_value(c->after, node);

	if (c->selected[node] != BY_RULE || text.len == 0)
		return false;
	if (c->after->nodes[node].kind == DOC_COMMENT)
		return is_new_comment(c->before, cursor, text);
	return old == DOC_NONE || c->before->nodes[old].kind != DOC_SCALAR;
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

int sops_check_new_values(const struct doc *before, struct doc *after,
			  const struct sops_selector *file, const struct sops_selector *rule,
			  struct error *err)
{
	AUTO(comparison) c = { before, after, NULL, NULL };
	uint32_t cursor = 0;

	c.map = calloc((size_t)after->len + 1, sizeof(*c.map));
	c.selected = calloc((size_t)after->len + 1, 1);
	if (!c.map || !c.selected)
		return error_memory(err);
	map_nodes(before, after, c.map);
	if (doc_place_comments(after, err) < 0 || mark(&c, file, BY_FILE, err) < 0 ||
	    mark(&c, rule, BY_RULE, err) < 0)
		return -1;
	for (uint32_t node = 1; node < after->len; node++)
		if (is_left_readable(&c, node, &cursor))
			return refuse(&c, node, file, rule, err);
	return 0;
}
