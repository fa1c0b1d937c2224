/* SPDX-License-Identifier: MIT */
/*
 * Reads JSON (RFC 8259) to nodes with spans: strict, but that a key may stand twice in
 * a map, as sops has it; only "sops" at the top may not.
 */
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "util/text.h"
#include "yaml_number.h"

struct scan {
	struct doc *doc;
	const uint8_t *text;
	uint32_t len, at;
	unsigned depth;
	bool has_metadata;
	struct error *err;
};

static int fail_at(const struct scan *s, size_t offset, const char *why)
{
	return error_set(s->err, ERROR_FORMAT, "line %zu: not valid JSON: %s",
			 doc_line_of(DOC_JSON, span_of(s->text, s->len), offset), why);
}

static int fail(const struct scan *s, const char *why)
{
	const struct span text = span_of(s->text, s->len);

	if (s->at < s->len)
		return fail_at(s, s->at, why);
	return error_set(s->err, ERROR_FORMAT, "line %zu: not valid JSON: the text ends too early",
			 doc_last_line(DOC_JSON, text));
}

static void skip_blanks(struct scan *s)
{
	while (s->at < s->len && (s->text[s->at] == ' ' || s->text[s->at] == '\n' ||
				  s->text[s->at] == '\r' || s->text[s->at] == '\t'))
		s->at++;
}

/* Is c what stands behind blanks? Then goes on behind it. */
static bool take(struct scan *s, char c)
{
	skip_blanks(s);
	if (s->at == s->len || s->text[s->at] != (uint8_t)c)
		return false;
	s->at++;
	return true;
}

static int add_node(struct scan *s, uint32_t parent, uint32_t *ret_node)
{
	struct doc_node *node = doc_add_node(s->doc, DOC_FIRST_NODES, DOC_NODES_MAX, s->err);

	if (node == NULL)
		return -1;
	node->parent = parent;
	node->type = DOC_TYPE_NONE;
	*ret_node = s->doc->len - 1;
	return 0;
}

/* A string's content: in the text where nothing is escaped, else in the pool. */
struct content {
	uint32_t at, len;
	bool in_pool;
};

/* The token at s->at, whose first quote is there. */
static int scan_string(struct scan *s, struct content *ret_content)
{
	const uint32_t start = s->at++;
	const uint32_t pool = (uint32_t)s->doc->pool.len;
	const char *why = NULL;
	bool escaped = false;

	for (; s->at < s->len && s->text[s->at] != '"'; s->at++) {
		if (s->text[s->at] < 0x20)
			return fail(s, "a control character in a string");
		if (s->text[s->at] == '\\') {
			escaped = true;
			if (s->at + 1 < s->len)
				s->at++;
		}
	}
	if (s->at == s->len)
		return fail(s, "a string has no end");
	s->at++;
	*ret_content = (struct content){ start + 1, s->at - start - 2, false };
	if (!escaped)
		return 0;
	if (json_read_string(span_of(s->text + start, s->at - start), &s->doc->pool, &why, s->err) <
	    0)
		return why ? fail_at(s, start, why) : -1;
	*ret_content = (struct content){ pool, (uint32_t)s->doc->pool.len - pool, true };
	return 0;
}

static size_t skip_digits(struct span text, size_t i)
{
	while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9')
		i++;
	return i;
}

/* int ["." digits] [("e" | "E") ["+" | "-"] digits] */
bool json_is_number(struct span text, bool *ret_is_int)
{
	size_t i = text.len > 0 && text.data[0] == '-' ? 1 : 0, start = i,
	       end = skip_digits(text, i);

	if (end == start || (text.data[start] == '0' && end - start > 1))
		return false;
	*ret_is_int = end == text.len;
	i = end;
	if (i < text.len && text.data[i] == '.') {
		end = skip_digits(text, i + 1);
		if (end == i + 1)
			return false;
		i = end;
	}
	if (i < text.len && (text.data[i] == 'e' || text.data[i] == 'E')) {
		i++;
		if (i < text.len && (text.data[i] == '+' || text.data[i] == '-'))
			i++;
		end = skip_digits(text, i);
		if (end == i)
			return false;
		i = end;
	}
	return i == text.len;
}

/* Can 64 bits hold the number? What is short and has no exponent is not too large. */
static bool fits_float(struct span text)
{
	AUTO(yaml_number) number = YAML_NUMBER_INIT;
	double value;

	if (text.len <= 300 && !memchr(text.data, 'e', text.len) &&
	    !memchr(text.data, 'E', text.len))
		return true;
	return yaml_number_read(text, &number) && yaml_float_read(number.text, &value);
}

static int resolve(struct scan *s, struct span text, uint8_t *ret_type)
{
	struct yaml_integer value;
	bool is_int;

	if (span_equal_text(text, "null")) {
		*ret_type = DOC_TYPE_NULL;
		return 0;
	}
	if (span_equal_text(text, "true") || span_equal_text(text, "false")) {
		*ret_type = DOC_TYPE_BOOL;
		return 0;
	}
	if (!json_is_number(text, &is_int))
		return fail(s, "neither a string in double quotes nor a number, true, false, null, "
			       "{ or [");
	if (text.len > JSON_NUMBER_MAX)
		return error_set(s->err, ERROR_LIMIT, "a number of more than %d characters",
				 JSON_NUMBER_MAX);
	*ret_type = is_int && yaml_decimal_read(text, &value) ? DOC_TYPE_INT : DOC_TYPE_FLOAT;
	if (*ret_type == DOC_TYPE_FLOAT && !fits_float(text))
		return fail(s, "a number that 64 bits cannot hold");
	return 0;
}

/* A word or number. */
static int scan_bare(struct scan *s, uint32_t node)
{
	const uint32_t start = s->at;
	uint32_t end = start;
	uint8_t type = DOC_TYPE_NULL;

	while (end < s->len && strchr(",:]}[{\" \t\r\n", s->text[end]) == NULL)
		end++;
	if (resolve(s, span_of(s->text + start, end - start), &type) < 0)
		return -1;
	s->at = end;
	s->doc->nodes[node].type = type;
	s->doc->nodes[node].value = start;
	s->doc->nodes[node].value_len = end - start;
	return 0;
}

static int scan_value(struct scan *s, uint32_t node);

static int scan_key(struct scan *s, uint32_t node)
{
	struct doc_node *n;
	struct content key = { 0 };

	skip_blanks(s);
	if (s->at == s->len || s->text[s->at] != '"')
		return fail(s, "a key in double quotes must stand here");
	s->doc->nodes[node].entry = s->at;
	if (scan_string(s, &key) < 0)
		return -1;
	n = &s->doc->nodes[node];
	n->key = key.at;
	n->key_len = key.len;
	n->flags |= key.in_pool ? DOC_KEY_IN_POOL : 0;
	if (!take(s, ':'))
		return fail(s, "a colon must stand behind a key");
	if (n->parent != 1 || !span_equal_text(doc_key(s->doc, node), "sops"))
		return 0;
	if (s->has_metadata)
		return error_set(s->err, ERROR_FORMAT, "line %zu: a second top-level key \"sops\"",
				 doc_line_of(DOC_JSON, span_of(s->text, s->len), s->at));
	s->has_metadata = true;
	return 0;
}

/* What is in a map or list, whose opening bracket was taken. */
static int scan_entries(struct scan *s, uint32_t container, bool is_map)
{
	const char close = is_map ? '}' : ']';

	if (take(s, close))
		return 0;
	for (;;) {
		uint32_t node;

		skip_blanks(s);
		if (add_node(s, container, &node) < 0 || (is_map && scan_key(s, node) < 0))
			return -1;
		skip_blanks(s);
		if (!is_map)
			s->doc->nodes[node].entry = s->at;
		if (scan_value(s, node) < 0)
			return -1;
		if (take(s, close))
			return 0;
		if (!take(s, ','))
			return fail(s, is_map ? "a comma or } must stand here"
					      : "a comma or ] must stand here");
	}
}

static int scan_container(struct scan *s, uint32_t node, bool is_map)
{
	if (s->depth == DOC_DEPTH_MAX)
		return error_set(s->err, ERROR_LIMIT, "nested deeper than %d levels",
				 DOC_DEPTH_MAX);
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
	const uint32_t start = s->at;
	const uint8_t first = s->at < s->len ? s->text[s->at] : 0;
	struct content content = { 0 };
	struct doc_node *n;

	if (first == '{' || first == '[') {
		if (scan_container(s, node, first == '{') < 0)
			return -1;
	} else {
		s->doc->nodes[node].kind = DOC_SCALAR;
		if (first == '"' ? scan_string(s, &content) < 0 : scan_bare(s, node) < 0)
			return -1;
	}
	n = &s->doc->nodes[node];
	n->start = start;
	n->end = s->at;
	if (first == '"') {
		n->type = DOC_TYPE_STRING;
		n->value = content.at;
		n->value_len = content.len;
		n->flags |= content.in_pool ? DOC_VALUE_IN_POOL : 0;
	}
	return 0;
}

static int check_bytes(const struct scan *s)
{
	size_t bad;

	if (span_starts_with(span_of(s->text, s->len), "\xef\xbb\xbf"))
		return fail_at(s, 0, "a byte order mark at its start");
	if (text_find_invalid_utf8(span_of(s->text, s->len), &bad))
		return fail_at(s, bad, "bytes that are no UTF-8");
	return 0;
}

static int scan_document(struct scan *s, unsigned flags)
{
	uint32_t stream, root;

	if (check_bytes(s) < 0 || add_node(s, DOC_NONE, &stream) < 0 ||
	    add_node(s, stream, &root) < 0)
		return -1;
	skip_blanks(s);
	if (s->at == s->len)
		return error_set(s->err, ERROR_FORMAT, "the file is empty, and no JSON");
	if (s->text[s->at] != '{' && (flags & DOC_ANY_VALUE) == 0)
		return fail(s, "the top level must be an object, in { and }");
	s->doc->nodes[root].entry = s->at;
	if (scan_value(s, root) < 0)
		return -1;
	skip_blanks(s);
	if (s->at < s->len && (flags & DOC_FIRST_VALUE) == 0)
		return fail(s, "something stands behind the end of the document");
	s->doc->nodes[stream] = (struct doc_node){
		.kind = DOC_STREAM,
		.type = DOC_TYPE_NONE,
		.parent = DOC_NONE,
		.next = s->doc->len,
		.end = s->len,
	};
	return 0;
}

int json_parse(struct secret *text, unsigned flags, struct doc *ret_doc, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	struct json_details *details = calloc(1, sizeof(*details));
	struct scan s = { .doc = &doc, .err = err };
	int result;

	doc.format = DOC_JSON;
	doc.details = details;
	if (details == NULL)
		return error_memory(err);
	if (text->len > DOC_TEXT_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu MiB", DOC_TEXT_MAX >> 20);
	doc.text = *text; /* lent: given back where parsing fails */
	s.text = text->data ? text->data : (const uint8_t *)"";
	s.len = (uint32_t)text->len;
	result = scan_document(&s, flags);
	if (result < 0) {
		doc.text = SECRET_INIT;
		return -1;
	}
	details->layout = json_layout_measure(&doc);
	*text = SECRET_INIT;
	*ret_doc = doc;
	doc = DOC_INIT;
	return 0;
}
