/* SPDX-License-Identifier: MIT */
#include "openclaw/audit.h"

#include "doc/doc.h"
#include "util/text.h"

#define AUDIT_VERSION "1"

static int audit_fail(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "OpenClaw's audit says what is not understood");
}

/* The text of a field; false where there is none. */
static bool audit_field(const struct doc *doc, uint32_t map, struct span key, enum doc_type type,
			struct span *ret_text)
{
	const uint32_t node = doc->nodes[map].kind == DOC_MAP ? doc_find(doc, map, key) : DOC_NONE;

	if (node == DOC_NONE || doc->nodes[node].kind != DOC_SCALAR ||
	    doc->nodes[node].type != type)
		return false;
	*ret_text = doc_value(doc, node);
	return true;
}

static enum audit_code audit_code_of(struct span code)
{
	if (span_equal_text(code, "PLAINTEXT_FOUND"))
		return AUDIT_PLAINTEXT;
	return span_equal_text(code, "LEGACY_RESIDUE") ? AUDIT_RESIDUE : AUDIT_OTHER;
}

static int audit_put(const struct doc *doc, uint32_t node, struct secret *answer, struct error *err)
{
	struct span code, file, path;

	if (!audit_field(doc, node, SPAN_LITERAL("code"), DOC_TYPE_STRING, &code) ||
	    !audit_field(doc, node, SPAN_LITERAL("file"), DOC_TYPE_STRING, &file) ||
	    !audit_field(doc, node, SPAN_LITERAL("jsonPath"), DOC_TYPE_STRING, &path))
		return audit_fail(err);
	return values_put(answer,
			  &(struct value){ audit_code_of(code),
					   span_of_text(text_printable(file).text),
					   span_of_text(text_printable(path).text) },
			  err);
}

int audit_parse(struct secret *text, struct secret *answer, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	struct span version;
	uint32_t root, list;
	size_t count = 0;

	if (text->len > AUDIT_MAX)
		return error_set(err, ERROR_LIMIT, "OpenClaw's audit says more than %zu MiB",
				 AUDIT_MAX >> 20);
	if (doc_parse(DOC_JSON, text, 0, &doc, err) < 0)
		return error_wrap(err, "what OpenClaw's audit says");
	root = doc_root(&doc, 0);
	if (!audit_field(&doc, root, SPAN_LITERAL("version"), DOC_TYPE_INT, &version))
		return audit_fail(err);
	if (!span_equal_text(version, AUDIT_VERSION))
		return error_set(err, ERROR_UNSUPPORTED,
				 "OpenClaw's audit is of version %s; known is " AUDIT_VERSION,
				 text_printable(version).text);
	list = doc_find(&doc, root, SPAN_LITERAL("findings"));
	if (list == DOC_NONE || doc.nodes[list].kind != DOC_LIST)
		return audit_fail(err);
	for (uint32_t i = doc_child(&doc, list); i != DOC_NONE; i = doc_sibling(&doc, i)) {
		if (count++ == AUDIT_FINDINGS_MAX)
			return error_set(err, ERROR_LIMIT, "OpenClaw's audit finds more than %d",
					 AUDIT_FINDINGS_MAX);
		if (audit_put(&doc, i, answer, err) < 0)
			return -1;
	}
	return 0;
}

/* "FILE: PATH" */
static bool audit_is_at(const struct value *finding, struct span where)
{
	const size_t len = finding->name.len;

	return where.len == len + 2 + finding->bytes.len &&
	       span_equal(span_slice(where, 0, len), finding->name) &&
	       span_equal_text(span_slice(where, len, 2), ": ") &&
	       span_equal(span_slice(where, len + 2, where.len), finding->bytes);
}

bool audit_stays(const struct value *finding, const struct names *stays)
{
	if (finding->entry != AUDIT_PLAINTEXT && finding->entry != AUDIT_RESIDUE)
		return false;
	for (size_t i = 0; i < stays->len; i++) {
		const struct span where = span_of_text(stays->items[i]);

		if (span_equal(where, finding->name) || audit_is_at(finding, where))
			return true;
	}
	return false;
}
