/* SPDX-License-Identifier: MIT */
/* A value is sealed, opened or set in its place. */
#include <string.h>

#include "ini.h"
#include "internal.h"
#include "util/text.h"

static bool has_many_lines(const struct doc *doc, const struct doc_node *n)
{
	return n->end > n->start &&
	       memchr(doc->text.data + n->start, '\n', n->end - n->start) != NULL;
}

int ini_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
	     struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const enum ini_style style = (enum ini_style)n->style;
	const size_t at = edit->text.len;
	enum ini_style other;

	if (n->kind == DOC_COMMENT)
		return ini_seal_comment(edit, node, sealed, ret_exact, err);
	if (!ini_choose_style(style, doc_value(doc, node), &other))
		return error_set(err, ERROR_FORMAT,
				 "no quotes could hold this value when it is opened again");
	*ret_exact = ini_fits(style, doc_value(doc, node));
	if (secret_append_span(&edit->text, sealed, err) < 0)
		return -1;
	/* a comment behind the closing quote is one on a later line than the value's first alone */
	if (style != INI_JOINED && has_many_lines(doc, n) &&
	    secret_append_text(&edit->text, flat_details(doc)->newline, err) < 0)
		return -1;
	return flat_patch(edit, n->start, n->end, at, err);
}

/*
 * sops writes sealed texts without quotes: one goes back so, if the quotes that stand here are those which it
 * opens with.
 */
int ini_seal_as(struct doc_edit *edit, uint32_t node, struct span sealed,
		const struct doc_former *former, bool *ret_done, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const enum ini_style here = (enum ini_style)n->style,
			     there = (enum ini_style)former->doc->nodes[former->node].style;
	const struct span value = doc_value(doc, node);
	const size_t quote = ini_quote_len(here), at = edit->text.len;
	enum ini_style style;

	if (n->kind == DOC_COMMENT)
		return ini_seal_comment_as(edit, node, sealed, former, ret_done, err);
	if (here == there || there == INI_JOINED || (n->flags & INI_BEHIND) ||
	    !ini_choose_style(there, value, &style) || style != here ||
	    !span_equal(doc_text_slice(doc, n->start, n->end), value))
		return 0;
	*ret_done = true;
	if (ini_write_value(&edit->text, there, sealed, err) < 0)
		return -1;
	return flat_patch(edit, n->start - quote, n->end + quote, at, err);
}

/* A value that was not there needs blanks around it. */
static int write_blank(struct doc_edit *edit, const struct doc_node *n, size_t at, size_t beside,
		       struct error *err)
{
	const uint8_t *text = edit->doc->text.data;
	const bool in_range = n->start == n->end && at < edit->doc->text.len && at >= n->entry;

	if (!in_range || beside >= edit->doc->text.len || beside < n->entry)
		return 0;
	return memchr("=:#;", text[at], 4) && memchr(" #;", text[beside], 3)
		       ? secret_append_text(&edit->text, " ", err)
		       : 0;
}

/*
 * Can the comment behind n stay there? sops drops one behind a ` or """ of one line, and takes a quote
 * in it for the value's end; behind a value of several lines there is none, if it was one before.
 */
static bool keeps_comment(const struct doc *doc, const struct doc_node *n, enum ini_style style,
			  struct span value)
{
	if (style != INI_BACKTICK && style != INI_TRIPLE)
		return true;
	return style == n->style && has_many_lines(doc, n) && value.len > 0 &&
	       memchr(value.data, '\n', value.len) != NULL;
}

/* value in the place of n, in quotes of n's kind where they do. */
static int write_value(struct doc_edit *edit, uint32_t node, struct span value, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const size_t quote = ini_quote_len((enum ini_style)n->style), at = edit->text.len;
	enum ini_style style;

	if (!ini_choose_style((enum ini_style)n->style, value, &style))
		return error_set(err, ERROR_DUMP,
				 "line %zu: INI has no quotes that could hold this value",
				 doc_line(doc, node));
	if (write_blank(edit, n, n->start - 1, n->start - 2, err) < 0 ||
	    ini_write_value(&edit->text, style, value, err) < 0 ||
	    write_blank(edit, n, n->end, n->end, err) < 0)
		return -1;
	if ((n->flags & INI_BEHIND) && !keeps_comment(doc, n, style, value) &&
	    secret_append_text(&edit->text, flat_details(doc)->newline, err) < 0)
		return -1;
	return flat_patch(edit, n->start - quote, n->end + quote, at, err);
}

int ini_open(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
	     struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];
	AUTO(secret) escaped = SECRET_INIT;
	char scratch[DOC_CANONICAL_MAX];
	struct span text;
	int result;

	if (n->kind == DOC_COMMENT)
		return ini_open_comment(edit, node, plain, err);
	if (n->kind != DOC_SCALAR)
		return error_set(err, ERROR_DUMP, "a section of INI is no value (\"%s\")",
				 text_printable(doc_key(edit->doc, node)).text);
	if (flat_spell(type, plain, scratch, &text, err) < 0)
		return -1;
	if (n->flags & FLAT_METADATA) {
		if (flat_write_escaped(&escaped, text, err) < 0)
			return -1;
		text = secret_span(&escaped);
	}
	result = write_value(edit, node, text, err);
	secret_wipe(scratch, sizeof(scratch));
	return result;
}

/* The metadata's new lines in the place of the old ones. */
static int replace_metadata(struct doc_edit *edit, const struct doc_node *n,
			    const struct doc_tree *metadata, struct error *err)
{
	const struct doc *doc = edit->doc;
	const char *newline = flat_details(doc)->newline;
	const size_t at = edit->text.len;

	if (ini_emit_metadata(metadata, 0, newline, &edit->text, err) < 0)
		return -1;
	if (n->end == doc->text.len &&
	    doc->text.data[n->end - 1] != '\n') /* it has no last break */
		secret_truncate(&edit->text, edit->text.len - strlen(newline));
	return flat_patch(edit, flat_line_start(doc, n->start), n->end, at, err);
}

int ini_replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];
	const struct span key = doc_key(edit->doc, node);

	if (n->kind == DOC_MAP && value->nodes[0].kind == DOC_MAP &&
	    doc_find_metadata(edit->doc, 1) == node)
		return replace_metadata(edit, n, value, err);
	if (n->kind != DOC_SCALAR || value->nodes[0].kind != DOC_SCALAR)
		return flat_refuse_container("INI, in a section,", key, err);
	return ini_open(edit, node, (enum doc_type)value->nodes[0].type, flat_tree_value(value, 0),
			err);
}
