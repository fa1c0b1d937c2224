/* SPDX-License-Identifier: MIT */
/*
 * Sealing without cryptography, for the tests of doc: the "ciphertext" is the
 * plaintext in hexadecimal, with its type, in sops' form.
 */
#ifndef TESTS_DOC_FAKE_H
#define TESTS_DOC_FAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/edit.h"
#include "doc/tree.h"

#define FAKE_IV "MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o="
#define FAKE_TAG "t5z2Z023Up0kxwCgw1gNxg=="

static const char *const fake_types[] = {
	"null", "str", "int", "float", "bool", "time", "comment"
};

UNUSED static int fake_sealed(enum doc_type type, struct span plain, struct secret *out,
			      struct error *err)
{
	static const char digits[] = "0123456789abcdef";

	secret_truncate(out, 0);
	if (secret_append_text(out, "ENC[AES256_GCM,data:", err) < 0 ||
	    secret_grow(out, plain.len * 2, err) < 0)
		return -1;
	for (size_t i = 0; i < plain.len; i++) {
		out->data[out->len++] = (uint8_t)digits[plain.data[i] >> 4];
		out->data[out->len++] = (uint8_t)digits[plain.data[i] & 15];
	}
	if (secret_append_text(out, ",iv:" FAKE_IV ",tag:" FAKE_TAG ",type:", err) < 0 ||
	    secret_append_text(out, fake_types[type], err) < 0)
		return -1;
	return secret_append_text(out, "]", err);
}

/* False where text is not what fake_sealed() makes. */
UNUSED static bool fake_plain(struct span text, struct secret *out, enum doc_type *ret_type,
			      struct error *err)
{
	const char *type;

	if (!span_starts_with(text, "ENC[AES256_GCM,data:"))
		return false;
	text = span_slice(text, 20, text.len);
	secret_truncate(out, 0);
	while (text.len >= 2 && text.data[0] != ',') {
		const char pair[3] = { (char)text.data[0], (char)text.data[1], '\0' };
		char *end;
		const uint8_t byte = (uint8_t)strtoul(pair, &end, 16);

		if (end != pair + 2 || secret_append(out, &byte, 1, err) < 0)
			return false;
		text = span_slice(text, 2, text.len);
	}
	for (size_t t = 1; t < sizeof(fake_types) / sizeof(*fake_types); t++) {
		char expected[128];

		type = fake_types[t];
		snprintf(expected, sizeof(expected), ",iv:" FAKE_IV ",tag:" FAKE_TAG ",type:%s]",
			 type);
		if (span_starts_with(text, expected)) {
			*ret_type = (enum doc_type)t;
			return true;
		}
	}
	return false;
}

UNUSED static int fake_metadata(struct doc_tree *tree, struct error *err)
{
	if (doc_tree_open_map(tree, NULL, err) < 0 || doc_tree_open_list(tree, "age", err) < 0 ||
	    doc_tree_open_map(tree, NULL, err) < 0 ||
	    doc_tree_scalar(tree, "enc", DOC_TYPE_STRING,
			    SPAN_LITERAL("-----BEGIN\nabc\n-----END\n"), err) < 0 ||
	    doc_tree_scalar(tree, "recipient", DOC_TYPE_STRING, SPAN_LITERAL("age1xyz"), err) < 0)
		return -1;
	doc_tree_close(tree);
	doc_tree_close(tree);
	if (doc_tree_scalar(tree, "lastmodified", DOC_TYPE_STRING,
			    SPAN_LITERAL("2026-01-01T00:00:00Z"), err) < 0 ||
	    doc_tree_scalar(tree, "version", DOC_TYPE_STRING, SPAN_LITERAL("3.13.3"), err) < 0)
		return -1;
	doc_tree_close(tree);
	return 0;
}

/* text is taken over. ret_exact: no leaf was flagged. */
UNUSED static int fake_seal_as(enum doc_format format, struct secret *text,
			       struct secret *ret_sealed, bool *ret_exact, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) metadata = DOC_TREE_INIT;
	uint32_t changed;
	AUTO(secret) sealed = SECRET_INIT;
	char scratch[DOC_CANONICAL_MAX];

	if (doc_parse(format, text, 0, &doc, err) < 0)
		return -1;
	*ret_exact = doc.expanded_len == 0;
	for (uint32_t root = doc_child(&doc, 0); root != DOC_NONE; root = doc_sibling(&doc, root))
		if (doc_find_metadata(&doc, root) != DOC_NONE)
			return error_set(err, ERROR_SEALED, "sealed already");
	if (doc_place_comments(&doc, err) < 0 ||
	    doc_edit_begin(&doc, doc.text.len * 3 + 1024, &edit, err) < 0)
		return -1;
	for (uint32_t i = 0; i < doc.len; i++) {
		const struct doc_node *n = &doc.nodes[i];
		struct span plain;
		bool exact;

		if ((n->kind != DOC_SCALAR && n->kind != DOC_COMMENT) || n->type == DOC_TYPE_NULL)
			continue;
		if (doc_plain(&doc, i, scratch, &plain, err) < 0)
			return -1;
		if (plain.len == 0)
			continue;
		if (fake_sealed(n->type, plain, &sealed, err) < 0 ||
		    doc_edit_seal(&edit, i, secret_span(&sealed), &exact, err) < 0)
			return -1;
		*ret_exact &= exact;
	}
	if (fake_metadata(&metadata, err) < 0 ||
	    doc_edit_add_metadata(&edit, &metadata, 4, &changed, err) < 0)
		return -1;
	*ret_exact &= changed == DOC_NONE;
	return doc_edit_finish(&edit, ret_sealed, err);
}

/* sealed is taken over. */
UNUSED static int fake_open_as(enum doc_format format, struct secret *sealed,
			       struct secret *ret_text, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(secret) plain = SECRET_INIT;

	if (doc_parse(format, sealed, DOC_SEALED, &doc, err) < 0 ||
	    doc_edit_begin(&doc, doc.text.len, &edit, err) < 0)
		return -1;
	for (uint32_t i = 1; i < doc.len; i++) {
		const struct doc_node *n = &doc.nodes[i];
		enum doc_type type;

		if (doc.nodes[n->parent].parent == 0 && n->kind != DOC_COMMENT &&
		    doc_is_reserved(format, doc_key(&doc, i))) {
			if (doc_edit_remove(&edit, i, err) < 0)
				return -1;
			i = n->next - 1;
			continue;
		}
		if (n->kind != DOC_SCALAR && n->kind != DOC_COMMENT)
			continue;
		if (fake_plain(doc_value(&doc, i), &plain, &type, err) &&
		    doc_edit_open(&edit, i, type, secret_span(&plain), err) < 0)
			return -1;
	}
	return doc_edit_finish(&edit, ret_text, err);
}

UNUSED static int fake_seal(struct secret *text, struct secret *ret_sealed, bool *ret_exact,
			    struct error *err)
{
	return fake_seal_as(DOC_YAML, text, ret_sealed, ret_exact, err);
}

UNUSED static int fake_open(struct secret *sealed, struct secret *ret_text, struct error *err)
{
	return fake_open_as(DOC_YAML, sealed, ret_text, err);
}

#endif
