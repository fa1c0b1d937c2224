/* SPDX-License-Identifier: MIT */
/* YAML's table, and how its aliases are written out. */
#include <string.h>

#include "format.h"
#include "yaml_edit.h"

/* In from's text, and so before it is expanded. */
static void list_aliases(const struct doc *from, struct doc *doc)
{
	const struct span text = secret_span(&from->text);
	size_t line = 1, at = 0, last = 0;

	for (uint32_t node = 1; node < from->len; node++) {
		const struct doc_node *n = &from->nodes[node];

		if (n->kind != DOC_ALIAS)
			continue;
		line += doc_line_of(DOC_YAML, span_slice(text, at, n->start - at), n->start - at) -
			1;
		at = n->start;
		if (line == last)
			continue;
		last = line;
		if (doc->expanded_len < DOC_EXPANDED_MAX)
			doc->expanded[doc->expanded_len] = line;
		doc->expanded_len++;
	}
}

static int parse(struct secret *text, unsigned flags, struct doc *ret_doc, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	bool has_aliases;

	doc.text = *text; /* lent: given back where parsing fails */
	if (yaml_parse(&doc, &has_aliases, err) < 0 ||
	    (flags & DOC_CHECK_MERGES && yaml_check_merges(&doc, err) < 0)) {
		doc.text = SECRET_INIT;
		return -1;
	}
	if (has_aliases && (flags & DOC_KEEP_ALIASES) == 0) {
		AUTO(secret) expanded = SECRET_INIT;
		const int status = yaml_expand_aliases(&doc, &expanded, err);
		struct doc listed = DOC_INIT;

		list_aliases(&doc, &listed);
		doc.text = SECRET_INIT;
		if (status < 0 || parse(&expanded, flags, ret_doc, err) < 0)
			return -1;
		ret_doc->expanded_len = listed.expanded_len;
		memcpy(ret_doc->expanded, listed.expanded, sizeof(listed.expanded));
		secret_release(text);
		return 0;
	}
	*text = SECRET_INIT;
	*ret_doc = doc;
	doc = DOC_INIT;
	return 0;
}

static int check_unsealed(const struct doc *doc, uint32_t node, struct error *err)
{
	const struct doc_node *n = &doc->nodes[node];

	if (!yaml_has_foreign_escape(doc_text_slice(doc, n->start, n->end)))
		return 0;
	return error_set(
		err, ERROR_FORMAT,
		"a value that stays unsealed with \"\\/\", an escape that sops does not read");
}

static int emit(const struct doc_tree *tree, unsigned indent, struct secret *out, struct error *err)
{
	return doc_tree_emit_yaml(tree, 0, indent == 0 || indent == DOC_INDENT_SOPS ? 4 : indent, 0,
				  out, err);
}

static size_t column(const struct doc *doc, uint32_t container)
{
	return yaml_column(doc, container);
}

const struct doc_ops doc_yaml_ops = {
	.parse = parse,
	.place_comments = yaml_place_comments,
	.break_at = yaml_break_at,
	.check_unsealed = check_unsealed,
	.plain = yaml_to_plain,
	.spell = yaml_from_plain,
	.metadata_place = yaml_first_metadata_place,
	.seal = yaml_seal,
	.seal_as = yaml_seal_as,
	.open = yaml_open,
	.set = yaml_set,
	.append = yaml_append,
	.replace = yaml_replace,
	.remove = yaml_remove,
	.add_metadata = yaml_add_metadata,
	.add_copy = yaml_add_copy,
	.entry_lines = yaml_entry_lines,
	.add_lines = yaml_add_lines,
	.column = column,
	.emit = emit,
	.emit_value = emit,
};
