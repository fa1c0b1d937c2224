/* SPDX-License-Identifier: MIT */
#include "activate/activate.h"
#include "activate/ancestors.h"

#include "activate/changes.h"
#include "activate/generation.h"
#include "activate/plan.h"
#include "activate/unseal.h"
#include "doc/doc.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One run, from the manifest to the switch. */
struct activation {
	int dir_fd; /* the manifest's directory */
	char *base; /* its absolute path */
	struct manifest manifest;
	struct owner *owners; /* one an entry */
	struct secret values; /* what the sealed files gave, one after the other */
	struct record record;
	struct plan plan;
	struct target target;
	uint64_t current;    /* the live generation; 0: none */
	struct secret units; /* for GENERATION_UNITS */
	struct activate_report *report;
};

static void activation_release(struct activation *run)
{
	secret_release(&run->values);
	free(run->owners);
	free(run->base);
	file_close_pointer(&run->dir_fd);
	manifest_release(&run->manifest);
	record_release(&run->record);
	plan_release(&run->plan);
	target_release(&run->target);
	secret_release(&run->units);
}

#define ACTIVATION_INIT(told)                                                                      \
	((struct activation){ .dir_fd = -1,                                                        \
			      .manifest = MANIFEST_INIT,                                           \
			      .target = TARGET_INIT,                                               \
			      .report = (told) })

void activate_report_release(struct activate_report *report)
{
	free(report->directory);
	names_release(&report->added);
	names_release(&report->changed);
	names_release(&report->removed);
	names_release(&report->notes);
	units_release(&report->units);
	*report = ACTIVATE_REPORT_INIT;
}

/* --- The manifest and what it names --- */

/*
 * The manifest decides what root writes where: who else could write it would be root. Of a sealed file, sealing takes
 * no secret: who else could write it would choose the values. In a user namespace, where the manifest is the caller's,
 * such a file may be the host's root's.
 */
static int activate_check_writers(int fd, bool is_sealed, const char *path, struct error *err)
{
	const char *what = is_sealed ? "sealed file" : "manifest";
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at the %s \"%s\"", what, path);
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERROR_SYSTEM, "%s \"%s\" is no regular file", what, path);
	if (status.st_uid != 0 && status.st_uid != geteuid() &&
	    !(is_sealed && ancestors_is_unmapped(status.st_uid))) {
		error_set(err, ERROR_DENIED, "%s \"%s\" belongs to uid %u, not to root or you",
			  what, path, (unsigned)status.st_uid);
		return error_hint(err, "run \"chown root\" on it if you trust its content");
	}
	if ((status.st_mode & 022) != 0) {
		error_set(err, ERROR_DENIED, "others may write the %s \"%s\" (mode %04o)", what,
			  path, (unsigned)status.st_mode & 07777);
		return error_hint(err, "run \"chmod go-w\" on it if you trust its content");
	}
	return 0;
}

/* The absolute path of a file in the manifest's directory, for the record. */
static int activate_path(const struct activation *run, const char *name, char **ret_path,
			 struct error *err)
{
	size_t len = strlen(run->base) + strlen(name) + 2;
	char *path = malloc(len);

	if (path == NULL)
		return error_memory(err);
	snprintf(path, len, "%s/%s", run->base, name);
	*ret_path = path;
	return 0;
}

/* Who may write there may put another file in the place of a sealed one: an older one, say. */
static int activate_check_base(struct activation *run, struct error *err)
{
	struct stat status;

	if (fstat(run->dir_fd, &status) < 0)
		return error_sys(err, "cannot look at the manifest's directory");
	if ((status.st_mode & 022) == 0)
		return 0;
	return names_printf(&run->report->notes, err,
			    "others may write in the manifest's directory \"%s\" (mode %04o)",
			    text_printable_text(run->base).text, (unsigned)status.st_mode & 07777);
}

static int activate_open_base(struct activation *run, const char *path, const char *name,
			      struct error *err)
{
	AUTO_FREE char *directory =
		name == path ? strdup("./") : strndup(path, (size_t)(name - path));

	if (directory == NULL)
		return error_memory(err);
	run->base = realpath(directory, NULL);
	if (run->base == NULL)
		return error_sys(err, "cannot find the directory \"%s\"",
				 text_printable_text(directory).text);
	return activate_check_base(run, err);
}

static int activate_add_source(struct activation *run, const char *name, struct span content,
			       struct error *err)
{
	AUTO_FREE char *path = NULL;

	if (activate_path(run, name, &path, err) < 0)
		return -1;
	return record_add(&run->record, path, content, err);
}

static int activate_read_manifest(struct activation *run, const char *path, struct error *err)
{
	struct text_shown shown = text_printable_text(path);
	AUTO(secret) text = SECRET_INIT;
	AUTO_FD int fd = -1;
	const char *name;
	bool missing;

	if (file_open_parent(AT_FDCWD, path, &run->dir_fd, &name, err) < 0 ||
	    activate_open_base(run, path, name, err) < 0)
		return -1;
	/* Neither a FIFO nor a terminal may hold up the boot. */
	fd = openat(run->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		missing = errno == ENOENT;
		error_sys(err, "cannot open the manifest \"%s\"", shown.text);
		err->kind = missing ? ERROR_NO_FILE : err->kind;
		return -1;
	}
	if (activate_check_writers(fd, false, shown.text, err) < 0 ||
	    file_read_fd(fd, path, MANIFEST_MAX, &text, err) < 0 ||
	    activate_add_source(run, name, secret_span(&text), err) < 0)
		return -1;
	return manifest_parse(&text, path, &run->manifest, err);
}

/* Only a check may go on without an owner: it is made where the operator is, too. */
static int activate_find_owners(struct activation *run, bool check, struct error *err)
{
	run->owners = calloc(run->manifest.len, sizeof(*run->owners));
	if (run->owners == NULL)
		return error_memory(err);
	for (size_t i = 0; i < run->manifest.len; i++) {
		const struct manifest_entry *entry = &run->manifest.entries[i];

		if (owner_find(entry->owner, entry->group, &run->owners[i], err) == 0)
			continue;
		if (!check || err->kind != ERROR_CONFIG)
			return error_wrap(err, "\"%s\"", entry->name);
		if (names_printf(&run->report->notes, err, "\"%s\": %s on this machine",
				 entry->name, err->message) < 0)
			return -1;
		error_clear(err);
	}
	return 0;
}

/* What a manifest is made of, checked before anything is opened. */
static int activate_begin(struct activation *run, const char *path, bool check, struct error *err)
{
	record_begin(&run->record);
	if (activate_read_manifest(run, path, err) < 0 || activate_find_owners(run, check, err) < 0)
		return -1;
	run->report->files = run->manifest.len;
	run->report->directory = strdup(run->manifest.directory);
	return run->report->directory == NULL ? error_memory(err) : 0;
}

/* Of the record's sources the first is the manifest. */
static int activate_read_sealed(struct activation *run, size_t file, struct secret *ret_text,
				struct error *err)
{
	const char *name = run->manifest.files.items[file];
	AUTO_FD int fd = -1;

	if (file_open_regular(run->dir_fd, name, &fd, err) < 0 ||
	    activate_check_writers(fd, true, text_printable_text(name).text, err) < 0 ||
	    file_read_fd(fd, name, DOC_TEXT_MAX, ret_text, err) < 0)
		return -1;
	return activate_add_source(run, name, secret_span(ret_text), err);
}

/* One at a time: each is opened by a child, which gets a copy of all that is in memory then. */
static int activate_open_one(struct activation *run, const struct unseal_identities *identities,
			     size_t file, size_t *ret_end, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (activate_read_sealed(run, file, &text, err) < 0 ||
	    unseal_file(&run->manifest, file, identities, &text, &run->values,
			run->record.sources[file + 1].time, err) < 0)
		return -1;
	*ret_end = run->values.len;
	return 0;
}

static int activate_open_all(struct activation *run, size_t *ends, struct error *err)
{
	AUTO(unseal_identities) identities = UNSEAL_IDENTITIES_INIT;

	if (unseal_identities_read(&run->manifest, run->dir_fd, &identities, &run->report->notes,
				   err) < 0)
		return -1;
	for (size_t i = 0; i < run->manifest.files.len; i++)
		if (activate_open_one(run, &identities, i, &ends[i], err) < 0)
			return -1;
	return 0;
}

/* The plan, of what all sealed files give. */
static int activate_open_sealed(struct activation *run, struct error *err)
{
	const size_t len = run->manifest.files.len;
	AUTO_FREE size_t *ends = calloc(len, sizeof(*ends));
	AUTO_FREE struct span *values = calloc(len, sizeof(*values));

	if (ends == NULL || values == NULL)
		return error_memory(err);
	if (activate_open_all(run, ends, err) < 0)
		return -1;
	for (size_t i = 0; i < len; i++)
		values[i] =
			span_slice(secret_span(&run->values), i == 0 ? 0 : ends[i - 1], ends[i]);
	return plan_make(&run->manifest, run->owners, values, &run->plan, err);
}

/* --- What changes --- */

/* Only root gives files away: others make them their own, and say so. */
static int activate_own_files(struct activation *run, struct error *err)
{
	struct owner self = { geteuid(), getegid() };
	size_t count = 0;

	if (self.uid == 0)
		return 0;
	for (size_t i = 0; i < run->plan.len; i++) {
		struct owner *owner = &run->plan.files[i].owner;

		count += owner->uid != self.uid || owner->gid != self.gid;
		*owner = self;
	}
	if (count == 0)
		return 0;
	return names_printf(&run->report->notes, err,
			    "not root: %zu of %zu files belong to you, not to the owner named",
			    count, run->plan.len);
}

static int activate_record_files(struct activation *run, struct error *err)
{
	for (size_t i = 0; i < run->plan.len; i++)
		if (names_add(&run->record.files, span_of_text(run->plan.files[i].name), err) < 0)
			return -1;
	return 0;
}

/* Opens everything, and finds out how it differs from what is live. */
static int activate_prepare(struct activation *run, struct error *err)
{
	if (target_current(&run->target, &run->current, err) < 0 ||
	    activate_open_sealed(run, err) < 0 || activate_own_files(run, err) < 0 ||
	    activate_record_files(run, err) < 0)
		return -1;
	run->report->first =
		run->target.root_fd < 0 || !generation_exists(run->target.root_fd, run->current);
	if (changes_find(&(struct changes){ run->report->first ? -1 : run->target.root_fd,
					    run->current, &run->manifest, &run->plan,
					    &run->record },
			 run->report, err) < 0)
		return -1;
	return units_format(&run->report->units, &run->units, err);
}

/* --- The new generation --- */

static int activate_build_job(void *argument, struct secret *ret_answer UNUSED, struct error *err)
{
	return generation_build(argument, err);
}

static int activate_build(struct activation *run, struct error *err)
{
	AUTO(secret) record = SECRET_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct generation_new new = { .root_fd = run->target.root_fd,
				      .current = run->current,
				      .number = run->current + 1,
				      .plan = &run->plan,
				      .units = secret_span(&run->units) };

	if (record_format(&run->record, &record, err) < 0)
		return -1;
	new.record = secret_span(&record);
	/* Of all the host's files, only what lies below root_fd can be written there. */
	if (child_job_edit(activate_build_job, &new, &new.root_fd, 1, &answer, err) < 0)
		return error_wrap(err, "\"%s\"", run->target.root);
	return 0;
}

/* What a failed switch leaves is not for its readers. */
static int activate_switch(struct activation *run, uint64_t number, struct error *err)
{
	struct error ignored = ERROR_INIT;

	if (generation_publish(run->target.root_fd, number, err) == 0 &&
	    target_switch(&run->target, number, err) == 0)
		return 0;
	(void)!generation_remove(run->target.root_fd, number, &ignored);
	return -1;
}

/* Builds, switches, prunes. Behind the switch nothing is an error any more. */
static int activate_install(struct activation *run, struct error *err)
{
	uint64_t number = run->current + 1;
	struct error late = ERROR_INIT;

	if (target_prepare(&run->target, &run->report->notes, err) < 0 ||
	    activate_build(run, err) < 0 || activate_switch(run, number, err) < 0)
		return -1;
	run->report->generation = number;
	if (generation_prune(run->target.root_fd, number, run->manifest.keep, &late) == 0)
		return 0;
	/* A note that cannot be made either is not worth an error. */
	(void)!names_printf(&run->report->notes, &late, "older generations: %s", late.message);
	return 0;
}

static int activate_locked(struct activation *run, struct error *err)
{
	AUTO(lock) lock = LOCK_INIT;
	AUTO(target) found = TARGET_INIT;
	struct error ignored = ERROR_INIT;
	if (target_lock(&run->target, &lock, err) < 0)
		return -1;
	/* What was seen before the lock was ours may have changed. */
	if (target_open(run->manifest.directory, run->manifest.root, &found, err) < 0)
		return -1;
	target_release(&run->target);
	run->target = found;
	found = TARGET_INIT;
	if (activate_prepare(run, err) == 0 && activate_install(run, err) == 0)
		return 0;
	/* Where there was nothing, nothing is left: no mount, and not the lock file either. */
	if (run->current == 0 && target_remove(&run->target, &ignored) < 0)
		(void)!target_unlock(&run->target, &ignored);
	return -1;
}

/* After the lock is dropped: a unit's own start may wait for another activation. */
static int activate_tell(struct activation *run, struct error *err)
{
	const uint64_t number = run->report->generation;
	struct error ignored = ERROR_INIT;
	bool all_heard = true;
	AUTO_FD int pending_fd =
		run->units.len == 0
			? -1
			: generation_open_own(run->target.root_fd, number, GENERATION_UNITS);
	int result =
		units_tell(&run->report->units, pending_fd, &all_heard, &run->report->notes, err);

	if (run->units.len > 0 && all_heard)
		(void)!generation_forget(run->target.root_fd, number, GENERATION_UNITS, &ignored);
	return result;
}

int activate_run(const char *manifest, struct activate_report *report, struct error *err)
{
	AUTO(activation) run = ACTIVATION_INIT(report);

	if (activate_begin(&run, manifest, false, err) < 0 ||
	    target_open(run.manifest.directory, run.manifest.root, &run.target, err) < 0 ||
	    activate_locked(&run, err) < 0)
		return -1;
	return activate_tell(&run, err);
}

int activate_dry_run(const char *manifest, struct activate_report *report, struct error *err)
{
	AUTO(activation) run = ACTIVATION_INIT(report);

	if (activate_begin(&run, manifest, false, err) < 0 ||
	    target_open(run.manifest.directory, run.manifest.root, &run.target, err) < 0)
		return -1;
	return activate_prepare(&run, err);
}

int activate_check(const char *manifest, struct activate_report *report, struct error *err)
{
	AUTO(activation) run = ACTIVATION_INIT(report);

	if (activate_begin(&run, manifest, true, err) < 0)
		return -1;
	for (size_t i = 0; i < run.manifest.files.len; i++) {
		AUTO(secret) text = SECRET_INIT;

		if (activate_read_sealed(&run, i, &text, err) < 0 ||
		    unseal_check(&run.manifest, i, &text, err) < 0)
			return -1;
	}
	return 0;
}

int activate_directory(const char *manifest, char **ret_directory, struct error *err)
{
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	AUTO(activation) run = ACTIVATION_INIT(&report);

	if (activate_read_manifest(&run, manifest, err) < 0)
		return -1;
	*ret_directory = run.manifest.directory;
	run.manifest.directory = NULL;
	return 0;
}
