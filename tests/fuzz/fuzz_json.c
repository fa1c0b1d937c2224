/* SPDX-License-Identifier: MIT */
/*
 * JSON: what can be sealed can be opened, and comes back byte for byte unless sealing said that it
 * will not; then with the same values. What is set, appended and taken out leaves JSON. And what
 * is read can be written as YAML and JSON.
 */
#include "../unit/doc_fake.h"
#include "fuzz.h"

/* The keys and canonical values, in the order of the text. */
static void list_values(struct span text, struct secret *ret_values)
{
	AUTO(secret) json = fuzz_copy(text);
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	char scratch[DOC_CANONICAL_MAX];
	struct span value;

	fuzz_require(doc_parse(DOC_JSON, &json, 0, &doc, &err) == 0);
	for (uint32_t i = 0; i < doc.len; i++) {
		if (doc.nodes[i].kind != DOC_SCALAR)
			continue;
		fuzz_require(doc_canonical(&doc, i, scratch, &value, &err) == 0 &&
			     secret_append_span(ret_values, doc_key(&doc, i), &err) == 0 &&
			     secret_append(ret_values, "\0:", 2, &err) == 0 &&
			     secret_append_span(ret_values, value, &err) == 0 &&
			     secret_append(ret_values, "\0", 1, &err) == 0);
	}
}

static void check_round_trip(struct span text)
{
	AUTO(secret) plain = fuzz_copy(text);
	AUTO(secret) sealed = SECRET_INIT;
	AUTO(secret) opened = SECRET_INIT;
	AUTO(secret) before = SECRET_INIT;
	AUTO(secret) after = SECRET_INIT;
	struct error err = ERROR_INIT;
	bool exact;
	const int status = fake_seal_as(DOC_JSON, &plain, &sealed, &exact, &err);

	fuzz_result(status, &err);
	if (status < 0)
		return;
	fuzz_require(fake_open_as(DOC_JSON, &sealed, &opened, &err) == 0);
	if (exact) {
		fuzz_require(span_equal(secret_span(&opened), text));
		return;
	}
	list_values(text, &before);
	list_values(secret_span(&opened), &after);
	fuzz_require(span_equal(secret_span(&before), secret_span(&after)));
}

enum action { SET, APPEND, REMOVE };

static int act(const struct doc *doc, uint32_t node, enum action action, struct secret *ret_text,
	       struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	int status;

	if (doc_edit_begin(doc, 0, &edit, err) < 0 || fake_metadata(&tree, err) < 0)
		return -1;
	if (action == SET)
		status = doc_edit_set(&edit, node, DOC_TYPE_STRING, SPAN_LITERAL("n\"\n<"), err);
	else if (action == APPEND)
		status = doc_edit_append(&edit, node, SPAN_LITERAL("new key"), &tree, err);
	else
		status = doc_edit_remove(&edit, node, err);
	return status < 0 ? -1 : doc_edit_finish(&edit, ret_text, err);
}

/* Whatever is done to one node, what comes out is JSON. */
static void check_actions(const struct doc *doc, uint8_t choice)
{
	const uint32_t node = 1 + choice % (doc->len - 1);
	const bool is_scalar = doc->nodes[node].kind == DOC_SCALAR;

	for (enum action action = SET; action <= REMOVE; action++) {
		AUTO(secret) text = SECRET_INIT;
		AUTO(doc) again = DOC_INIT;
		struct error err = ERROR_INIT;

		if ((node == 1 && action != APPEND) || (is_scalar && action == APPEND))
			continue;
		fuzz_require(act(doc, node, action, &text, &err) == 0);
		if (doc_parse(DOC_JSON, &text, 0, &again, &err) < 0) {
			fprintf(stderr, "%s\n%.*s\n", err.message, (int)text.len,
				(char *)text.data);
			abort();
		}
	}
}

static void check_conversion(struct span text)
{
	static const enum doc_format formats[] = { DOC_JSON, DOC_YAML, DOC_BINARY };

	for (size_t i = 0; i < 3; i++) {
		AUTO(secret) json = fuzz_copy(text);
		AUTO(secret) out = SECRET_INIT;
		AUTO(doc) again = DOC_INIT;
		struct error err = ERROR_INIT;
		size_t documents;
		const int status = doc_convert(DOC_JSON, &json, formats[i], DOC_INDENT_SOPS, &out,
					       &documents, &err);

		fuzz_result(status, &err);
		fuzz_require(status == 0 || formats[i] == DOC_BINARY || err.kind == ERROR_SEALED);
		if (status == 0 && formats[i] == DOC_JSON)
			fuzz_require(doc_parse(DOC_JSON, &out, 0, &again, &err) == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	int status;

	if (len < 1)
		return 0;
	fuzz_start();
	text = fuzz_copy(span_of(data + 1, len - 1));
	status = doc_parse(DOC_JSON, &text, 0, &doc, &err);
	fuzz_result(status, &err);
	if (status == 0) {
		check_actions(&doc, data[0]);
		check_round_trip(secret_span(&doc.text));
		check_conversion(secret_span(&doc.text));
	}
	doc_release(&doc);
	secret_release(&text);
	fuzz_end();
	return 0;
}
