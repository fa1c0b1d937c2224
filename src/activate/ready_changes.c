/* SPDX-License-Identifier: MIT */
/* What a plain activation does for values that are published on demand: it tells their units of changes. */
#include "ready.h"

#include <string.h>
#include <unistd.h>

#include "util/text.h"

static const struct manifest_entry *ready_entry(const struct manifest *manifest,
						const struct ready_document *document)
{
	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];

		if (entry->lifetime == MANIFEST_UNTIL_READY &&
		    strcmp(entry->name, document->name) == 0 &&
		    strcmp(entry->unit, document->unit) == 0)
			return entry;
	}
	return NULL;
}

/* Those of the record that the manifest does not have, or not for that unit. */
static int ready_find_gone(struct activation *run, struct error *err)
{
	for (size_t i = run->ready.len; i-- > 0;) {
		const struct ready_document *document = &run->ready.items[i];
		const struct span name = span_of_text(document->name);

		if (ready_entry(&run->manifest, document) != NULL)
			continue;
		if (names_add(&run->ready_gone, name, err) < 0 ||
		    names_add(&run->report->removed, name, err) < 0)
			return -1;
		ready_record_drop(&run->ready, i);
	}
	return 0;
}

static int ready_compare_entry(struct activation *run, size_t number, struct error *err)
{
	const struct manifest_entry *entry = &run->manifest.entries[number];
	const struct plan_file *file = &run->plan.files[number];
	const struct ready_document *known = ready_record_find(&run->ready, entry->name);
	struct activate_report *report = run->report;
	struct ready_digest digest;

	if (ready_record_digest(&run->ready, file->owner, file->mode,
				plan_bytes(&run->plan, number), &digest, err) < 0)
		return -1;
	if (known != NULL && secret_equal(&known->digest, &digest, sizeof(digest)))
		return 0;
	/* At boot there is no record: whom that knows runs already, though nothing was activated yet. */
	if (names_add(known == NULL ? &report->added : &report->changed, span_of_text(entry->name),
		      err) < 0 ||
	    ((known != NULL || !report->first) &&
	     units_add(&report->units, &entry->restart, &entry->reload, err) < 0))
		return -1;
	return ready_record_put(&run->ready, entry->name, entry->unit, &digest, err);
}

/* A place that cannot be looked at matters only to who would publish something there. */
static int ready_find_place(struct activation *run, struct error *err)
{
	bool there;

	if (ready_open(run->manifest.directory, &run->ready_target, err) < 0 ||
	    ready_check_ours(&run->ready_target, err) < 0)
		return -1;
	if (ready_load(&run->ready_target, &run->ready, &there, err) == 0)
		return 0;
	if (err->kind != ERROR_FORMAT)
		return -1;
	error_clear(err);
	ready_record_begin(&run->ready);
	return names_printf(&run->report->notes, err,
			    "the record in \"%s\" is damaged, so that what has changed in it is "
			    "not known",
			    run->ready_target.root);
}

int ready_compare(struct activation *run, struct error *err)
{
	const bool wanted = manifest_has_ready(&run->manifest);
	struct error ignored = ERROR_INIT;

	if (wanted && geteuid() != 0) {
		error_set(err, ERROR_UNSUPPORTED,
			  "lifetime \"until-ready\": only root can withdraw what it has published");
		return error_hint(err, "use a system unit with User=");
	}
	if (ready_find_place(run, wanted ? err : &ignored) < 0)
		return wanted ? -1 : 0;
	if (ready_find_gone(run, err) < 0)
		return -1;
	for (size_t i = 0; i < run->plan.len; i++)
		if (run->plan.files[i].fate == PLAN_ON_DEMAND &&
		    ready_compare_entry(run, i, err) < 0)
			return -1;
	return 0;
}

/* The place itself stays as long as the manifest has anything for it. */
int ready_note(struct activation *run, struct error *err)
{
	AUTO(ready_record) old = READY_RECORD_INIT;

	if (!manifest_has_ready(&run->manifest))
		return run->ready_gone.len > 0 ? ready_remove(&run->ready_target, err) : 0;
	if (ready_prepare(&run->ready_target, &old, &run->report->notes, err) < 0)
		return -1;
	for (size_t i = 0; i < run->ready_gone.len; i++)
		if (ready_remove_document(run->ready_target.root_fd, run->ready_gone.items[i], NULL,
					  err) < 0)
			return -1;
	return ready_store(&run->ready_target, &run->ready, err);
}
