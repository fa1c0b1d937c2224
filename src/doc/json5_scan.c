/* SPDX-License-Identifier: MIT */
/* Reads JSON5 to nodes with spans. */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json5.h"
#include "util/text.h"

struct scan {
	struct doc *doc;
	struct span text;
	size_t at;
	unsigned depth;
	struct error *err;
};

static int fail_at(const struct scan *s, size_t offset, const char *why)
{
	return error_set(s->err, ERROR_FORMAT, "line %zu: not valid JSON5: %s",
			 doc_line_of(DOC_JSON, s->text, offset), why);
}

static int fail(const struct scan *s, const char *why)
{
	if (s->at < s->text.len)
		return fail_at(s, s->at, why);
	return error_set(s->err, ERROR_FORMAT, "line %zu: not valid JSON5: the text ends too early",
			 doc_last_line(DOC_JSON, s->text));
}

/* Goes behind blanks and comments. */
static int skip(struct scan *s)
{
	const size_t at = json5_skip(s->text, s->at);

	if (at == SIZE_MAX)
		return fail(s, "a comment has no end");
	s->at = at;
	return 0;
}

static uint8_t next_byte(const struct scan *s)
{
	return s->at < s->text.len ? s->text.data[s->at] : 0;
}

/* Is c what stands here? Then goes on behind it. */
static bool take(struct scan *s, char c)
{
	if (next_byte(s) != (uint8_t)c)
		return false;
	s->at++;
	return true;
}

static int add_node(struct scan *s, uint32_t parent, uint32_t *ret_node)
{
	struct doc_node *node = doc_add_node(s->doc, DOC_FIRST_NODES, JSON5_NODES_MAX, s->err);

	if (node == NULL)
		return -1;
	node->parent = parent;
	node->type = DOC_TYPE_NONE;
	*ret_node = s->doc->len - 1;
	return 0;
}

/* A string's content, or a key's: in the text where nothing is escaped, else in the pool. */
struct content {
	uint32_t at, len;
	bool in_pool;
};

static int decode(struct scan *s, size_t start, size_t end, bool is_key,
		  struct content *ret_content)
{
	const struct span raw = span_slice(s->text, start, end - start);
	const uint32_t pool = (uint32_t)s->doc->pool.len;
	const char *why = NULL;

	*ret_content = (struct content){ (uint32_t)start, (uint32_t)raw.len, false };
	if (raw.len == 0 || !memchr(raw.data, '\\', raw.len))
		return 0;
	if (json5_read_text(raw, is_key, &s->doc->pool, &why, s->err) < 0)
		return why ? fail_at(s, start, why) : -1;
	*ret_content = (struct content){ pool, (uint32_t)s->doc->pool.len - pool, true };
	return 0;
}

/* The token at s->at, whose first quote is there. */
static int scan_string(struct scan *s, struct content *ret_content)
{
	const uint8_t quote = next_byte(s);
	const size_t start = ++s->at;

	for (; s->at < s->text.len && next_byte(s) != quote; s->at++) {
		if (next_byte(s) == '\n' || next_byte(s) == '\r')
			return fail(s, "a line break in a string");
		if (next_byte(s) != '\\' || s->at + 1 == s->text.len)
			continue;
		s->at++;
		/* both bytes of a line break that is continued */
		s->at += json5_break_at(s->text, s->at) == 2 ? 1 : 0;
	}
	if (!take(s, (char)quote))
		return fail(s, "a string has no end");
	return decode(s, start, s->at - 1, false, ret_content);
}

static int scan_bare_key(struct scan *s, struct content *ret_content)
{
	const size_t start = s->at;

	while (s->at < s->text.len && next_byte(s) < 0x80 && !strchr(":,{}[]\"'/", next_byte(s)) &&
	       json5_blank_at(s->text, s->at) == 0)
		s->at++;
	if (s->at == start && next_byte(s) < 0x80)
		return fail(s, "a key must stand here");
	if (s->at < s->text.len && next_byte(s) >= 0x80 && json5_blank_at(s->text, s->at) == 0)
		return fail(s, "a key that is not ASCII must stand in quotes here");
	if (decode(s, start, s->at, true, ret_content) < 0)
		return -1;
	if (!ret_content->in_pool &&
	    !json5_is_identifier(span_slice(s->text, start, s->at - start)))
		return fail_at(s, start, "a key that must stand in quotes");
	return 0;
}

static int check_new_key(struct scan *s, uint32_t node)
{
	const uint32_t map = s->doc->nodes[node].parent;
	const struct span key = doc_key(s->doc, node);
	size_t count = 0;

	/* the map's end, for its children's walk, is where it ends now */
	s->doc->nodes[map].next = node;
	for (uint32_t other = doc_child(s->doc, map); other != DOC_NONE;
	     other = doc_sibling(s->doc, other), count++)
		if (span_equal(doc_key(s->doc, other), key))
			return error_set(s->err, ERROR_FORMAT, "line %zu: a second key \"%s\"",
					 doc_line_of(DOC_JSON, s->text, s->doc->nodes[node].entry),
					 text_printable(key).text);
	if (count >= JSON5_MEMBERS_MAX)
		return error_set(s->err, ERROR_LIMIT, "line %zu: more than %u keys in a map",
				 doc_line_of(DOC_JSON, s->text, s->at), JSON5_MEMBERS_MAX);
	return 0;
}

static int scan_key(struct scan *s, uint32_t node)
{
	struct content key = { 0 };
	struct doc_node *n = &s->doc->nodes[node];

	n->entry = (uint32_t)s->at;
	if (next_byte(s) == '"' || next_byte(s) == '\'' ? scan_string(s, &key) < 0
							: scan_bare_key(s, &key) < 0)
		return -1;
	n->key = key.at;
	n->key_len = key.len;
	n->flags |= key.in_pool ? DOC_KEY_IN_POOL : 0;
	if (check_new_key(s, node) < 0 || skip(s) < 0)
		return -1;
	return take(s, ':') ? skip(s) : fail(s, "a colon must stand behind a key");
}

static int scan_bare(struct scan *s, uint32_t node)
{
	const size_t start = s->at;
	struct doc_node *n = &s->doc->nodes[node];
	struct span text;
	bool is_int = false;

	while (s->at < s->text.len && next_byte(s) < 0x80 && !strchr(":,{}[]\"'/", next_byte(s)) &&
	       json5_blank_at(s->text, s->at) == 0)
		s->at++;
	text = span_slice(s->text, start, s->at - start);
	if (span_equal_text(text, "null"))
		n->type = DOC_TYPE_NULL;
	else if (span_equal_text(text, "true") || span_equal_text(text, "false"))
		n->type = DOC_TYPE_BOOL;
	else if (text.len <= JSON_NUMBER_MAX && json5_is_number(text))
		n->type = json_is_number(text, &is_int) && is_int ? DOC_TYPE_INT : DOC_TYPE_FLOAT;
	else {
		s->at = start;
		return fail(s,
			    "neither a string in quotes nor a number, true, false, null, { or [");
	}
	n->value = (uint32_t)start;
	n->value_len = (uint32_t)text.len;
	return 0;
}

static int scan_value(struct scan *s, uint32_t node);

/* What is in a map or list, whose opening bracket was taken. */
static int scan_entries(struct scan *s, uint32_t container, bool is_map)
{
	const char close = is_map ? '}' : ']';

	for (;;) {
		uint32_t node;

		if (skip(s) < 0)
			return -1;
		if (take(s, close))
			return 0;
		if (add_node(s, container, &node) < 0 || (is_map && scan_key(s, node) < 0))
			return -1;
		if (!is_map)
			s->doc->nodes[node].entry = (uint32_t)s->at;
		if (scan_value(s, node) < 0 || skip(s) < 0)
			return -1;
		if (!take(s, ',') && next_byte(s) != (uint8_t)close)
			return fail(s, is_map ? "a comma or } must stand here"
					      : "a comma or ] must stand here");
	}
}

static int scan_container(struct scan *s, uint32_t node, bool is_map)
{
	if (s->depth == JSON5_DEPTH_MAX)
		return error_set(s->err, ERROR_LIMIT, "nested deeper than %d levels",
				 JSON5_DEPTH_MAX);
	s->at++;
	s->depth++;
	s->doc->nodes[node].kind = is_map ? DOC_MAP : DOC_LIST;
	if (scan_entries(s, node, is_map) < 0)
		return -1;
	s->depth--;
	s->doc->nodes[node].next = s->doc->len;
	return 0;
}

/* The value at s->at; node's key and entry are there already. */
static int scan_value(struct scan *s, uint32_t node)
{
	const size_t start = s->at;
	const uint8_t first = next_byte(s);
	const bool is_string = first == '"' || first == '\'';
	struct content content = { 0 };
	struct doc_node *n;

	s->doc->nodes[node].kind = DOC_SCALAR;
	if (first == '{' || first == '[' ? scan_container(s, node, first == '{') < 0
	    : is_string                  ? scan_string(s, &content) < 0
					 : scan_bare(s, node) < 0)
		return -1;
	n = &s->doc->nodes[node];
	n->start = (uint32_t)start;
	n->end = (uint32_t)s->at;
	if (is_string) {
		n->type = DOC_TYPE_STRING;
		n->value = content.at;
		n->value_len = content.len;
		n->flags |= content.in_pool ? DOC_VALUE_IN_POOL : 0;
	}
	return 0;
}

static int scan_document(struct scan *s)
{
	uint32_t stream, root;
	size_t bad;

	if (text_find_invalid_utf8(s->text, &bad))
		return fail_at(s, bad, "bytes that are no UTF-8");
	if (add_node(s, DOC_NONE, &stream) < 0 || add_node(s, stream, &root) < 0 || skip(s) < 0)
		return -1;
	if (s->at == s->text.len)
		return error_set(s->err, ERROR_EMPTY, "the file is empty, and no JSON5");
	s->doc->nodes[root].entry = (uint32_t)s->at;
	if (scan_value(s, root) < 0 || skip(s) < 0)
		return -1;
	if (s->at < s->text.len)
		return fail(s, "something stands behind the end of the document");
	s->doc->nodes[stream] = (struct doc_node){
		.kind = DOC_STREAM,
		.type = DOC_TYPE_NONE,
		.parent = DOC_NONE,
		.next = s->doc->len,
		.end = (uint32_t)s->text.len,
	};
	return 0;
}

int json5_parse(struct secret *text, struct doc *ret_doc, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	struct json_details *details = calloc(1, sizeof(*details));
	struct scan s = { .doc = &doc, .text = secret_span(text), .err = err };

	doc.format = DOC_JSON;
	doc.details = details;
	if (details == NULL)
		return error_memory(err);
	details->layout = json_layout_default(2);
	if (text->len > JSON5_TEXT_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu MiB", JSON5_TEXT_MAX >> 20);
	doc.text = *text; /* lent: given back where parsing fails */
	if (scan_document(&s) < 0) {
		doc.text = SECRET_INIT;
		return -1;
	}
	*text = SECRET_INIT;
	*ret_doc = doc;
	doc = DOC_INIT;
	return 0;
}

bool json5_number(const struct doc *doc, uint32_t node, double *ret_number)
{
	const struct span text = doc_value(doc, node);
	const uint8_t type = doc->nodes[node].type;
	char copy[JSON_NUMBER_MAX + 1];

	if (doc->nodes[node].kind != DOC_SCALAR ||
	    (type != DOC_TYPE_INT && type != DOC_TYPE_FLOAT) || text.len > JSON_NUMBER_MAX)
		return false;
	memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	*ret_number = strtod(copy, NULL);
	return true;
}
