/* SPDX-License-Identifier: MIT */
/* Whole documents and sections, as sops writes them: "=" aligned, a blank line between sections. */
#include <string.h>

#include "ini.h"
#include "internal.h"
#include "util/text.h"

static int write_aligned_key(struct secret *out, struct span key, size_t width, struct error *err)
{
	const size_t at = out->len;

	if (ini_write_key(out, key, err) < 0)
		return -1;
	while (out->len - at < width)
		if (secret_append_text(out, " ", err) < 0)
			return -1;
	return 0;
}

/* The longest key, as it is written. */
static int key_width(const struct doc_tree *tree, uint32_t container, size_t *ret_width,
		     struct error *err)
{
	AUTO(secret) key = SECRET_INIT;
	size_t width = 0;

	for (uint32_t i = container + 1; i < tree->nodes[container].next; i = tree->nodes[i].next) {
		if (tree->nodes[i].kind != DOC_SCALAR)
			continue;
		secret_truncate(&key, 0);
		if (ini_write_key(&key, flat_tree_key(tree, i), err) < 0)
			return -1;
		width = key.len > width ? key.len : width;
	}
	*ret_width = width;
	return 0;
}

int ini_emit_value(const struct doc_tree *tree, uint32_t node, struct secret *out,
		   struct error *err)
{
	char scratch[DOC_CANONICAL_MAX];
	enum ini_style style;
	struct span text;
	int result;

	if (flat_spell((enum doc_type)tree->nodes[node].type, flat_tree_value(tree, node), scratch,
		       &text, err) < 0)
		return -1;
	if (ini_choose_style(INI_PLAIN, text, &style))
		result = ini_write_value(out, style, text, err);
	else
		result = error_set(err, ERROR_DUMP,
				   "INI has no quotes that could hold the value of \"%s\"",
				   text_printable(flat_tree_key(tree, node)).text);
	secret_wipe(scratch, sizeof(scratch));
	return result;
}

static int emit_entry(const struct doc_tree *tree, uint32_t node, size_t width, const char *newline,
		      struct secret *out, struct error *err)
{
	const struct span key = flat_tree_key(tree, node);

	if (tree->nodes[node].kind == DOC_COMMENT) {
		if (ini_write_comment(out, flat_tree_value(tree, node), newline, err) < 0)
			return -1;
	} else if (tree->nodes[node].kind != DOC_SCALAR) {
		return flat_refuse_container("INI, in a section,", key, err);
	} else if (write_aligned_key(out, key, width, err) < 0 ||
		   secret_append_text(out, " = ", err) < 0 ||
		   ini_emit_value(tree, node, out, err) < 0) {
		return -1;
	}
	return secret_append_text(out, newline, err);
}

static int emit_entries(const struct doc_tree *tree, uint32_t container, uint32_t first,
			const char *newline, struct secret *out, struct error *err)
{
	size_t width;

	if (key_width(tree, container, &width, err) < 0)
		return -1;
	for (uint32_t i = first; i < tree->nodes[container].next; i = tree->nodes[i].next)
		if (emit_entry(tree, i, width, newline, out, err) < 0)
			return -1;
	return 0;
}

int ini_emit_entries(const struct doc_tree *tree, uint32_t container, const char *newline,
		     struct secret *out, struct error *err)
{
	return emit_entries(tree, container, container + 1, newline, out, err);
}

/* Metadata have no line breaks in INI: "\n" stands for one. */
static int escape_values(struct doc_tree *flat, struct doc_tree *ret_escaped, struct error *err)
{
	AUTO(doc_tree) escaped = DOC_TREE_INIT;
	AUTO(secret) value = SECRET_INIT;

	if (doc_tree_open_map(&escaped, NULL, err) < 0)
		return -1;
	for (uint32_t i = 1; i < flat->len; i++) {
		secret_truncate(&value, 0);
		if (flat_write_escaped(&value, flat_tree_value(flat, i), err) < 0 ||
		    doc_tree_add(&escaped, DOC_SCALAR, flat_tree_key(flat, i),
				 (enum doc_type)flat->nodes[i].type, secret_span(&value), err) < 0)
			return -1;
	}
	doc_tree_close(&escaped);
	*ret_escaped = escaped;
	escaped = DOC_TREE_INIT;
	return 0;
}

int ini_emit_metadata(const struct doc_tree *tree, uint32_t metadata, const char *newline,
		      struct secret *out, struct error *err)
{
	AUTO(doc_tree) flat = DOC_TREE_INIT;
	AUTO(doc_tree) escaped = DOC_TREE_INIT;

	if (flat_flatten(tree, metadata, &flat, err) < 0 || escape_values(&flat, &escaped, err) < 0 ||
	    secret_append_text(out, "[sops]", err) < 0 || secret_append_text(out, newline, err) < 0)
		return -1;
	return ini_emit_entries(&escaped, 0, newline, out, err);
}

/* The section's own comment stands above its header, and is its first entry. */
static int emit_section(const struct doc_tree *tree, uint32_t section, bool header,
			struct secret *out, struct error *err)
{
	const struct span name = flat_tree_key(tree, section);
	const bool comment = section + 1 < tree->nodes[section].next &&
			     tree->nodes[section + 1].kind == DOC_COMMENT;

	/* of a sealed document that was of another format */
	if (header && doc_is_reserved(DOC_INI, name))
		return ini_emit_metadata(tree, section, "\n", out, err);
	if (comment && emit_entry(tree, section + 1, 0, "\n", out, err) < 0)
		return -1;
	if (header &&
	    (ini_write_header(out, name, err) < 0 || secret_append_text(out, "\n", err) < 0))
		return -1;
	return emit_entries(tree, section, comment ? section + 2 : section + 1, "\n", out, err);
}

int ini_emit(const struct doc_tree *tree, unsigned indent, struct secret *out, struct error *err)
{
	const size_t begin = out->len;
	bool commented = false; /* a comment goes above the header of what follows it */

	(void)indent;
	for (uint32_t i = 1; i < tree->nodes[0].next; i = tree->nodes[i].next) {
		const struct span name = flat_tree_key(tree, i);

		if (tree->nodes[i].kind != DOC_COMMENT && tree->nodes[i].kind != DOC_MAP)
			return error_set(err, ERROR_DUMP,
					 "a value of INI stands in a section, \"%s\" does not",
					 text_printable(name).text);
		if (out->len > begin && !commented && secret_append_text(out, "\n", err) < 0)
			return -1;
		commented = tree->nodes[i].kind == DOC_COMMENT;
		if (commented ? emit_entry(tree, i, 0, "\n", out, err) < 0
			      : emit_section(tree, i, i > 1 || !span_equal_text(name, INI_DEFAULT),
					     out, err) < 0)
			return -1;
	}
	return 0;
}
