/* SPDX-License-Identifier: MIT */
/*
 * JSON5: what is read has its values in its text; one change to it leaves JSON5 that holds all other values as they
 * were.
 */
#include "../unit/json5_leaves.h"
#include "fuzz.h"

static struct secret list(const struct doc *doc)
{
	struct secret out = SECRET_INIT;
	struct error err = ERROR_INIT;

	fuzz_require(json5_list(doc, &out, &err) == 0);
	return out;
}

/* Parses text again, and lists it. */
static struct secret list_again(struct secret *text, uint32_t *ret_len)
{
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;

	if (json5_parse(text, &doc, &err) < 0) {
		fprintf(stderr, "%s\n%.*s\n", err.message, (int)text->len, (char *)text->data);
		abort();
	}
	*ret_len = doc.len;
	return list(&doc);
}

/* A value is put in its own place, a string as it would be written: the same document. */
static void check_replace(const struct doc *doc, uint32_t node)
{
	AUTO(secret) before = list(doc);
	AUTO(secret) value = SECRET_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) after = SECRET_INIT;
	const struct doc_node *n = &doc->nodes[node];
	struct error err = ERROR_INIT;
	uint32_t len;

	fuzz_require((n->type == DOC_TYPE_STRING
			      ? doc_json_string(&value, doc_value(doc, node), 0, &err)
			      : secret_append_span(&value,
						   span_slice(secret_span(&doc->text), n->start,
							      n->end - n->start),
						   &err)) == 0);
	fuzz_require(json5_replace(doc, node, secret_span(&value), &text, &err) == 0);
	after = list_again(&text, &len);
	fuzz_require(len == doc->len && span_equal(secret_span(&before), secret_span(&after)));
}

static void check_remove(const struct doc *doc, uint32_t node)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) after = SECRET_INIT;
	struct error err = ERROR_INIT;
	uint32_t len;

	fuzz_require(json5_remove(doc, node, &text, &err) == 0);
	after = list_again(&text, &len);
	fuzz_require(len == doc->len - (doc->nodes[node].next - node));
}

static void check_add(const struct doc *doc, uint32_t map)
{
	const struct span key = SPAN_LITERAL("fuzz_key");
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) again = DOC_INIT;
	struct error err = ERROR_INIT;
	uint32_t node;

	if (doc_find(doc, map, key) != DOC_NONE)
		return;
	fuzz_require(json5_add(doc, map, key, SPAN_LITERAL("{\"x\": 1}"), &text, &err) == 0);
	if (json5_parse(&text, &again, &err) < 0) {
		fuzz_require(err.kind == ERROR_LIMIT);
		return;
	}
	node = doc_find(&again, map, key);
	fuzz_require(again.len == doc->len + 2 && node != DOC_NONE &&
		     doc_sibling(&again, node) == DOC_NONE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(doc) doc = DOC_INIT;
	struct error err = ERROR_INIT;
	int status;

	if (len < 1 || len > 4096)
		return 0;
	fuzz_start();
	text = fuzz_copy(span_of(data + 1, len - 1));
	status = json5_parse(&text, &doc, &err);
	fuzz_result(status, &err);
	if (status == 0) {
		const uint32_t node = 1 + data[0] % (doc.len - 1);

		check_replace(&doc, node);
		if (doc.nodes[node].kind == DOC_MAP)
			check_add(&doc, node);
		if (node > 1)
			check_remove(&doc, node);
	}
	doc_release(&doc);
	secret_release(&text);
	fuzz_end();
	return 0;
}
