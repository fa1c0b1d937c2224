/* SPDX-License-Identifier: MIT */
/* A leaf of JSON is sealed, opened or set in its place. */
#include <assert.h>
#include <string.h>

#include "json.h"

static struct span token_of(const struct doc *doc, const struct doc_node *n)
{
	return doc_text_slice(doc, n->start, n->end);
}

/* Is value a sealed text, which another may replace? */
static bool looks_sealed(struct span value)
{
	return span_starts_with(value, "ENC[") && span_ends_with(value, "]") &&
	       memmem(value.data, value.len, ",type:", 6) != NULL;
}

/* Nothing in it that is spelled in more than one way. */
static bool is_simple(struct span token)
{
	for (size_t i = 1; i + 1 < token.len; i++) {
		const uint8_t c = token.data[i];

		if (c == '\\' || c == '<' || c == '>' || c == '&' || c == 0xe2)
			return false;
	}
	return true;
}

/* The spelling in which value comes back as this token; ret_exact: there is one. */
static int find_spelling(struct doc_edit *edit, struct span token, struct span value,
			 unsigned *ret_spelling, bool *ret_exact, struct error *err)
{
	*ret_spelling = 0;
	*ret_exact = is_simple(token);
	for (unsigned spelling = 0; !*ret_exact && spelling < DOC_JSON_SPELLINGS; spelling++) {
		secret_truncate(&edit->trial, 0);
		if (doc_json_string(&edit->trial, value, spelling, err) < 0)
			return -1;
		*ret_exact = span_equal(secret_span(&edit->trial), token);
		if (*ret_exact)
			*ret_spelling = spelling;
	}
	return 0;
}

int json_edit_seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		   struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];
	unsigned spelling = 0;
	bool exact = true;

	assert(n->kind == DOC_SCALAR);
	if (n->type == DOC_TYPE_STRING &&
	    find_spelling(edit, token_of(doc, n), doc_value(doc, node), &spelling, &exact, err) < 0)
		return -1;
	if (doc_edit_copy_to(edit, n->start, err) < 0 ||
	    json_write_sealed(&edit->text, sealed, spelling, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	*ret_exact = exact;
	return 0;
}

/* sops' sealed comments that are elements of a list (of a file that was YAML) are not shown. */
static int drop_comment(struct doc_edit *edit, uint32_t node, struct error *err)
{
	const struct doc *doc = edit->doc;

	if (doc->nodes[doc->nodes[node].parent].kind != DOC_LIST)
		return error_set(err, ERROR_FORMAT, "line %zu: a comment in a value's place",
				 doc_line(doc, node));
	return json_edit_remove(edit, node, err);
}

int json_edit_open(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span plain,
		   struct error *err)
{
	const struct doc_node *n = &edit->doc->nodes[node];
	char scratch[DOC_CANONICAL_MAX];
	struct span text;
	int result;

	if (type == DOC_TYPE_COMMENT)
		return drop_comment(edit, node, err);
	if (doc_edit_copy_to(edit, n->start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	if (type == DOC_TYPE_STRING)
		return doc_json_string(&edit->text, plain,
				       json_sealed_spelling(token_of(edit->doc, n)), err);
	result = json_from_plain(type, plain, scratch, &text, err);
	if (result == 0)
		result = type == DOC_TYPE_TIME ? doc_json_string(&edit->text, text, 0, err)
					       : secret_append_span(&edit->text, text, err);
	secret_wipe(scratch, sizeof(scratch));
	return result;
}

int json_edit_set(struct doc_edit *edit, uint32_t node, enum doc_type type, struct span value,
		  struct error *err)
{
	const struct doc *doc = edit->doc;
	const struct doc_node *n = &doc->nodes[node];

	if (doc_edit_copy_to(edit, n->start, err) < 0)
		return -1;
	doc_edit_skip_to(edit, n->end);
	if (type == DOC_TYPE_STRING && looks_sealed(value))
		return json_write_sealed(&edit->text, value,
					 n->kind == DOC_SCALAR && looks_sealed(doc_value(doc, node))
						 ? json_sealed_spelling(token_of(doc, n))
						 : 0,
					 err);
	return json_write_scalar(&edit->text, type, value, err);
}
