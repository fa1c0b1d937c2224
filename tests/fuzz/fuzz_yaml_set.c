/* SPDX-License-Identifier: MIT */
/*
 * Setting and appending, at a node that the first two bytes choose: what
 * comes out is read again, and holds the new value. And opening a document as it is, with sealed
 * comments and values wherever they stand, its metadata taken out.
 */
#include <assert.h>
#include <string.h>

#include "../unit/doc_fake.h"
#include "crypto/lib.h"
#include "fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_start();
	return 0;
}

static const struct span new_values[] = {
	{ (const uint8_t *)"new", 3 },
	{ (const uint8_t *)"a\n b\n\n\n", 7 },
	{ (const uint8_t *)"ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]", 51 },
	{ (const uint8_t *)" # x: [", 7 },
};

/*
 * A tag may not fit, an anchor or a comment ("}#") may touch, a tab or one of YAML's rarer line breaks may be
 * read otherwise behind another value: there sops_file_set() reads the text again, and may refuse.
 */
static bool is_simple(struct span text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] > '~' || (text.data[i] < ' ' && text.data[i] != '\n') ||
		    text.data[i] == '!' || text.data[i] == '&' ||
		    (i > 0 && text.data[i] == '#' && strchr("}]\"'", text.data[i - 1])))
			return false;
	return true;
}

enum action { SET, APPEND };

/* How many values text has, and how many of them are the new one. */
static size_t count(struct secret *text, struct span value, size_t *ret_equal)
{
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	size_t values_len = 0;

	if (doc_parse(DOC_YAML, text, 0, &doc, &err) < 0) {
		fprintf(stderr, "%s\n%.*s\n", err.message, (int)text->len, (char *)text->data);
		abort();
	}
	*ret_equal = 0;
	for (uint32_t i = 0; i < doc.len; i++) {
		if (doc.nodes[i].kind != DOC_SCALAR)
			continue;
		values_len++;
		if (doc.nodes[i].type == DOC_TYPE_STRING && span_equal(doc_value(&doc, i), value))
			++*ret_equal;
	}
	return values_len;
}

static int act(const struct doc *doc, uint32_t node, enum action action, struct span value,
	       struct secret *ret_text, struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_edit_begin(doc, 0, &edit, err) < 0)
		return -1;
	if (action == SET) {
		if (doc_edit_set(&edit, node, DOC_TYPE_STRING, value, err) < 0)
			return -1;
		return doc_edit_finish(&edit, ret_text, err);
	}
	if (doc_tree_scalar(&tree, NULL, DOC_TYPE_STRING, value, err) < 0)
		return -1;
	if (doc_edit_append(&edit, node, SPAN_LITERAL("new key"), &tree, err) < 0)
		return -1;
	return doc_edit_finish(&edit, ret_text, err);
}

static void check_action(const struct doc *doc, uint32_t node, enum action action,
			 struct span value)
{
	AUTO(secret) text = SECRET_INIT;
	struct error err = ERROR_INIT;
	size_t before = 0, after, total = 0, inside = 0;
	int status;

	for (uint32_t i = 0; i < doc->len; i++) {
		if (doc->nodes[i].kind != DOC_SCALAR)
			continue;
		total++;
		inside += i >= node && i < doc->nodes[node].next;
		before += doc->nodes[i].type == DOC_TYPE_STRING &&
			  !(i >= node && i < doc->nodes[node].next) &&
			  span_equal(doc_value(doc, i), value);
	}
	status = act(doc, node, action, value, &text, &err);
	fuzz_result(status, &err);
	fuzz_require(err.kind != ERROR_BUG);
	if (status < 0 || !is_simple(secret_span(&doc->text)))
		return;
	if (action == APPEND) {
		fuzz_require(count(&text, value, &after) == total + 1);
		return;
	}
	total = total - inside + 1;
	fuzz_require(count(&text, value, &after) == total);
	fuzz_require(after == before + 1);
}

static uint32_t metadata_of(const struct doc *doc, uint32_t from)
{
	for (uint32_t i = from; i < doc->len; i++)
		if (doc->nodes[i].kind != DOC_COMMENT && doc->nodes[i].parent != DOC_NONE &&
		    doc->nodes[doc->nodes[i].parent].parent == 0 &&
		    span_equal(doc_key(doc, i), SPAN_LITERAL("sops")))
			return i;
	return DOC_NONE;
}

/* As sops_file_plaintext() does it; every comment is opened, and every value that is sealed. */
static int open_all(const struct doc *doc, struct secret *ret_text, struct error *err)
{
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(secret) plain = SECRET_INIT;
	uint32_t metadata = metadata_of(doc, 1), inside = 0;
	enum doc_type type;

	if (doc_edit_begin(doc, 0, &edit, err) < 0)
		return -1;
	for (uint32_t i = 1; i <= doc->len; i++) {
		const struct doc_node *n = i < doc->len ? &doc->nodes[i] : NULL;

		if (metadata != DOC_NONE && (n == NULL || doc->nodes[metadata].entry < n->start)) {
			if (doc_edit_remove(&edit, metadata, err) < 0)
				return -1;
			inside = doc->nodes[metadata].next;
			metadata = metadata_of(doc, inside);
		}
		if (n == NULL)
			break;
		if (n->kind == DOC_COMMENT) {
			if (doc_edit_open(&edit, i, DOC_TYPE_COMMENT, SPAN_LITERAL(" c"), err) < 0)
				return -1;
		} else if (n->kind == DOC_SCALAR && i >= inside &&
			   fake_plain(doc_value(doc, i), &plain, &type, err) &&
			   type != DOC_TYPE_COMMENT &&
			   doc_edit_open(&edit, i, type, secret_span(&plain), err) < 0) {
			return -1;
		}
	}
	return doc_edit_finish(&edit, ret_text, err);
}

static void check_open(const struct doc *doc)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) opened = DOC_INIT;
	struct error err = ERROR_INIT;
	const int status = open_all(doc, &text, &err);

	fuzz_result(status, &err);
	fuzz_require(err.kind != ERROR_BUG);
	if (status < 0 || !is_simple(secret_span(&doc->text)))
		return;
	/* a document of metadata alone may become an empty text */
	if (doc_parse(DOC_YAML, &text, 0, &opened, &err) < 0 && err.kind != ERROR_EMPTY) {
		fprintf(stderr, "%s\n%.*s\n", err.message, (int)text.len, (char *)text.data);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	int status;

	if (len < 2)
		return 0;
	status = secret_append(&text, data + 2, len - 2, &err);
	if (status == 0)
		status = doc_parse(DOC_YAML, &text, 0, &doc, &err);
	fuzz_result(status, &err);
	if (status == 0) {
		const uint32_t node = 1 + data[0] % (doc.len - 1);
		const enum action wanted = data[1] % 2;
		const bool is_root = doc.nodes[node].parent == 0;
		const uint8_t kind = doc.nodes[node].kind;
		const enum action action = kind == DOC_SCALAR && wanted == APPEND ? SET : wanted;

		check_open(&doc);
		if (kind != DOC_COMMENT &&
		    (!is_root || (action == APPEND && node == doc_root(&doc, 0))) &&
		    doc_find(&doc, kind == DOC_MAP ? node : doc_root(&doc, 0),
			     SPAN_LITERAL("new key")) == DOC_NONE)
			check_action(&doc, node, action, new_values[data[1] / 2 % 4]);
	}
	doc_release(&doc);
	secret_release(&text);
	fuzz_end();
	return 0;
}
