/* SPDX-License-Identifier: MIT */
/* One change to JSON5, as text. */
#include <assert.h>

#include "internal.h"
#include "json.h"
#include "json5.h"

/* Puts the parts in the place of what stands from start to end. */
static int splice(const struct doc *doc, size_t start, size_t end, const struct span *parts,
		  size_t count, struct secret *out, struct error *err)
{
	const struct span text = secret_span(&doc->text);

	if (secret_append_span(out, span_slice(text, 0, start), err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (secret_append_span(out, parts[i], err) < 0)
			return -1;
	return secret_append_span(out, span_slice(text, end, text.len), err);
}

int json5_replace(const struct doc *doc, uint32_t node, struct span json, struct secret *ret_text,
		  struct error *err)
{
	AUTO(secret) out = SECRET_INIT;

	if (splice(doc, doc->nodes[node].start, doc->nodes[node].end, &json, 1, &out, err) < 0)
		return -1;
	*ret_text = secret_move(&out);
	return 0;
}

/* Where the line begins on which offset is. */
static size_t line_start(struct span text, size_t offset)
{
	while (offset > 0 && text.data[offset - 1] != '\n' && text.data[offset - 1] != '\r')
		offset--;
	return offset;
}

/* Do nothing but blanks and tabs stand before offset on its line? They are ret_indent. */
static bool starts_line(struct span text, size_t offset, struct span *ret_indent)
{
	const size_t start = line_start(text, offset);

	*ret_indent = span_slice(text, start, offset - start);
	for (size_t i = 0; i < ret_indent->len; i++)
		if (ret_indent->data[i] != ' ' && ret_indent->data[i] != '\t')
			return false;
	return start > 0;
}

/* Behind blanks and comments that end on this line; ret_at_break: up to the line's end? */
static size_t rest_of_line(struct span text, size_t at, bool *ret_at_break)
{
	size_t end = at;

	for (;;) {
		const size_t before = end, comment = json5_skip_comment(text, end);

		*ret_at_break = end < text.len && json5_break_at(text, end) > 0;
		if (*ret_at_break || end == text.len)
			return end;
		if (comment != end && line_start(text, comment) > end)
			return at;
		end = comment != end ? comment : end + json5_blank_at(text, end);
		if (end == before)
			return at;
	}
}

/* The comma behind a value, which nothing but blanks and comments may be before; 0: there is none. */
static size_t comma_behind(struct span text, size_t end)
{
	const size_t at = json5_skip(text, end);

	return at < text.len && text.data[at] == ',' ? at : 0;
}

static int write_entry(const struct doc *doc, uint32_t sibling, struct span key, struct span json,
		       struct secret *out, struct error *err)
{
	const uint8_t first = sibling == DOC_NONE ? '"' : doc->text.data[doc->nodes[sibling].entry];

	if (first != '"' && first != '\'' && json5_is_identifier(key)
		    ? secret_append_span(out, key, err) < 0
		    : doc_json_string(out, key, DOC_JSON_NO_HTML, err) < 0)
		return -1;
	if (secret_append_text(out, ": ", err) < 0)
		return -1;
	return secret_append_span(out, json, err);
}

/* Behind the entry last, on a line of its own where that has one. */
static int add_behind(const struct doc *doc, uint32_t last, struct span entry, struct secret *out,
		      struct error *err)
{
	const struct span text = secret_span(&doc->text), blank = SPAN_LITERAL(" ");
	const size_t end = doc->nodes[last].end, comma = comma_behind(text, end);
	struct span indent, line_break = SPAN_LITERAL("\n");
	bool at_break = false;
	size_t place = comma ? comma + 1 : end;

	if (starts_line(text, doc->nodes[last].entry, &indent))
		place = rest_of_line(text, place, &at_break);
	if (at_break)
		line_break = span_slice(text, place, json5_break_at(text, place));
	else
		indent = blank;
	const struct span parts[] = { comma ? SPAN_INIT : SPAN_LITERAL(","),
				      span_slice(text, end, place - end),
				      at_break ? line_break : SPAN_INIT,
				      indent,
				      entry,
				      comma ? SPAN_LITERAL(",") : SPAN_INIT };

	return splice(doc, end, place, parts, 6, out, err);
}

int json5_add(const struct doc *doc, uint32_t map, struct span key, struct span json,
	      struct secret *ret_text, struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	AUTO(secret) entry = SECRET_INIT;
	uint32_t last = DOC_NONE;
	const size_t inside = doc->nodes[map].start + 1;
	struct span parts[1];
	int result;

	assert(doc->nodes[map].kind == DOC_MAP);
	for (uint32_t i = doc_child(doc, map); i != DOC_NONE; i = doc_sibling(doc, i))
		last = i;
	if (write_entry(doc, last, key, json, &entry, err) < 0)
		return -1;
	parts[0] = secret_span(&entry);
	result = last == DOC_NONE ? splice(doc, inside, inside, parts, 1, &out, err)
				  : add_behind(doc, last, parts[0], &out, err);
	if (result == 0)
		*ret_text = secret_move(&out);
	return result;
}

/* The entry before node in its container; DOC_NONE. */
static uint32_t entry_before(const struct doc *doc, uint32_t node)
{
	uint32_t before = DOC_NONE, at = doc_child(doc, doc->nodes[node].parent);

	for (; at != node; at = doc_sibling(doc, at))
		before = at;
	return before;
}

int json5_remove(const struct doc *doc, uint32_t node, struct secret *ret_text, struct error *err)
{
	AUTO(secret) out = SECRET_INIT;
	const struct span text = secret_span(&doc->text);
	const uint32_t before = entry_before(doc, node);
	const size_t comma = comma_behind(text, doc->nodes[node].end);
	size_t start = doc->nodes[node].entry;
	size_t end = comma ? comma + 1 : doc->nodes[node].end;
	/* a last entry without a comma: the one before it must not keep its own, where it had none */
	const size_t stray =
		!comma && before != DOC_NONE ? comma_behind(text, doc->nodes[before].end) : 0;
	struct span indent, between;
	bool at_break;
	const size_t line_end = rest_of_line(text, end, &at_break);

	if (starts_line(text, start, &indent) && at_break) {
		start -= indent.len;
		end = line_end + json5_break_at(text, line_end);
	}
	between = stray ? span_slice(text, stray + 1, start - stray - 1) : SPAN_INIT;
	if (splice(doc, stray ? stray : start, end, &between, 1, &out, err) < 0)
		return -1;
	*ret_text = secret_move(&out);
	return 0;
}
