/* SPDX-License-Identifier: MIT */
#include "nix_parse.h"

#include <stdlib.h>
#include <string.h>

#include "util/buf.h"

static int nix_compare_placeholders(const void *left, const void *right)
{
	return strcmp(((const struct nix_placeholder *)left)->text,
		      ((const struct nix_placeholder *)right)->text);
}

struct nix_named {
	const char *name;
	size_t entry;
};

static int nix_compare_named(const void *left, const void *right)
{
	return strcmp(((const struct nix_named *)left)->name,
		      ((const struct nix_named *)right)->name);
}

static int nix_add_placeholder(const struct nix_parse *parse, uint32_t node,
			       const struct nix_named *named, struct error *err)
{
	struct nix_manifest *nix = parse->nix;
	struct nix_placeholder *placeholder = &nix->placeholders[nix->placeholders_len];
	struct span text = doc_value(parse->reader.doc, node);
	const struct doc_node *scalar = &parse->reader.doc->nodes[node];
	AUTO_FREE char *name = NULL;
	struct nix_named wanted = { NULL, 0 };
	const struct nix_named *found;

	if (scalar->kind != DOC_SCALAR || scalar->type != DOC_TYPE_STRING || text.len == 0)
		return READER_ERROR(&parse->reader, node, err,
				    "each placeholder must be a text, not empty");
	*placeholder = (struct nix_placeholder){ NULL, MANIFEST_NO_ENTRY };
	if (nix_copy(text, "the placeholder", &placeholder->text, err) < 0)
		return -1;
	nix->placeholders_len++;
	if (reader_copy(doc_key(parse->reader.doc, node), &name, err) < 0)
		return -1;
	wanted.name = name;
	found = bsearch(&wanted, named, nix->manifest.len, sizeof(*named), nix_compare_named);
	placeholder->entry = found == NULL ? MANIFEST_NO_ENTRY : found->entry;
	return 0;
}

/* Each secret needs one, as sops-nix has it. */
static int nix_check_placeholders(const struct nix_parse *parse, struct error *err)
{
	const struct nix_manifest *nix = parse->nix;
	AUTO_FREE bool *have = calloc(nix->manifest.len + 1, sizeof(*have));

	if (have == NULL)
		return error_memory(err);
	for (size_t i = 0; i < nix->placeholders_len; i++)
		if (nix->placeholders[i].entry != MANIFEST_NO_ENTRY)
			have[nix->placeholders[i].entry] = true;
	for (size_t i = 0; i < nix->manifest.len; i++)
		if (!have[i])
			return error_set(err, ERROR_CONFIG,
					 "manifest \"%s\": no placeholder for \"%s\"",
					 parse->reader.name, nix->manifest.entries[i].name);
	return 0;
}

int nix_read_placeholders(const struct nix_parse *parse, struct error *err)
{
	const struct doc *doc = parse->reader.doc;
	struct nix_manifest *nix = parse->nix;
	AUTO_FREE struct nix_named *named = calloc(nix->manifest.len + 1, sizeof(*named));
	uint32_t map = parse->top.placeholders;
	size_t count = 0;

	if (named == NULL)
		return error_memory(err);
	for (size_t i = 0; i < nix->manifest.len; i++)
		named[i] = (struct nix_named){ nix->manifest.entries[i].name, i };
	qsort(named, nix->manifest.len, sizeof(*named), nix_compare_named);
	for (uint32_t i = map == DOC_NONE ? DOC_NONE : doc_child(doc, map); i != DOC_NONE;
	     i = doc_sibling(doc, i))
		count++;
	nix->placeholders = calloc(count + 1, sizeof(*nix->placeholders));
	if (nix->placeholders == NULL)
		return error_memory(err);
	for (uint32_t i = count == 0 ? DOC_NONE : doc_child(doc, map); i != DOC_NONE;
	     i = doc_sibling(doc, i))
		if (nix_add_placeholder(parse, i, named, err) < 0)
			return -1;
	qsort(nix->placeholders, nix->placeholders_len, sizeof(*nix->placeholders),
	      nix_compare_placeholders);
	return nix_check_placeholders(parse, err);
}
