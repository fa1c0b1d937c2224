/* SPDX-License-Identifier: MIT */
/* Scalars: where their text stands, what type they have, and keys. */
#include <ctype.h>
#include <string.h>

#include "util/codec.h"
#include "util/text.h"
#include "yaml_reader.h"

#define TAG_PREFIX "tag:yaml.org,2002:"

static int fail_type(struct yaml_reader *reader, uint32_t at, const char *why)
{
	(void)yaml_reader_fail(reader, at, why);
	reader->err->kind = ERROR_TYPE;
	return -1;
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

uint32_t yaml_reader_content(struct yaml_reader *reader, uint32_t at, uint32_t end, bool anchor,
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
static int keep_value(struct yaml_reader *reader, struct span value, uint32_t at, uint32_t end,
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
static bool restore_value(struct yaml_reader *reader, struct scalar *scalar, size_t cut)
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

static struct scalar read_scalar(struct yaml_reader *reader, const struct yaml_event_text *event)
{
	struct scalar scalar = { .value = event->value,
				 .style = event->style,
				 .event = event->start,
				 .end = event->end };

	if (event->tag != NULL && strcmp(event->tag, "!") != 0)
		scalar.tag = event->tag;
	scalar.start = yaml_reader_content(reader, event->start, event->end, event->anchor != NULL,
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
static int resolve(struct yaml_reader *reader, const struct scalar *scalar, enum doc_type *ret_type,
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
		return yaml_reader_fail(reader, scalar->start, "the value does not fit its tag");
	}
	*ret_type = DOC_TYPE_STRING;
	*flags |=
		tag_is(scalar->tag, "binary") ? YAML_TAG_TYPED | YAML_TAG_BINARY : YAML_TAG_STRING;
	return 0;
}

/* "!!binary": the value is what its base64 says, line breaks aside. */
static int decode_binary(struct yaml_reader *reader, const struct scalar *scalar,
			 struct doc_node *node)
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
		return yaml_reader_fail(reader, scalar->start,
					"a value tagged !!binary that is no base64");
	node->value = (uint32_t)pool->len;
	node->value_len = (uint32_t)len;
	node->flags |= DOC_VALUE_IN_POOL;
	pool->len += len;
	return 0;
}
static int take_key(struct yaml_reader *reader, const struct scalar *scalar)
{
	struct yaml_level *level = &reader->levels[reader->depth - 1];
	enum doc_type type;
	uint8_t flags = 0;

	if (resolve(reader, scalar, &type, &flags) < 0)
		return -1;
	if (type != DOC_TYPE_STRING)
		return fail_type(reader, scalar->start, "a key that is no string: quote it");
	if (yaml_has_foreign_escape(doc_text_slice(reader->doc, scalar->start, scalar->end)))
		return yaml_reader_fail(reader, scalar->start,
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
static int take_root_scalar(struct yaml_reader *reader, const struct scalar *scalar)
{
	struct doc_node *node;

	if (scalar->style != YAML_STYLE_EMPTY || scalar->event != scalar->start)
		return yaml_reader_fail(reader, scalar->start, "the top level is no map");
	node = yaml_reader_add(reader);
	if (node == NULL)
		return -1;
	yaml_reader_place(reader, node, scalar->event);
	node->kind = DOC_MAP;
	node->type = DOC_TYPE_NONE;
	node->style = YAML_STYLE_EMPTY;
	node->flags |= YAML_NOT_WRITTEN;
	node->start = node->end = scalar->start;
	return 0;
}

/* A comment behind a block scalar's "|": it stands before the body, so it comes before the value. */
static int take_header(struct yaml_reader *reader, const struct scalar *scalar)
{
	const struct span text = secret_span(&reader->doc->text);
	uint32_t end = scalar->start;

	if (scalar->style != YAML_STYLE_LITERAL && scalar->style != YAML_STYLE_FOLDED)
		return 0;
	while (end < text.len && yaml_break_at(text, end) == 0)
		end++;
	return yaml_reader_take_gap(reader, end);
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
static void move_to_key(const struct yaml_reader *reader, struct scalar *scalar, uint8_t *flags)
{
	const struct yaml_level *level = &reader->levels[reader->depth - 1];

	if (scalar->style != YAML_STYLE_EMPTY || yaml_reader_at_key(reader) ||
	    reader->doc->nodes[level->node].kind != DOC_MAP ||
	    has_colon(secret_span(&reader->doc->text), level->key_end, scalar->start))
		return;
	*flags |= YAML_NO_COLON;
	scalar->start = scalar->end = level->key_end;
}

int yaml_reader_scalar(struct yaml_reader *reader, const struct yaml_event_text *event)
{
	struct scalar scalar = read_scalar(reader, event);
	enum doc_type type;
	struct doc_node *node;
	uint8_t flags = 0;

	move_to_key(reader, &scalar, &flags);
	if (yaml_reader_take_gap(reader, scalar.start) < 0 || take_header(reader, &scalar) < 0)
		return -1;
	if (reader->gap < scalar.end)
		reader->gap = scalar.end;
	reader->last_end = scalar.end;
	if (yaml_reader_at_key(reader)) {
		if (yaml_reader_anchor(reader, event->anchor, scalar.event, DOC_NONE) < 0)
			return -1;
		return take_key(reader, &scalar);
	}
	if (reader->depth == 1)
		return take_root_scalar(reader, &scalar);
	if (resolve(reader, &scalar, &type, &flags) < 0)
		return -1;
	node = yaml_reader_add(reader);
	if (node == NULL)
		return -1;
	yaml_reader_place(reader, node, scalar.event);
	node->kind = DOC_SCALAR;
	node->type = (uint8_t)type;
	node->style = (uint8_t)scalar.style;
	node->flags |= flags;
	node->start = scalar.start;
	node->end = scalar.end;
	node->value_len = (uint32_t)scalar.value.len;
	if (yaml_reader_anchor(reader, event->anchor, scalar.event, reader->doc->len - 1) < 0)
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
