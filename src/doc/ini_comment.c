/* SPDX-License-Identifier: MIT */
/*
 * A comment may have many lines, with blank ones between them and its last one behind a value. To
 * sops it is one text. Its sealed text stands in the first line; of each other line the mark
 * stays, to show where it was: sops reads these as a part of the comment and ignores them.
 *
 *	; ENC[…,type:comment]
 *
 *	;
 *	key = ENC[…] ;
 */
#include <string.h>

#include "ini.h"
#include "internal.h"

static size_t count_lines(struct span text)
{
	size_t lines = 1;

	for (size_t i = 0; i < text.len; i++)
		lines += text.data[i] == '\n' ? 1 : 0;
	return lines;
}

/*
 * A section's header has no room for a sealed text, whose bracket would be taken for the header's:
 * the comment goes above it.
 */
static int seal_above(struct doc_edit *edit, const struct doc_node *n, struct span sealed,
		      struct error *err)
{
	const struct doc *doc = edit->doc;
	const size_t header = doc->nodes[n->parent].start;
	const size_t line = flat_line_start(doc, header), at = edit->text.len;
	const size_t name_end = ini_trim_right(secret_span(&doc->text), header, n->entry);

	if (secret_append_span(&edit->text, doc_text_slice(doc, line, header), err) < 0 ||
	    secret_append_text(&edit->text, "; ", err) < 0 ||
	    secret_append_span(&edit->text, sealed, err) < 0 ||
	    secret_append_text(&edit->text, flat_details(doc)->newline, err) < 0 ||
	    flat_patch(edit, line, line, at, err) < 0)
		return -1;
	return flat_patch(edit, name_end, n->end, edit->text.len, err);
}

int ini_seal_comment(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		     struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct span text = secret_span(&doc->text);
	const struct doc_node *n = &doc->nodes[node];
	const struct flat_piece *pieces = flat_details(doc)->pieces + n->key;

	*ret_exact = true;
	if ((n->flags & INI_HEADER) && n->key_len == 1) {
		*ret_exact = false;
		return seal_above(edit, n, sealed, err);
	}
	for (uint32_t i = 0; i < n->key_len; i++) {
		const size_t start = i > 0 ? pieces[i].start + 1 : pieces[i].start;
		const size_t end = ini_trim_right(text, start, pieces[i].end);

		if (flat_patch_span(edit, start, end, i == 0 ? sealed : SPAN_INIT, err) < 0)
			return -1;
	}
	return 0;
}

/* The end of a comment's last line, with the blanks there that are not its own. */
static size_t line_end(const struct doc *doc, const struct doc_node *n)
{
	size_t end = flat_details(doc)->pieces[n->key + n->key_len - 1].end;

	while (end < doc->text.len && (doc->text.data[end] == ' ' || doc->text.data[end] == '\t'))
		end++;
	return end;
}

int ini_comment_shows(const struct doc *doc, uint32_t comment, struct span plain, bool *ret_shows,
		      struct error *err)
{
	const struct doc_node *n = &doc->nodes[comment];
	AUTO(secret) shown = SECRET_INIT;

	if (ini_write_comment(&shown, plain, flat_details(doc)->newline, err) < 0)
		return -1;
	*ret_shows =
		span_equal(secret_span(&shown), doc_text_slice(doc, n->entry, line_end(doc, n)));
	return 0;
}

int ini_seal_comment_as(struct doc_edit *edit, uint32_t node, struct span sealed,
			const struct doc_former *former, bool *ret_done, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node], *f = &former->doc->nodes[former->node];
	const size_t at = edit->text.len;

	if (n->key_len == 1 || f->key_len != 1 || f->kind != DOC_COMMENT ||
	    memchr(former->plain.data, '\n', former->plain.len) == NULL)
		return 0;
	if (ini_comment_shows(doc, node, former->plain, ret_done, err) < 0)
		return -1;
	if (!*ret_done)
		return 0;
	if (secret_append_span(&edit->text, doc_text_slice(former->doc, f->entry, f->start), err) <
		    0 ||
	    secret_append_span(&edit->text, sealed, err) < 0)
		return -1;
	return flat_patch(edit, n->entry, line_end(doc, n), at, err);
}

/* Is each line but the first marked as a comment, as those are that stood in lines of their own? */
static bool has_marks(struct span text, bool first)
{
	bool at_start = first;

	for (size_t i = 0; i < text.len; i++) {
		if (at_start && text.data[i] != ';' && text.data[i] != '#')
			return false;
		at_start = text.data[i] == '\n';
	}
	return !at_start;
}

/*
 * Does text begin with the mark of the line that it stands in, or a blank? Behind that mark it is not read again.
 * sops seals ";x" of "# ;x", and puts another mark before it.
 */
static bool repeats_mark(const struct doc *doc, const struct doc_node *n, struct span text)
{
	return text.len > 0 && (text.data[0] == ' ' || text.data[0] == doc->text.data[n->entry]);
}

/* As sops prints it, in the place of the first line. */
static int open_anew(struct doc_edit *edit, const struct doc_node *n, struct span plain,
		     struct error *err)
{
	const size_t at = edit->text.len;

	if (ini_write_comment(&edit->text, plain, flat_details(edit->doc)->newline, err) < 0)
		return -1;
	return flat_patch(edit, n->entry, n->end, at, err);
}

int ini_open_comment(struct doc_edit *edit, uint32_t node, struct span plain, struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	const struct flat_piece *pieces = flat_details(doc)->pieces + n->key;
	const size_t lines = count_lines(plain);

	/* one line less: the first was empty */
	if (lines > n->key_len || lines + 1 < n->key_len || !has_marks(plain, lines < n->key_len) ||
	    (lines == n->key_len && repeats_mark(doc, n, plain)))
		return open_anew(edit, n, plain, err);
	for (uint32_t i = 0; i < n->key_len; i++) {
		struct span line = SPAN_INIT;

		if (lines == n->key_len || i > 0)
			(void)span_take_until(&plain, '\n', &line);
		if (flat_patch_span(edit, pieces[i].start, pieces[i].end, line, err) < 0)
			return -1;
	}
	return 0;
}
