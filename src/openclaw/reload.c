/* SPDX-License-Identifier: MIT */
#include "openclaw/reload.h"

#include "doc/doc.h"

/* More warnings than an OpenClaw can have secrets. */
#define RELOAD_DIGITS_MAX 6

static int reload_fail(struct error *err)
{
	return error_set(err, ERROR_FORMAT, "OpenClaw's answer to the reload is not understood");
}

static int reload_number(struct span text, unsigned *ret_number, struct error *err)
{
	unsigned number = 0;

	if (text.len == 0 || text.len > RELOAD_DIGITS_MAX)
		return reload_fail(err);
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return reload_fail(err);
		number = number * 10 + (unsigned)(text.data[i] - '0');
	}
	*ret_number = number;
	return 0;
}

static bool reload_is(const struct doc *doc, uint32_t node, enum doc_type type)
{
	return node != DOC_NONE && doc->nodes[node].kind == DOC_SCALAR &&
	       doc->nodes[node].type == type;
}

int reload_parse(struct secret *text, unsigned *ret_warnings, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	uint32_t ok, count;

	if (text->len > RELOAD_MAX)
		return error_set(err, ERROR_LIMIT,
				 "OpenClaw's answer to the reload is larger than %zu KiB",
				 RELOAD_MAX >> 10);
	if (doc_parse(DOC_JSON, text, 0, &doc, err) < 0)
		return error_wrap(err, "OpenClaw's answer to the reload");
	ok = doc_find(&doc, doc_root(&doc, 0), SPAN_LITERAL("ok"));
	count = doc_find(&doc, doc_root(&doc, 0), SPAN_LITERAL("warningCount"));
	if (!reload_is(&doc, ok, DOC_TYPE_BOOL) || !reload_is(&doc, count, DOC_TYPE_INT))
		return reload_fail(err);
	if (!span_equal_text(doc_value(&doc, ok), "true"))
		return error_set(err, ERROR_FINDINGS, "OpenClaw could not reload its secrets");
	return reload_number(doc_value(&doc, count), ret_warnings, err);
}
