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

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Who may write there may put another file in the place of the sealed one. Of a manifest's own directory it is said. */
static int opening_check_way(const struct activation *run, const char *name, struct error *err)
{
	AUTO_FREE char *way = strdup(name);
	struct stat status;

	if (way == NULL)
		return error_memory(err);
	for (char *slash = strchr(way + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		AUTO_FREE char *note = NULL;

		*slash = '\0';
		if (fstatat(run->dir_fd, way, &status, 0) == 0 && (status.st_mode & 022) != 0 &&
		    (status.st_mode & S_ISVTX) == 0) {
			if (asprintf(&note,
				     "others may write in \"%s\" (mode %04o), where sealed files "
				     "lie",
				     text_printable_text(way).text,
				     (unsigned)status.st_mode & 07777) < 0) {
				note = NULL;
				return error_memory(err);
			}
			if (names_add_once(&run->report->notes, note, err) < 0)
				return -1;
		}
		*slash = '/';
	}
	return 0;
}

int activation_read_sealed(const struct activation *run, const char *name, struct secret *ret_text,
			   struct error *err)
{
	AUTO_FD int fd = -1;

	if (file_open_regular(run->dir_fd, name, &fd, err) < 0 ||
	    activation_check_writers(fd, true, text_printable_text(name).text, err) < 0 ||
	    opening_check_way(run, name, err) < 0)
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

/* Texts of one child: above it, the file that they end with has that child for itself and those before it. */
#define OPENING_TEXTS_MAX ((size_t)1 << 20)
/*
 * So many files have a child each; of more, neighbours whose values the same ones may read share one, as it costs as
 * much as ten of them.
 */
#define OPENING_APART 16

/* The files at work: children share them out, each with a copy of all that is in memory as it starts. */
struct opening {
	struct unseal_identities identities;
	struct children children;
	struct unseal_files parts[CHILDREN_MAX]; /* what the children have, in their order */
	size_t oldest;                           /* of the parts */
	size_t started;                          /* so many of the files */
	size_t at_once, each;                    /* children, and files of a child */
};

#define OPENING_INIT                                                                               \
	((struct opening){ .identities = UNSEAL_IDENTITIES_INIT, .children = CHILDREN_INIT })

static void opening_release(struct opening *opening)
{
	children_release(&opening->children);
	unseal_identities_release(&opening->identities);
	for (size_t i = 0; i < CHILDREN_MAX; i++)
		secret_release(&opening->parts[i].texts);
	secret_free_spares();
}

static void opening_share_out(struct opening *opening, size_t files)
{
	opening->at_once = children_at_once();
	opening->each = (files + OPENING_APART - 1) / OPENING_APART;
	if (opening->each > UNSEAL_FILES_MAX)
		opening->each = UNSEAL_FILES_MAX;
}

/* Reads the files of one part from file on; those from one on that cannot be read are left to the next. */
static int opening_read(struct activation *run, const struct opening *opening, size_t file,
			struct unseal_files *part, struct error *err)
{
	struct error later = ERROR_INIT;

	part->first = file;
	part->len = 0;
	part->others = &run->values;
	while (file < run->manifest.files.len && part->len < opening->each &&
	       part->texts.len < OPENING_TEXTS_MAX &&
	       (part->len == 0 || unseal_may_share(&run->manifest, part->first, file))) {
		AUTO(secret) text = SECRET_INIT;
		struct error *told = part->len == 0 ? err : &later;

		if (activation_read_sealed(run, run->manifest.files.items[file], &text, told) < 0 ||
		    secret_append_span(&part->texts, secret_span(&text), told) < 0)
			break;
		part->ends[part->len++] = part->texts.len;
		file++;
	}
	return part->len > 0 ? 0 : -1;
}

static int opening_start(struct activation *run, struct opening *opening, size_t file,
			 struct error *err)
{
	struct unseal_files *part =
		&opening->parts[(opening->oldest + opening->children.len) % CHILDREN_MAX];

	if (opening_read(run, opening, file, part, err) == 0 &&
	    unseal_start(&run->manifest, part, &opening->identities, &opening->children, err) ==
		    0) {
		opening->started = file + part->len;
		return 0;
	}
	secret_release(&part->texts);
	return -1;
}

/* Starts the part that begins with this file, if it is not at work, and others for idle processors. */
static int opening_start_some(struct activation *run, struct opening *opening, size_t file,
			      struct error *err)
{
	/* told when it is that file's turn */
	struct error early = ERROR_INIT;

	if (opening->started <= file && opening_start(run, opening, file, err) < 0)
		return -1;
	while (opening->children.len < opening->at_once &&
	       opening->started < run->manifest.files.len)
		if (opening_start(run, opening, opening->started, &early) < 0)
			break;
	return 0;
}

/* What is to be known of one file, but its values. */
static int opening_take(struct activation *run, size_t file, struct span text, struct span values,
			const char *time, struct error *err)
{
	if (activation_add_source(run, run->manifest.files.items[file], text, time, err) < 0)
		return -1;
	return opening_take_failed(run, file, values, err);
}

static int opening_add(struct activation *run, size_t file, struct span text, struct span values,
		       const char *time, struct error *err)
{
	return secret_append_span(&run->values, values, err) < 0
		       ? -1
		       : opening_take(run, file, text, values, time, err);
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

/* A file that does not open must not take others with it: each in a child of its own. */
static int opening_alone(struct activation *run, const struct opening *opening, size_t file,
			 struct span text, struct error *err)
{
	AUTO(secret) copy = SECRET_INIT;
	const size_t before = run->values.len;
	char time[UNSEAL_TIME_MAX] = "";

	if (secret_append_span(&copy, text, err) == 0 &&
	    unseal_file(&run->manifest, file, &opening->identities, &copy, &run->values, time,
			err) == 0 &&
	    opening_take(run, file, text,
			 span_slice(secret_span(&run->values), before, run->values.len), time,
			 err) == 0)
		return 0;
	secret_truncate(&run->values, before);
	return opening_miss_file(run, file, err);
}

/* Does the answer tell of every file, and of nothing else? */
static bool opening_is_whole(const struct unseal_files *part, struct span answer)
{
	char time[UNSEAL_TIME_MAX];
	struct span values;
	size_t found = 0;

	while (unseal_take(&answer, &values, time))
		found++;
	return found == part->len && answer.len == 0;
}

/* What the oldest child says of its files. */
static int opening_finish(struct activation *run, struct opening *opening,
			  const struct unseal_files *part, size_t *ends, struct error *err)
{
	AUTO(secret) answer = SECRET_INIT;
	struct error unopened = ERROR_INIT;
	char time[UNSEAL_TIME_MAX];
	struct span rest = SPAN_INIT, values;

	if (children_next(&opening->children, &answer, &unopened) < 0 && part->len == 1) {
		*err = unopened;
		error_wrap(err, "cannot open \"%s\"", run->manifest.files.items[part->first]);
		ends[part->first] = run->values.len;
		return opening_miss_file(run, part->first, err);
	}
	if (!opening_is_whole(part, secret_span(&answer)))
		secret_release(&answer);
	rest = secret_span(&answer);
	for (size_t i = 0; i < part->len; i++) {
		const size_t file = part->first + i;
		const struct span text = unseal_files_text(part, i);

		if ((unseal_take(&rest, &values, time)
			     ? opening_add(run, file, text, values, time, err)
			     : opening_alone(run, opening, file, text, err)) < 0)
			return -1;
		ends[file] = run->values.len;
	}
	return 0;
}

static int opening_part(struct activation *run, struct opening *opening, size_t *ends, size_t *file,
			struct error *err)
{
	struct unseal_files *part = &opening->parts[opening->oldest];
	int result;

	if (opening_start_some(run, opening, *file, err) < 0) {
		if (opening_miss_file(run, *file, err) < 0)
			return -1;
		ends[(*file)++] = run->values.len;
		return 0;
	}
	opening->oldest = (opening->oldest + 1) % CHILDREN_MAX;
	result = opening_finish(run, opening, part, ends, err);
	*file += part->len;
	secret_release(&part->texts);
	return result;
}

static int opening_files(struct activation *run, size_t *ends, struct error *err)
{
	AUTO(opening) opening = OPENING_INIT;
	size_t file = 0;

	if (unseal_identities_read(&run->manifest, run->dir_fd, &opening.identities,
				   &run->report->notes, err) < 0)
		return -1;
	opening_share_out(&opening, run->manifest.files.len);
	secret_keep_spares();
	while (file < run->manifest.files.len)
		if (opening_part(run, &opening, ends, &file, err) < 0)
			return -1;
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
