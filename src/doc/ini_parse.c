/* SPDX-License-Identifier: MIT */
/* INI's nodes: the root's children are the sections, each with its comment first and then its keys. */
#include <stdio.h>
#include <string.h>

#include "ini.h"
#include "internal.h"
#include "util/text.h"

struct parser {
	struct doc doc;
	struct flat_entries metadata;
	struct doc_node container; /* of the metadata; start 0 and end 0: there are none */
	uint32_t section;          /* the open one */
	bool in_metadata;
	unsigned unnamed; /* how many keys "-" the section has */
	size_t pieces;    /* the first of the comment that is being gathered */
	uint8_t flags;    /* of that comment */
};

static int refuse(const struct parser *p, size_t offset, const char *why, struct error *err)
{
	return error_set(err, ERROR_FORMAT, "line %zu: %s",
			 doc_line_of(DOC_INI, secret_span(&p->doc.text), offset), why);
}

/* --- Comments: gathered line by line, and given to the next key or section -------------------- */

/* What sops strips before a comment: its mark, and more of the same and blanks. */
static size_t skip_mark(const struct doc *doc, size_t start, size_t end)
{
	const uint8_t mark = doc->text.data[start];

	while (start < end && (doc->text.data[start] == mark || doc->text.data[start] == ' '))
		start++;
	return start;
}

/* The comment's value: its lines, without the first one's mark and what is blank at the end. */
static int take_value(struct parser *p, struct doc_node *node, struct error *err)
{
	struct doc *doc = &p->doc;
	const struct flat_piece *pieces = flat_details(doc)->pieces + node->key;
	uint32_t first = 0;

	node->value = pieces[0].start;
	node->value_len = pieces[0].end - pieces[0].start;
	if (node->key_len == 1)
		return 0;
	/* sops cannot print a comment that begins with an empty line: the value does without */
	if (node->value_len == 0)
		first = 1;
	node->flags |= DOC_VALUE_IN_POOL;
	node->value = (uint32_t)doc->pool.len;
	for (uint32_t i = first; i < node->key_len; i++)
		if ((i > first && secret_append_text(&doc->pool, "\n", err) < 0) ||
		    secret_append_span(&doc->pool,
				       doc_text_slice(doc, pieces[i].start, pieces[i].end),
				       err) < 0)
			return -1;
	node->value_len = (uint32_t)doc->pool.len - node->value;
	return 0;
}

static int take_comment(struct parser *p, uint32_t parent, struct error *err)
{
	struct flat_details *details = p->doc.details;
	struct flat_piece *pieces = details->pieces + p->pieces;
	const size_t len = details->len - p->pieces;
	struct doc_node node = { .kind = DOC_COMMENT,
				 .type = DOC_TYPE_COMMENT,
				 .parent = parent,
				 .flags = p->flags,
				 .key = (uint32_t)p->pieces,
				 .key_len = (uint32_t)len };
	uint32_t index;

	if (len == 0)
		return 0;
	node.entry = pieces[0].start;
	pieces[len - 1].end = (uint32_t)ini_trim_right(secret_span(&p->doc.text),
						       pieces[len - 1].start, pieces[len - 1].end);
	pieces[0].start = (uint32_t)skip_mark(&p->doc, pieces[0].start, pieces[0].end);
	node.start = pieces[0].start;
	node.end = pieces[0].end;
	p->pieces = details->len;
	p->flags = 0;
	if (take_value(p, &node, err) < 0)
		return -1;
	return flat_add_node(&p->doc, &node, &index, err);
}

/* Nothing follows: sops drops such a comment. Ours is the document's own. */
static int take_trailing(struct parser *p, struct error *err)
{
	struct flat_details *details = p->doc.details;

	if (!p->in_metadata)
		return take_comment(p, 1, err);
	details->len = p->pieces;
	return 0;
}

/* --- Sections -------------------------------------------------------------------------------- */

static void end_section(struct parser *p)
{
	if (!p->in_metadata)
		p->doc.nodes[p->section].next = p->doc.len;
}

static int begin_section(struct parser *p, struct doc_node *node, struct error *err)
{
	node->kind = DOC_MAP;
	node->type = DOC_TYPE_NONE;
	node->parent = 1;
	if (flat_add_node(&p->doc, node, &p->section, err) < 0)
		return -1;
	p->in_metadata = false;
	p->unnamed = 0;
	return take_comment(p, p->section, err);
}

static int begin_default(struct parser *p, struct error *err)
{
	struct doc_node node = { .flags = INI_IMPLICIT | DOC_KEY_IN_POOL,
				 .key_len = sizeof(INI_DEFAULT) - 1 };

	node.entry = node.start = node.end = flat_details(&p->doc)->begin;
	return flat_keep(&p->doc, SPAN_LITERAL(INI_DEFAULT), &node.key, err) < 0
		       ? -1
		       : begin_section(p, &node, err);
}

static int begin_metadata(struct parser *p, const struct doc_node *node, struct error *err)
{
	if (p->container.end > 0)
		return refuse(p, node->start, "there is another section \"sops\" before this one",
			      err);
	end_section(p);
	if (take_trailing(p, err) < 0)
		return -1;
	p->container = *node;
	p->container.kind = DOC_MAP;
	p->container.type = DOC_TYPE_NONE;
	p->container.parent = 1;
	p->in_metadata = true;
	p->unnamed = 0;
	return 0;
}

/* [NAME], up to the last bracket, with a comment behind it. */
static int read_header(struct parser *p, size_t start, size_t end, struct error *err)
{
	struct doc *doc = &p->doc;
	const uint8_t *text = doc->text.data;
	const uint8_t *bracket = memrchr(text + start, ']', end - start);
	struct doc_node node = { .entry = (uint32_t)start,
				 .start = (uint32_t)start,
				 .end = (uint32_t)end,
				 .key = (uint32_t)start + 1 };
	const size_t close = bracket ? (size_t)(bracket - text) : start;
	size_t comment = close;

	if (!bracket || close == start + 1)
		return refuse(p, start,
			      bracket ? "a section needs a name" : "the bracket \"]\" is missing",
			      err);
	node.key_len = (uint32_t)(close - start - 1);
	if (span_equal_text(doc_text_slice(doc, start + 1, close), "sops"))
		return begin_metadata(p, &node, err);
	while (comment < end && text[comment] != '#' && text[comment] != ';')
		comment++;
	if (ini_trim_left(secret_span(&doc->text), close + 1, comment) < comment)
		return refuse(p, start, "sops drops what stands behind the section's name", err);
	if (comment < end) {
		if (flat_add_piece(doc, comment, end, err) < 0)
			return -1;
		p->flags |= INI_HEADER;
	}
	end_section(p);
	return begin_section(p, &node, err);
}

/* --- Keys ------------------------------------------------------------------------------------ */

static int take_key(struct parser *p, const struct ini_key *key, struct doc_node *node,
		    struct error *err)
{
	char name[16];
	int len;

	node->key = (uint32_t)key->start;
	node->key_len = (uint32_t)(key->end - key->start);
	if (!span_equal_text(doc_text_slice(&p->doc, key->start, key->end), "-"))
		return 0;
	/* sops calls a key "-" by its number */
	len = snprintf(name, sizeof(name), "#%u", ++p->unnamed);
	node->flags |= DOC_KEY_IN_POOL;
	node->key_len = (uint32_t)len;
	return flat_keep(&p->doc, span_of(name, (size_t)len), &node->key, err);
}

static int take_metadata_entry(struct parser *p, struct doc_node *node, size_t end,
			       struct error *err)
{
	struct flat_details *details = p->doc.details;
	const struct secret *from = node->flags & DOC_VALUE_IN_POOL ? &p->doc.pool : &p->doc.text;
	AUTO(secret) copy = SECRET_INIT;

	details->len = p->pieces; /* comments are not kept apart */
	p->container.end = (uint32_t)end;
	node->flags |= FLAT_METADATA;
	/* the pool may move while it is written to */
	if (secret_append_span(&copy, span_slice(secret_span(from), node->value, node->value_len),
			       err) < 0 ||
	    flat_unescape(&p->doc, secret_span(&copy), node, err) < 0)
		return -1;
	return flat_entries_add(&p->metadata, &p->doc, node, err);
}

static int take_entry(struct parser *p, struct doc_node *node, const struct ini_value *value,
		      struct error *err)
{
	struct doc *doc = &p->doc;
	uint32_t index;

	if (p->in_metadata)
		return take_metadata_entry(p, node, value->next, err);
	if (value->comment_start < value->comment_end) {
		if (flat_add_piece(doc, value->comment_start, value->comment_end, err) < 0)
			return -1;
		node->flags |= INI_BEHIND;
		p->flags |= INI_BEHIND;
	}
	doc->nodes[p->section].end = (uint32_t)value->next;
	node->parent = p->section;
	if (flat_add_node(doc, node, &index, err) < 0)
		return -1;
	return take_comment(p, p->section, err);
}

/* Is there something behind a closing quote that sops drops? All on its line, but a comment on a later one. */
static bool drops_rest(struct span text, const struct ini_value *value)
{
	const size_t end =
		value->comment_start < value->comment_end ? value->comment_start : value->next;

	return (value->style == INI_BACKTICK || value->style == INI_TRIPLE) &&
	       ini_trim_left(text, value->rest, end) < end;
}

static int read_entry(struct parser *p, size_t start, size_t end, size_t *ret_next,
		      struct error *err)
{
	struct doc *doc = &p->doc;
	const struct span text = secret_span(&doc->text);
	struct doc_node node = { .kind = DOC_SCALAR, .type = DOC_TYPE_STRING };
	const size_t pool = doc->pool.len;
	struct ini_key key;
	struct ini_value value;
	const char *why;

	if (!ini_read_key(text, start, end, &key, &why))
		return refuse(p, start, why, err);
	if (ini_read_value(text, key.value, end, &doc->pool, &value, &why, err) < 0)
		return -1;
	if (why || drops_rest(text, &value))
		return refuse(p, start,
			      why ? why : "sops drops what stands behind the value's closing quote",
			      err);
	node.style = (uint8_t)value.style;
	node.entry = (uint32_t)start;
	node.start = (uint32_t)value.start;
	node.end = (uint32_t)value.end;
	node.value = (uint32_t)value.start;
	node.value_len = (uint32_t)(value.end - value.start);
	if (value.style == INI_JOINED) {
		node.flags |= DOC_VALUE_IN_POOL;
		node.value = (uint32_t)pool;
		node.value_len = (uint32_t)(doc->pool.len - pool);
	}
	*ret_next = value.next;
	return take_key(p, &key, &node, err) < 0 ? -1 : take_entry(p, &node, &value, err);
}

/* --- The document ---------------------------------------------------------------------------- */

static int parse_lines(struct parser *p, struct error *err)
{
	const struct span text = secret_span(&p->doc.text);
	size_t next;

	for (size_t line = flat_details(&p->doc)->begin; line < text.len; line = next) {
		size_t start;

		next = flat_line_next(&p->doc, line);
		start = ini_trim_left(text, line, next);
		if (start == next)
			continue;
		if (text.data[start] == '#' || text.data[start] == ';') {
			const size_t end = text.data[next - 1] == '\n' ? next - 1 : next;

			if (flat_add_piece(&p->doc, start, end, err) < 0)
				return -1;
		} else if (text.data[start] == '[') {
			if (read_header(p, start, next, err) < 0)
				return -1;
		} else if (read_entry(p, start, next, &next, err) < 0) {
			return -1;
		}
	}
	end_section(p);
	return take_trailing(p, err);
}

/* A key that is there twice has one value, the last, in the first one's place: no text says that. */
static int check_keys(const struct doc *doc, struct error *err)
{
	for (uint32_t section = doc_child(doc, 1); section != DOC_NONE;
	     section = doc_sibling(doc, section))
		if (yaml_check_keys(doc, section, err) < 0)
			return -1;
	return 0;
}

/* The length of the empty line that ends at offset at, which is at the start of a line. */
static size_t empty_line_before(const struct doc *doc, size_t at)
{
	const uint8_t *text = doc->text.data;
	const size_t begin = flat_details(doc)->begin;
	const size_t len = at > begin + 1 && text[at - 2] == '\r' ? 2 : 1;

	if (at < begin + len)
		return 0;
	return at - len == begin || text[at - len - 1] == '\n' ? len : 0;
}

/* The empty line before the metadata is theirs; without a last line break, so is the one before. */
static size_t metadata_start(const struct doc *doc, size_t header, size_t end)
{
	const size_t line = flat_line_start(doc, header);
	const size_t len = empty_line_before(doc, line);
	const size_t start = line - len;

	if (doc->text.data[end - 1] != '\n' && start >= flat_details(doc)->begin + len)
		return start - len;
	return start;
}

static int add_metadata(struct parser *p, struct error *err)
{
	struct doc *doc = &p->doc;
	struct doc_node *container = &p->container;

	if (container->end == 0)
		return 0;
	container->value = (uint32_t)flat_details(doc)->len;
	container->value_len = 1;
	if (flat_add_piece(doc, metadata_start(doc, container->start, container->end),
			   container->end, err) < 0)
		return -1;
	return flat_unflatten(doc, container, &p->metadata, err);
}

/* That of the first line; "\n" where there is none. */
static const char *first_newline(struct span text)
{
	const uint8_t *end = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;

	return end && end > text.data && end[-1] == '\r' ? "\r\n" : "\n";
}

static int check_text(const struct doc *doc, struct error *err)
{
	const struct span text = secret_span(&doc->text);

	if (text.len > DOC_TEXT_MAX)
		return error_set(err, ERROR_LIMIT, "the document has more than %zu MiB",
				 DOC_TEXT_MAX >> 20);
	if (span_starts_with(text, "\xfe\xff") || span_starts_with(text, "\xff\xfe"))
		return error_set(err, ERROR_FORMAT, "line 1: the text is UTF-16, not UTF-8");
	return 0;
}

static int parse(struct parser *p, struct error *err)
{
	struct doc *doc = &p->doc;
	const struct span text = secret_span(&doc->text);

	if (check_text(doc, err) < 0 ||
	    flat_begin(doc, span_starts_with(text, "\xef\xbb\xbf") ? 3 : 0, first_newline(text),
		       err) < 0 ||
	    flat_add_root(doc, err) < 0 || begin_default(p, err) < 0 || parse_lines(p, err) < 0)
		return -1;
	if (add_metadata(p, err) < 0)
		return -1;
	flat_end(doc);
	return check_keys(doc, err);
}

int ini_parse(struct secret *text, unsigned flags, struct doc *ret_doc, struct error *err)
{
	struct parser p = { .doc = { .format = DOC_INI, .text = *text },
			    .metadata = FLAT_ENTRIES_INIT };
	const int result = parse(&p, err);

	(void)flags;
	flat_entries_release(&p.metadata);
	if (result < 0) {
		p.doc.text = SECRET_INIT; /* it was only lent */
		doc_release(&p.doc);
		return -1;
	}
	*text = SECRET_INIT;
	*ret_doc = p.doc;
	return 0;
}
