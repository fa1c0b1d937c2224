/* SPDX-License-Identifier: MIT */
/* The half of activate/record.h that writes and reads a record's text. */
#include "activate/generation.h"
#include "activate/json.h"
#include "activate/record.h"
#include "doc/doc.h"
#include "internal.h"
#include "util/buf.h"
#include "util/text.h"

#include <string.h>

static int record_format_source(const struct record_source *source, struct secret *out,
				struct error *err)
{
	struct span path = span_of_text(source->path);
	struct text_shown shown = text_printable(path);
	struct json_object object;

	if (json_open(out, &object, err) < 0)
		return -1;
	/* A path need not be UTF-8. */
	if (json_text(&object, "path", text_is_utf8(path) ? path : span_of_text(shown.text), err) <
		    0 ||
	    json_text(&object, "sha256", span_of_text(source->digest), err) < 0 ||
	    json_text(&object, "lastmodified", span_of_text(source->time), err) < 0 ||
	    json_text(&object, "newest", span_of_text(source->newest), err) < 0)
		return -1;
	return json_close(&object, err);
}

static int record_format_file(const struct record_file *file, struct secret *out, struct error *err)
{
	struct json_object object;

	if (json_open(out, &object, err) < 0 ||
	    json_text(&object, "name", span_of_text(file->name), err) < 0 ||
	    (file->link != NULL && json_text(&object, "link", span_of_text(file->link), err) < 0) ||
	    json_flag(&object, "kept", file->kept, err) < 0 ||
	    json_names(&object, "restart", &file->restart, err) < 0 ||
	    json_names(&object, "reload", &file->reload, err) < 0)
		return -1;
	return json_close(&object, err);
}

static int record_format_files(const struct record *record, struct secret *out, struct error *err)
{
	for (size_t i = 0; i < record->files_len; i++)
		if ((i > 0 && secret_append(out, ",", 1, err) < 0) ||
		    record_format_file(&record->files[i], out, err) < 0)
			return -1;
	return 0;
}

int record_format(const struct record *record, struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	struct json_object object;

	if (json_open(&text, &object, err) < 0)
		return -1;
	if (json_text(&object, "time", span_of_text(record->time), err) < 0 ||
	    json_text(&object, "revision", span_of_text(record->revision), err) < 0 ||
	    json_names(&object, "leftLinks", &record->left, err) < 0 ||
	    json_key(&object, SPAN_LITERAL("files"), err) < 0 ||
	    secret_append(&text, "[", 1, err) < 0 || record_format_files(record, &text, err) < 0 ||
	    secret_append(&text, "]", 1, err) < 0 ||
	    json_key(&object, SPAN_LITERAL("sources"), err) < 0 ||
	    secret_append(&text, "[", 1, err) < 0)
		return -1;
	for (size_t i = 0; i < record->len; i++)
		if ((i > 0 && secret_append(&text, ",", 1, err) < 0) ||
		    record_format_source(&record->sources[i], &text, err) < 0)
			return -1;
	if (secret_append(&text, "]", 1, err) < 0 || json_close(&object, err) < 0 ||
	    secret_append(&text, "\n", 1, err) < 0)
		return -1;
	*ret_text = secret_move(&text);
	return 0;
}

/* Copies the text of a member; "" where there is none or it is too long. */
static void record_take(const struct doc *doc, uint32_t map, struct span key, char *text,
			size_t text_max)
{
	uint32_t node = doc_find(doc, map, key);
	struct span value = SPAN_INIT;

	if (node != DOC_NONE && doc->nodes[node].kind == DOC_SCALAR)
		value = doc_value(doc, node);
	if (value.len >= text_max)
		value = SPAN_INIT;
	if (value.len > 0)
		memcpy(text, value.data, value.len);
	text[value.len] = '\0';
}

static int record_take_text(const struct doc *doc, uint32_t map, struct span key,
			    struct span *ret_text, struct error *err)
{
	uint32_t node = doc->nodes[map].kind == DOC_MAP ? doc_find(doc, map, key) : DOC_NONE;

	if (node == DOC_NONE || doc->nodes[node].kind != DOC_SCALAR)
		return error_set(err, ERROR_FORMAT, "something without a %.*s", SPAN_PRINT(key));
	*ret_text = doc_value(doc, node);
	return 0;
}

static int record_take_names(const struct doc *doc, uint32_t map, struct span key,
			     struct names *names, struct error *err)
{
	uint32_t list = doc_find(doc, map, key);

	if (list == DOC_NONE || doc->nodes[list].kind != DOC_LIST)
		return error_set(err, ERROR_FORMAT, "no list \"%.*s\"", SPAN_PRINT(key));
	for (uint32_t node = doc_child(doc, list); node != DOC_NONE; node = doc_sibling(doc, node))
		if (doc->nodes[node].kind == DOC_SCALAR &&
		    names_add(names, doc_value(doc, node), err) < 0)
			return -1;
	return 0;
}

/* An absolute path that a link was made at; the record of an older version has none. */
static int record_take_path(const struct doc *doc, uint32_t node, char **ret_path,
			    struct error *err)
{
	struct span text = SPAN_INIT;

	if (doc->nodes[node].kind == DOC_SCALAR)
		text = doc_value(doc, node);
	return reader_copy(text, ret_path, err) < 0 ? -1
						    : manifest_check_path(*ret_path, "link", err);
}

static int record_take_left(const struct doc *doc, uint32_t list, struct record *record,
			    struct error *err)
{
	if (list == DOC_NONE || doc->nodes[list].kind != DOC_LIST)
		return 0;
	for (uint32_t node = doc_child(doc, list); node != DOC_NONE;
	     node = doc_sibling(doc, node)) {
		AUTO_FREE char *path = NULL;

		if (record_take_path(doc, node, &path, err) < 0 ||
		    names_add(&record->left, span_of_text(path), err) < 0)
			return -1;
	}
	return 0;
}

static int record_parse_file(const struct doc *doc, uint32_t map, struct record *record,
			     struct error *err)
{
	struct record_file *file;
	uint32_t link;
	char kept[sizeof("true")];
	struct span name;

	if (record_take_text(doc, map, SPAN_LITERAL("name"), &name, err) < 0 ||
	    record_add_file(record, name, &file, err) < 0 ||
	    record_take_names(doc, map, SPAN_LITERAL("restart"), &file->restart, err) < 0)
		return -1;
	record_take(doc, map, SPAN_LITERAL("kept"), kept, sizeof(kept));
	file->kept = strcmp(kept, "true") == 0;
	link = doc_find(doc, map, SPAN_LITERAL("link"));
	if (link != DOC_NONE && record_take_path(doc, link, &file->link, err) < 0)
		return -1;
	return record_take_names(doc, map, SPAN_LITERAL("reload"), &file->reload, err);
}

static int record_parse_source(const struct doc *doc, uint32_t map, struct record *record,
			       struct error *err)
{
	struct record_source *source;
	struct span path;

	if (record_take_text(doc, map, SPAN_LITERAL("path"), &path, err) < 0 ||
	    record_add_source(record, path, err) < 0)
		return -1;
	source = &record->sources[record->len - 1];
	record_take(doc, map, SPAN_LITERAL("sha256"), source->digest, sizeof(source->digest));
	record_take(doc, map, SPAN_LITERAL("lastmodified"), source->time, sizeof(source->time));
	record_take(doc, map, SPAN_LITERAL("newest"), source->newest, sizeof(source->newest));
	return 0;
}

static int record_read(const struct doc *doc, struct record *record, struct error *err)
{
	uint32_t root = doc_root(doc, 0);
	uint32_t files = doc_find(doc, root, SPAN_LITERAL("files"));
	uint32_t sources = doc_find(doc, root, SPAN_LITERAL("sources"));

	record_take(doc, root, SPAN_LITERAL("time"), record->time, sizeof(record->time));
	record_take(doc, root, SPAN_LITERAL("revision"), record->revision,
		    sizeof(record->revision));
	if (files == DOC_NONE || sources == DOC_NONE || doc->nodes[files].kind != DOC_LIST ||
	    doc->nodes[sources].kind != DOC_LIST)
		return error_set(err, ERROR_FORMAT, "no files and sources");
	for (uint32_t node = doc_child(doc, files); node != DOC_NONE; node = doc_sibling(doc, node))
		if (record_parse_file(doc, node, record, err) < 0)
			return -1;
	for (uint32_t node = doc_child(doc, sources); node != DOC_NONE;
	     node = doc_sibling(doc, node))
		if (record_parse_source(doc, node, record, err) < 0)
			return -1;
	return record_take_left(doc, doc_find(doc, root, SPAN_LITERAL("leftLinks")), record, err);
}

int record_parse(struct secret *text, struct record *ret_record, struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	AUTO(record) record = RECORD_INIT;

	if (doc_parse(DOC_JSON, text, 0, &doc, err) < 0 || record_read(&doc, &record, err) < 0)
		return error_wrap(err, "the record of an activation");
	*ret_record = record;
	record = RECORD_INIT;
	return 0;
}

int record_load(int root_fd, uint64_t number, struct record *ret_record, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (generation_read(root_fd, number, GENERATION_RECORD, RECORD_MAX, &text, err) < 0)
		return -1;
	if (text.len == 0)
		return error_set(err, ERROR_NOT_FOUND, "no record of bootseal's");
	return record_parse(&text, ret_record, err);
}
