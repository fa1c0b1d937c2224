/* SPDX-License-Identifier: MIT */
/*
 * The manifest's "credentials": which unit may have which credential. They are read into a manifest of
 * their own, of secrets named UNIT/NAME, because they are part of no generation.
 */
#include "internal.h"

#include <stdlib.h>
#include <string.h>

/* What systemd's LoadCredential= takes as a name, and systemd.unit(5) lets have credentials. */
static int manifest_check_credential(const struct reader *reader, uint32_t unit, uint32_t node,
				     struct error *err)
{
	struct span name = doc_key(reader->doc, node);

	if (reader_is_plain(name) && !span_equal_text(name, ".") && !span_equal_text(name, "..") &&
	    memchr(name.data, '/', name.len) == NULL && memchr(name.data, ':', name.len) == NULL &&
	    name.len + doc_key(reader->doc, unit).len <= MANIFEST_CREDENTIAL_MAX)
		return 0;
	return READER_ERROR(reader, node, err,
			    "\"%s\" cannot name a credential: printable characters but \"/\" and "
			    "\":\", with the unit's name at most %d",
			    text_printable(name).text, MANIFEST_CREDENTIAL_MAX);
}

static int manifest_check_credential_unit(const struct reader *reader, uint32_t node,
					  struct error *err)
{
	struct span unit = doc_key(reader->doc, node);

	if (unit.len > 0 && manifest_check_unit(reader, node, unit, err) < 0)
		return -1;
	if (span_ends_with(unit, ".service") || span_ends_with(unit, ".socket") ||
	    span_ends_with(unit, ".mount"))
		return 0;
	return READER_ERROR(reader, node, err,
			    "\"%s\" has no credentials: services, sockets and mounts have",
			    text_printable(unit).text);
}

static int manifest_name_credential(struct span unit, struct span name, char **ret_name,
				    struct error *err)
{
	char *text = malloc(unit.len + name.len + sizeof("/"));

	if (text == NULL)
		return error_memory(err);
	memcpy(text, unit.data, unit.len);
	text[unit.len] = '/';
	memcpy(text + unit.len + 1, name.data, name.len);
	text[unit.len + 1 + name.len] = '\0';
	*ret_name = text;
	return 0;
}

static int manifest_read_credential(const struct reader *reader, uint32_t unit, uint32_t node,
				    struct manifest *credentials, struct error *err)
{
	struct manifest_entry *entry;

	if (reader_expect(reader, node, DOC_MAP, "a map with \"file:\" and more", err) < 0 ||
	    manifest_check_credential(reader, unit, node, err) < 0 ||
	    manifest_add_entry(credentials, &entry, err) < 0 ||
	    manifest_name_credential(doc_key(reader->doc, unit), doc_key(reader->doc, node),
				     &entry->name, err) < 0)
		return -1;
	for (uint32_t field = reader_child(reader, node); field != DOC_NONE;
	     field = reader_sibling(reader, field))
		if (manifest_read_source(reader, field, credentials, entry, err) < 0)
			return -1;
	return manifest_check_entry(reader, node, credentials, entry, err);
}

static int manifest_read_unit(const struct reader *reader, uint32_t unit,
			      struct manifest *credentials, struct error *err)
{
	if (manifest_check_credential_unit(reader, unit, err) < 0 ||
	    reader_expect(reader, unit, DOC_MAP, "a map of credentials", err) < 0)
		return -1;
	for (uint32_t node = reader_child(reader, unit); node != DOC_NONE;
	     node = reader_sibling(reader, node))
		if (manifest_read_credential(reader, unit, node, credentials, err) < 0)
			return -1;
	return 0;
}

int manifest_read_credentials(const struct reader *reader, uint32_t node, struct manifest *manifest,
			      struct error *err)
{
	if (reader_expect(reader, node, DOC_MAP, "a map of units", err) < 0)
		return -1;
	manifest->credentials = malloc(sizeof(*manifest->credentials));
	if (manifest->credentials == NULL)
		return error_memory(err);
	*manifest->credentials = MANIFEST_INIT;
	for (uint32_t unit = reader_child(reader, node); unit != DOC_NONE;
	     unit = reader_sibling(reader, unit))
		if (manifest_read_unit(reader, unit, manifest->credentials, err) < 0)
			return -1;
	return manifest_check_entries(manifest->credentials, err) < 0
		       ? reader_place(reader, node, err)
		       : 0;
}
