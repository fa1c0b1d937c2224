/* SPDX-License-Identifier: MIT */
/* Anchors, and the aliases that name them. */
#include <stdlib.h>
#include <string.h>

#include "yaml_reader.h"

/* Each alias looks through the anchors before it. */
#define ANCHORS_MAX 10000
#define ALIASES_MAX 100000

int yaml_reader_anchor(struct yaml_reader *reader, const char *name, uint32_t event, uint32_t node)
{
	const uint8_t *text = reader->doc->text.data;
	struct yaml_anchor *anchors;

	if (name == NULL)
		return 0;
	if (reader->anchors_len == ANCHORS_MAX)
		return error_set(reader->err, ERROR_LIMIT, "more than %d anchors", ANCHORS_MAX);
	if (reader->anchors_len == reader->anchors_cap) {
		const size_t cap = reader->anchors_cap * 2 + 16;

		anchors = realloc(reader->anchors, cap * sizeof(*anchors));
		if (anchors == NULL)
			return error_memory(reader->err);
		reader->anchors = anchors;
		reader->anchors_cap = cap;
	}
	/* before or behind the tag */
	while (text[event] != '&')
		event++;
	reader->anchors[reader->anchors_len++] =
		(struct yaml_anchor){ event + 1, (uint32_t)strlen(name), node };
	return 0;
}

/* The node that an alias means: the last one so named. */
static uint32_t find_anchor(const struct yaml_reader *reader, struct span name)
{
	const struct span text = secret_span(&reader->doc->text);

	for (size_t i = reader->anchors_len; i-- > 0;) {
		const struct yaml_anchor *anchor = &reader->anchors[i];

		if (span_equal(span_slice(text, anchor->name, anchor->name_len), name))
			return anchor->node;
	}
	return DOC_NONE;
}

int yaml_reader_alias(struct yaml_reader *reader, const struct yaml_event_text *event)
{
	const uint32_t start = event->start, end = event->end;
	const uint32_t target = find_anchor(reader, event->value);
	struct doc_node *node;

	if (yaml_reader_take_gap(reader, start) < 0)
		return -1;
	reader->gap = reader->last_end = end;
	if (yaml_reader_at_key(reader) || reader->depth == 1)
		return yaml_reader_fail(reader, start, "an alias cannot stand here");
	if (target == DOC_NONE)
		return yaml_reader_fail(reader, start, "an alias without its anchor");
	if (reader->doc->nodes[target].kind != DOC_SCALAR && reader->doc->nodes[target].next == 0)
		return yaml_reader_fail(reader, start, "an alias within what it names");
	if (++reader->aliases > ALIASES_MAX)
		return error_set(reader->err, ERROR_LIMIT, "more than %d aliases", ALIASES_MAX);
	node = yaml_reader_add(reader);
	if (node == NULL)
		return -1;
	yaml_reader_place(reader, node, start);
	node->kind = DOC_ALIAS;
	node->type = reader->doc->nodes[target].type;
	node->start = start;
	node->end = end;
	node->value = target;
	return 0;
}
