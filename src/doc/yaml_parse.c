/* SPDX-License-Identifier: MIT */
/* One pass over libyaml's events gives the nodes and their byte spans. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "yaml_reader.h"

static void reader_release(struct yaml_reader *reader)
{
	yaml_source_free(reader->source);
	free(reader->levels);
	free(reader->anchors);
}

int yaml_reader_fail(struct yaml_reader *reader, uint32_t at, const char *why)
{
	return yaml_fail_at(reader->doc, at, why, reader->err);
}

struct doc_node *yaml_reader_add(struct yaml_reader *reader)
{
	return doc_add_node(reader->doc, DOC_FIRST_NODES, DOC_NODES_MAX, reader->err);
}

static int add_comment(struct yaml_reader *reader, uint32_t start, uint32_t end)
{
	struct doc_node *node = yaml_reader_add(reader);

	if (node == NULL)
		return -1;
	node->kind = DOC_COMMENT;
	node->type = DOC_TYPE_COMMENT;
	node->start = start;
	node->end = end;
	node->value = start + 1;
	node->value_len = end - start - 1;
	node->parent = reader->depth > 0 ? reader->levels[reader->depth - 1].node : 0;
	reader->details->has_comments = true;
	return 0;
}

int yaml_reader_take_gap(struct yaml_reader *reader, uint32_t until)
{
	const struct span text = secret_span(&reader->doc->text);

	while (reader->gap < until) {
		const uint8_t *hash = memchr(text.data + reader->gap, '#', until - reader->gap);
		uint32_t start, end;

		if (hash == NULL)
			break;
		start = end = (uint32_t)(hash - text.data);
		while (end < text.len && yaml_break_at(text, end) == 0)
			end++;
		if (add_comment(reader, start, end) < 0)
			return -1;
		reader->gap = end;
	}
	if (reader->gap < until)
		reader->gap = until;
	return 0;
}
void yaml_reader_place(struct yaml_reader *reader, struct doc_node *node, uint32_t event)
{
	struct yaml_level *level = &reader->levels[reader->depth - 1];

	if (reader->depth == 1)
		reader->root = (uint32_t)(node - reader->doc->nodes);
	node->parent = level->node;
	node->entry = event;
	if (level->in_flow)
		node->flags |= YAML_IN_FLOW;
	if (reader->doc->nodes[level->node].kind == DOC_MAP) {
		node->key = level->key;
		node->key_len = level->key_len;
		node->flags |= level->key_flags;
		node->entry = level->entry;
		level->want_key = true;
	}
}

bool yaml_reader_at_key(const struct yaml_reader *reader)
{
	const struct yaml_level *level = &reader->levels[reader->depth - 1];

	return reader->doc->nodes[level->node].kind == DOC_MAP && level->want_key;
}
static int push_level(struct yaml_reader *reader, uint32_t node, bool in_flow)
{
	/* the stream is one level, the documents' roots are the first */
	if (reader->depth > DOC_DEPTH_MAX)
		return error_set(reader->err, ERROR_LIMIT, "nested deeper than %d levels",
				 DOC_DEPTH_MAX);
	reader->levels[reader->depth++] =
		(struct yaml_level){ .node = node, .want_key = true, .in_flow = in_flow };
	return 0;
}

static int on_start(struct yaml_reader *reader, const struct yaml_event_text *event)
{
	const bool is_map = event->kind == YAML_E_MAP;
	const uint32_t start = event->start;
	const uint32_t content = yaml_reader_content(reader, start, (uint32_t)reader->doc->text.len,
						     event->anchor != NULL, event->tag != NULL);
	struct doc_node *node;

	if (yaml_reader_take_gap(reader, content) < 0)
		return -1;
	if (yaml_reader_at_key(reader))
		return yaml_reader_fail(reader, start, "a key that is no string");
	if (reader->depth == 1 && !is_map)
		return yaml_reader_fail(reader, start, "the top level is a list, no map");
	node = yaml_reader_add(reader);
	if (node == NULL)
		return -1;
	yaml_reader_place(reader, node, start);
	node->kind = is_map ? DOC_MAP : DOC_LIST;
	node->type = DOC_TYPE_NONE;
	node->style = (uint8_t)event->style;
	node->start = content;
	node->end = content;
	node->next = 0; /* open */
	if (yaml_reader_anchor(reader, event->anchor, start, reader->doc->len - 1) < 0)
		return -1;
	return push_level(reader, reader->doc->len - 1, event->style == YAML_STYLE_FLOW);
}

static void close_level(struct yaml_reader *reader)
{
	struct doc *doc = reader->doc;
	struct doc_node *node = &doc->nodes[reader->levels[--reader->depth].node];

	node->next = doc->len;
	if (node->end < reader->last_end)
		node->end = reader->last_end;
}

/* Trap T12: sops refuses equal keys in the first document alone, and keeps them in others. */
static int check_keys(const struct yaml_reader *reader, uint32_t map)
{
	if (!reader->later)
		return yaml_check_keys(reader->doc, map, reader->err);
	return reader->doc->nodes[map].parent == 0
		       ? yaml_check_metadata_key(reader->doc, map, reader->err)
		       : 0;
}

static int on_end(struct yaml_reader *reader, const struct yaml_event_text *event)
{
	const struct yaml_level *level = &reader->levels[reader->depth - 1];
	const uint32_t node = level->node;
	const bool in_flow = reader->doc->nodes[node].style == YAML_STYLE_FLOW;

	if (yaml_reader_take_gap(reader, event->start) < 0)
		return -1;
	if (in_flow)
		reader->last_end = event->end;
	close_level(reader);
	return reader->doc->nodes[node].kind == DOC_MAP ? check_keys(reader, node) : 0;
}

static int on_document_end(struct yaml_reader *reader, const struct yaml_event_text *event)
{
	const uint32_t start = event->start;

	/* libyaml's mark lies behind directives' end, but never behind "---" or "..." */
	if (yaml_reader_take_gap(reader, start) < 0)
		return -1;
	assert(reader->root > 0);
	reader->doc->nodes[reader->root].value = start;
	reader->anchors_len = 0;
	reader->later = true;
	return 0;
}

static int on_event(struct yaml_reader *reader, const struct yaml_event_text *event)
{
	switch (event->kind) {
	case YAML_E_SCALAR:
		return yaml_reader_scalar(reader, event);
	case YAML_E_ALIAS:
		return yaml_reader_alias(reader, event);
	case YAML_E_MAP:
	case YAML_E_LIST:
		return on_start(reader, event);
	case YAML_E_END:
		return on_end(reader, event);
	case YAML_E_DOCUMENT_END:
		return on_document_end(reader, event);
	case YAML_E_STREAM_END:
		return yaml_reader_take_gap(reader, (uint32_t)reader->doc->text.len);
	case YAML_E_BAD_VERSION:
		return yaml_reader_fail(reader, event->start,
					"sops reads no %YAML directive but 1.1");
	case YAML_E_OTHER:
		break;
	}
	return 0;
}

static int read_event(struct yaml_reader *reader, bool *ret_end)
{
	struct yaml_event_text event;

	if (yaml_source_event(reader->source, &event, reader->err) < 0)
		return -1;
	*ret_end = event.kind == YAML_E_STREAM_END;
	return on_event(reader, &event);
}

static int begin(struct yaml_reader *reader)
{
	struct doc_node *stream;

	reader->details = calloc(1, sizeof(*reader->details));
	reader->doc->details = reader->details;
	reader->levels = calloc(DOC_DEPTH_MAX + 2, sizeof(*reader->levels));
	if (reader->details == NULL || reader->levels == NULL)
		return error_memory(reader->err);
	if (yaml_check_text(reader->doc, reader->details, reader->err) < 0)
		return -1;
	if (yaml_source_new(reader->doc, &YAML_INSERTS_INIT, reader->condense, &reader->source,
			    reader->err) < 0)
		return -1;
	reader->gap = reader->details->begin;
	stream = yaml_reader_add(reader);
	if (stream == NULL)
		return -1;
	stream->kind = DOC_STREAM;
	stream->type = DOC_TYPE_NONE;
	stream->parent = DOC_NONE;
	return push_level(reader, 0, false);
}

/* Forgets what was read. */
static void doc_rewind(struct doc *doc)
{
	free(doc->details);
	doc->details = NULL;
	doc->len = 0;
	secret_truncate(&doc->pool, 0);
}

static int parse_once(struct doc *doc, bool condense, bool *ret_retry, bool *ret_has_aliases,
		      struct error *err)
{
	__attribute__((cleanup(reader_release))) struct yaml_reader reader = { .doc = doc,
									       .condense = condense,
									       .err = err };
	bool end = false;

	if (begin(&reader) < 0)
		return -1;
	while (!end && !reader.retry) {
		if (read_event(&reader, &end) == 0)
			continue;
		if (!yaml_source_has_cuts(reader.source) ||
		    (err->kind != ERROR_FORMAT && err->kind != ERROR_TYPE))
			return -1;
		/* the whole text decides */
		error_clear(err);
		reader.retry = true;
	}
	*ret_retry = reader.retry;
	if (reader.retry)
		return 0;
	close_level(&reader);
	if (doc_root(doc, 0) == DOC_NONE)
		return reader.details->has_comments
			       ? error_set(err, ERROR_COMMENTS,
					   "the document is empty but for comments")
			       : error_set(err, ERROR_EMPTY, "the document is empty");
	reader.details->indent = yaml_measure_indent(doc);
	*ret_has_aliases = reader.aliases > 0;
	return 0;
}

int yaml_parse(struct doc *doc, bool *ret_has_aliases, struct error *err)
{
	bool retry = false;

	if (parse_once(doc, true, &retry, ret_has_aliases, err) < 0)
		return -1;
	if (!retry)
		return 0;
	/* something that looks sealed is part of another text */
	doc_rewind(doc);
	return parse_once(doc, false, &retry, ret_has_aliases, err);
}
