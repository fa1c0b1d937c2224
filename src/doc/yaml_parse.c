/* SPDX-License-Identifier: MIT */
/*
 * The one file that knows libyaml. One pass over its events gives the nodes and
 * their byte spans; a pass over its tokens, for comments, is at the end.
 *
 * libyaml's marks count characters, and nothing else is kept of its answers but
 * what fits into the nodes. It leaves plaintext behind in its events and in its
 * two input buffers: both are wiped here.
 */
#include <assert.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "internal.h"
#include "util/codec.h"
#include "util/text.h"

#define TAG_PREFIX "tag:yaml.org,2002:"

/* A collection that is open. */
struct level {
	uint32_t node;
	uint32_t key, key_len, entry; /* of the entry whose value comes next */
	uint8_t key_flags;
	bool want_key;
	bool in_flow;
};

/* An anchor and the node that it names. */
struct anchor {
	uint32_t name, name_len; /* in the text */
	uint32_t node;
};

/*
 * A sealed text is mostly "ENC[…]", which means nothing to YAML and takes libyaml
 * most of its time: it is shown "ENC[]". A cut is what was left out.
 */
struct cut {
	uint32_t shown;          /* so many bytes had been shown before it */
	uint32_t left_out;       /* by this cut and all before it */
};

struct input {
	const struct doc *doc;
	size_t from;             /* what libyaml has read of the text */
	size_t at;               /* where insert goes, */
	struct span insert;      /* and how much of it is left */
	bool condense;
	size_t cut_from, cut_to; /* the next cut, in the text */
	size_t shown;
	struct cut *cuts;
	size_t cuts_len, cuts_cap;
};

/* Where a character stands in the text: a cursor that goes both ways, in short steps. */
struct cursor {
	const struct doc *doc;
	const struct input *cuts; /* NULL: none */
	size_t next_cut;
	size_t at;               /* something is thought to be inserted here, */
	size_t insert_len;       /* in ASCII, of this length */
	bool ascii;              /* characters are bytes */
	size_t index, byte;      /* a character's number and its offset */
};

struct reader {
	struct doc *doc;
	yaml_parser_t parser;
	struct input input;
	struct cursor cursor;
	uint32_t gap;            /* comments have been looked for up to here */
	uint32_t last_end;       /* of the last value or closing bracket */
	struct level *levels;
	size_t depth;
	unsigned flags;
	struct anchor *anchors;
	size_t anchors_len, anchors_cap;
	bool has_aliases;
	bool condense;           /* libyaml is not shown what is sealed */
	bool retry;              /* it should have been */
	struct yaml_details *details;
	struct error *err;
};

static void parser_release(yaml_parser_t *parser)
{
	if (parser->raw_buffer.start != NULL)
		secret_wipe(parser->raw_buffer.start,
			    (size_t)(parser->raw_buffer.end - parser->raw_buffer.start));
	if (parser->buffer.start != NULL)
		secret_wipe(parser->buffer.start,
			    (size_t)(parser->buffer.end - parser->buffer.start));
	/* tokens that were scanned ahead */
	for (yaml_token_t *token = parser->tokens.head; token != parser->tokens.tail; token++)
		if (token->type == YAML_SCALAR_TOKEN)
			secret_wipe(token->data.scalar.value, token->data.scalar.length);
	yaml_parser_delete(parser);
}

static void reader_release(struct reader *reader)
{
	parser_release(&reader->parser);
	free(reader->input.cuts);
	free(reader->levels);
	free(reader->anchors);
}

static void event_release(yaml_event_t *event)
{
	if (event->type == YAML_SCALAR_EVENT)
		secret_wipe(event->data.scalar.value, event->data.scalar.length);
	yaml_event_delete(event);
}

/* The end of what may be left out of "ENC[…]" from at on: up to the bracket; at: nothing. */
static size_t cut_end(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.len && (isalnum(text.data[end]) || (text.data[end] >= '+' &&
	       text.data[end] <= '/' && text.data[end] != '.' && text.data[end] != '-') ||
	       text.data[end] == '=' || text.data[end] == '_' || text.data[end] == ':'))
		end++;
	return end < text.len && text.data[end] == ']' ? end : at;
}

/* Does a value or comment start at offset at? Else "ENC[" may be anything. */
static bool starts_sealed(struct span text, size_t at)
{
	const uint8_t before = at > 0 ? text.data[at - 1] : 0;

	if (before == ' ')
		return at > 1 && (text.data[at - 2] == ':' || text.data[at - 2] == '-');
	return before == '#' || before == '\'' || before == '"';
}

/* Finds the next cut from where libyaml has read to. */
static void find_cut(struct input *input)
{
	const struct span text = secret_span(&input->doc->text);
	const uint8_t *sealed;
	size_t at = input->from;

	while ((sealed = memmem(text.data + at, text.len - at, "ENC[", 4)) != NULL) {
		const bool starts = starts_sealed(text, (size_t)(sealed - text.data));

		at = (size_t)(sealed - text.data) + 4;
		input->cut_from = at;
		input->cut_to = starts ? cut_end(text, at) : at;
		if (input->cut_to > at)
			return;
	}
	input->cut_from = input->cut_to = SIZE_MAX;
}

/* Leaves out what stands between cut_from and cut_to. */
static bool make_cut(struct input *input)
{
	const uint32_t before = input->cuts_len > 0 ? input->cuts[input->cuts_len - 1].left_out : 0;

	if (input->cuts_len == input->cuts_cap) {
		const size_t cap = input->cuts_cap * 2 + 64;
		struct cut *cuts = realloc(input->cuts, cap * sizeof(*cuts)); /* offsets only */

		if (cuts == NULL)
			return false;
		input->cuts = cuts;
		input->cuts_cap = cap;
	}
	input->cuts[input->cuts_len++] = (struct cut){
		(uint32_t)input->shown, before + (uint32_t)(input->cut_to - input->cut_from)
	};
	input->from = input->cut_to;
	find_cut(input);
	return true;
}

/* The next piece of the text, at most size bytes; len 0 at its end. */
static struct span next_piece(struct input *input, size_t size)
{
	struct span piece = span_slice(secret_span(&input->doc->text), input->from, size);

	if (input->insert.len > 0 && input->from == input->at) {
		piece = span_slice(input->insert, 0, size);
		input->insert = span_slice(input->insert, piece.len, SIZE_MAX);
		return piece;
	}
	if (input->insert.len > 0 && piece.len > input->at - input->from)
		piece.len = input->at - input->from;
	if (input->condense && piece.len > input->cut_from - input->from)
		piece.len = input->cut_from - input->from;
	input->from += piece.len;
	return piece;
}

static int read_input(void *data, unsigned char *buffer, size_t size, size_t *ret_size)
{
	struct input *input = data;
	struct span piece;

	*ret_size = 0;
	do {
		if (input->condense && input->from == input->cut_from && !make_cut(input))
			return 0;
		piece = next_piece(input, size - *ret_size);
		if (piece.len > 0)
			memcpy(buffer + *ret_size, piece.data, piece.len);
		*ret_size += piece.len;
		input->shown += piece.len;
	} while (piece.len > 0 && *ret_size < size);
	return 1;
}

/* How much was left out before the byte that was shown as number shown. */
static size_t left_out(struct cursor *cursor, size_t shown)
{
	const struct input *input = cursor->cuts;

	if (input == NULL)
		return 0;
	while (cursor->next_cut < input->cuts_len && input->cuts[cursor->next_cut].shown <= shown)
		cursor->next_cut++;
	while (cursor->next_cut > 0 && input->cuts[cursor->next_cut - 1].shown > shown)
		cursor->next_cut--;
	return cursor->next_cut > 0 ? input->cuts[cursor->next_cut - 1].left_out : 0;
}

static bool is_continuation(const struct cursor *cursor, size_t byte)
{
	if (byte >= cursor->at) {
		if (byte < cursor->at + cursor->insert_len)
			return false;
		byte -= cursor->insert_len;
	}
	return byte < cursor->doc->text.len && cursor->doc->text.data[byte] >> 6 == 2;
}

/* The byte offset of character number index. */
static uint32_t find_byte(struct cursor *cursor, size_t index)
{
	const size_t end = cursor->doc->text.len + cursor->insert_len;

	if (cursor->ascii)
		return (uint32_t)(yaml_details(cursor->doc)->begin + index + left_out(cursor, index));
	for (; cursor->index < index && cursor->byte < end; cursor->index++)
		do {
			cursor->byte++;
		} while (is_continuation(cursor, cursor->byte));
	for (; cursor->index > index && cursor->byte > 0; cursor->index--)
		do {
			cursor->byte--;
		} while (is_continuation(cursor, cursor->byte));
	return (uint32_t)cursor->byte;
}

static uint32_t byte_of(struct reader *reader, size_t index)
{
	return find_byte(&reader->cursor, index);
}

static int fail(struct reader *reader, uint32_t at, const char *why)
{
	const uint8_t *text = reader->doc->text.data;
	size_t line = 1;

	for (uint32_t i = 0; i < at; i++)
		line += text[i] == '\n' ? 1 : 0;
	return error_set(reader->err, ERROR_FORMAT, "line %zu: %s", line, why);
}

static int fail_parser(const yaml_parser_t *parser, struct error *err)
{
	const char *problem = parser->problem != NULL ? parser->problem : "this is no YAML";

	if (parser->error == YAML_MEMORY_ERROR)
		return error_memory(err);
	if (parser->error == YAML_READER_ERROR)
		return error_set(err, ERROR_FORMAT, "not valid YAML: %s", problem);
	return error_set(err, ERROR_FORMAT, "line %zu: %s%s%s", parser->problem_mark.line + 1,
			 parser->context != NULL ? parser->context : "",
			 parser->context != NULL ? ": " : "", problem);
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

		if (is_anchor ? !isalnum(c) && c != '_' && c != '-' :
				c == ' ' || c == '\t' || yaml_break_at(text, at) > 0)
			break;
	}
	return at;
}

/* Where a node's own text starts: behind its anchor and tag, blanks and comments. */
static uint32_t content_start(struct reader *reader, uint32_t at, uint32_t end, bool anchor, bool tag)
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
	const char *tag;         /* NULL: none, or "!" */
	uint32_t event, start, end; /* where its anchor, its text starts and ends */
	enum yaml_style style;
};

static enum yaml_style style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return YAML_STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return YAML_STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
		return YAML_STYLE_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return YAML_STYLE_FOLDED;
	case YAML_ANY_SCALAR_STYLE:
	case YAML_PLAIN_SCALAR_STYLE:
		break;
	}
	return YAML_STYLE_PLAIN;
}

/*
 * A value of which libyaml was shown only a part: the text itself, where that part was spelled as
 * it stands.
 */
static bool restore_value(struct reader *reader, struct scalar *scalar, size_t cut)
{
	const size_t quote = scalar->style == YAML_STYLE_PLAIN ? 0 : 1;
	const struct span text = doc_text_slice(reader->doc, scalar->start + quote,
						scalar->end - quote);

	if (scalar->style > YAML_STYLE_DOUBLE || scalar->value.len + cut != text.len ||
	    (quote == 1 && memchr(text.data, '\\', text.len) != NULL))
		return false;
	scalar->value = text;
	return true;
}

static struct scalar read_scalar(struct reader *reader, const yaml_event_t *event)
{
	const char *tag = (const char *)event->data.scalar.tag;
	struct scalar scalar = {
		.value = span_of(event->data.scalar.value, event->data.scalar.length),
		.style = (uint8_t)style_of(event->data.scalar.style),
		.event = byte_of(reader, event->start_mark.index),
		.end = byte_of(reader, event->end_mark.index),
	};
	size_t cut;

	scalar.start = scalar.event;
	if (tag != NULL && strcmp(tag, "!") != 0)
		scalar.tag = tag;
	scalar.start = content_start(reader, scalar.event, scalar.end,
				     event->data.scalar.anchor != NULL, tag != NULL);
	cut = reader->cursor.ascii ? scalar.end - scalar.event -
				     (event->end_mark.index - event->start_mark.index) : 0;
	if (cut > 0 && !restore_value(reader, &scalar, cut))
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
		{ "int", DOC_TYPE_INT },   { "float", DOC_TYPE_FLOAT },    { "bool", DOC_TYPE_BOOL },
		{ "null", DOC_TYPE_NULL }, { "timestamp", DOC_TYPE_TIME },
	};

	if (scalar->tag == NULL) {
		*ret_type = scalar->style == YAML_STYLE_PLAIN || scalar->style == YAML_STYLE_EMPTY ?
				    yaml_resolve(scalar->value) : DOC_TYPE_STRING;
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
	*flags |= tag_is(scalar->tag, "binary") ? YAML_TAG_TYPED | YAML_TAG_BINARY : YAML_TAG_STRING;
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

static int set_anchor(struct reader *reader, const yaml_char_t *name, uint32_t event, uint32_t node)
{
	const uint8_t *text = reader->doc->text.data;
	struct anchor *anchors;

	if (name == NULL)
		return 0;
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
	reader->anchors[reader->anchors_len++] = (struct anchor){
		event + 1, (uint32_t)strlen((const char *)name), node
	};
	return 0;
}

/* The node that an alias means: the last one so named. */
static uint32_t find_anchor(const struct reader *reader, const char *name)
{
	const struct span text = secret_span(&reader->doc->text);

	for (size_t i = reader->anchors_len; i-- > 0;) {
		const struct anchor *anchor = &reader->anchors[i];

		if (span_equal_text(span_slice(text, anchor->name, anchor->name_len), name))
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
		return fail(reader, scalar->start, "a key that is no string: quote it");
	level->want_key = false;
	level->key_flags = 0;
	level->key_len = (uint32_t)scalar->value.len;
	level->entry = scalar->event;
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
	node->flags |= YAML_NO_NODE;
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

static int on_scalar(struct reader *reader, const yaml_event_t *event)
{
	const struct scalar scalar = read_scalar(reader, event);
	enum doc_type type;
	struct doc_node *node;
	uint8_t flags = 0;

	if (take_gap(reader, scalar.start) < 0 || take_header(reader, &scalar) < 0)
		return -1;
	if (reader->gap < scalar.end)
		reader->gap = scalar.end;
	reader->last_end = scalar.end;
	if (at_key(reader)) {
		if (set_anchor(reader, event->data.scalar.anchor, scalar.event, DOC_NONE) < 0)
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
	if (set_anchor(reader, event->data.scalar.anchor, scalar.event, reader->doc->len - 1) < 0)
		return -1;
	if (flags & YAML_TAG_BINARY)
		return decode_binary(reader, &scalar, node);
	return keep_value(reader, scalar.value,
			  scalar.start + (scalar.style == YAML_STYLE_SINGLE ||
					  scalar.style == YAML_STYLE_DOUBLE ? 1 : 0),
			  scalar.end, DOC_VALUE_IN_POOL, &node->value, &node->flags);
}

static int on_alias(struct reader *reader, const yaml_event_t *event)
{
	const uint32_t start = byte_of(reader, event->start_mark.index);
	const uint32_t end = byte_of(reader, event->end_mark.index);
	const uint32_t target = find_anchor(reader, (const char *)event->data.alias.anchor);
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
	node = add_node(reader);
	if (node == NULL)
		return -1;
	place_node(reader, node, start);
	node->kind = DOC_ALIAS;
	node->type = reader->doc->nodes[target].type;
	node->start = start;
	node->end = end;
	node->value = target;
	reader->has_aliases = true;
	return 0;
}

static int push_level(struct reader *reader, uint32_t node, bool in_flow)
{
	/* the stream is one level, the documents' roots are the first */
	if (reader->depth > DOC_DEPTH_MAX)
		return error_set(reader->err, ERROR_LIMIT, "nested deeper than %d levels",
				 DOC_DEPTH_MAX);
	reader->levels[reader->depth++] = (struct level){
		.node = node, .want_key = true, .in_flow = in_flow
	};
	return 0;
}

static int on_start(struct reader *reader, const yaml_event_t *event)
{
	const bool is_map = event->type == YAML_MAPPING_START_EVENT;
	const bool in_flow = is_map ? event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE :
				      event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
	const yaml_char_t *anchor = is_map ? event->data.mapping_start.anchor :
					     event->data.sequence_start.anchor;
	const uint32_t start = byte_of(reader, event->start_mark.index);
	const bool tagged = (is_map ? event->data.mapping_start.tag :
				      event->data.sequence_start.tag) != NULL;
	const uint32_t content = content_start(reader, start, (uint32_t)reader->doc->text.len,
					       anchor != NULL, tagged);
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
	node->style = in_flow ? YAML_STYLE_FLOW : YAML_STYLE_EMPTY;
	node->start = content;
	node->end = content;
	node->next = 0; /* open */
	if (set_anchor(reader, anchor, start, reader->doc->len - 1) < 0)
		return -1;
	return push_level(reader, reader->doc->len - 1, in_flow);
}

static void close_level(struct reader *reader)
{
	struct doc *doc = reader->doc;
	struct doc_node *node = &doc->nodes[reader->levels[--reader->depth].node];

	node->next = doc->len;
	if (node->end < reader->last_end)
		node->end = reader->last_end;
}

static int on_end(struct reader *reader, const yaml_event_t *event)
{
	const struct level *level = &reader->levels[reader->depth - 1];
	const uint32_t node = level->node;
	const bool in_flow = reader->doc->nodes[node].style == YAML_STYLE_FLOW;
	const uint32_t start = byte_of(reader, event->start_mark.index);
	const uint32_t end = byte_of(reader, event->end_mark.index);

	if (take_gap(reader, start) < 0)
		return -1;
	if (in_flow)
		reader->last_end = end;
	close_level(reader);
	if (reader->doc->nodes[node].kind == DOC_MAP)
		return yaml_check_keys(reader->doc, node, reader->err);
	return 0;
}

/* Where the first document ends: the metadata's place. */
static int on_document_end(struct reader *reader, const yaml_event_t *event)
{
	const struct doc *doc = reader->doc;
	const uint32_t start = byte_of(reader, event->start_mark.index);

	/* libyaml's mark lies behind directives' end, but never behind "---" or "..." */
	if (take_gap(reader, start) < 0)
		return -1;
	reader->anchors_len = 0;
	if (reader->details->end == 0)
		reader->details->end = start;
	assert(doc->len > 1);
	return 0;
}

static int on_event(struct reader *reader, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return on_scalar(reader, event);
	case YAML_ALIAS_EVENT:
		return on_alias(reader, event);
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		return on_start(reader, event);
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		return on_end(reader, event);
	case YAML_DOCUMENT_END_EVENT:
		return on_document_end(reader, event);
	case YAML_STREAM_END_EVENT:
		return take_gap(reader, (uint32_t)reader->doc->text.len);
	case YAML_NO_EVENT:
	case YAML_STREAM_START_EVENT:
	case YAML_DOCUMENT_START_EVENT:
		break;
	}
	return 0;
}

static int read_event(struct reader *reader, bool *ret_end)
{
	yaml_event_t event;
	int status;

	if (!yaml_parser_parse(&reader->parser, &event))
		return fail_parser(&reader->parser, reader->err);
	*ret_end = event.type == YAML_STREAM_END_EVENT;
	status = on_event(reader, &event);
	event_release(&event);
	return status;
}

static bool is_ascii(struct span text)
{
	uint64_t word, all = 0;
	size_t i = 0;

	for (; i + 8 <= text.len; i += 8) {
		memcpy(&word, text.data + i, 8);
		all |= word;
	}
	for (; i < text.len; i++)
		all |= text.data[i];
	return (all & 0x8080808080808080u) == 0;
}

/* libyaml takes one at the start of any line, counts it as a column, and go-yaml does not. */
static int refuse_byte_order_marks(struct reader *reader)
{
	const struct span text = secret_span(&reader->doc->text);
	size_t from = reader->details->begin;
	const uint8_t *mark;

	while ((mark = memmem(text.data + from, text.len - from, "\xef\xbb\xbf", 3)) != NULL) {
		from = (size_t)(mark - text.data);
		if (yaml_break_before(text, from) > 0 || from == reader->details->begin)
			return fail(reader, (uint32_t)from, "a byte order mark within the text");
		from += 3;
	}
	return 0;
}

/* What libyaml would read wrongly or not at all; finds out what kind of text it is. */
static int check_text(struct reader *reader)
{
	const struct span text = secret_span(&reader->doc->text);
	struct yaml_details *details = reader->details;
	const uint8_t *line_feed;
	size_t bad = 0;

	if (text.len > DOC_TEXT_MAX)
		return error_set(reader->err, ERROR_LIMIT, "more than %zu MiB of text",
				 DOC_TEXT_MAX >> 20);
	if (text.len >= 2 && ((text.data[0] == 0xff && text.data[1] == 0xfe) ||
			      (text.data[0] == 0xfe && text.data[1] == 0xff) ||
			      text.data[0] == 0 || text.data[1] == 0))
		return error_set(reader->err, ERROR_FORMAT, "this is UTF-16: only UTF-8 is supported");
	if (text_find_invalid_utf8(text, &bad))
		return fail(reader, (uint32_t)bad, "not valid UTF-8");
	if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)
		return error_set(reader->err, ERROR_FORMAT, "the text holds a NUL character");
	details->ascii = is_ascii(text);
	if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		details->begin = 3;
	if (!details->ascii && refuse_byte_order_marks(reader) < 0)
		return -1;
	line_feed = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;
	details->crlf = line_feed != NULL && line_feed > text.data && line_feed[-1] == '\r';
	return 0;
}

static int begin(struct reader *reader)
{
	struct doc_node *stream;

	reader->details = calloc(1, sizeof(*reader->details));
	reader->doc->details = reader->details;
	reader->levels = calloc(DOC_DEPTH_MAX + 2, sizeof(*reader->levels));
	if (reader->details == NULL || reader->levels == NULL)
		return error_memory(reader->err);
	if (check_text(reader) < 0)
		return -1;
	if (!yaml_parser_initialize(&reader->parser))
		return error_memory(reader->err);
	reader->input = (struct input){ .doc = reader->doc, .from = reader->details->begin,
					.condense = reader->condense && reader->details->ascii };
	if (reader->input.condense)
		find_cut(&reader->input);
	reader->gap = reader->details->begin;
	reader->cursor = (struct cursor){ .doc = reader->doc, .at = SIZE_MAX,
					  .cuts = &reader->input,
					  .ascii = reader->details->ascii,
					  .byte = reader->details->begin };
	yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&reader->parser, read_input, &reader->input);
	stream = add_node(reader);
	if (stream == NULL)
		return -1;
	stream->kind = DOC_STREAM;
	stream->type = DOC_TYPE_NONE;
	stream->parent = DOC_NONE;
	return push_level(reader, 0, false);
}

/* The indentation that doc uses: that of its first nested block, or what sops writes. */
static uint32_t measure_indent(const struct doc *doc)
{
	for (uint32_t i = 1; i < doc->len; i++) {
		const struct doc_node *n = &doc->nodes[i];
		unsigned own, parent;

		if (n->kind != DOC_MAP || n->style == YAML_STYLE_FLOW || n->flags & YAML_NO_NODE ||
		    doc->nodes[n->parent].kind != DOC_MAP)
			continue;
		own = yaml_column(doc, i);
		parent = yaml_column(doc, n->parent);
		if (own > parent + 1 && own - parent < 10)
			return own - parent;
	}
	return 4;
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
		if (reader.input.cuts_len == 0 || err->kind != ERROR_FORMAT)
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
		return error_set(err, ERROR_EMPTY, "the document is empty");
	reader.details->indent = measure_indent(doc);
	*ret_has_aliases = reader.has_aliases;
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

struct yaml_scanner {
	yaml_parser_t parser;
	struct input input;
	struct cursor cursor;
};

void yaml_scanner_free(struct yaml_scanner *scanner)
{
	if (scanner == NULL)
		return;
	parser_release(&scanner->parser);
	free(scanner);
}

int yaml_scanner_new(const struct doc *doc, size_t at, struct span insert,
		     struct yaml_scanner **ret_scanner, struct error *err)
{
	struct yaml_scanner *scanner = calloc(1, sizeof(*scanner));

	if (scanner == NULL)
		return error_memory(err);
	if (!yaml_parser_initialize(&scanner->parser)) {
		free(scanner);
		return error_memory(err);
	}
	scanner->input = (struct input){ .doc = doc, .from = yaml_details(doc)->begin, .at = at,
					 .insert = insert };
	scanner->cursor = (struct cursor){ .doc = doc, .at = at, .insert_len = insert.len,
					   .ascii = yaml_details(doc)->ascii,
					   .byte = yaml_details(doc)->begin };
	yaml_parser_set_encoding(&scanner->parser, YAML_UTF8_ENCODING);
	yaml_parser_set_input(&scanner->parser, read_input, &scanner->input);
	*ret_scanner = scanner;
	return 0;
}

static enum yaml_token_kind kind_of(yaml_token_type_t type)
{
	static const uint8_t kinds[] = {
		[YAML_STREAM_START_TOKEN] = YAML_T_STREAM_START,
		[YAML_STREAM_END_TOKEN] = YAML_T_STREAM_END,
		[YAML_VERSION_DIRECTIVE_TOKEN] = YAML_T_VERSION,
		[YAML_TAG_DIRECTIVE_TOKEN] = YAML_T_TAG_DIRECTIVE,
		[YAML_DOCUMENT_START_TOKEN] = YAML_T_DOCUMENT_START,
		[YAML_DOCUMENT_END_TOKEN] = YAML_T_DOCUMENT_END,
		[YAML_BLOCK_SEQUENCE_START_TOKEN] = YAML_T_BLOCK_SEQUENCE,
		[YAML_BLOCK_MAPPING_START_TOKEN] = YAML_T_BLOCK_MAPPING,
		[YAML_BLOCK_END_TOKEN] = YAML_T_BLOCK_END,
		[YAML_FLOW_SEQUENCE_START_TOKEN] = YAML_T_FLOW_SEQUENCE,
		[YAML_FLOW_SEQUENCE_END_TOKEN] = YAML_T_FLOW_SEQUENCE_END,
		[YAML_FLOW_MAPPING_START_TOKEN] = YAML_T_FLOW_MAPPING,
		[YAML_FLOW_MAPPING_END_TOKEN] = YAML_T_FLOW_MAPPING_END,
		[YAML_BLOCK_ENTRY_TOKEN] = YAML_T_BLOCK_ENTRY,
		[YAML_FLOW_ENTRY_TOKEN] = YAML_T_FLOW_ENTRY,
		[YAML_KEY_TOKEN] = YAML_T_KEY,
		[YAML_VALUE_TOKEN] = YAML_T_VALUE,
		[YAML_ALIAS_TOKEN] = YAML_T_ALIAS,
		[YAML_ANCHOR_TOKEN] = YAML_T_ANCHOR,
		[YAML_TAG_TOKEN] = YAML_T_TAG,
		[YAML_SCALAR_TOKEN] = YAML_T_SCALAR,
	};

	return kinds[type];
}

int yaml_scanner_next(struct yaml_scanner *scanner, struct yaml_token *ret_token,
		      struct error *err)
{
	yaml_token_t token;

	if (!yaml_parser_scan(&scanner->parser, &token))
		return fail_parser(&scanner->parser, err);
	if (token.type == YAML_NO_TOKEN)
		return error_set(err, ERROR_BUG, "the text has no more tokens");
	*ret_token = (struct yaml_token){
		.kind = kind_of(token.type),
		.style = token.type == YAML_SCALAR_TOKEN ? style_of(token.data.scalar.style) :
							   YAML_STYLE_PLAIN,
		.start = find_byte(&scanner->cursor, token.start_mark.index),
		.end = find_byte(&scanner->cursor, token.end_mark.index),
		.line = (uint32_t)token.start_mark.line,
		.column = (uint32_t)token.start_mark.column,
		.end_line = (uint32_t)token.end_mark.line,
		.end_column = (uint32_t)token.end_mark.column,
	};
	if (token.type == YAML_SCALAR_TOKEN)
		secret_wipe(token.data.scalar.value, token.data.scalar.length);
	yaml_token_delete(&token);
	return 0;
}
