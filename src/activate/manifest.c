/* SPDX-License-Identifier: MIT */
#include "activate/manifest.h"

#include "activate/ready.h"
#include "internal.h"
#include "util/buf.h"
#include "util/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int manifest_check_path(const char *path, const char *what, struct error *err)
{
	struct span text = span_of_text(path);
	const char *fault = "is no absolute path";

	if (!reader_is_plain(text))
		return error_set(err, ERROR_CONFIG, "%s \"%s\" is not made of printable characters",
				 what, text_printable(text).text);
	if (path[0] == '/')
		fault = reader_path_fault(span_slice(text, 1, text.len));
	if (fault != NULL)
		return error_set(err, ERROR_CONFIG, "%s \"%s\" %s", what,
				 text_printable_text(path).text, fault);
	return 0;
}

int manifest_check_directory(const char *directory, struct error *err)
{
	return manifest_check_path(directory, "directory", err);
}

static int manifest_read_entries(const struct reader *reader, uint32_t node,
				 enum manifest_kind kind, struct manifest *manifest,
				 struct error *err)
{
	if (reader_expect(reader, node, DOC_MAP, "a map of names", err) < 0)
		return -1;
	for (uint32_t entry = reader_child(reader, node); entry != DOC_NONE;
	     entry = reader_sibling(reader, entry))
		if (manifest_read_entry(reader, entry, kind, manifest, err) < 0)
			return -1;
	return 0;
}

static int manifest_read_directory(const struct reader *reader, uint32_t node,
				   struct manifest *manifest, struct error *err)
{
	size_t begin = 0;
	struct span text;

	if (reader_text(reader, node, "\"directory\"", &text, err) < 0 ||
	    reader_copy(text, &manifest->directory, err) < 0)
		return -1;
	if (span_starts_with(text, MANIFEST_RUNTIME "/"))
		begin = strlen(MANIFEST_RUNTIME);
	if (manifest_check_directory(manifest->directory + begin, err) < 0)
		return reader_place(reader, node, err);
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
		return READER_ERROR(reader, node, err, "\"keep\" must be a number from 0 to %d",
				    MANIFEST_KEEP_MAX);
	manifest->keep = keep;
	return 0;
}

static int manifest_read_on_error(const struct reader *reader, uint32_t node,
				  struct manifest *manifest, struct error *err)
{
	struct span text = doc_value(reader->doc, node);

	if (span_equal_text(text, "keep"))
		manifest->on_error = MANIFEST_KEEP;
	else if (!span_equal_text(text, "stop"))
		return READER_ERROR(reader, node, err, "\"onError\" must be stop or keep");
	return 0;
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
	if (span_equal_text(field, "credentials"))
		return manifest_read_credentials(reader, node, manifest, err);
	if (span_equal_text(field, "identities"))
		return reader_list(reader, node, NULL, &manifest->identities, err);
	if (span_equal_text(field, "directory"))
		return manifest_read_directory(reader, node, manifest, err);
	if (span_equal_text(field, "keep"))
		return manifest_read_keep(reader, node, manifest, err);
	if (span_equal_text(field, "onError"))
		return manifest_read_on_error(reader, node, manifest, err);
	if (span_equal_text(field, "templates"))
		return 0; /* manifest_read_templates() */
	return reader_unknown(reader, node, err);
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

const char *manifest_format_name(const struct manifest *manifest, size_t file)
{
	for (size_t i = 0; i < manifest->len; i++)
		if (manifest->entries[i].file == file && manifest->entries[i].format)
			return manifest->entries[i].format;
	if (span_ends_with(span_of_text(manifest->files.items[file]), MANIFEST_SUFFIX_AGE))
		return MANIFEST_FORMAT_AGE;
	return doc_format_name(doc_format_of_name(manifest->files.items[file]));
}

bool manifest_file_is_age(const struct manifest *manifest, size_t file)
{
	return strcmp(manifest_format_name(manifest, file), MANIFEST_FORMAT_AGE) == 0;
}

enum doc_format manifest_file_format(const struct manifest *manifest, size_t file)
{
	enum doc_format format = DOC_BINARY;

	(void)doc_format_of_type(manifest_format_name(manifest, file), &format);
	return format;
}

/* A file is read once, in one format. */
static int manifest_check_formats(const struct manifest *manifest, struct error *err)
{
	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		const char *format;

		if (entry->file == MANIFEST_NO_FILE || entry->format == NULL)
			continue;
		format = manifest_format_name(manifest, entry->file);
		if (strcmp(entry->format, format) != 0)
			return error_set(err, ERROR_CONFIG,
					 "file \"%s\" is %s to one name and %s to \"%s\"",
					 manifest->files.items[entry->file], format, entry->format,
					 entry->name);
	}
	return 0;
}

bool manifest_is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* Is link the lock of directory, or the link that is made before it is renamed, where they lie beside neighbour? */
static bool manifest_is_helper(const char *link, const char *neighbour, const char *directory)
{
	const size_t parent = (size_t)(strrchr(neighbour, '/') + 1 - neighbour);
	const char *last = strrchr(directory, '/') + 1, *name = link + parent;
	const size_t len = strlen(last);

	return strncmp(link, neighbour, parent) == 0 && name[0] == '.' &&
	       strncmp(name + 1, last, len) == 0 &&
	       (strcmp(name + 1 + len, ".lock") == 0 || strcmp(name + 1 + len, ".next") == 0);
}

/* A link lies outside, is in the way of nothing that is ours, and leads nowhere else than it says. */
static int manifest_check_link(const struct manifest *manifest, size_t entry, struct error *err)
{
	const char *link = manifest->entries[entry].link;
	const char *directory =
		manifest->directory == NULL ? MANIFEST_DIRECTORY : manifest->directory;
	const size_t len = strlen(directory);
	AUTO_FREE char *root = NULL;

	if (asprintf(&root, "%s%s", manifest->root == NULL ? directory : manifest->root,
		     manifest->root == NULL ? TARGET_ROOT_SUFFIX : "") < 0) {
		root = NULL;
		return error_memory(err);
	}
	if (!manifest->links_within &&
	    (manifest_is_below(link, directory) || manifest_is_below(link, root)))
		return error_set(err, ERROR_CONFIG, "link \"%s\" lies in \"%s\"", link, directory);
	if (strcmp(link, directory) == 0 || strcmp(link, root) == 0 ||
	    (!manifest->links_within && strncmp(link, directory, len) == 0 &&
	     manifest_is_below(link + len, READY_SUFFIX)) ||
	    manifest_is_helper(link, directory, directory) ||
	    manifest_is_helper(link, root, directory))
		return error_set(err, ERROR_CONFIG,
				 "link \"%s\" is in the way of what belongs to \"%s\"", link,
				 directory);
	for (size_t i = 0; i < entry; i++)
		if (manifest->entries[i].link != NULL &&
		    (manifest_is_below(manifest->entries[i].link, link) ||
		     manifest_is_below(link, manifest->entries[i].link)))
			return error_set(err, ERROR_CONFIG, "link \"%s\" is in the way of \"%s\"",
					 manifest->entries[i].link, link);
	return 0;
}

static int manifest_check_links(const struct manifest *manifest, struct error *err)
{
	for (size_t i = 0; i < manifest->len; i++)
		if (manifest->entries[i].link != NULL && manifest_check_link(manifest, i, err) < 0)
			return -1;
	return 0;
}

int manifest_check_entries(const struct manifest *manifest, struct error *err)
{
	if (manifest_check_names(manifest, err) < 0 || manifest_check_formats(manifest, err) < 0)
		return -1;
	return manifest_check_links(manifest, err);
}

/* Defaults, and what no single line shows. */
static int manifest_finish(struct manifest *manifest, const char *name, struct error *err)
{
	const struct manifest *credentials = manifest->credentials;

	if (manifest->files.len == 0 &&
	    (manifest->len > 0 || credentials == NULL || credentials->len == 0))
		return error_set(err, ERROR_CONFIG,
				 "manifest \"%s\": no secrets, environments, documents or "
				 "credentials",
				 name);
	if (manifest_check_entries(manifest, err) < 0)
		return error_wrap(err, "manifest \"%s\"", name);
	if (manifest->directory == NULL &&
	    reader_copy(SPAN_LITERAL(MANIFEST_DIRECTORY), &manifest->directory, err) < 0)
		return -1;
	if (manifest->identities.len == 0)
		return names_add(&manifest->identities, SPAN_LITERAL(MANIFEST_IDENTITY), err);
	return 0;
}

/* Behind all else, wherever they stand: they name the secrets. */
static int manifest_read_templates(const struct reader *reader, struct manifest *manifest,
				   struct error *err)
{
	uint32_t node = doc_find(reader->doc, doc_root(reader->doc, 0), SPAN_LITERAL("templates"));

	return node == DOC_NONE
		       ? 0
		       : manifest_read_entries(reader, node, MANIFEST_TEMPLATE, manifest, err);
}

static int manifest_read(const struct reader *reader, struct manifest *manifest, struct error *err)
{
	uint32_t root = doc_root(reader->doc, 0);

	if (doc_root(reader->doc, 1) != DOC_NONE)
		return READER_ERROR(reader, doc_root(reader->doc, 1), err,
				    "a second document; a manifest is one");
	for (uint32_t field = reader_child(reader, root); field != DOC_NONE;
	     field = reader_sibling(reader, field))
		if (manifest_read_top(reader, field, manifest, err) < 0)
			return -1;
	if (manifest_read_templates(reader, manifest, err) < 0)
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
