/* SPDX-License-Identifier: MIT */
/* The text as a whole: its encoding, line breaks and indentation. */
#include <string.h>

#include "internal.h"
#include "util/text.h"

int yaml_fail_at(const struct doc *doc, uint32_t offset, const char *why, struct error *err)
{
	const size_t line = doc_line_of(DOC_YAML, secret_span(&doc->text), offset);

	return error_set(err, ERROR_FORMAT, "line %zu: %s", line, why);
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
static int refuse_byte_order_marks(const struct doc *doc, size_t begin, struct error *err)
{
	const struct span text = secret_span(&doc->text);
	size_t from = begin;
	const uint8_t *mark;

	while (from < text.len &&
	       (mark = memmem(text.data + from, text.len - from, "\xef\xbb\xbf", 3)) != NULL) {
		from = (size_t)(mark - text.data);
		if (yaml_break_before(text, from) > 0 || from == begin)
			return yaml_fail_at(doc, (uint32_t)from,
					    "a byte order mark within the text", err);
		from += 3;
	}
	return 0;
}

/* What libyaml would read wrongly or not at all; finds out what kind of text it is. */
int yaml_check_text(const struct doc *doc, struct yaml_details *details, struct error *err)
{
	const struct span text = secret_span(&doc->text);
	const uint8_t *line_feed;
	size_t bad = 0;

	if (text.len > DOC_TEXT_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu MiB of text", DOC_TEXT_MAX >> 20);
	if (text.len >= 2 && ((text.data[0] == 0xff && text.data[1] == 0xfe) ||
			      (text.data[0] == 0xfe && text.data[1] == 0xff) || text.data[0] == 0 ||
			      text.data[1] == 0))
		return error_set(err, ERROR_FORMAT, "this is UTF-16: only UTF-8 is supported");
	if (text_find_invalid_utf8(text, &bad))
		return yaml_fail_at(doc, (uint32_t)bad, "not valid UTF-8", err);
	if (text.len > 0 && memchr(text.data, '\0', text.len) != NULL)
		return error_set(err, ERROR_FORMAT, "the text holds a NUL character");
	details->ascii = is_ascii(text);
	if (text.len >= 3 && memcmp(text.data, "\xef\xbb\xbf", 3) == 0)
		details->begin = 3;
	if (!details->ascii && refuse_byte_order_marks(doc, details->begin, err) < 0)
		return -1;
	line_feed = text.len > 0 ? memchr(text.data, '\n', text.len) : NULL;
	details->crlf = line_feed != NULL && line_feed > text.data && line_feed[-1] == '\r';
	return 0;
}

/* The indentation that doc uses: that of its first nested block, or what sops writes. */
uint32_t yaml_measure_indent(const struct doc *doc)
{
	for (uint32_t i = 1; i < doc->len; i++) {
		const struct doc_node *n = &doc->nodes[i];
		unsigned own, parent;

		if (n->kind != DOC_MAP || n->style == YAML_STYLE_FLOW ||
		    n->flags & YAML_NOT_WRITTEN || doc->nodes[n->parent].kind != DOC_MAP)
			continue;
		own = yaml_column(doc, i);
		parent = yaml_column(doc, n->parent);
		if (own > parent + 1 && own - parent < 10)
			return own - parent;
	}
	return 4;
}
