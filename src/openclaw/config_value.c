/* SPDX-License-Identifier: MIT */
/* What stands in a place of the configuration. */
#include <ctype.h>
#include <string.h>

#include "doc/tree.h"
#include "openclaw/config.h"

const char *const config_sources[CONFIG_SOURCES] = {
	[CONFIG_ENV] = "env",
	[CONFIG_FILE] = "file",
	[CONFIG_EXEC] = "exec",
	[CONFIG_STORE] = "store",
};

const struct doc *config_doc(const struct config *config, const struct config_place *place)
{
	return &config->files[place->file].doc;
}

const struct config_place *config_find_place(const struct config *config, const char *path)
{
	for (size_t i = config->len; i-- > 0;)
		if (strcmp(config->places[i].path, path) == 0)
			return &config->places[i];
	return NULL;
}

static struct span text_at(const struct doc *doc, uint32_t map, const char *key)
{
	const uint32_t node = doc_find(doc, map, span_of_text(key));

	return node != DOC_NONE && doc->nodes[node].type == DOC_TYPE_STRING ? doc_value(doc, node)
									    : SPAN_INIT;
}

struct span config_text(const struct config *config, const struct config_place *place,
			const char *key)
{
	return text_at(config_doc(config, place), place->node, key);
}

struct span config_object_key(const struct config *config, const struct config_place *place)
{
	return config_text(config, place, "private_key");
}

/* Is it a map of texts alone? */
static bool has_texts(const struct doc *doc, uint32_t map)
{
	for (uint32_t i = doc_child(doc, map); i != DOC_NONE; i = doc_sibling(doc, i))
		if (doc->nodes[i].type != DOC_TYPE_STRING)
			return false;
	return true;
}

int config_object(const struct config *config, const struct config_place *place,
		  struct secret *ret_json, struct error *err)
{
	const struct doc *doc = config_doc(config, place);
	AUTO(doc_tree) tree = DOC_TREE_INIT;
	AUTO(secret) json = SECRET_INIT;

	if (!has_texts(doc, place->node))
		return 0;
	if (doc_tree_from(doc, place->node, NULL, NULL, &tree, err) < 0 ||
	    doc_tree_emit(DOC_JSON, &tree, 0, &json, err) < 0)
		return -1;
	*ret_json = secret_move(&json);
	return 0;
}

static bool is_capital(uint8_t c, bool first)
{
	return (c >= 'A' && c <= 'Z') || (!first && (c == '_' || (c >= '0' && c <= '9')));
}

static size_t name_len(struct span text, size_t at)
{
	size_t end = at;

	while (end < text.len && is_capital(text.data[end], end == at))
		end++;
	return end - at;
}

/* "${NAME}" in it, or "$NAME" alone; "$${NAME}" is text. */
static bool has_variable(struct span text)
{
	for (size_t at = 0; at + 1 < text.len; at++) {
		size_t len;

		if (text.data[at] != '$')
			continue;
		if (text.data[at + 1] == '$') {
			at++;
			continue;
		}
		if (at == 0 && name_len(text, 1) == text.len - 1)
			return true;
		len = text.data[at + 1] == '{' ? name_len(text, at + 2) : 0;
		if (len > 0 && at + 2 + len < text.len && text.data[at + 2 + len] == '}')
			return true;
	}
	return false;
}

/* The length of "${NAME}", and its name; 0: text does not begin with one. */
static size_t take_variable(struct span text, char name[KNOWN_NAME_MAX])
{
	const size_t len = span_starts_with(text, "${") ? name_len(text, 2) : 0;

	if (len == 0 || len >= KNOWN_NAME_MAX || 2 + len >= text.len || text.data[2 + len] != '}')
		return 0;
	memcpy(name, text.data + 2, len);
	name[len] = '\0';
	return len + 3;
}

int config_expand(struct span text, const char *(*look_up)(void *argument, const char *name),
		  void *argument, struct buf *out, struct error *err)
{
	while (text.len > 0) {
		char name[KNOWN_NAME_MAX];
		const size_t escape = span_starts_with(text, "$${") ? 1 : 0;
		const size_t len = take_variable(text, name);
		const char *value = len > 0 ? look_up(argument, name) : NULL;

		if (buf_append_span(out, value ? span_of_text(value) : span_slice(text, 0, 1),
				    err) < 0)
			return -1;
		text = span_slice(text, value ? len : escape + 1, text.len);
	}
	return 0;
}

enum config_value config_value(const struct config *config, const struct config_place *place)
{
	const struct doc *doc = config_doc(config, place);
	const struct doc_node *n = &doc->nodes[place->node];

	if (n->kind == DOC_MAP)
		return config_object_key(config, place).len > 0 ? CONFIG_OBJECT : CONFIG_REFERENCE;
	if (n->kind != DOC_SCALAR)
		return CONFIG_OTHER;
	if (n->type == DOC_TYPE_NULL)
		return CONFIG_EMPTY;
	if (n->type != DOC_TYPE_STRING)
		return CONFIG_OTHER;
	if (span_trim(doc_value(doc, place->node)).len == 0)
		return CONFIG_EMPTY;
	return has_variable(doc_value(doc, place->node)) ? CONFIG_VARIABLE : CONFIG_PLAIN;
}

/* ^[a-z][a-z0-9_-]{0,63}$ */
static bool is_alias(struct span text)
{
	for (size_t i = 0; i < text.len; i++) {
		const uint8_t c = text.data[i];

		if (!(c >= 'a' && c <= 'z') &&
		    (i == 0 || (!(c >= '0' && c <= '9') && c != '_' && c != '-')))
			return false;
	}
	return text.len >= 1 && text.len <= 64;
}

/* ^[A-Za-z0-9][A-Za-z0-9._:/#-]{0,255}$ without parts "." and ".." */
static bool is_exec_id(struct span text)
{
	struct span rest = text, part;

	if (text.len < 1 || text.len > 256 || !isalnum(text.data[0]))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\0' || text.data[i] >= 0x80 ||
		    (!isalnum(text.data[i]) && !strchr("._:/#-", text.data[i])))
			return false;
	while (span_take_until(&rest, '/', &part))
		if (span_equal_text(part, ".") || span_equal_text(part, ".."))
			return false;
	return true;
}

static bool is_id(enum config_source source, struct span id)
{
	switch (source) {
	case CONFIG_ENV:
	case CONFIG_STORE:
		return id.len >= 1 && id.len <= 128 && name_len(id, 0) == id.len;
	case CONFIG_FILE:
		return span_equal_text(id, "value") || span_starts_with(id, "/");
	case CONFIG_EXEC:
		return is_exec_id(id);
	}
	return false;
}

static size_t count_entries(const struct doc *doc, uint32_t map)
{
	size_t count = 0;

	for (uint32_t i = doc_child(doc, map); i != DOC_NONE; i = doc_sibling(doc, i))
		count++;
	return count;
}

bool config_reference(const struct config *config, const struct config_place *place,
		      struct config_reference *ret_reference, const char **ret_why)
{
	const struct doc *doc = config_doc(config, place);
	const struct span source = text_at(doc, place->node, "source");
	unsigned number = 0;

	ret_reference->provider = text_at(doc, place->node, "provider");
	ret_reference->id = text_at(doc, place->node, "id");
	while (number < CONFIG_SOURCES && !span_equal_text(source, config_sources[number]))
		number++;
	*ret_why = NULL;
	if (count_entries(doc, place->node) != 3 || ret_reference->provider.len == 0 ||
	    ret_reference->id.len == 0)
		*ret_why = "a SecretRef has three texts: source, provider and id";
	else if (number == CONFIG_SOURCES)
		*ret_why = "its source is none of env, file, exec and store";
	else if (!is_alias(ret_reference->provider))
		*ret_why = "its provider is no name that OpenClaw takes";
	else if (!is_id((enum config_source)number, ret_reference->id))
		*ret_why = "its id is none that OpenClaw takes of this source";
	ret_reference->source = (enum config_source)number;
	return *ret_why == NULL;
}
