/* SPDX-License-Identifier: MIT */
#include "activate/manifest.h"

#include "activate/env.h"
#include "doc/doc.h"
#include "util/buf.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

/* What every field's reader gets. */
struct reader {
	const struct doc *doc;
	const char *name; /* the manifest's, printable */
};

/* "NAME" line N: what is wrong. */
#define MANIFEST_ERROR(reader, node, err, ...)                                                     \
	(error_set(err, ERROR_CONFIG, __VA_ARGS__), manifest_place(reader, node, err))

static int manifest_place(const struct reader *reader, uint32_t node, struct error *err)
{
	return error_wrap(err, "manifest \"%s\" line %zu", reader->name,
			  doc_line(reader->doc, node));
}

static const char *manifest_field(const struct reader *reader, uint32_t node,
				  struct text_shown *shown)
{
	*shown = text_printable(doc_key(reader->doc, node));
	return shown->text;
}

/* Children without the comments among them. */
static uint32_t manifest_skip_comments(const struct doc *doc, uint32_t node)
{
	while (node != DOC_NONE && doc->nodes[node].kind == DOC_COMMENT)
		node = doc_sibling(doc, node);
	return node;
}

static uint32_t manifest_child(const struct reader *reader, uint32_t node)
{
	return manifest_skip_comments(reader->doc, doc_child(reader->doc, node));
}

static uint32_t manifest_sibling(const struct reader *reader, uint32_t node)
{
	return manifest_skip_comments(reader->doc, doc_sibling(reader->doc, node));
}

static int manifest_expect(const struct reader *reader, uint32_t node, enum doc_kind kind,
			   const char *what, struct error *err)
{
	struct text_shown shown;

	if (reader->doc->nodes[node].kind == kind)
		return 0;
	return MANIFEST_ERROR(reader, node, err, "\"%s\" must be %s",
			      manifest_field(reader, node, &shown), what);
}

/* Text that a message, a log and a terminal can show as it is, not empty, without a NUL. */
static bool manifest_is_plain(struct span text)
{
	struct text_shown shown = text_printable(text);

	return text.len > 0 && span_equal_text(text, shown.text);
}

static int manifest_text(const struct reader *reader, uint32_t node, const char *what,
			 struct span *ret_text, struct error *err)
{
	struct span text;

	if (reader->doc->nodes[node].kind != DOC_SCALAR ||
	    reader->doc->nodes[node].type != DOC_TYPE_STRING)
		return MANIFEST_ERROR(reader, node, err, "%s must be a text", what);
	text = doc_value(reader->doc, node);
	if (!manifest_is_plain(text))
		return MANIFEST_ERROR(reader, node, err,
				      "%s must be 1 to %d printable characters, without quotes "
				      "and backslashes",
				      what, TEXT_PRINTABLE_MAX - 4);
	*ret_text = text;
	return 0;
}

/* A path of parts between slashes: none empty, "." or "..". */
static const char *manifest_path_fault(struct span path)
{
	struct span part;

	if (span_starts_with(path, "/"))
		return "is an absolute path";
	if (path.len == 0 || span_ends_with(path, "/"))
		return "has an empty part";
	while (span_take_until(&path, '/', &part)) {
		if (part.len == 0)
			return "has an empty part";
		if (span_equal_text(part, "..") || span_equal_text(part, "."))
			return "has a part \".\" or \"..\"";
	}
	return NULL;
}

int manifest_check_directory(const char *directory, struct error *err)
{
	struct span path = span_of_text(directory);
	const char *fault = "is no absolute path";

	if (!manifest_is_plain(path))
		return error_set(err, ERROR_CONFIG,
				 "directory \"%s\" is not made of printable characters",
				 text_printable(path).text);
	if (directory[0] == '/')
		fault = manifest_path_fault(span_slice(path, 1, path.len));
	if (fault != NULL)
		return error_set(err, ERROR_CONFIG, "directory \"%s\" %s", directory, fault);
	return 0;
}

static int manifest_copy(struct span text, char **ret_copy, struct error *err)
{
	char *copy = strndup((const char *)text.data, text.len);

	if (copy == NULL)
		return error_memory(err);
	free(*ret_copy);
	*ret_copy = copy;
	return 0;
}

/* A list of texts, each checked by check (which may be NULL). */
typedef int manifest_item_check(const struct reader *reader, uint32_t node, struct span text,
				struct error *err);

static int manifest_list(const struct reader *reader, uint32_t list, manifest_item_check *check,
			 struct names *names, struct error *err)
{
	struct text_shown shown;
	struct span text;

	if (manifest_expect(reader, list, DOC_LIST, "a list, as in [a, b]", err) < 0)
		return -1;
	for (uint32_t item = manifest_child(reader, list); item != DOC_NONE;
	     item = manifest_sibling(reader, item)) {
		if (manifest_text(reader, item, "each item", &text, err) < 0 ||
		    (check != NULL && check(reader, item, text, err) < 0))
			return -1;
		if (names->len == MANIFEST_LIST_MAX)
			return MANIFEST_ERROR(reader, item, err, "more than %d items",
					      MANIFEST_LIST_MAX);
		shown = text_printable(text);
		if (names_have(names, shown.text))
			return MANIFEST_ERROR(reader, item, err, "\"%s\" is there twice",
					      shown.text);
		if (names_add(names, text, err) < 0)
			return -1;
	}
	if (names->len == 0)
		return MANIFEST_ERROR(reader, list, err, "\"%s\" is an empty list",
				      manifest_field(reader, list, &shown));
	return 0;
}

/* systemd's own rule (systemd.unit(5)): these characters, and a known type behind the last dot. */
static int manifest_check_unit(const struct reader *reader, uint32_t node, struct span text,
			       struct error *err)
{
	static const char *const types[] = { ".service", ".socket", ".target", ".path",
					     ".timer",   ".mount",  ".scope",  ".slice" };
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789:-_.@";
	bool known = false, clean = text.data[0] != '-';

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		known = known || (span_ends_with(text, types[i]) && text.len > strlen(types[i]));
	for (size_t i = 0; i < text.len; i++)
		clean = clean && strchr(letters, text.data[i]) != NULL;
	if (known && clean)
		return 0;
	return MANIFEST_ERROR(reader, node, err,
			      "\"%s\" is no unit name, as in \"openclaw-gateway.service\"",
			      text_printable(text).text);
}

static int manifest_check_key(const struct reader *reader, uint32_t node, struct span text,
			      struct error *err)
{
	const char *fault = manifest_path_fault(text);

	if (fault == NULL)
		return 0;
	return MANIFEST_ERROR(reader, node, err, "key \"%s\" %s", text_printable(text).text, fault);
}

const char *manifest_key_name(const char *key)
{
	const char *slash = strrchr(key, '/');

	return slash == NULL ? key : slash + 1;
}

static int manifest_read_file(const struct reader *reader, uint32_t node, struct manifest *manifest,
			      struct manifest_entry *entry, struct error *err)
{
	struct span text;
	const char *fault;

	if (manifest_text(reader, node, "\"file\"", &text, err) < 0)
		return -1;
	fault = manifest_path_fault(text);
	if (fault != NULL) {
		(void)MANIFEST_ERROR(reader, node, err, "file \"%s\" %s", text_printable(text).text,
				     fault);
		return error_hint(err, "sealed files lie beside the manifest or below it");
	}
	for (entry->file = 0; entry->file < manifest->files.len; entry->file++)
		if (span_equal_text(text, manifest->files.items[entry->file]))
			return 0;
	return names_add(&manifest->files, text, err);
}

/* "0400": in quotes, because YAML reads a bare one as a number. */
static int manifest_read_mode(const struct reader *reader, uint32_t node,
			      struct manifest_entry *entry, struct error *err)
{
	const struct doc_node *scalar = &reader->doc->nodes[node];
	struct span text = scalar->kind == DOC_SCALAR ? doc_value(reader->doc, node) : SPAN_INIT;
	mode_t mode = 0;
	bool good = scalar->type == DOC_TYPE_STRING && text.len >= 3 && text.len <= 4;

	for (size_t i = 0; good && i < text.len; i++) {
		good = text.data[i] >= '0' && text.data[i] <= '7';
		mode = mode * 8 + (mode_t)(text.data[i] - '0');
	}
	if (!good || mode > 0777)
		return MANIFEST_ERROR(reader, node, err,
				      "mode must be octal digits in quotes, \"0000\" to \"0777\"");
	if (entry->kind == MANIFEST_DOCUMENT && (mode & 077) != 0)
		return MANIFEST_ERROR(reader, node, err,
				      "mode of a document must leave group and others nothing: "
				      "OpenClaw refuses the file else");
	entry->mode = mode;
	return 0;
}

/* A name or a number; the host is not asked here. */
static int manifest_read_owner(const struct reader *reader, uint32_t node, char **ret_owner,
			       struct error *err)
{
	const struct doc_node *scalar = &reader->doc->nodes[node];
	struct span text;

	if (scalar->kind == DOC_SCALAR && scalar->type == DOC_TYPE_INT)
		text = doc_value(reader->doc, node);
	else if (manifest_text(reader, node, "an owner or group", &text, err) < 0)
		return -1;
	return manifest_copy(text, ret_owner, err);
}

static int manifest_read_key(const struct reader *reader, uint32_t node,
			     struct manifest_entry *entry, struct error *err)
{
	struct span text = SPAN_INIT;

	if (reader->doc->nodes[node].kind == DOC_SCALAR &&
	    reader->doc->nodes[node].type == DOC_TYPE_STRING &&
	    doc_value(reader->doc, node).len == 0)
		return names_add(&entry->keys, text, err);
	if (manifest_text(reader, node, "\"key\"", &text, err) < 0 ||
	    manifest_check_key(reader, node, text, err) < 0)
		return -1;
	return names_add(&entry->keys, text, err);
}

/* "all", or a list whose last parts become the names: no two may be the same. */
static int manifest_read_keys(const struct reader *reader, uint32_t node,
			      struct manifest_entry *entry, struct error *err)
{
	if (reader->doc->nodes[node].kind == DOC_SCALAR &&
	    span_equal_text(doc_value(reader->doc, node), "all")) {
		entry->all_keys = true;
		return 0;
	}
	if (manifest_expect(reader, node, DOC_LIST, "a list of keys, or all", err) < 0 ||
	    manifest_list(reader, node, manifest_check_key, &entry->keys, err) < 0)
		return -1;
	for (size_t i = 0; i < entry->keys.len; i++) {
		const char *name = manifest_key_name(entry->keys.items[i]);

		if (entry->kind == MANIFEST_ENVIRONMENT && !env_name_is_valid(span_of_text(name)))
			return MANIFEST_ERROR(
				reader, node, err,
				"\"%s\" cannot name an environment variable: letters, "
				"digits and \"_\" only, no digit first",
				name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(name, manifest_key_name(entry->keys.items[k])) == 0)
				return MANIFEST_ERROR(reader, node, err,
						      "two keys would both be named \"%s\"", name);
	}
	return 0;
}

static int manifest_later(const struct reader *reader, uint32_t node, struct error *err)
{
	struct text_shown shown;

	error_set(err, ERROR_UNSUPPORTED, "\"%s\" is not supported by this version",
		  manifest_field(reader, node, &shown));
	return manifest_place(reader, node, err);
}

static int manifest_unknown(const struct reader *reader, uint32_t node, struct error *err)
{
	struct text_shown shown;

	return MANIFEST_ERROR(reader, node, err, "unknown field \"%s\"",
			      manifest_field(reader, node, &shown));
}

static int manifest_read_lifetime(const struct reader *reader, uint32_t node, struct error *err)
{
	struct span text = doc_value(reader->doc, node);

	if (span_equal_text(text, "boot"))
		return 0;
	if (!span_equal_text(text, "until-ready"))
		return MANIFEST_ERROR(reader, node, err, "lifetime must be \"boot\"");
	error_set(err, ERROR_UNSUPPORTED,
		  "lifetime \"until-ready\" is not supported by this version");
	return manifest_place(reader, node, err);
}

static int manifest_read_field(const struct reader *reader, uint32_t node,
			       struct manifest *manifest, struct manifest_entry *entry,
			       struct error *err)
{
	struct span field = doc_key(reader->doc, node);
	bool is_secret = entry->kind == MANIFEST_SECRET;

	if (span_equal_text(field, "file"))
		return manifest_read_file(reader, node, manifest, entry, err);
	if (is_secret && span_equal_text(field, "key"))
		return manifest_read_key(reader, node, entry, err);
	if (!is_secret && span_equal_text(field, "keys"))
		return manifest_read_keys(reader, node, entry, err);
	if (span_equal_text(field, "owner"))
		return manifest_read_owner(reader, node, &entry->owner, err);
	if (span_equal_text(field, "group"))
		return manifest_read_owner(reader, node, &entry->group, err);
	if (span_equal_text(field, "mode"))
		return manifest_read_mode(reader, node, entry, err);
	if (span_equal_text(field, "restart"))
		return manifest_list(reader, node, manifest_check_unit, &entry->restart, err);
	if (span_equal_text(field, "reload"))
		return manifest_list(reader, node, manifest_check_unit, &entry->reload, err);
	if (entry->kind == MANIFEST_DOCUMENT && span_equal_text(field, "lifetime"))
		return manifest_read_lifetime(reader, node, err);
	return manifest_unknown(reader, node, err);
}

static void manifest_entry_release(struct manifest_entry *entry)
{
	free(entry->name);
	free(entry->owner);
	free(entry->group);
	names_release(&entry->keys);
	names_release(&entry->restart);
	names_release(&entry->reload);
}

static int manifest_read_name(const struct reader *reader, uint32_t node,
			      struct manifest_entry *entry, struct error *err)
{
	struct span name = doc_key(reader->doc, node);
	struct text_shown shown = text_printable(name);
	const char *fault = manifest_path_fault(name);

	if (fault == NULL && !manifest_is_plain(name))
		fault = "is too long, or not made of printable characters without quotes and "
			"backslashes";
	if (fault == NULL && span_starts_with(name, MANIFEST_RESERVED))
		fault = "begins with \"" MANIFEST_RESERVED "\", as only this program's own may";
	if (fault != NULL)
		return MANIFEST_ERROR(reader, node, err, "name \"%s\" %s", shown.text, fault);
	return manifest_copy(name, &entry->name, err);
}

/* Which fields must be there. */
static int manifest_check_entry(const struct reader *reader, uint32_t node,
				const struct manifest_entry *entry, struct error *err)
{
	const char *missing = NULL;

	if (doc_find(reader->doc, node, SPAN_LITERAL("file")) == DOC_NONE)
		missing = "file";
	else if (entry->kind == MANIFEST_SECRET && entry->keys.len == 0)
		missing = "key";
	else if (entry->kind != MANIFEST_SECRET && entry->keys.len == 0 && !entry->all_keys)
		missing = "keys";
	if (missing == NULL)
		return 0;
	return MANIFEST_ERROR(reader, node, err, "\"%s\" has no \"%s\"", entry->name, missing);
}

/* Appends an entry of the defaults. */
static int manifest_add(struct manifest *manifest, struct error *err)
{
	size_t cap = manifest->cap == 0 ? 16 : manifest->cap * 2;
	struct manifest_entry *entries;

	if (manifest->len == MANIFEST_ENTRIES_MAX)
		return error_set(err, ERROR_LIMIT, "a manifest of more than %d names",
				 MANIFEST_ENTRIES_MAX);
	if (manifest->len == manifest->cap) {
		entries = realloc(manifest->entries, cap * sizeof(*entries));
		if (entries == NULL)
			return error_memory(err);
		manifest->entries = entries;
		manifest->cap = cap;
	}
	manifest->entries[manifest->len++] = (struct manifest_entry){ .mode = 0400 };
	return 0;
}

static int manifest_read_entry(const struct reader *reader, uint32_t node, enum manifest_kind kind,
			       struct manifest *manifest, struct error *err)
{
	struct manifest_entry *entry;

	if (manifest_expect(reader, node, DOC_MAP, "a map with \"file:\" and more", err) < 0 ||
	    manifest_add(manifest, err) < 0)
		return -1;
	entry = &manifest->entries[manifest->len - 1];
	entry->kind = kind;
	entry->line = doc_line(reader->doc, node);
	if (manifest_read_name(reader, node, entry, err) < 0)
		return -1;
	for (uint32_t field = manifest_child(reader, node); field != DOC_NONE;
	     field = manifest_sibling(reader, field))
		if (manifest_read_field(reader, field, manifest, entry, err) < 0)
			return -1;
	return manifest_check_entry(reader, node, entry, err);
}

static int manifest_read_entries(const struct reader *reader, uint32_t node,
				 enum manifest_kind kind, struct manifest *manifest,
				 struct error *err)
{
	if (manifest_expect(reader, node, DOC_MAP, "a map of names", err) < 0)
		return -1;
	for (uint32_t entry = manifest_child(reader, node); entry != DOC_NONE;
	     entry = manifest_sibling(reader, entry))
		if (manifest_read_entry(reader, entry, kind, manifest, err) < 0)
			return -1;
	return 0;
}

static int manifest_read_directory(const struct reader *reader, uint32_t node,
				   struct manifest *manifest, struct error *err)
{
	struct span text;

	if (manifest_text(reader, node, "\"directory\"", &text, err) < 0 ||
	    manifest_copy(text, &manifest->directory, err) < 0)
		return -1;
	if (manifest_check_directory(manifest->directory, err) < 0)
		return manifest_place(reader, node, err);
	return 0;
}

static int manifest_read_keep(const struct reader *reader, uint32_t node, struct manifest *manifest,
			      struct error *err)
{
	struct span text = doc_value(reader->doc, node);
	unsigned keep = 0;
	bool good = reader->doc->nodes[node].type == DOC_TYPE_INT && text.len <= 3;

	for (size_t i = 0; good && i < text.len; i++) {
		good = text.data[i] >= '0' && text.data[i] <= '9';
		keep = keep * 10 + (unsigned)(text.data[i] - '0');
	}
	if (!good || keep > MANIFEST_KEEP_MAX)
		return MANIFEST_ERROR(reader, node, err, "\"keep\" must be a number from 0 to %d",
				      MANIFEST_KEEP_MAX);
	manifest->keep = keep;
	return 0;
}

static int manifest_read_on_error(const struct reader *reader, uint32_t node, struct error *err)
{
	struct span text = doc_value(reader->doc, node);

	if (span_equal_text(text, "stop"))
		return 0;
	if (!span_equal_text(text, "keep"))
		return MANIFEST_ERROR(reader, node, err, "\"onError\" must be \"stop\"");
	error_set(err, ERROR_UNSUPPORTED, "onError \"keep\" is not supported by this version");
	return manifest_place(reader, node, err);
}

static int manifest_read_top(const struct reader *reader, uint32_t node, struct manifest *manifest,
			     struct error *err)
{
	struct span field = doc_key(reader->doc, node);

	if (span_equal_text(field, "secrets"))
		return manifest_read_entries(reader, node, MANIFEST_SECRET, manifest, err);
	if (span_equal_text(field, "environments"))
		return manifest_read_entries(reader, node, MANIFEST_ENVIRONMENT, manifest, err);
	if (span_equal_text(field, "documents"))
		return manifest_read_entries(reader, node, MANIFEST_DOCUMENT, manifest, err);
	if (span_equal_text(field, "identities"))
		return manifest_list(reader, node, NULL, &manifest->identities, err);
	if (span_equal_text(field, "directory"))
		return manifest_read_directory(reader, node, manifest, err);
	if (span_equal_text(field, "keep"))
		return manifest_read_keep(reader, node, manifest, err);
	if (span_equal_text(field, "onError"))
		return manifest_read_on_error(reader, node, err);
	if (span_equal_text(field, "templates"))
		return manifest_later(reader, node, err);
	return manifest_unknown(reader, node, err);
}

/* Sorts "a", "a/b", "a-b": a slash comes before all else, so what lies in a follows a. */
static int manifest_compare_names(const void *left, const void *right)
{
	const unsigned char *a = *(const unsigned char *const *)left;
	const unsigned char *b = *(const unsigned char *const *)right;

	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return (*a == '/'    ? 1
		: *a == '\0' ? 0
			     : *a + 1) -
	       (*b == '/'    ? 1
		: *b == '\0' ? 0
			     : *b + 1);
}

static int manifest_check_names(const struct manifest *manifest, struct error *err)
{
	AUTO_FREE const char **names = NULL;

	names = calloc(manifest->len, sizeof(*names));
	if (names == NULL)
		return error_memory(err);
	for (size_t i = 0; i < manifest->len; i++)
		names[i] = manifest->entries[i].name;
	qsort(names, manifest->len, sizeof(*names), manifest_compare_names);
	for (size_t i = 1; i < manifest->len; i++) {
		size_t len = strlen(names[i - 1]);

		if (strcmp(names[i - 1], names[i]) == 0)
			return error_set(err, ERROR_CONFIG, "name \"%s\" is there twice", names[i]);
		if (strncmp(names[i - 1], names[i], len) == 0 && names[i][len] == '/')
			return error_set(err, ERROR_CONFIG,
					 "name \"%s\" would be a file and, for \"%s\", a directory",
					 names[i - 1], names[i]);
	}
	return 0;
}

/* Defaults, and what no single line shows. */
static int manifest_finish(struct manifest *manifest, const char *name, struct error *err)
{
	if (manifest->len == 0)
		return error_set(err, ERROR_CONFIG,
				 "manifest \"%s\": no secrets, environments or documents", name);
	if (manifest_check_names(manifest, err) < 0)
		return error_wrap(err, "manifest \"%s\"", name);
	if (manifest->directory == NULL &&
	    manifest_copy(SPAN_LITERAL(MANIFEST_DIRECTORY), &manifest->directory, err) < 0)
		return -1;
	if (manifest->identities.len == 0)
		return names_add(&manifest->identities, SPAN_LITERAL(MANIFEST_IDENTITY), err);
	return 0;
}

static int manifest_read(const struct reader *reader, struct manifest *manifest, struct error *err)
{
	uint32_t root = doc_root(reader->doc, 0);

	if (doc_root(reader->doc, 1) != DOC_NONE)
		return MANIFEST_ERROR(reader, doc_root(reader->doc, 1), err,
				      "a second document; a manifest is one");
	for (uint32_t field = manifest_child(reader, root); field != DOC_NONE;
	     field = manifest_sibling(reader, field))
		if (manifest_read_top(reader, field, manifest, err) < 0)
			return -1;
	return manifest_finish(manifest, reader->name, err);
}

int manifest_parse(struct secret *text, const char *name, struct manifest *ret_manifest,
		   struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(manifest) manifest = MANIFEST_INIT;
	struct text_shown shown = text_printable_text(name);
	struct reader reader = { &doc, shown.text };

	if (text->len > MANIFEST_MAX)
		return error_set(err, ERROR_LIMIT, "manifest \"%s\" is larger than %zu KiB",
				 shown.text, MANIFEST_MAX >> 10);
	if (doc_parse(DOC_YAML, text, 0, &doc, err) < 0)
		return error_wrap(err, "manifest \"%s\"", shown.text);
	if (manifest_read(&reader, &manifest, err) < 0)
		return -1;
	*ret_manifest = manifest;
	manifest = MANIFEST_INIT;
	return 0;
}

void manifest_release(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->len; i++)
		manifest_entry_release(&manifest->entries[i]);
	free(manifest->entries);
	free(manifest->directory);
	names_release(&manifest->identities);
	names_release(&manifest->files);
	*manifest = MANIFEST_INIT;
}
