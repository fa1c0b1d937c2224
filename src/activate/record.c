/* SPDX-License-Identifier: MIT */
#include "activate/record.h"

#include "activate/json.h"
#include "doc/doc.h"
#include "util/codec.h"
#include "util/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* More than any manifest can name. */
#define RECORD_SOURCES_MAX 8192

void record_begin(struct record *record)
{
	time_t now = time(NULL);
	struct tm parts;

	if (gmtime_r(&now, &parts) == NULL ||
	    strftime(record->time, sizeof(record->time), "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
		record->time[0] = '\0';
}

static int record_add_source(struct record *record, struct span path, struct error *err)
{
	size_t cap = record->cap == 0 ? 8 : record->cap * 2;
	struct record_source *sources;
	char *copy;

	if (record->len == RECORD_SOURCES_MAX)
		return error_set(err, ERROR_LIMIT, "a record of too many files");
	if (record->len == record->cap) {
		sources = realloc(record->sources, cap * sizeof(*sources));
		if (sources == NULL)
			return error_memory(err);
		record->sources = sources;
		record->cap = cap;
	}
	copy = strndup(path.len > 0 ? (const char *)path.data : "", path.len);
	if (copy == NULL)
		return error_memory(err);
	record->sources[record->len++] = (struct record_source){ .path = copy };
	return 0;
}

int record_add(struct record *record, const char *path, struct span content, const char *time,
	       struct error *err)
{
	uint8_t digest[HASH_SHA256_LEN];
	struct record_source *source;

	if (record_add_source(record, span_of_text(path), err) < 0)
		return -1;
	source = &record->sources[record->len - 1];
	hash_sha256(content, digest);
	codec_hex_lower(span_of(digest, sizeof(digest)), source->digest);
	source->digest[RECORD_DIGEST_MAX - 1] = '\0';
	snprintf(source->time, sizeof(source->time), "%s", time);
	return 0;
}

int record_copy(struct record *record, const struct record_source *source, struct error *err)
{
	char *path;

	if (record_add_source(record, span_of_text(source->path), err) < 0)
		return -1;
	path = record->sources[record->len - 1].path;
	record->sources[record->len - 1] = *source;
	record->sources[record->len - 1].path = path;
	return 0;
}

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
	    json_text(&object, "lastmodified", span_of_text(source->time), err) < 0)
		return -1;
	return json_close(&object, err);
}

int record_format(const struct record *record, struct secret *ret_text, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	struct json_object object;

	if (json_open(&text, &object, err) < 0)
		return -1;
	if (json_text(&object, "time", span_of_text(record->time), err) < 0 ||
	    json_names(&object, "files", &record->files, err) < 0 ||
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

static int record_parse_source(const struct doc *doc, uint32_t map, struct record *record,
			       struct error *err)
{
	uint32_t path = doc->nodes[map].kind == DOC_MAP ? doc_find(doc, map, SPAN_LITERAL("path"))
							: DOC_NONE;
	struct record_source *source;

	if (path == DOC_NONE || doc->nodes[path].kind != DOC_SCALAR)
		return error_set(err, ERROR_FORMAT, "a source without a path");
	if (record_add_source(record, doc_value(doc, path), err) < 0)
		return -1;
	source = &record->sources[record->len - 1];
	record_take(doc, map, SPAN_LITERAL("sha256"), source->digest, sizeof(source->digest));
	record_take(doc, map, SPAN_LITERAL("lastmodified"), source->time, sizeof(source->time));
	return 0;
}

static int record_read(const struct doc *doc, struct record *record, struct error *err)
{
	uint32_t root = doc_root(doc, 0);
	uint32_t files = doc_find(doc, root, SPAN_LITERAL("files"));
	uint32_t sources = doc_find(doc, root, SPAN_LITERAL("sources"));

	record_take(doc, root, SPAN_LITERAL("time"), record->time, sizeof(record->time));
	if (files == DOC_NONE || sources == DOC_NONE || doc->nodes[files].kind != DOC_LIST ||
	    doc->nodes[sources].kind != DOC_LIST)
		return error_set(err, ERROR_FORMAT, "no files and sources");
	for (uint32_t node = doc_child(doc, files); node != DOC_NONE; node = doc_sibling(doc, node))
		if (doc->nodes[node].kind == DOC_SCALAR &&
		    names_add(&record->files, doc_value(doc, node), err) < 0)
			return -1;
	for (uint32_t node = doc_child(doc, sources); node != DOC_NONE;
	     node = doc_sibling(doc, node))
		if (record_parse_source(doc, node, record, err) < 0)
			return -1;
	return 0;
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

const struct record_source *record_find(const struct record *record, const char *path)
{
	for (size_t i = 0; i < record->len; i++)
		if (strcmp(record->sources[i].path, path) == 0)
			return &record->sources[i];
	return NULL;
}

void record_release(struct record *record)
{
	for (size_t i = 0; i < record->len; i++)
		free(record->sources[i].path);
	free(record->sources);
	names_release(&record->files);
	*record = RECORD_INIT;
}
