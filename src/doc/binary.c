/* SPDX-License-Identifier: MIT */
/*
 * Binary files: the whole file is one string, at the key "data". Sealed, it is
 * JSON with that key and the metadata, as sops writes it; there nothing is to be
 * kept, and what is not about sealing is left to JSON.
 */
#include <stdlib.h>
#include <string.h>

#include "format.h"
#include "json.h"

#define BINARY_KEY "data"

/* What is sealed is a third longer, and must not be too long to be read. */
#define BINARY_MAX (DOC_TEXT_MAX / 4 * 3 - 65536)

static bool is_plain(const struct doc *doc)
{
	return doc->details == NULL;
}

/* Node 1 is the document, node 2 the value. */
static int parse_plain(struct secret *text, struct doc *ret_doc, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	const uint32_t len = (uint32_t)text->len;

	if (text->len > BINARY_MAX)
		return error_set(err, ERROR_LIMIT, "more than %zu MiB", BINARY_MAX >> 20);
	doc.format = DOC_BINARY;
	doc.nodes = calloc(3, sizeof(*doc.nodes));
	if (doc.nodes == NULL)
		return error_memory(err);
	if (secret_append_text(&doc.pool, BINARY_KEY, err) < 0)
		return -1;
	doc.len = doc.cap = 3;
	doc.nodes[0] = (struct doc_node){
		.kind = DOC_STREAM, .type = DOC_TYPE_NONE, .parent = DOC_NONE, .next = 3, .end = len
	};
	doc.nodes[1] = (struct doc_node){
		.kind = DOC_MAP, .type = DOC_TYPE_NONE, .parent = 0, .next = 3, .end = len
	};
	doc.nodes[2] = (struct doc_node){ .kind = DOC_SCALAR,
					  .type = DOC_TYPE_STRING,
					  .flags = DOC_KEY_IN_POOL,
					  .parent = 1,
					  .next = 3,
					  .end = len,
					  .key_len = (uint32_t)strlen(BINARY_KEY),
					  .value_len = len };
	doc.text = secret_move(text);
	*ret_doc = doc;
	doc = DOC_INIT;
	return 0;
}

static int parse(struct secret *text, unsigned flags, struct doc *ret_doc, struct error *err)
{
	if ((flags & DOC_SEALED) == 0)
		return parse_plain(text, ret_doc, err);
	if (json_parse(text, 0, ret_doc, err) < 0)
		return error_hint(err, "it is taken for a sealed binary file, which is JSON; "
				       "--input-type says what else it is");
	ret_doc->format = DOC_BINARY;
	return 0;
}

static int seal(struct doc_edit *edit, uint32_t node, struct span sealed, bool *ret_exact,
		struct error *err)
{
	if (!is_plain(edit->doc))
		return json_edit_seal(edit, node, sealed, ret_exact, err);
	*ret_exact = true;
	doc_edit_skip_to(edit, edit->doc->text.len);
	return json_write_sealed(&edit->text, sealed, 0, err);
}

/* Puts what opens the document before the value; how it is indented is known only now. */
static int write_head(struct secret *out, const struct json_layout *layout, struct error *err)
{
	AUTO(secret) head = SECRET_INIT;

	if (secret_append_text(&head, "{\n", err) < 0 ||
	    secret_append_span(&head, layout->unit, err) < 0 ||
	    secret_append_text(&head, "\"" BINARY_KEY "\": ", err) < 0 ||
	    secret_reserve(out, out->len + head.len, err) < 0)
		return -1;
	memmove(out->data + head.len, out->data, out->len);
	memcpy(out->data, head.data, head.len);
	out->len += head.len;
	return 0;
}

static int add_metadata(struct doc_edit *edit, const struct doc_tree *metadata, unsigned indent,
			uint32_t *ret_changed, struct error *err)
{
	const struct json_layout layout = json_layout_default(indent);
	struct secret *out = &edit->text;

	if (!is_plain(edit->doc))
		return json_edit_add_metadata(edit, metadata, indent, ret_changed, err);
	*ret_changed = DOC_NONE;
	/* a file without content has nothing to seal */
	if ((out->len == 0 && secret_append_text(out, "\"\"", err) < 0) ||
	    write_head(out, &layout, err) < 0 || secret_append_text(out, ",\n", err) < 0 ||
	    secret_append_span(out, layout.unit, err) < 0 ||
	    secret_append_text(out, "\"sops\": ", err) < 0 ||
	    json_emit_value(metadata, 0, &layout, layout.unit, out, err) < 0)
		return -1;
	return secret_append_text(out, "\n}\n", err);
}

static size_t metadata_place(const struct doc *doc)
{
	return is_plain(doc) ? doc->text.len : json_metadata_place(doc);
}

/* What has only the one string is that string. */
static int emit(const struct doc_tree *tree, unsigned indent, struct secret *out, struct error *err)
{
	(void)indent;
	for (uint32_t node = 1; node < tree->nodes[0].next; node = tree->nodes[node].next) {
		const struct doc_tree_node *n = &tree->nodes[node];
		const struct span bytes = secret_span(&tree->bytes);

		if (n->kind == DOC_COMMENT ||
		    !span_equal_text(span_slice(bytes, n->key, n->key_len), BINARY_KEY))
			continue;
		if (n->kind != DOC_SCALAR || n->type != DOC_TYPE_STRING)
			return error_set(err, ERROR_DUMP,
					 "what is at its key \"" BINARY_KEY
					 "\" is no string, as it "
					 "would be in a binary file");
		return secret_append_span(out, span_slice(bytes, n->value, n->value_len), err);
	}
	error_set(err, ERROR_DUMP,
		  "it has no key \"" BINARY_KEY "\", and so is likely no sealed binary file");
	return error_hint(err, "--output-type says what else to write");
}

/* What is no string any more would not open as a binary file. */
static int replace(struct doc_edit *edit, uint32_t node, const struct doc_tree *value,
		   struct error *err)
{
	const struct doc *doc = edit->doc;

	if (doc->nodes[node].kind != DOC_SCALAR || doc->nodes[node].parent != doc_root(doc, 0) ||
	    !span_equal_text(doc_key(doc, node), BINARY_KEY))
		return json_edit_replace(edit, node, value, err);
	(void)error_set(err, ERROR_DUMP, "a binary file has no place for a map or list");
	return error_hint(err, "--input-type says what else it is");
}

const struct doc_ops doc_binary_ops = {
	.parse = parse,
	.break_at = doc_lf_at,
	.plain = json_to_plain,
	.spell = json_from_plain,
	.metadata_place = metadata_place,
	.seal = seal,
	.open = json_edit_open,
	.set = json_edit_set,
	.append = json_edit_append,
	.replace = replace,
	.remove = json_edit_remove,
	.add_metadata = add_metadata,
	.column = json_column,
	.emit = emit,
};
