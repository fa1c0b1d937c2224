/* SPDX-License-Identifier: MIT */
#include "openclaw/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/buf.h"
#include "util/text.h"

/* Of the files one is being included by the other. */
struct walk {
	struct config *config;
	const struct config_reader *reader;
	struct span parts[JSON5_DEPTH_MAX * (CONFIG_INCLUDE_DEPTH_MAX + 1)];
	size_t count;
	unsigned depth;
};

static int walk_value(struct walk *w, size_t file, uint32_t node, struct error *err);

static int add_file(struct config *config, const char *path, struct secret *text, size_t *ret_file,
		    struct error *err)
{
	AUTO(doc) doc = DOC_INIT;
	struct config_file *files, *file;

	if (config->files_len >= CONFIG_FILES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d files are included",
				 CONFIG_FILES_MAX);
	if (json5_parse(text, &doc, err) < 0)
		return -1;
	files = realloc(config->files, (config->files_len + 1) * sizeof(*files));
	if (files == NULL)
		return error_memory(err);
	config->files = files;
	file = &files[config->files_len];
	*file = (struct config_file){ .path = strdup(path), .doc = DOC_INIT };
	if (file->path == NULL)
		return error_memory(err);
	file->doc = doc;
	doc = DOC_INIT;
	*ret_file = config->files_len++;
	return 0;
}

static int join_parts(const struct walk *w, struct buf *text, const char **ret_path,
		      struct error *err)
{
	for (size_t i = 0; i < w->count; i++)
		if ((i > 0 && buf_append(text, ".", 1, err) < 0) ||
		    buf_append_span(text, w->parts[i], err) < 0)
			return -1;
	return buf_text(text, ret_path, err);
}

static int add_place(struct walk *w, enum config_kind kind, size_t file, uint32_t node,
		     struct error *err)
{
	struct config *config = w->config;
	const struct span last = w->parts[w->count - 1];
	AUTO(buf) text = BUF_INIT;
	struct config_place *place;
	const char *path;

	if (config->len >= CONFIG_PLACES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d secrets", CONFIG_PLACES_MAX);
	if (join_parts(w, &text, &path, err) < 0)
		return -1;
	if (config->len == config->cap) {
		const size_t cap = config->cap == 0 ? 32 : config->cap * 2;
		struct config_place *places = realloc(config->places, cap * sizeof(*places));

		if (places == NULL)
			return error_memory(err);
		config->places = places;
		config->cap = cap;
	}
	place = &config->places[config->len++];
	*place = (struct config_place){ kind, strdup(path),
					strndup((const char *)last.data, last.len), file, node };
	return place->path && place->name ? 0 : error_memory(err);
}

/* Of what is no secret. */
static bool kind_of_other(const struct span *parts, size_t count, enum config_kind *ret_kind)
{
	if (count == 3 && span_equal_text(parts[0], "secrets") &&
	    span_equal_text(parts[1], "providers")) {
		*ret_kind = CONFIG_PROVIDER;
		return true;
	}
	if (count == 2 && span_equal_text(parts[0], "channels")) {
		*ret_kind = CONFIG_CHANNEL;
		return true;
	}
	if (!span_equal_text(parts[0], "gateway"))
		return false;
	*ret_kind = count == 2 ? CONFIG_PORT : CONFIG_AUTH_MODE;
	return (count == 2 && span_equal_text(parts[1], "port")) ||
	       (count == 3 && span_equal_text(parts[1], "auth") &&
		span_equal_text(parts[2], "mode"));
}

/* Is it a map of other things, and no SecretRef? */
static bool is_container(const struct doc *doc, uint32_t node)
{
	return doc->nodes[node].kind == DOC_LIST ||
	       (doc->nodes[node].kind == DOC_MAP &&
		doc_find(doc, node, SPAN_LITERAL("source")) == DOC_NONE);
}

/* In a list, a secret is known by itself, or by what stands before it: "--token", and then it. */
static bool is_telling(const struct doc *doc, uint32_t before, uint32_t node)
{
	const struct span previous = before != DOC_NONE && doc->nodes[before].kind == DOC_SCALAR
					     ? doc_value(doc, before)
					     : SPAN_INIT;

	return doc->nodes[node].type == DOC_TYPE_STRING &&
	       (before != DOC_NONE ? known_argument(previous, doc_value(doc, node)).len > 0
				   : known_value(doc_value(doc, node)));
}

/* What the path says of what stands there, or it says itself; false: nothing. */
static bool kind_of(const struct walk *w, const struct doc *doc, uint32_t before, uint32_t node,
		    enum config_kind *ret_kind)
{
	const enum known_field known = known_field(w->parts, w->count);

	if (kind_of_other(w->parts, w->count, ret_kind))
		return true;
	switch (known) {
	case KNOWN_TAKES_REFERENCE:
		*ret_kind = CONFIG_SECRET;
		return true;
	case KNOWN_FILE:
		*ret_kind = CONFIG_SECRET_FILE;
		return doc->nodes[node].type == DOC_TYPE_STRING;
	case KNOWN_PLAIN_ALONE:
		*ret_kind = CONFIG_SECRET_PLAIN;
		return !is_container(doc, node);
	case KNOWN_NOTHING:
		break;
	}
	*ret_kind = CONFIG_SECRET_PLAIN;
	return is_telling(doc, before, node);
}

static int include(struct walk *w, size_t file, struct span name, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO_FREE char *path = NULL;
	struct error why = ERROR_INIT; /* ERROR_SYSTEM is ours, all else the file's */
	size_t included = 0;

	if (config_resolve("", w->config->files[file].path, name, &path, err) < 0)
		return -1;
	if (w->depth >= CONFIG_INCLUDE_DEPTH_MAX) {
		error_set(&why, ERROR_LIMIT, "included deeper than %d files",
			  CONFIG_INCLUDE_DEPTH_MAX);
	} else if (w->reader->read(w->reader->argument, path, &text, &why) == 0 &&
		   add_file(w->config, path, &text, &included, &why) == 0) {
		int result;

		w->depth++;
		result = walk_value(w, included, 1, err);
		w->depth--;
		return result;
	}
	if (why.kind == ERROR_SYSTEM) {
		*err = why;
		return -1;
	}
	return names_printf(&w->config->faults, err, "%s: %s", text_printable_text(path).text,
			    why.message);
}

/* "$include": a file, or a list of them. */
static int include_all(struct walk *w, size_t file, uint32_t node, struct error *err)
{
	const struct doc *doc = &w->config->files[file].doc;
	/* the array of files moves as one is added; text of this one stays where it is */
	const struct doc copy = *doc;

	if (copy.nodes[node].type == DOC_TYPE_STRING)
		return include(w, file, doc_value(&copy, node), err);
	if (copy.nodes[node].kind != DOC_LIST)
		return names_printf(&w->config->faults, err,
				    "%s: \"$include\" is neither a file nor a list of files",
				    text_printable_text(w->config->files[file].path).text);
	for (uint32_t i = doc_child(&copy, node); i != DOC_NONE; i = doc_sibling(&copy, i))
		if (copy.nodes[i].type == DOC_TYPE_STRING &&
		    include(w, file, doc_value(&copy, i), err) < 0)
			return -1;
	return 0;
}

/* before: what stands before it in a list, itself where it is the first; DOC_NONE: it is in a map. */
static int walk_entry(struct walk *w, size_t file, uint32_t before, uint32_t node, struct span part,
		      struct error *err)
{
	enum config_kind kind;
	bool is_place;
	int result = 0;

	if (w->count >= sizeof(w->parts) / sizeof(*w->parts))
		return error_set(err, ERROR_LIMIT, "nested too deep");
	w->parts[w->count++] = part;
	is_place = kind_of(w, &w->config->files[file].doc, before, node, &kind);
	if (is_place)
		result = add_place(w, kind, file, node, err);
	/* within a SecretRef there is none */
	if (result == 0 && (!is_place || kind == CONFIG_CHANNEL || kind == CONFIG_PROVIDER))
		result = walk_value(w, file, node, err);
	w->count--;
	return result;
}

static int walk_value(struct walk *w, size_t file, uint32_t node, struct error *err)
{
	const struct doc doc = w->config->files[file].doc;
	const bool is_map = doc.nodes[node].kind == DOC_MAP;
	const uint32_t included =
		is_map ? doc_find(&doc, node, SPAN_LITERAL("$include")) : DOC_NONE;
	uint32_t before = DOC_NONE;
	unsigned index = 0;
	char number[16];

	if (doc.nodes[node].kind == DOC_SCALAR ||
	    (included != DOC_NONE && include_all(w, file, included, err) < 0))
		return doc.nodes[node].kind == DOC_SCALAR ? 0 : -1;
	for (uint32_t i = doc_child(&doc, node); i != DOC_NONE; i = doc_sibling(&doc, i)) {
		(void)snprintf(number, sizeof(number), "%u", index++);
		if (!is_map && before == DOC_NONE)
			before = i;
		if (i != included &&
		    walk_entry(w, file, before, i, is_map ? doc_key(&doc, i) : span_of_text(number),
			       err) < 0)
			return -1;
		before = is_map ? DOC_NONE : i;
	}
	return 0;
}

int config_read(const char *path, const struct config_reader *reader, struct config *ret_config,
		struct error *err)
{
	AUTO(config) config = CONFIG_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO_FREE struct walk *w = calloc(1, sizeof(*w));
	size_t file = 0;

	if (w == NULL)
		return error_memory(err);
	w->config = &config;
	w->reader = reader;
	if (reader->read(reader->argument, path, &text, err) < 0 ||
	    add_file(&config, path, &text, &file, err) < 0)
		return -1;
	if (config.files[0].doc.nodes[1].kind != DOC_MAP)
		return error_set(err, ERROR_FORMAT, "the top level must be an object, in { and }");
	if (walk_value(w, file, 1, err) < 0)
		return -1;
	*ret_config = config;
	config = CONFIG_INIT;
	return 0;
}

void config_release(struct config *config)
{
	for (size_t i = 0; i < config->files_len; i++) {
		free(config->files[i].path);
		doc_release(&config->files[i].doc);
	}
	free(config->files);
	for (size_t i = 0; i < config->len; i++) {
		free(config->places[i].path);
		free(config->places[i].name);
	}
	free(config->places);
	names_release(&config->faults);
	*config = CONFIG_INIT;
}
