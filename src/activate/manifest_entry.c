/* SPDX-License-Identifier: MIT */
#include "activate/env.h"
#include "activate/manifest.h"
#include "activate/template.h"
#include "internal.h"
#include "util/buf.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

/* systemd's own rule (systemd.unit(5)): these characters, and a known type behind the last dot. */
int manifest_check_unit(const struct reader *reader, uint32_t node, struct span text,
			struct error *err)
{
	static const char *const types[] = { ".service", ".socket", ".target", ".path",
					     ".timer",   ".mount",  ".scope",  ".slice" };
	bool known = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		known = known || (span_ends_with(text, types[i]) && text.len > strlen(types[i]));
	if (known && reader_is_unit(text))
		return 0;
	return READER_ERROR(reader, node, err,
			    "\"%s\" is no unit name, as in \"openclaw-gateway.service\"",
			    text_printable(text).text);
}

static int manifest_check_key(const struct reader *reader, uint32_t node, struct span text,
			      struct error *err)
{
	const char *fault = reader_path_fault(text);

	if (fault == NULL)
		return 0;
	return READER_ERROR(reader, node, err, "key \"%s\" %s", text_printable(text).text, fault);
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

	if (reader_text(reader, node, "\"file\"", &text, err) < 0)
		return -1;
	fault = reader_path_fault(text);
	if (fault != NULL) {
		(void)READER_ERROR(reader, node, err, "file \"%s\" %s", text_printable(text).text,
				   fault);
		return error_hint(err, "sealed files lie beside the manifest or below it");
	}
	return manifest_add_file(manifest, text, &entry->file, err);
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
		return READER_ERROR(reader, node, err,
				    "mode must be octal digits in quotes, \"0000\" to \"0777\"");
	if (entry->kind == MANIFEST_DOCUMENT && (mode & 077) != 0)
		return READER_ERROR(reader, node, err,
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
	else if (reader_text(reader, node, "an owner or group", &text, err) < 0)
		return -1;
	return reader_copy(text, ret_owner, err);
}

static int manifest_read_link(const struct reader *reader, uint32_t node,
			      struct manifest_entry *entry, struct error *err)
{
	const char *fault = "is no absolute path";
	struct span text;

	if (reader_text(reader, node, "\"link\"", &text, err) < 0)
		return -1;
	if (span_starts_with(text, "/"))
		fault = reader_path_fault(span_slice(text, 1, text.len));
	if (fault != NULL)
		return READER_ERROR(reader, node, err, "link \"%s\" %s", text_printable(text).text,
				    fault);
	return reader_copy(text, &entry->link, err);
}

static int manifest_read_key(const struct reader *reader, uint32_t node,
			     struct manifest_entry *entry, struct error *err)
{
	struct span text = SPAN_INIT;

	if (reader->doc->nodes[node].kind == DOC_SCALAR &&
	    reader->doc->nodes[node].type == DOC_TYPE_STRING &&
	    doc_value(reader->doc, node).len == 0)
		return names_add(&entry->keys, text, err);
	if (reader_text(reader, node, "\"key\"", &text, err) < 0 ||
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
	if (reader_expect(reader, node, DOC_LIST, "a list of keys, or all", err) < 0 ||
	    reader_list(reader, node, manifest_check_key, &entry->keys, err) < 0)
		return -1;
	for (size_t i = 0; i < entry->keys.len; i++) {
		const char *name = manifest_key_name(entry->keys.items[i]);

		if (entry->kind == MANIFEST_ENVIRONMENT && !env_name_is_valid(span_of_text(name)))
			return READER_ERROR(reader, node, err,
					    "\"%s\" cannot name an environment variable: letters, "
					    "digits and \"_\" only, no digit first",
					    name);
		for (size_t k = 0; k < i; k++)
			if (strcmp(name, manifest_key_name(entry->keys.items[k])) == 0)
				return READER_ERROR(reader, node, err,
						    "two keys would both be named \"%s\"", name);
	}
	return 0;
}

static int manifest_read_format(const struct reader *reader, uint32_t node,
				struct manifest_entry *entry, struct error *err)
{
	AUTO_FREE char *type = NULL;
	enum doc_format format;
	struct span text;

	if (reader_text(reader, node, "a format", &text, err) < 0 ||
	    reader_copy(text, &type, err) < 0)
		return -1;
	entry->format = MANIFEST_FORMAT_AGE;
	if (strcmp(type, MANIFEST_FORMAT_AGE) == 0)
		return 0;
	if (!doc_format_of_type(type, &format))
		return READER_ERROR(reader, node, err,
				    "format must be yaml, json, dotenv, ini, binary or age");
	entry->format = doc_format_name(format);
	return 0;
}

/* A text of any kind, in which line breaks are wanted. */
static int manifest_read_content(const struct reader *reader, uint32_t node,
				 struct manifest *manifest, size_t entry, struct error *err)
{
	const struct doc_node *scalar = &reader->doc->nodes[node];

	if (scalar->kind != DOC_SCALAR || scalar->type != DOC_TYPE_STRING ||
	    doc_value(reader->doc, node).len == 0)
		return READER_ERROR(reader, node, err, "\"content\" must be a text");
	if (template_parse(manifest, entry, doc_value(reader->doc, node), err) < 0)
		return reader_place(reader, node, err);
	return 0;
}

/* What a template has of its own, and what all others have. */
int manifest_read_source(const struct reader *reader, uint32_t node, struct manifest *manifest,
			 struct manifest_entry *entry, struct error *err)
{
	struct span field = doc_key(reader->doc, node);
	bool is_secret = entry->kind == MANIFEST_SECRET;

	if (entry->kind == MANIFEST_TEMPLATE)
		return span_equal_text(field, "content")
			       ? manifest_read_content(reader, node, manifest,
						       (size_t)(entry - manifest->entries), err)
			       : reader_unknown(reader, node, err);
	if (span_equal_text(field, "file"))
		return manifest_read_file(reader, node, manifest, entry, err);
	if (span_equal_text(field, "format"))
		return manifest_read_format(reader, node, entry, err);
	if (is_secret && span_equal_text(field, "key"))
		return manifest_read_key(reader, node, entry, err);
	if (!is_secret && span_equal_text(field, "keys"))
		return manifest_read_keys(reader, node, entry, err);
	return reader_unknown(reader, node, err);
}

static int manifest_read_field(const struct reader *reader, uint32_t node,
			       struct manifest *manifest, struct manifest_entry *entry,
			       struct error *err)
{
	const bool may_be_withdrawn = entry->kind != MANIFEST_TEMPLATE;
	struct span field = doc_key(reader->doc, node);

	if (span_equal_text(field, "owner"))
		return manifest_read_owner(reader, node, &entry->owner, err);
	if (span_equal_text(field, "group"))
		return manifest_read_owner(reader, node, &entry->group, err);
	if (span_equal_text(field, "mode"))
		return manifest_read_mode(reader, node, entry, err);
	if (span_equal_text(field, "link"))
		return manifest_read_link(reader, node, entry, err);
	if (span_equal_text(field, "restart"))
		return reader_list(reader, node, manifest_check_unit, &entry->restart, err);
	if (span_equal_text(field, "reload"))
		return reader_list(reader, node, manifest_check_unit, &entry->reload, err);
	if (may_be_withdrawn && span_equal_text(field, "lifetime"))
		return manifest_read_lifetime(reader, node, entry, err);
	if (may_be_withdrawn && span_equal_text(field, "unit"))
		return manifest_read_ready_unit(reader, node, entry, err);
	return manifest_read_source(reader, node, manifest, entry, err);
}

static size_t manifest_count_parts(struct span name)
{
	size_t count = 0;
	struct span part;

	while (span_take_until(&name, '/', &part))
		count++;
	return count;
}

static int manifest_read_name(const struct reader *reader, uint32_t node,
			      struct manifest_entry *entry, struct error *err)
{
	struct span name = doc_key(reader->doc, node);
	struct text_shown shown = text_printable(name);
	const char *fault = reader_path_fault(name);

	if (fault == NULL && !reader_is_plain(name))
		fault = "is too long, or not made of printable characters without quotes and "
			"backslashes";
	if (fault == NULL && manifest_count_parts(name) > MANIFEST_PARTS_MAX)
		fault = "has more than 16 parts";
	if (fault == NULL && span_starts_with(name, MANIFEST_RESERVED))
		fault = "begins with \"" MANIFEST_RESERVED "\", as only this program's own may";
	if (fault != NULL)
		return READER_ERROR(reader, node, err, "name \"%s\" %s", shown.text, fault);
	return reader_copy(name, &entry->name, err);
}

/* An age file has no keys: all of it is one secret. */
static int manifest_check_age(const struct reader *reader, uint32_t node,
			      struct manifest_entry *entry, struct error *err)
{
	if (entry->kind != MANIFEST_SECRET)
		return READER_ERROR(
			reader, node, err,
			"\"%s\" would take values of an age file, which has none: it is "
			"one secret",
			entry->name);
	if (entry->keys.len == 0)
		return names_add(&entry->keys, SPAN_INIT, err);
	if (entry->keys.items[0][0] == '\0')
		return 0;
	return READER_ERROR(reader, node, err, "\"%s\": an age file has no keys; leave \"key\" out",
			    entry->name);
}

/* Which fields must be there. */
int manifest_check_entry(const struct reader *reader, uint32_t node,
			 const struct manifest *manifest, struct manifest_entry *entry,
			 struct error *err)
{
	const char *missing = NULL;

	if (entry->kind == MANIFEST_TEMPLATE)
		missing = entry->template.len == 0 ? "content" : NULL;
	else if (doc_find(reader->doc, node, SPAN_LITERAL("file")) == DOC_NONE)
		missing = "file";
	else if (manifest_file_is_age(manifest, entry->file))
		return manifest_check_age(reader, node, entry, err);
	else if (entry->kind == MANIFEST_SECRET && entry->keys.len == 0)
		missing = "key";
	else if (entry->kind != MANIFEST_SECRET && entry->keys.len == 0 && !entry->all_keys)
		missing = "keys";
	if (missing == NULL)
		return 0;
	return READER_ERROR(reader, node, err, "\"%s\" has no \"%s\"", entry->name, missing);
}

int manifest_read_entry(const struct reader *reader, uint32_t node, enum manifest_kind kind,
			struct manifest *manifest, struct error *err)
{
	struct manifest_entry *entry;

	if (reader_expect(reader, node, DOC_MAP,
			  kind == MANIFEST_TEMPLATE ? "a map with \"content:\" and more"
						    : "a map with \"file:\" and more",
			  err) < 0 ||
	    manifest_add_entry(manifest, &entry, err) < 0)
		return -1;
	entry->kind = kind;
	if (manifest_read_name(reader, node, entry, err) < 0)
		return -1;
	for (uint32_t field = reader_child(reader, node); field != DOC_NONE;
	     field = reader_sibling(reader, field))
		if (manifest_read_field(reader, field, manifest, entry, err) < 0)
			return -1;
	if (manifest_check_entry(reader, node, manifest, entry, err) < 0)
		return -1;
	return manifest_check_ready(reader, node, entry, err);
}
