/* SPDX-License-Identifier: MIT */
#include "openclaw/edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/values.h"
#include "openclaw/config.h"
#include "util/text.h"

#define PARTS_MAX 8 /* of a field that a variable stands for */

/* The configuration and what it includes, as far as it was read. */
struct file {
	char *path;
	struct secret text;
	bool changed;
};

struct files {
	const struct openclaw_edit *edit;
	struct file items[CONFIG_FILES_MAX];
	size_t len;
};

static void files_release(struct files *files)
{
	for (size_t i = 0; i < files->len; i++) {
		free(files->items[i].path);
		secret_release(&files->items[i].text);
	}
}

static int add_file(struct files *files, const char *path, struct file **ret_file,
		    struct error *err)
{
	const struct inventory_item *item = inventory_find(files->edit->inventory, path);
	struct file *file = &files->items[files->len];

	if (files->len == CONFIG_FILES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d files", CONFIG_FILES_MAX);
	*file = (struct file){ .path = strdup(path) };
	if (file->path == NULL)
		return error_memory(err);
	files->len++;
	*ret_file = file;
	if (files->edit->is_new && strcmp(path, files->edit->config) == 0)
		return secret_append_text(&file->text, "{ \"gateway\": { \"mode\": \"local\" } }\n",
					  err);
	if (item == NULL || !item->is_read || item->is_cut)
		return error_set(err, ERROR_NO_FILE, "it is not there");
	return secret_append_span(&file->text, secret_span(&item->bytes), err);
}

static int find_file(struct files *files, const char *path, struct file **ret_file,
		     struct error *err)
{
	for (size_t i = 0; i < files->len; i++)
		if (strcmp(files->items[i].path, path) == 0) {
			*ret_file = &files->items[i];
			return 0;
		}
	return add_file(files, path, ret_file, err);
}

/* For config_read(). */
static int read_file(void *argument, const char *path, struct secret *ret_text, struct error *err)
{
	struct file *file;

	if (find_file(argument, path, &file, err) < 0)
		return -1;
	return secret_append_span(ret_text, secret_span(&file->text), err);
}

static int read_config(struct files *files, struct config *ret_config, struct error *err)
{
	const struct config_reader reader = { read_file, files };

	return config_read(files->edit->config, &reader, ret_config, err);
}

static int put_text(struct files *files, const char *path, struct secret *text, struct error *err)
{
	struct file *file;

	if (find_file(files, path, &file, err) < 0)
		return -1;
	secret_release(&file->text);
	file->text = secret_move(text);
	file->changed = true;
	return 0;
}

/* --- SecretRefs --- */

static int make_reference(const char *key, struct buf *text, struct error *err)
{
	return buf_printf(text, err,
			  "{ \"source\": \"file\", \"provider\": \"" SEAL_PROVIDER
			  "\", \"id\": \"/%s\" }",
			  key);
}

/* The next place of that path that holds what is to go. */
static const struct config_place *find_plain(const struct config *config, const char *path)
{
	for (size_t i = 0; i < config->len; i++) {
		const enum config_value value = config_value(config, &config->places[i]);

		if (config->places[i].kind == CONFIG_SECRET &&
		    strcmp(config->places[i].path, path) == 0 &&
		    (value == CONFIG_PLAIN || value == CONFIG_VARIABLE || value == CONFIG_OBJECT))
			return &config->places[i];
	}
	return NULL;
}

/* Each place of that path; ret_any: was there one? */
static int replace_all(struct files *files, const char *path, struct span json, bool *ret_any,
		       struct error *err)
{
	for (*ret_any = false;; *ret_any = true) {
		AUTO(config) config = CONFIG_INIT;
		AUTO(secret) text = SECRET_INIT;
		const struct config_place *place;

		if (read_config(files, &config, err) < 0)
			return -1;
		place = find_plain(&config, path);
		if (place == NULL)
			return 0;
		if (json5_replace(config_doc(&config, place), place->node, json, &text, err) < 0 ||
		    put_text(files, config.files[place->file].path, &text, err) < 0)
			return -1;
	}
}

/* {"b":{"c":JSON}} of the parts that are not there yet. */
static int wrap(const struct span *parts, size_t count, struct span json, struct buf *text,
		struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (buf_printf(text, err, "{ \"%.*s\": ", SPAN_PRINT(parts[i])) < 0)
			return -1;
	if (buf_append_span(text, json, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		if (buf_append_text(text, " }", err) < 0)
			return -1;
	return 0;
}

static size_t split(const char *path, struct span parts[PARTS_MAX])
{
	struct span rest = span_of_text(path);
	size_t count = 0;

	while (count < PARTS_MAX && span_take_until(&rest, '.', &parts[count]))
		count++;
	return count;
}

/* Into openclaw.json itself, with the maps around it that are not there. path is one of ours, without dots in a part. */
static int add_path(struct files *files, const char *path, struct span json, struct error *err)
{
	AUTO(config) config = CONFIG_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(buf) wrapped = BUF_INIT;
	struct span parts[PARTS_MAX];
	const size_t count = split(path, parts);
	uint32_t map = 1, node = 1;
	const struct doc *doc;
	size_t depth = 0;
	int result;

	if (read_config(files, &config, err) < 0)
		return -1;
	doc = &config.files[0].doc;
	while (depth < count && doc->nodes[node].kind == DOC_MAP) {
		map = node;
		node = doc_find(doc, map, parts[depth]);
		if (node == DOC_NONE)
			break;
		depth++;
	}
	/* an empty text, or null, gives way */
	if (node != DOC_NONE && (depth < count || doc->nodes[node].kind != DOC_SCALAR))
		return error_set(err, ERROR_CONFIG, "%s: %s is there already, as something else",
				 text_printable_text(files->edit->config).text, path);
	if (node != DOC_NONE) {
		result = json5_replace(doc, node, json, &text, err);
	} else {
		result = wrap(parts + depth + 1, count - depth - 1, json, &wrapped, err);
		if (result == 0)
			result = json5_add(doc, map, parts[depth], buf_span(&wrapped), &text, err);
	}
	if (result < 0)
		return -1;
	return put_text(files, files->edit->config, &text, err);
}

static int set_mode(struct files *files, const char *mode, struct error *err)
{
	AUTO(buf) json = BUF_INIT;

	if (buf_printf(&json, err, "\"%s\"", mode) < 0)
		return -1;
	return add_path(files, "gateway.auth.mode", buf_span(&json), err);
}

static int set_references(struct files *files, struct error *err)
{
	const struct seal_plan *plan = files->edit->plan;
	bool any_field = false, any;

	for (size_t i = 0; i < plan->len; i++) {
		const struct seal_place *place = &plan->places[i];
		AUTO(buf) text = BUF_INIT;

		if (!place->counts || place->field[0] == '\0')
			continue;
		any_field = true;
		if (make_reference(place->key, &text, err) < 0 ||
		    replace_all(files, place->field, buf_span(&text), &any, err) < 0 ||
		    (!any && add_path(files, place->field, buf_span(&text), err) < 0))
			return -1;
	}
	if (plan->mode != NULL && set_mode(files, plan->mode, err) < 0)
		return -1;
	if (!any_field)
		return 0;
	return add_path(files, "secrets.providers." SEAL_PROVIDER,
			SPAN_LITERAL("{ \"source\": \"file\", \"path\": "
				     "\"/run/secrets.ready/" SEAL_DOCUMENT "\" }"),
			err);
}

/* --- All of it --- */

static int answer_text(const struct openclaw_edit *edit, const char *path, struct span text,
		       struct secret *answer, struct error *err)
{
	if (edit_holds_secret(text, edit->plan)) {
		error_set(
			err, ERROR_CONFIG,
			"\"%s\" holds a secret in another place, too: in a comment, or a field or "
			"variable that is not known",
			text_printable_text(path).text);
		return error_hint(err, "take it out there; nothing was changed");
	}
	return values_put(answer, &(struct value){ EDIT_FILE, span_of_text(path), text }, err);
}

/* Without a mode a password is what counts, where there is one. */
static int answer_mode(struct files *files, struct secret *answer, struct error *err)
{
	AUTO(config) config = CONFIG_INIT;
	const struct config_place *mode, *password;
	struct span text;

	if (read_config(files, &config, err) < 0)
		return -1;
	mode = config_find_place(&config, "gateway.auth.mode");
	password = config_find_place(&config, "gateway.auth.password");
	text = password && config_value(&config, password) != CONFIG_EMPTY
		       ? SPAN_LITERAL("password")
		       : SPAN_LITERAL("token");
	if (mode != NULL)
		text = doc_value(config_doc(&config, mode), mode->node);
	return values_put(answer, &(struct value){ EDIT_MODE, SPAN_INIT, text }, err);
}

static int answer_config(const struct openclaw_edit *edit, struct secret *answer, struct error *err)
{
	AUTO(files) files = { .edit = edit };

	if (set_references(&files, err) < 0 || answer_mode(&files, answer, err) < 0)
		return -1;
	for (size_t i = 0; i < files.len; i++)
		if (files.items[i].changed &&
		    answer_text(edit, files.items[i].path, secret_span(&files.items[i].text),
				answer, err) < 0)
			return -1;
	return 0;
}

/* Is it the first place in that file? */
static bool is_first(const struct seal_plan *plan, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (span_equal(plan->places[i].file, plan->places[index].file))
			return false;
	return true;
}

static int answer_lines(const struct openclaw_edit *edit, const struct seal_place *place,
			struct secret *answer, struct error *err)
{
	const struct inventory_item *item = inventory_find_shown(edit->inventory, place->file);
	AUTO(secret) text = SECRET_INIT;

	if (item == NULL || !item->is_read || item->is_cut)
		return error_set(err, ERROR_CONFIG, "\"%.*s\" cannot be read whole",
				 SPAN_PRINT(place->file));
	if ((place->kind == CHECK_IN_UNIT
		     ? edit_unit(secret_span(&item->bytes), &text, err)
		     : edit_settings(secret_span(&item->bytes), edit->plan, &text, err)) < 0)
		return -1;
	return answer_text(edit, item->path, secret_span(&text), answer, err);
}

int openclaw_edit(const struct openclaw_edit *edit, struct secret *answer, struct error *err)
{
	const struct seal_plan *plan = edit->plan;

	if (answer_config(edit, answer, err) < 0)
		return -1;
	for (size_t i = 0; i < plan->len; i++)
		if ((plan->places[i].kind == CHECK_IN_UNIT ||
		     plan->places[i].kind == CHECK_BY_UNIT ||
		     plan->places[i].kind == CHECK_IN_FILE) &&
		    is_first(plan, i) && answer_lines(edit, &plan->places[i], answer, err) < 0)
			return -1;
	return 0;
}
