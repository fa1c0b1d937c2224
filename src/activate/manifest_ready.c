/* SPDX-License-Identifier: MIT */
/*
 * What a manifest says of values that are published for a unit alone, and withdrawn when that is ready
 * ("lifetime: until-ready").
 */
#include "internal.h"

#include <string.h>

int manifest_read_lifetime(const struct reader *reader, uint32_t node, struct manifest_entry *entry,
			   struct error *err)
{
	struct span text = SPAN_INIT;

	if (reader->doc->nodes[node].kind == DOC_SCALAR)
		text = doc_value(reader->doc, node);
	if (span_equal_text(text, "until-ready"))
		entry->lifetime = MANIFEST_UNTIL_READY;
	else if (!span_equal_text(text, "boot"))
		return READER_ERROR(reader, node, err, "lifetime must be boot or until-ready");
	return 0;
}

/* A service: another unit has no main process that could become ready. */
int manifest_read_ready_unit(const struct reader *reader, uint32_t node,
			     struct manifest_entry *entry, struct error *err)
{
	struct span text;

	if (reader_string(reader, node, "\"unit\"", &text, err) < 0 ||
	    manifest_check_unit(reader, node, text, err) < 0)
		return -1;
	if (!span_ends_with(text, ".service"))
		return READER_ERROR(reader, node, err, "unit \"%.*s\" is no service",
				    SPAN_PRINT(text));
	/* systemd starts no such unit, but instances of it. */
	if (span_ends_with(text, "@.service"))
		return READER_ERROR(reader, node, err,
				    "unit \"%.*s\" is a template: name an instance",
				    SPAN_PRINT(text));
	return reader_copy(text, &entry->unit, err);
}

/* Whoever names no other is told by a restart, which publishes anew. */
static int manifest_tell_unit(struct manifest_entry *entry, struct error *err)
{
	if (entry->restart.len > 0 || entry->reload.len > 0)
		return 0;
	return names_add(&entry->restart, span_of_text(entry->unit), err);
}

int manifest_check_ready(const struct reader *reader, uint32_t node, struct manifest_entry *entry,
			 struct error *err)
{
	if (entry->lifetime == MANIFEST_BOOT && entry->unit != NULL)
		return READER_ERROR(reader, node, err,
				    "\"%s\" is for the whole boot: \"unit\" needs "
				    "\"lifetime: until-ready\"",
				    entry->name);
	if (entry->lifetime == MANIFEST_BOOT)
		return 0;
	if (entry->unit == NULL)
		return READER_ERROR(reader, node, err,
				    "\"%s\" has no \"unit\": the service that it is published for",
				    entry->name);
	if (entry->link != NULL)
		return READER_ERROR(
			reader, node, err,
			"\"%s\" is withdrawn when its unit is ready: it has no \"link\"",
			entry->name);
	if ((entry->mode & 077) != 0)
		return READER_ERROR(reader, node, err,
				    "mode of \"%s\" must leave group and others nothing: it is for "
				    "its owner alone",
				    entry->name);
	return manifest_tell_unit(entry, err);
}

bool manifest_has_ready(const struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->len; i++)
		if (manifest->entries[i].lifetime == MANIFEST_UNTIL_READY)
			return true;
	return false;
}

static bool manifest_is_for(const struct manifest_entry *entry, const char *unit)
{
	return entry->lifetime == MANIFEST_UNTIL_READY && strcmp(entry->unit, unit) == 0;
}

/* Another entry may be the one that says the format, and goes. */
static void manifest_keep_formats(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->len; i++)
		if (manifest->entries[i].lifetime == MANIFEST_UNTIL_READY)
			manifest->entries[i].format =
				manifest_format_name(manifest, manifest->entries[i].file);
}

int manifest_narrow(struct manifest *manifest, const char *unit, struct error *err)
{
	struct names files = manifest->files;
	size_t left = 0;
	int result = 0;

	manifest_keep_formats(manifest);
	manifest->files = NAMES_INIT;
	for (size_t i = 0; i < manifest->len; i++) {
		struct manifest_entry *entry = &manifest->entries[i];

		if (!manifest_is_for(entry, unit)) {
			manifest_entry_release(entry);
			continue;
		}
		entry->lifetime = MANIFEST_BOOT;
		if (result == 0)
			result = manifest_add_file(manifest, span_of_text(files.items[entry->file]),
						   &entry->file, err);
		manifest->entries[left++] = *entry;
	}
	manifest->len = left;
	names_release(&files);
	if (result == 0 && left == 0) {
		error_set(err, ERROR_NOT_FOUND, "the manifest has nothing to publish for \"%s\"",
			  text_printable_text(unit).text);
		return error_hint(err, "give it \"lifetime: until-ready\" and that \"unit\"");
	}
	return result;
}
