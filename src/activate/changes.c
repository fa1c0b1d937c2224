/* SPDX-License-Identifier: MIT */
#include "activate/changes.h"

#include "activate/generation.h"
#include "util/text.h"

static int changes_add_files(const struct changes *changes, struct activate_report *report,
			     struct error *err)
{
	bool live = changes->root_fd >= 0;

	for (size_t i = 0; i < changes->plan->len; i++) {
		const struct manifest_entry *entry = &changes->manifest->entries[i];
		enum generation_state state = GENERATION_NEW;

		if (changes->plan->files[i].fate != PLAN_NEW)
			continue;
		if (live && generation_compare(changes->root_fd, changes->current, changes->plan, i,
					       &state, err) < 0)
			return -1;
		if (state == GENERATION_SAME)
			continue;
		if (names_add(state == GENERATION_NEW ? &report->added : &report->changed,
			      span_of_text(entry->name), err) < 0 ||
		    (live && units_add(&report->units, &entry->restart, &entry->reload, err) < 0))
			return -1;
	}
	return 0;
}

/* A sealed file that is older than the one opened before may be one that was put back. */
static int changes_add_older(const struct changes *changes, struct activate_report *report,
			     struct error *err)
{
	for (size_t i = 0; i < changes->record->len; i++) {
		const struct record_source *source = &changes->record->sources[i];

		if (record_is_older(source) &&
		    names_printf(&report->notes, err,
				 "\"%s\" is older than what was opened before: of %s, and that was "
				 "of %s",
				 text_printable_text(source->path).text,
				 text_printable_text(source->time).text,
				 text_printable_text(source->newest).text) < 0)
			return -1;
	}
	return 0;
}

static int changes_add_removed(const struct changes *changes, struct activate_report *report,
			       struct error *err)
{
	const struct record *old = changes->live;

	for (size_t i = 0; i < old->files_len; i++)
		if (record_find_file(changes->record, old->files[i].name) == NULL &&
		    names_add(&report->removed, span_of_text(old->files[i].name), err) < 0)
			return -1;
	return 0;
}

static bool changes_know_unit(const struct manifest *manifest, const char *unit)
{
	for (size_t i = 0; i < manifest->len; i++)
		if (names_have(&manifest->entries[i].restart, unit) ||
		    names_have(&manifest->entries[i].reload, unit))
			return true;
	return false;
}

static int changes_add_known(const struct manifest *manifest, const struct names *pending,
			     struct names *units, struct error *err)
{
	for (size_t i = 0; i < pending->len; i++)
		if (changes_know_unit(manifest, pending->items[i]) &&
		    names_add_once(units, pending->items[i], err) < 0)
			return -1;
	return 0;
}

/* Units that a killed run did not come to tell, as far as the manifest still names them. */
static int changes_add_pending(const struct changes *changes, struct activate_report *report,
			       struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(units) pending = UNITS_INIT;

	if (generation_read(changes->root_fd, changes->current, GENERATION_UNITS, RECORD_MAX, &text,
			    err) < 0 ||
	    units_parse(secret_span(&text), &pending, err) < 0 ||
	    changes_add_known(changes->manifest, &pending.restart, &report->units.restart, err) < 0)
		return -1;
	return changes_add_known(changes->manifest, &pending.reload, &report->units.reload, err);
}

int changes_find(const struct changes *changes, struct activate_report *report, struct error *err)
{
	if (changes_add_files(changes, report, err) < 0)
		return -1;
	if (changes->root_fd < 0)
		return 0;
	if (changes_add_pending(changes, report, err) < 0 ||
	    changes_add_removed(changes, report, err) < 0)
		return -1;
	return changes_add_older(changes, report, err);
}
