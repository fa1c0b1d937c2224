/* SPDX-License-Identifier: MIT */
#include "activate/record.h"

#include "internal.h"

#include "util/codec.h"

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

int record_add_source(struct record *record, struct span path, struct error *err)
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
	memcpy(source->newest, source->time, sizeof(source->newest));
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

int record_add_file(struct record *record, struct span name, struct record_file **ret_file,
		    struct error *err)
{
	size_t cap = record->files_cap == 0 ? 16 : record->files_cap * 2;
	struct record_file *files;
	char *copy;

	if (record->files_len == record->files_cap) {
		files = realloc(record->files, cap * sizeof(*files));
		if (files == NULL)
			return error_memory(err);
		record->files = files;
		record->files_cap = cap;
	}
	copy = strndup(name.len > 0 ? (const char *)name.data : "", name.len);
	if (copy == NULL)
		return error_memory(err);
	*ret_file = &record->files[record->files_len++];
	**ret_file = (struct record_file){ .name = copy };
	return 0;
}

int record_set_link(struct record_file *file, const char *path, struct error *err)
{
	if (path == NULL)
		return 0;
	file->link = strdup(path);
	return file->link == NULL ? error_memory(err) : 0;
}

/* RFC 3339 in UTC sorts as text; other zones are not compared. */
static bool record_is_before(const char *time, const char *other)
{
	return span_ends_with(span_of_text(time), "Z") &&
	       span_ends_with(span_of_text(other), "Z") && strcmp(time, other) < 0;
}

bool record_is_older(const struct record_source *source)
{
	return record_is_before(source->time, source->newest);
}

void record_inherit(struct record *record, const struct record *earlier)
{
	for (size_t i = 0; i < record->len; i++) {
		struct record_source *now = &record->sources[i];
		const struct record_source *then = record_find(earlier, now->path);

		if (then != NULL && record_is_before(now->newest, then->newest))
			memcpy(now->newest, then->newest, sizeof(now->newest));
	}
}

const struct record_source *record_find(const struct record *record, const char *path)
{
	for (size_t i = 0; i < record->len; i++)
		if (strcmp(record->sources[i].path, path) == 0)
			return &record->sources[i];
	return NULL;
}

const struct record_file *record_find_file(const struct record *record, const char *name)
{
	for (size_t i = 0; i < record->files_len; i++)
		if (strcmp(record->files[i].name, name) == 0)
			return &record->files[i];
	return NULL;
}

void record_release(struct record *record)
{
	for (size_t i = 0; i < record->len; i++)
		free(record->sources[i].path);
	free(record->sources);
	for (size_t i = 0; i < record->files_len; i++) {
		free(record->files[i].name);
		free(record->files[i].link);
		names_release(&record->files[i].restart);
		names_release(&record->files[i].reload);
	}
	free(record->files);
	names_release(&record->left);
	*record = RECORD_INIT;
}
