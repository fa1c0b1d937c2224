/* SPDX-License-Identifier: MIT */
/* How a JSON document is laid out: its indent, line breaks, colons and commas. */
#include <string.h>

#include "json.h"

struct json_layout json_layout_default(unsigned indent)
{
	/* sops takes any number; more are no help */
	static const char blanks[] = "                                                  "
				     "                                                  ";

	return (struct json_layout){
		.lines = true,
		.newline = "\n",
		.unit = indent == DOC_INDENT_SOPS ? SPAN_LITERAL("\t")
						  : span_slice(span_of_text(blanks), 0, indent),
		.colon = SPAN_LITERAL(": "),
		.comma = SPAN_LITERAL(", "),
	};
}

/* The blanks, and what else, from behind the last byte that is none of " \t:," before end, up to end. */
static struct span separator_before(const struct doc *doc, uint32_t end)
{
	uint32_t start = end;

	while (start > 0 && strchr(" \t:,", doc->text.data[start - 1]) != NULL && end - start < 8)
		start--;
	return doc_text_slice(doc, start, end);
}

struct json_layout json_layout_measure(const struct doc *doc)
{
	struct json_layout layout = json_layout_default(DOC_INDENT_SOPS);
	const struct doc_node *first = doc->len > 2 ? &doc->nodes[2] : NULL;
	uint32_t line;

	if (first == NULL || doc->nodes[1].kind != DOC_MAP)
		return layout;
	line = first->entry;
	while (strchr(" \t", doc->text.data[line - 1]) != NULL)
		line--;
	layout.lines = doc->text.data[line - 1] == '\n';
	if (layout.lines)
		layout.unit = doc_text_slice(doc, line, first->entry);
	if (layout.lines && doc->text.data[line - 2] == '\r')
		layout.newline = "\r\n";
	layout.colon = separator_before(doc, first->start);
	if (layout.colon.len == 0 || !memchr(layout.colon.data, ':', layout.colon.len))
		layout.colon = SPAN_LITERAL(": ");
	layout.comma = layout.colon.data[layout.colon.len - 1] == ':' ? SPAN_LITERAL(",")
								      : SPAN_LITERAL(", ");
	return layout;
}
