/* SPDX-License-Identifier: MIT */
/*
 * The half of activate/manifest.h that every parser of manifests builds with.
 */
#include "activate/manifest.h"

#include "internal.h"

#include <stdlib.h>

static int manifest_reserve_entry(struct manifest *manifest, struct error *err)
{
	size_t cap = manifest->cap == 0 ? 16 : manifest->cap * 2;
	struct manifest_entry *entries;

	if (manifest->len < manifest->cap)
		return 0;
	entries = realloc(manifest->entries, cap * sizeof(*entries));
	if (entries == NULL)
		return error_memory(err);
	manifest->entries = entries;
	manifest->cap = cap;
	return 0;
}

int manifest_add_entry(struct manifest *manifest, struct manifest_entry **ret_entry,
		       struct error *err)
{
	if (manifest->len == MANIFEST_ENTRIES_MAX)
		return error_set(err, ERROR_LIMIT, "a manifest of more than %d names",
				 MANIFEST_ENTRIES_MAX);
	if (manifest_reserve_entry(manifest, err) < 0)
		return -1;
	*ret_entry = &manifest->entries[manifest->len++];
	**ret_entry = (struct manifest_entry){ .mode = 0400, .file = MANIFEST_NO_FILE };
	return 0;
}

int manifest_add_file(struct manifest *manifest, struct span path, size_t *ret_file,
		      struct error *err)
{
	size_t file = 0;

	while (file < manifest->files.len && !span_equal_text(path, manifest->files.items[file]))
		file++;
	if (file == manifest->files.len && names_add(&manifest->files, path, err) < 0)
		return -1;
	*ret_file = file;
	return 0;
}

int manifest_add_part(struct manifest_template *template, const struct manifest_part *part,
		      struct error *err)
{
	size_t cap = template->cap == 0 ? 8 : template->cap * 2;
	struct manifest_part *parts;

	if (template->len == template->cap) {
		parts = realloc(template->parts, cap * sizeof(*parts));
		if (parts == NULL)
			return error_memory(err);
		template->parts = parts;
		template->cap = cap;
	}
	template->parts[template->len++] = *part;
	return 0;
}

void manifest_entry_release(struct manifest_entry *entry)
{
	free(entry->name);
	free(entry->link);
	free(entry->owner);
	free(entry->unit);
	free(entry->group);
	names_release(&entry->keys);
	names_release(&entry->restart);
	names_release(&entry->reload);
	free(entry->template.parts);
}

void manifest_release(struct manifest *manifest)
{
	for (size_t i = 0; i < manifest->len; i++)
		manifest_entry_release(&manifest->entries[i]);
	free(manifest->entries);
	free(manifest->directory);
	free(manifest->root);
	free(manifest->gnupg_home);
	names_release(&manifest->identities);
	names_release(&manifest->ssh_keys);
	names_release(&manifest->gpg_ssh_keys);
	names_release(&manifest->files);
	secret_release(&manifest->texts);
	if (manifest->credentials != NULL)
		manifest_release(manifest->credentials);
	free(manifest->credentials);
	*manifest = MANIFEST_INIT;
}
