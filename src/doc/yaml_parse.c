/* SPDX-License-Identifier: MIT */
/* One pass over libyaml's events gives the nodes and their byte spans. */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"
#include "util/codec.h"
#include "util/text.h"
#include "yaml_source.h"

/* Each alias looks through the anchors before it. */
#define ANCHORS_MAX 10000
#define ALIASES_MAX 100000

#define TAG_PREFIX "tag:yaml.org,2002:"

/* A collection that is open. */
struct level {
	uint32_t node;
	uint32_t key, key_len, entry; /* of the entry whose value comes next */
	uint32_t key_end;             /* where that key's text ends */
	uint8_t key_flags;
	bool want_key;
	bool in_flow;
};

/* An anchor and the node that it names. */
struct anchor {
	uint32_t name, name_len; /* in the text */
	uint32_t node;
};

struct reader {
	struct doc *doc;
	struct yaml_source *source;
	uint32_t gap;      /* comments have been looked for up to here */
	uint32_t last_end; /* of the last value or closing bracket */
	struct level *levels;
	size_t depth;
	unsigned flags;
	struct anchor *anchors;
	size_t anchors_len, anchors_cap;
	size_t aliases;
	bool condense; /* libyaml is not shown what is sealed */
	bool retry;    /* it should have been */
	struct yaml_details *details;
	struct error *err;
};

static void reader_release(struct reader *reader)
{
	yaml_source_free(reader->source);
	free(reader->levels);
	free(reader->anchors);
}

static int fail(struct reader *reader, uint32_t at, const char *why)
{
	return yaml_fail_at(reader->doc, at, why, reader->err);
}

static int fail_type(struct reader *reader, uint32_t at, const char *why)
{
	(void)fail(reader, at, why);
	reader->err->kind = ERROR_TYPE;
	return -1;
}

static struct doc_node *add_node(struct reader *reader)
{
	struct doc *doc = reader->doc;
	struct doc_node *nodes;

	if (doc->len == doc->cap) {
		const uint32_t cap = doc->cap == 0 ? 64 : doc->cap + doc->cap / 2;

		if (doc->len >= DOC_NODES_MAX) {
			error_set(reader->err, ERROR_LIMIT, "more than %zu values", DOC_NODES_MAX);
			return NULL;
		}
		nodes = realloc(doc->nodes, cap * sizeof(*nodes)); /* offsets only, no secret */
		if (nodes == NULL) {
			error_memory(reader->err);
			return NULL;
		}
		doc->nodes = nodes;
		doc->cap = cap;
	}
	nodes = &doc->nodes[doc->len++];
	*nodes = (struct doc_node){ .next = doc->len };
	return nodes;
}

static int add_comment(struct reader *reader, uint32_t start, uint32_t end)
{
	struct doc_node *node = add_node(reader);

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

/* Every "#" between what libyaml told of is a comment, up to the end of its line. */
static int take_gap(struct reader *reader, uint32_t until)
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

/* The end of the anchor or tag at offset at. */
static uint32_t property_end(struct span text, uint32_t at)
{
	const bool is_anchor = text.data[at++] == '&';

	for (; at < text.len; at++) {
		const uint8_t c = text.data[at];

		if (is_anchor ? !isalnum(c) && c != '_' && c != '-'
			      : c == ' ' || c == '\t' || yaml_break_at(text, at) > 0)
			break;
	}
	return at;
}

/* Where a node's own text starts: behind its anchor and tag, blanks and comments. */
static uint32_t content_start(struct reader *reader, uint32_t at, uint32_t end, bool anchor,
			      bool tag)
{
	const struct span text = span_slice(secret_span(&reader->doc->text), 0, end);

	if (!anchor && !tag)
		return at;
	while (at < end) {
		const uint8_t c = text.data[at];

		if (c == '&' && anchor) {
			anchor = false;
			at = property_end(text, at);
		} else if (c == '!' && tag) {
			tag = false;
			at = property_end(text, at);
		} else if (c == '#') {
			while (at < end && yaml_break_at(text, at) == 0)
				at++;
		} else if (c == ' ' || c == '\t') {
			at++;
		} else if (yaml_break_at(text, at) > 0) {
			at += (uint32_t)yaml_break_at(text, at);
		} else {
			break;
		}
	}
	return at;
}

/* Puts value where the text spells it just so, else into the pool. */
static int keep_value(struct reader *reader, struct span value, uint32_t at, uint32_t end,
		      uint8_t pool_flag, uint32_t *ret_offset, uint8_t *flags)
{
	struct doc *doc = reader->doc;

	if (at + value.len <= end && memcmp(doc->text.data + at, value.data, value.len) == 0) {
		*ret_offset = at;
		return 0;
	}
	*ret_offset = (uint32_t)doc->pool.len;
	*flags |= pool_flag;
	return secret_append_span(&doc->pool, value, reader->err);
}

struct scalar {
	struct span value;
	const char *tag;            /* NULL: none, or "!" */
	uint32_t event, start, end; /* where its anchor, its text starts and ends */
	enum yaml_style style;
};

/*
 * A value of which libyaml was shown only a part: the text itself, where that part was spelled as
 * it stands.
 */
static bool restore_value(struct reader *reader, struct scalar *scalar, size_t cut)
{
	const size_t quote = scalar->style == YAML_STYLE_PLAIN ? 0 : 1;
	const struct span text =
		doc_text_slice(reader->doc, scalar->start + quote, scalar->end - quote);

	if (text.len == 0 || scalar->style > YAML_STYLE_DOUBLE ||
	    scalar->value.len + cut != text.len ||
	    (quote == 1 && memchr(text.data, '\\', text.len) != NULL))
		return false;
	scalar->value = text;
	return true;
}

static struct scalar read_scalar(struct reader *reader, const struct yaml_event_text *event)
{
	struct scalar scalar = { .value = event->value,
				 .style = event->style,
				 .event = event->start,
				 .end = event->end };

	if (event->tag != NULL && strcmp(event->tag, "!") != 0)
		scalar.tag = event->tag;
	scalar.start = content_start(reader, event->start, event->end, event->anchor != NULL,
				     event->tag != NULL);
	if (event->left_out > 0 && !restore_value(reader, &scalar, event->left_out))
		reader->retry = true;
	if (scalar.value.len == 0 && scalar.style == YAML_STYLE_PLAIN) {
		scalar.start = scalar.end;
		scalar.style = YAML_STYLE_EMPTY;
	}
	return scalar;
}

static bool tag_is(const char *tag, const char *name)
{
	return strncmp(tag, TAG_PREFIX, sizeof(TAG_PREFIX) - 1) == 0 &&
	       strcmp(tag + sizeof(TAG_PREFIX) - 1, name) == 0;
}

/* The type, and in flags what the tag does to a sealed text. */
static int resolve(struct reader *reader, const struct scalar *scalar, enum doc_type *ret_type,
		   uint8_t *flags)
{
	static const struct {
		const char *name;
		enum doc_type type;
	} tags[] = {
		{ "int", DOC_TYPE_INT },        { "float", DOC_TYPE_FLOAT },
		{ "bool", DOC_TYPE_BOOL },      { "null", DOC_TYPE_NULL },
		{ "timestamp", DOC_TYPE_TIME },
	};

	if (scalar->tag == NULL) {
		*ret_type = scalar->style == YAML_STYLE_PLAIN || scalar->style == YAML_STYLE_EMPTY
				    ? yaml_resolve(scalar->value)
				    : DOC_TYPE_STRING;
		return 0;
	}
	for (size_t i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		if (!tag_is(scalar->tag, tags[i].name))
			continue;
		*flags |= YAML_TAG_TYPED;
		if (yaml_resolve_tagged(scalar->value, tags[i].type, ret_type))
			return 0;
		return fail(reader, scalar->start, "the value does not fit its tag");
	}
	*ret_type = DOC_TYPE_STRING;
	*flags |=
		tag_is(scalar->tag, "binary") ? YAML_TAG_TYPED | YAML_TAG_BINARY : YAML_TAG_STRING;
	return 0;
}

/* "!!binary": the value is what its base64 says, line breaks aside. */
static int decode_binary(struct reader *reader, const struct scalar *scalar, struct doc_node *node)
{
	AUTO(secret) text = SECRET_INIT;
	struct secret *pool = &reader->doc->pool;
	struct span rest = scalar->value, line;
	size_t len;

	while (span_take_line(&rest, &line))
		if (secret_append_span(&text, line, reader->err) < 0)
			return -1;
	if (secret_grow(pool, text.len + 3, reader->err) < 0)
		return -1;
	if (!codec_base64_decode(secret_span(&text), CODEC_BASE64_PADDED, pool->data + pool->len,
				 pool->cap - pool->len, &len))
		return fail(reader, scalar->start, "a value tagged !!binary that is no base64");
	node->value = (uint32_t)pool->len;
	node->value_len = (uint32_t)len;
	node->flags |= DOC_VALUE_IN_POOL;
	pool->len += len;
	return 0;
}

static int set_anchor(struct reader *reader, const char *name, uint32_t event, uint32_t node)
{
	const uint8_t *text = reader->doc->text.data;
	struct anchor *anchors;

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
		(struct anchor){ event + 1, (uint32_t)strlen(name), node };
	return 0;
}

/* The node that an alias means: the last one so named. */
static uint32_t find_anchor(const struct reader *reader, struct span name)
{
	const struct span text = secret_span(&reader->doc->text);

	for (size_t i = reader->anchors_len; i-- > 0;) {
		const struct anchor *anchor = &reader->anchors[i];

		if (span_equal(span_slice(text, anchor->name, anchor->name_len), name))
			return anchor->node;
	}
	return DOC_NONE;
}

/* Fills in where a value stands and whose it is; the level then wants the next key. */
static void place_node(struct reader *reader, struct doc_node *node, uint32_t event)
{
	struct level *level = &reader->levels[reader->depth - 1];

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

static bool at_key(const struct reader *reader)
{
	const struct level *level = &reader->levels[reader->depth - 1];

	return reader->doc->nodes[level->node].kind == DOC_MAP && level->want_key;
}

static int take_key(struct reader *reader, const struct scalar *scalar)
{
	struct level *level = &reader->levels[reader->depth - 1];
	enum doc_type type;
	uint8_t flags = 0;

	if (resolve(reader, scalar, &type, &flags) < 0)
		return -1;
	if (type != DOC_TYPE_STRING)
		return fail_type(reader, scalar->start, "a key that is no string: quote it");
	if (yaml_has_foreign_escape(doc_text_slice(reader->doc, scalar->start, scalar->end)))
		return fail(reader, scalar->start,
			    "a key with \"\\/\", an escape that sops does not read");
	level->want_key = false;
	level->key_flags = 0;
	level->key_len = (uint32_t)scalar->value.len;
	level->entry = scalar->event;
	level->key_end = scalar->end;
	return keep_value(reader, scalar->value,
			  scalar->start + (scalar->style == YAML_STYLE_PLAIN ? 0 : 1), scalar->end,
			  DOC_KEY_IN_POOL, &level->key, &level->key_flags);
}

/* A document that holds nothing is an empty map, as sops has it. */
static int take_root_scalar(struct reader *reader, const struct scalar *scalar)
{
	struct doc_node *node;

	if (scalar->style != YAML_STYLE_EMPTY || scalar->event != scalar->start)
		return fail(reader, scalar->start, "the top level is no map");
	node = add_node(reader);
	if (node == NULL)
		return -1;
	place_node(reader, node, scalar->event);
	node->kind = DOC_MAP;
	node->type = DOC_TYPE_NONE;
	node->style = YAML_STYLE_EMPTY;
	node->flags |= YAML_NOT_WRITTEN;
	node->start = node->end = scalar->start;
	return 0;
}

/* A comment behind a block scalar's "|": it stands before the body, so it comes before the value. */
static int take_header(struct reader *reader, const struct scalar *scalar)
{
	const struct span text = secret_span(&reader->doc->text);
	uint32_t end = scalar->start;

	if (scalar->style != YAML_STYLE_LITERAL && scalar->style != YAML_STYLE_FOLDED)
		return 0;
	while (end < text.len && yaml_break_at(text, end) == 0)
		end++;
	return take_gap(reader, end);
}

/* Is there a colon between the key and its value, which starts at end? */
static bool has_colon(struct span text, uint32_t at, uint32_t end)
{
	bool in_comment = false;

	for (; at < end && (in_comment || text.data[at] != ':'); at++)
		in_comment = yaml_break_at(text, at) == 0 && (in_comment || text.data[at] == '#');
	return at < end;
}

/* A value that is not written, nor is its colon, is thought to stand right behind its key. */
static void move_to_key(const struct reader *reader, struct scalar *scalar, uint8_t *flags)
{
	const struct level *level = &reader->levels[reader->depth - 1];

	if (scalar->style != YAML_STYLE_EMPTY || at_key(reader) ||
	    reader->doc->nodes[level->node].kind != DOC_MAP ||
	    has_colon(secret_span(&reader->doc->text), level->key_end, scalar->start))
		return;
	*flags |= YAML_NO_COLON;
	scalar->start = scalar->end = level->key_end;
}

static int on_scalar(struct reader *reader, const struct yaml_event_text *event)
{
	struct scalar scalar = read_scalar(reader, event);
	enum doc_type type;
	struct doc_node *node;
	uint8_t flags = 0;

	move_to_key(reader, &scalar, &flags);
	if (take_gap(reader, scalar.start) < 0 || take_header(reader, &scalar) < 0)
		return -1;
	if (reader->gap < scalar.end)
		reader->gap = scalar.end;
	reader->last_end = scalar.end;
	if (at_key(reader)) {
		if (set_anchor(reader, event->anchor, scalar.event, DOC_NONE) < 0)
			return -1;
		return take_key(reader, &scalar);
	}
	if (reader->depth == 1)
		return take_root_scalar(reader, &scalar);
	if (resolve(reader, &scalar, &type, &flags) < 0)
		return -1;
	node = add_node(reader);
	if (node == NULL)
		return -1;
	place_node(reader, node, scalar.event);
	node->kind = DOC_SCALAR;
	node->type = (uint8_t)type;
	node->style = (uint8_t)scalar.style;
	node->flags |= flags;
	node->start = scalar.start;
	node->end = scalar.end;
	node->value_len = (uint32_t)scalar.value.len;
	if (set_anchor(reader, event->anchor, scalar.event, reader->doc->len - 1) < 0)
		return -1;
	if (flags & YAML_TAG_BINARY)
		return decode_binary(reader, &scalar, node);
	return keep_value(reader, scalar.value,
			  scalar.start + (scalar.style == YAML_STYLE_SINGLE ||
							  scalar.style == YAML_STYLE_DOUBLE
						  ? 1
						  : 0),
			  scalar.end, DOC_VALUE_IN_POOL, &node->value, &node->flags);
}

static int on_alias(struct reader *reader, const struct yaml_event_text *event)
{
	const uint32_t start = event->start, end = event->end;
	const uint32_t target = find_anchor(reader, event->value);
	struct doc_node *node;

	if (take_gap(reader, start) < 0)
		return -1;
	reader->gap = reader->last_end = end;
	if (at_key(reader) || reader->depth == 1)
		return fail(reader, start, "an alias cannot stand here");
	if (target == DOC_NONE)
		return fail(reader, start, "an alias without its anchor");
	if (reader->doc->nodes[target].kind != DOC_SCALAR && reader->doc->nodes[target].next == 0)
		return fail(reader, start, "an alias within what it names");
	if (++reader->aliases > ALIASES_MAX)
		return error_set(reader->err, ERROR_LIMIT, "more than %d aliases", ALIASES_MAX);
	node = add_node(reader);
	if (node == NULL)
		return -1;
	place_node(reader, node, start);
	node->kind = DOC_ALIAS;
	node->type = reader->doc->nodes[target].type;
	node->start = start;
	node->end = end;
	node->value = target;
	return 0;
}

static int push_level(struct reader *reader, uint32_t node, bool in_flow)
{
	/* the stream is one level, the documents' roots are the first */
	if (reader->depth > DOC_DEPTH_MAX)
		return error_set(reader->err, ERROR_LIMIT, "nested deeper than %d levels",
				 DOC_DEPTH_MAX);
	reader->levels[reader->depth++] =
		(struct level){ .node = node, .want_key = true, .in_flow = in_flow };
	return 0;
}

static int on_start(struct reader *reader, const struct yaml_event_text *event)
{
	const bool is_map = event->kind == YAML_E_MAP;
	const uint32_t start = event->start;
	const uint32_t content = content_start(reader, start, (uint32_t)reader->doc->text.len,
					       event->anchor != NULL, event->tag != NULL);
	struct doc_node *node;

	if (take_gap(reader, content) < 0)
		return -1;
	if (at_key(reader))
		return fail(reader, start, "a key that is no string");
	if (reader->depth == 1 && !is_map)
		return fail(reader, start, "the top level is a list, no map");
	node = add_node(reader);
	if (node == NULL)
		return -1;
	place_node(reader, node, start);
	node->kind = is_map ? DOC_MAP : DOC_LIST;
	node->type = DOC_TYPE_NONE;
	node->style = (uint8_t)event->style;
	node->start = content;
	node->end = content;
	node->next = 0; /* open */
	if (set_anchor(reader, event->anchor, start, reader->doc->len - 1) < 0)
		return -1;
	return push_level(reader, reader->doc->len - 1, event->style == YAML_STYLE_FLOW);
}

static void close_level(struct reader *reader)
{
	struct doc *doc = reader->doc;
	struct doc_node *node = &doc->nodes[reader->levels[--reader->depth].node];

	node->next = doc->len;
	if (node->end < reader->last_end)
		node->end = reader->last_end;
}

/* Trap T12: sops refuses equal keys in the first document alone, and keeps them in others. */
static int check_keys(const struct reader *reader, uint32_t map)
{
	if (reader->details->end == 0)
		return yaml_check_keys(reader->doc, map, reader->err);
	return reader->doc->nodes[map].parent == 0
		       ? yaml_check_metadata_key(reader->doc, map, reader->err)
		       : 0;
}

static int on_end(struct reader *reader, const struct yaml_event_text *event)
{
	const struct level *level = &reader->levels[reader->depth - 1];
	const uint32_t node = level->node;
	const bool in_flow = reader->doc->nodes[node].style == YAML_STYLE_FLOW;

	if (take_gap(reader, event->start) < 0)
		return -1;
	if (in_flow)
		reader->last_end = event->end;
	close_level(reader);
	return reader->doc->nodes[node].kind == DOC_MAP ? check_keys(reader, node) : 0;
}

/* Where the first document ends: the metadata's place. */
static int on_document_end(struct reader *reader, const struct yaml_event_text *event)
{
	const struct doc *doc = reader->doc;
	const uint32_t start = event->start;

	/* libyaml's mark lies behind directives' end, but never behind "---" or "..." */
	if (take_gap(reader, start) < 0)
		return -1;
	reader->anchors_len = 0;
	if (reader->details->end == 0)
		reader->details->end = start;
	assert(doc->len > 1);
	return 0;
}

static int on_event(struct reader *reader, const struct yaml_event_text *event)
{
	switch (event->kind) {
	case YAML_E_SCALAR:
		return on_scalar(reader, event);
	case YAML_E_ALIAS:
		return on_alias(reader, event);
	case YAML_E_MAP:
	case YAML_E_LIST:
		return on_start(reader, event);
	case YAML_E_END:
		return on_end(reader, event);
	case YAML_E_DOCUMENT_END:
		return on_document_end(reader, event);
	case YAML_E_STREAM_END:
		return take_gap(reader, (uint32_t)reader->doc->text.len);
	case YAML_E_BAD_VERSION:
		return fail(reader, event->start, "sops reads no %YAML directive but 1.1");
	case YAML_E_OTHER:
		break;
	}
	return 0;
}

static int read_event(struct reader *reader, bool *ret_end)
{
	struct yaml_event_text event;

	if (yaml_source_event(reader->source, &event, reader->err) < 0)
		return -1;
	*ret_end = event.kind == YAML_E_STREAM_END;
	return on_event(reader, &event);
}

static int begin(struct reader *reader)
{
	struct doc_node *stream;

	reader->details = calloc(1, sizeof(*reader->details));
	reader->doc->details = reader->details;
	reader->levels = calloc(DOC_DEPTH_MAX + 2, sizeof(*reader->levels));
	if (reader->details == NULL || reader->levels == NULL)
		return error_memory(reader->err);
	if (yaml_check_text(reader->doc, reader->details, reader->err) < 0)
		return -1;
	if (yaml_source_new(reader->doc, reader->doc->text.len, SPAN_INIT, reader->condense,
			    &reader->source, reader->err) < 0)
		return -1;
	reader->gap = reader->details->begin;
	stream = add_node(reader);
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

static int parse_once(struct doc *doc, unsigned flags, bool condense, bool *ret_retry,
		      bool *ret_has_aliases, struct error *err)
{
	__attribute__((cleanup(reader_release))) struct reader reader = {
		.doc = doc, .flags = flags, .condense = condense, .err = err
	};
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

int yaml_parse(struct doc *doc, unsigned flags, bool *ret_has_aliases, struct error *err)
{
	bool retry = false;

	if (parse_once(doc, flags, true, &retry, ret_has_aliases, err) < 0)
		return -1;
	if (!retry)
		return 0;
	/* something that looks sealed is part of another text */
	doc_rewind(doc);
	return parse_once(doc, flags, false, &retry, ret_has_aliases, err);
}
