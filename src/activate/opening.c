/* SPDX-License-Identifier: MIT */
/* The sealed files of a run, opened, and what is kept of those that cannot be. */
#include "activation.h"

#include "activate/generation.h"
#include "activate/unseal.h"
#include "activate/values.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#include <stdlib.h>
#include <string.h>

int activation_read_sealed(const struct activation *run, const char *name, struct secret *ret_text,
			   struct error *err)
{
	AUTO_FD int fd = -1;

	if (file_open_regular(run->dir_fd, name, &fd, err) < 0 ||
	    activation_check_writers(fd, true, text_printable_text(name).text, err) < 0)
		return -1;
	return file_read_fd(fd, name, DOC_TEXT_MAX, ret_text, err);
}

/*
 * Entries of a file that opened, but had no value for them. What the child says is not trusted: it
 * speaks of its own file's entries, and its error is taken as text from outside.
 */
static int opening_take_failed(struct activation *run, size_t file, struct span values,
			       struct error *err)
{
	struct value value;

	while (values_take(&values, &value)) {
		const size_t entry = value.entry & ~VALUE_FAILED;

		if ((value.entry & VALUE_FAILED) == 0 || entry >= run->manifest.len ||
		    run->manifest.entries[entry].file != file || value.bytes.len != sizeof(*err))
			continue;
		memcpy(err, value.bytes.data, sizeof(*err));
		child_clean_error(err);
		if (faults_take(&run->faults, entry, err) < 0)
			return -1;
	}
	return 0;
}

/* One at a time: each is opened by a child, which gets a copy of all that is in memory then. */
static int opening_file(struct activation *run, const struct unseal_identities *identities,
			size_t file, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	char time[UNSEAL_TIME_MAX] = "";
	const size_t before = run->values.len;

	if (activation_read_sealed(run, run->manifest.files.items[file], &text, err) < 0 ||
	    unseal_file(&run->manifest, file, identities, &text, &run->values, time, err) < 0 ||
	    activation_add_source(run, run->manifest.files.items[file], secret_span(&text), time,
				  err) < 0)
		return -1;
	return opening_take_failed(run, file,
				   span_slice(secret_span(&run->values), before, SECRET_MAX), err);
}

/* Its values stay those of the live generation, and so does what that says of it. */
static int opening_keep_source(struct activation *run, size_t file, struct error *err)
{
	const struct record_source *source;
	AUTO_FREE char *path = NULL;

	if (activation_path(run, run->manifest.files.items[file], &path, err) < 0)
		return -1;
	source = record_find(&run->live, path);
	return source == NULL ? 0 : record_copy(&run->record, source, err);
}

/* All entries of a file that does not open. */
static int opening_miss_file(struct activation *run, size_t file, struct error *err)
{
	const struct error why = *err;

	for (size_t i = 0; i < run->manifest.len; i++) {
		if (run->manifest.entries[i].file != file)
			continue;
		*err = why;
		if (run->faults.keep)
			error_wrap(err, "\"%s\"", run->manifest.entries[i].name);
		if (faults_take(&run->faults, i, err) < 0)
			return -1;
	}
	return opening_keep_source(run, file, err);
}

static int opening_files(struct activation *run, size_t *ends, struct error *err)
{
	AUTO(unseal_identities) identities = UNSEAL_IDENTITIES_INIT;

	if (unseal_identities_read(&run->manifest, run->dir_fd, &identities, &run->report->notes,
				   err) < 0)
		return -1;
	for (size_t i = 0; i < run->manifest.files.len; i++) {
		if (opening_file(run, &identities, i, err) < 0 &&
		    opening_miss_file(run, i, err) < 0)
			return -1;
		ends[i] = run->values.len;
	}
	return 0;
}

/* What is live under the entry's name, as it is; it is left out where nothing is. */
static int opening_keep_entry(struct activation *run, size_t entry, struct error *err)
{
	struct plan_file *file = &run->plan.files[entry];
	const size_t offset = run->plan.bytes.len;
	bool there = false;

	if (file->fate == PLAN_NEW && run->current != 0 && run->target.root_fd >= 0 &&
	    generation_keep(run->target.root_fd, run->current, file, &run->plan.bytes, &there,
			    err) < 0)
		return -1;
	file->fate = there ? PLAN_KEPT : PLAN_LEFT_OUT;
	if (there) {
		file->offset = offset;
		file->len = run->plan.bytes.len - offset;
		file->has_value = true;
	}
	if (names_printf(&run->report->notes, err, "%s; %s", run->faults.items[entry]->message,
			 there ? "its last good value stays" : "it is left out") < 0)
		return -1;
	return names_add(there ? &run->report->kept : &run->report->missing,
			 span_of_text(file->name), err);
}

static int opening_keep(struct activation *run, struct error *err)
{
	for (size_t i = 0; i < run->plan.len; i++)
		if (run->faults.items[i] != NULL &&
		    (run->plan.files[i].fate == PLAN_NEW ||
		     run->plan.files[i].fate == PLAN_ON_DEMAND) &&
		    opening_keep_entry(run, i, err) < 0)
			return -1;
	return 0;
}

/* Where nothing can be renewed nothing changes. */
static int opening_check_some(const struct activation *run, struct error *err)
{
	for (size_t i = 0; i < run->manifest.len; i++)
		if (run->manifest.entries[i].kind != MANIFEST_TEMPLATE &&
		    run->faults.items[i] == NULL)
			return 0;
	for (size_t i = 0; err->kind == ERROR_NONE; i++)
		if (run->faults.items[i] != NULL)
			*err = *run->faults.items[i];
	return -1;
}

/* Templates last: they are made of what was kept, too. */
static int opening_plan(struct activation *run, const struct span *values, struct error *err)
{
	if (plan_make(&run->manifest, run->owners, values, &run->faults, &run->plan, err) < 0 ||
	    opening_check_some(run, err) < 0 || opening_keep(run, err) < 0 ||
	    plan_render(&run->manifest, &run->faults, &run->plan, err) < 0)
		return -1;
	return opening_keep(run, err);
}

int activation_open(struct activation *run, struct error *err)
{
	const size_t len = run->manifest.files.len;
	AUTO_FREE size_t *ends = calloc(len, sizeof(*ends));
	AUTO_FREE struct span *values = calloc(len, sizeof(*values));

	if (ends == NULL || values == NULL)
		return error_memory(err);
	if (opening_files(run, ends, err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++) {
		size_t start = i == 0 ? 0 : ends[i - 1];

		values[i] = span_slice(secret_span(&run->values), start, ends[i] - start);
	}
	return opening_plan(run, values, err);
}
