/* SPDX-License-Identifier: MIT */
/* The manifest's entries. */
#include <string.h>

#include "doc/edit.h"
#include "doc/tree.h"
#include "openclaw/plan.h"
#include "util/text.h"

#define INDENT 2

static int add_text(struct doc_tree *tree, const char *key, const char *value, struct error *err)
{
	return doc_tree_scalar(tree, key, DOC_TYPE_STRING, span_of_text(value), err);
}

/* What stands below the entry's name. */
static int add_entry(struct doc_tree *tree, const char *name, const struct seal_plan *plan,
		     const struct seal_facts *facts, bool with_field, struct error *err)
{
	if (doc_tree_open_map(tree, name, err) < 0 ||
	    add_text(tree, "file", facts->sealed, err) < 0 ||
	    doc_tree_open_list(tree, "keys", err) < 0)
		return -1;
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].counts && (plan->places[i].field[0] != '\0') == with_field &&
		    add_text(tree, NULL, plan->places[i].key, err) < 0)
			return -1;
	doc_tree_close(tree);
	if (add_text(tree, "owner", with_field ? facts->user : "root", err) < 0 ||
	    add_text(tree, "lifetime", "until-ready", err) < 0 ||
	    add_text(tree, "unit", facts->unit, err) < 0)
		return -1;
	doc_tree_close(tree);
	return 0;
}

static const char *group_of(bool with_field)
{
	return with_field ? "documents" : "environments";
}

static const char *name_of(bool with_field)
{
	return with_field ? SEAL_DOCUMENT : SEAL_ENVIRONMENT;
}

static bool has_any(const struct seal_plan *plan, bool with_field)
{
	for (size_t i = 0; i < plan->len; i++)
		if (plan->places[i].counts && (plan->places[i].field[0] != '\0') == with_field)
			return true;
	return false;
}

static int make_new(const struct seal_plan *plan, const struct seal_facts *facts,
		    const char *identity, struct secret *out, struct error *err)
{
	AUTO(doc_tree) tree = DOC_TREE_INIT;

	if (doc_tree_open_map(&tree, NULL, err) < 0 ||
	    doc_tree_open_list(&tree, "identities", err) < 0 ||
	    add_text(&tree, NULL, identity, err) < 0)
		return -1;
	doc_tree_close(&tree);
	for (int i = 1; i >= 0; i--) {
		const bool with_field = i == 1;

		if (!has_any(plan, with_field))
			continue;
		if (doc_tree_open_map(&tree, group_of(with_field), err) < 0 ||
		    add_entry(&tree, name_of(with_field), plan, facts, with_field, err) < 0)
			return -1;
		doc_tree_close(&tree);
	}
	doc_tree_close(&tree);
	if (secret_append_text(out, "# Made by bootseal openclaw setup.\n", err) < 0)
		return -1;
	return doc_tree_emit_yaml(&tree, 0, INDENT, 0, out, err);
}

/* The entry alone, or with the map around it. */
static int make_entry(const struct seal_plan *plan, const struct seal_facts *facts, bool with_field,
		      bool with_group, struct doc_tree *tree, struct error *err)
{
	if (!with_group)
		return add_entry(tree, NULL, plan, facts, with_field, err);
	if (doc_tree_open_map(tree, NULL, err) < 0 ||
	    add_entry(tree, name_of(with_field), plan, facts, with_field, err) < 0)
		return -1;
	doc_tree_close(tree);
	return 0;
}

static int append_entry(const struct seal_plan *plan, const struct seal_facts *facts,
			bool with_field, struct secret *text, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(doc_edit) edit = DOC_EDIT_INIT;
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	const char *group = group_of(with_field), *name = name_of(with_field);
	const size_t len = text->len;
	uint32_t root, map;

	if (doc_parse(DOC_YAML, text, DOC_KEEP_ALIASES, &doc, err) < 0)
		return -1;
	root = doc_root(&doc, 0);
	map = doc_find(&doc, root, span_of_text(group));
	if (map != DOC_NONE && doc.nodes[map].kind != DOC_MAP)
		return error_set(err, ERROR_CONFIG, "its \"%s\" is no map", group);
	if (map != DOC_NONE && doc_find(&doc, map, span_of_text(name)) != DOC_NONE) {
		error_set(err, ERROR_CONFIG, "\"%s\" is in its \"%s\" already", name, group);
		return error_hint(err, "add what is new by hand: --dry-run says what");
	}
	if (make_entry(plan, facts, with_field, map == DOC_NONE, &tree, err) < 0 ||
	    doc_edit_begin(&doc, len + 1024, &edit, err) < 0 ||
	    doc_edit_append(&edit, map == DOC_NONE ? root : map,
			    span_of_text(map == DOC_NONE ? group : name), &tree, err) < 0)
		return -1;
	return doc_edit_finish(&edit, text, err);
}

int seal_plan_manifest(const struct seal_plan *plan, const struct seal_facts *facts,
		       struct secret *before, const char *identity, struct secret *ret_text,
		       struct error *err)
{
	AUTO(secret) text = secret_move(before);

	const bool is_new = text.len == 0;

	if (is_new && make_new(plan, facts, identity, &text, err) < 0)
		return -1;
	for (int i = 1; !is_new && i >= 0; i--)
		if (has_any(plan, i == 1) && append_entry(plan, facts, i == 1, &text, err) < 0)
			return error_wrap(err, "manifest \"%s\"",
					  text_printable_text(facts->manifest).text);
	*ret_text = secret_move(&text);
	return 0;
}
