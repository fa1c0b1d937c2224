/* SPDX-License-Identifier: MIT */
/*
 * dotenv and INI: what can be sealed can be opened, and comes back byte for byte unless sealing said
 * that it will not; then with the same values. What is set, appended and taken out leaves a document
 * of the format. And what is read can be written in every other that can hold it.
 */
#ifndef TESTS_FUZZ_FLAT_H
#define TESTS_FUZZ_FLAT_H

#include "../unit/doc_fake.h"
#include "fuzz.h"

/* The keys and values of the sections and all in them, in the order of sops. */
static void list_values(enum doc_format format, struct span text, struct secret *ret_values)
{
	AUTO(secret) taken = fuzz_copy(text);
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(doc_parse(format, &taken, 0, &doc, &err) == 0);
	for (uint32_t i = 2; i < doc.len; i++) {
		if (doc.nodes[i].kind == DOC_COMMENT)
			continue;
		fuzz_require(secret_append_span(ret_values, doc_key(&doc, i), &err) == 0 &&
			     secret_append(ret_values, "\0:", 2, &err) == 0 &&
			     (doc.nodes[i].kind != DOC_SCALAR ||
			      secret_append_span(ret_values, doc_value(&doc, i), &err) == 0) &&
			     secret_append(ret_values, "\0", 1, &err) == 0);
	}
}

static void check_same(enum doc_format format, struct span before, struct span after)
{
	AUTO(secret) old_values = SECRET_INIT;
	AUTO(secret) new_values = SECRET_INIT;

	list_values(format, before, &old_values);
	list_values(format, after, &new_values);
	fuzz_require(span_equal(secret_span(&old_values), secret_span(&new_values)));
}

static void check_round_trip(enum doc_format format, struct span text)
{
	AUTO(secret) plain = fuzz_copy(text);
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	struct error err = ERROR_INIT;
	bool exact;
	const int status = fake_seal_as(format, &plain, &sealed, &exact, &err);

	fuzz_result(status, &err);
	if (status < 0)
		return;
	fuzz_require(fake_open_as(format, &sealed, &opened, &err) == 0);
	if (exact)
		fuzz_require(span_equal(secret_span(&opened), text));
	else
		check_same(format, text, secret_span(&opened));
}

enum action { SET, APPEND, REMOVE };

static int act(const struct doc *doc, uint32_t node, enum action action, struct secret *ret_text,
	       struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	int status;

	if (doc_edit_begin(doc, 0, &edit, err) < 0 ||
	    (node == 1 && doc->format == DOC_INI && doc_tree_open_map(&tree, NULL, err) < 0) ||
	    doc_tree_scalar(&tree, "k", DOC_TYPE_STRING, SPAN_LITERAL("n#\""), err) < 0)
		return -1;
	if (tree.open != DOC_NONE)
		doc_tree_close(&tree);
	if (action == SET)
		status = doc_edit_set(&edit, node, DOC_TYPE_STRING, SPAN_LITERAL("n\"\n;"), err);
	else if (action == APPEND)
		status = doc_edit_append(&edit, node, SPAN_LITERAL("new = key"), &tree, err);
	else
		status = doc_edit_remove(&edit, node, err);
	return status < 0 ? -1 : doc_edit_finish(&edit, ret_text, err);
}

/* What was the start of a line may be a mark when it is the start of the text: that is refused. */
static bool starts_with_mark(const struct secret *text)
{
	return text->len > 1 && (text->data[0] == 0xef || text->data[0] >= 0xfe);
}

/* Does the document still hold the value that was set or appended, and as many others? */
static void check_actions(const struct doc *doc, uint8_t choice)
{
	const uint32_t node = 1 + choice % (doc->len - 1);
	const bool is_map = doc->nodes[node].kind == DOC_MAP;

	for (enum action action = SET; action <= REMOVE; action++) {
		AUTO(secret) text = SECRET_INIT;
		AUTO(doc) again = DOC_INIT;
		struct error err = ERROR_INIT;
		int status;

		if ((action == APPEND) != is_map || doc_find_metadata(doc, 1) != DOC_NONE ||
		    doc->nodes[node].kind == DOC_COMMENT)
			continue;
		status = act(doc, node, action, &text, &err);
		fuzz_result(status, &err);
		fuzz_require(err.kind != ERROR_BUG);
		if (status < 0 || starts_with_mark(&text))
			continue;
		fuzz_require(doc_parse(doc->format, &text, 0, &again, &err) == 0);
		if (action == SET)
			fuzz_require(span_equal_text(doc_value(&again, node), "n\"\n;"));
		else
			fuzz_require(action == REMOVE || again.len > doc->len);
	}
}

static void check_conversion(enum doc_format format, struct span text)
{
	static const enum doc_format formats[] = { DOC_JSON, DOC_YAML, DOC_DOTENV, DOC_INI };

	for (size_t i = 0; i < 4; i++) {
		AUTO(secret) taken = fuzz_copy(text);
		AUTO(secret) out = SECRET_INIT;
		struct error err = ERROR_INIT;
		size_t documents;
		const int status = doc_convert(format, &taken, formats[i], DOC_INDENT_SOPS, &out,
					       &documents, &err);

		fuzz_result(status, &err);
		fuzz_require(err.kind != ERROR_BUG);
		if (status == 0 && formats[i] == DOC_INI && format == DOC_INI)
			check_same(format, text, secret_span(&out));
	}
}

static int fuzz_flat(enum doc_format format, const uint8_t *data, size_t len)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	int status;

	if (len < 1)
		return 0;
	fuzz_start();
	text = fuzz_copy(span_of(data + 1, len - 1));
	status = doc_parse(format, &text, 0, &doc, &err);
	fuzz_result(status, &err);
	if (status == 0) {
		check_actions(&doc, data[0]);
		check_round_trip(format, secret_span(&doc.text));
		check_conversion(format, secret_span(&doc.text));
	}
	doc_release(&doc);
	secret_release(&text);
	fuzz_end();
	return 0;
}

#endif
