/* SPDX-License-Identifier: MIT */
#include "activate/single.h"

#include "activate/unseal.h"
#include "activate/values.h"
#include "activation.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

/* A key of a file of the manifest's; no key: none was found. */
struct single {
	size_t file;
	const char *key;
};

void single_place_release(struct single_place *place)
{
	free(place->file);
	free(place->key);
	free(place->identity);
	names_release(&place->units);
	names_release(&place->told);
	names_release(&place->owners);
	*place = SINGLE_PLACE_INIT;
}

/* --- Which --- */

static int single_fail_several(const char *name, struct error *err)
{
	return error_set(err, ERROR_CONFIG, "the manifest has more than one value \"%s\"",
			 text_printable_text(name).text);
}

/* Several entries may deliver one value. */
static int single_take(const char *name, size_t file, const char *key, struct single *found,
		       struct error *err)
{
	if (found->key != NULL && (found->file != file || strcmp(found->key, key) != 0))
		return single_fail_several(name, err);
	*found = (struct single){ file, key };
	return 0;
}

static int single_look_at(const struct manifest_entry *entry, const char *name,
			  struct single *found, struct error *err)
{
	for (size_t i = 0; i < entry->keys.len; i++)
		if (strcmp(manifest_key_name(entry->keys.items[i]), name) == 0 &&
		    single_take(name, entry->file, entry->keys.items[i], found, err) < 0)
			return -1;
	return 0;
}

static int single_choose(const struct manifest *manifest, const char *name,
			 struct single *ret_found, struct error *err)
{
	struct single found = { MANIFEST_NO_FILE, NULL }, in_all = found;

	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];

		if (single_look_at(entry, name, &found, err) < 0 ||
		    (entry->all_keys && found.key == NULL &&
		     single_take(name, entry->file, name, &in_all, err) < 0))
			return -1;
	}
	*ret_found = found.key != NULL ? found : in_all;
	if (ret_found->key != NULL)
		return 0;
	return error_set(err, ERROR_NOT_FOUND, "the manifest has no value \"%s\"",
			 text_printable_text(name).text);
}

static bool single_delivers(const struct manifest_entry *entry, const struct single *found)
{
	if (entry->file != found->file)
		return false;
	return entry->all_keys ? strchr(found->key, '/') == NULL
			       : names_have(&entry->keys, found->key);
}

/* By which entries it comes to whom. */
static int single_find_ways(const struct manifest *manifest, const struct single *found,
			    struct single_place *place, struct error *err)
{
	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];

		if (!single_delivers(entry, found))
			continue;
		place->in_document = place->in_document || entry->kind == MANIFEST_DOCUMENT;
		place->in_file = place->in_file || entry->kind == MANIFEST_SECRET;
		if (entry->owner != NULL && names_add_once(&place->owners, entry->owner, err) < 0)
			return -1;
		if (entry->lifetime == MANIFEST_UNTIL_READY) {
			if (names_add_once(&place->units, entry->unit, err) < 0)
				return -1;
			continue;
		}
		place->in_generation = true;
		if (names_add_all(&place->told, &entry->restart, err) < 0 ||
		    names_add_all(&place->told, &entry->reload, err) < 0)
			return -1;
	}
	return 0;
}

int single_find(const char *manifest, const char *name, struct single_place *ret_place,
		struct error *err)
{
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	AUTO(activation) run = ACTIVATION_INIT(&report);
	AUTO(single_place) place = SINGLE_PLACE_INIT;
	struct single found;

	if (activation_read_manifest(&run, manifest, err) < 0 ||
	    single_choose(&run.manifest, name, &found, err) < 0 ||
	    activation_path(&run, run.manifest.files.items[found.file], &place.file, err) < 0 ||
	    activation_path(&run, run.manifest.identities.items[0], &place.identity, err) < 0 ||
	    single_find_ways(&run.manifest, &found, &place, err) < 0)
		return -1;
	place.key = strdup(found.key);
	if (place.key == NULL)
		return error_memory(err);
	*ret_place = place;
	place = SINGLE_PLACE_INIT;
	return 0;
}

/* --- Its value --- */

int activation_open_entry(struct activation *run, const struct manifest *all,
			  const struct manifest_entry *wanted, struct secret *ret_value,
			  struct error *err)
{
	struct manifest_entry entry = *wanted;
	const struct manifest one = { .entries = &entry, .len = 1, .files = all->files };
	AUTO(unseal_identities) identities = UNSEAL_IDENTITIES_INIT;
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) values = SECRET_INIT;
	char time[UNSEAL_TIME_MAX];
	struct span rest;
	struct value value;

	/* Another entry may be the one that says it. */
	entry.format = manifest_file_is_age(all, entry.file)
			       ? MANIFEST_FORMAT_AGE
			       : doc_format_name(manifest_file_format(all, entry.file));
	if (unseal_identities_read(&run->manifest, run->dir_fd, &identities, &run->report->notes,
				   err) < 0 ||
	    activation_read_sealed(run, all->files.items[entry.file], &text, err) < 0 ||
	    unseal_file(&one, entry.file, &identities, &text, &values, time, err) < 0)
		return -1;
	rest = secret_span(&values);
	while (values_take(&rest, &value))
		if (value.entry == 0)
			return secret_append_span(ret_value, value.bytes, err);
	return error_set(err, ERROR_NOT_FOUND, "the file has no such value");
}

static int single_unseal(struct activation *run, const struct single *found,
			 struct secret *ret_value, struct error *err)
{
	AUTO(names) keys = NAMES_INIT;
	struct manifest_entry entry = { .kind = MANIFEST_SECRET, .file = found->file };

	if (names_add(&keys, span_of_text(found->key), err) < 0)
		return -1;
	entry.keys = keys;
	return activation_open_entry(run, &run->manifest, &entry, ret_value, err);
}

static int single_take_copy(struct manifest *manifest, size_t file, const char *copy,
			    struct error *err)
{
	char *path = strdup(copy);

	if (path == NULL)
		return error_memory(err);
	free(manifest->files.items[file]);
	manifest->files.items[file] = path;
	return 0;
}

int single_open(const char *manifest, const char *name, const char *copy, struct secret *ret_value,
		struct names *notes, struct error *err)
{
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	AUTO(activation) run = ACTIVATION_INIT(&report);
	AUTO(secret) value = SECRET_INIT;
	struct single found;

	if (activation_read_manifest(&run, manifest, err) < 0 ||
	    single_choose(&run.manifest, name, &found, err) < 0 ||
	    (copy != NULL && single_take_copy(&run.manifest, found.file, copy, err) < 0) ||
	    single_unseal(&run, &found, &value, err) < 0)
		return -1;
	*notes = report.notes;
	report.notes = NAMES_INIT;
	*ret_value = secret_move(&value);
	return 0;
}
