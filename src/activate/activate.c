/* SPDX-License-Identifier: MIT */
#include "activation.h"

#include "activate/changes.h"
#include "activate/generation.h"
#include "activate/links.h"
#include "activate/rollback.h"
#include "activate/unseal.h"
#include "ready.h"
#include "util/buf.h"
#include "util/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
	for (size_t i = 0; i < run->plan.len; i++) {
		const struct manifest_entry *entry = &run->manifest.entries[i];
		const enum plan_fate fate = run->plan.files[i].fate;
		struct record_file *file;

		if (fate == PLAN_LEFT_OUT || fate == PLAN_ON_DEMAND)
			continue;
		if (record_add_file(&run->record, span_of_text(entry->name), &file, err) < 0 ||
		    names_add_all(&file->restart, &entry->restart, err) < 0 ||
		    names_add_all(&file->reload, &entry->reload, err) < 0 ||
		    record_set_link(file, entry->link, err) < 0)
			return -1;
		file->kept = fate == PLAN_KEPT;
	}
	record_inherit(&run->record, &run->live);
	return links_leave(&run->record, &run->live, err);
}

/* After a rollback, what was opened before that counts, too. */
static int activate_read_rollback(struct activation *run, struct error *err)
{
	const uint64_t from = rollback_from(run->target.root_fd, run->current);
	AUTO(record) before = RECORD_INIT;
	struct error unread = ERROR_INIT;

	if (from == 0)
		return 0;
	if (record_load(run->target.root_fd, from, &before, &unread) == 0)
		record_inherit(&run->live, &before);
	return names_printf(&run->report->notes, err,
			    "generation %llu was live by a rollback, which this ends",
			    (unsigned long long)run->current);
}

/* Nothing that is live may keep a new generation from coming; another program's has no record. */
static int activate_read_live(struct activation *run, struct error *err)
{
	struct error unread = ERROR_INIT;

	if (run->report->first)
		return 0;
	if (record_load(run->target.root_fd, run->current, &run->live, &unread) == 0)
		return activate_read_rollback(run, err);
	if (unread.kind == ERROR_NOT_FOUND)
		return 0;
	return names_printf(&run->report->notes, err,
			    "the record of the live generation cannot be read, so that what "
			    "was removed is not known: %s",
			    unread.message);
}

/* The host comes up all the same: "activate --check" is where it is an error. */
static int activate_warn_shared(struct activation *run, struct error *err)
{
	struct error shared = ERROR_INIT;

	if (ready_check_shared(&run->manifest, run->dir_fd, &shared) == 0)
		return 0;
	return names_printf(&run->report->notes, err, "%s", shared.message);
}

/* Looks at what is live (run->current), opens everything, and finds out how it differs. */
static int activate_prepare(struct activation *run, struct error *err)
{
	bool exists;

	if (generation_exists(run->target.root_fd, run->current, &exists, err) < 0)
		return -1;
	run->report->first = !exists;
	if (activate_read_live(run, err) < 0 || activation_open(run, err) < 0 ||
	    activate_own_files(run, err) < 0 || activate_record_files(run, err) < 0 ||
	    changes_find(&(struct changes){ run->report->first ? -1 : run->target.root_fd,
					    run->current, &run->manifest, &run->plan, &run->record,
					    &run->live },
			 run->report, err) < 0 ||
	    ready_compare(run, err) < 0 || activate_warn_shared(run, err) < 0)
		return -1;
	return units_format(&run->report->units, &run->units, err);
}

/* COUNT names: the first of them, and how many more. */
static int activate_fail_partly(const struct names *names, size_t count, const char *what,
				struct error *err)
{
	if (count == 1)
		error_set(err, ERROR_PARTIAL, "\"%s\" %s", names->items[0], what);
	else
		error_set(err, ERROR_PARTIAL, "\"%s\" and %zu more %s", names->items[0], count - 1,
			  what);
	return error_hint(err, "the notes say why");
}

/* The good ones are in place. */
static int activate_conclude(const struct activation *run, struct error *err)
{
	const struct activate_report *report = run->report;
	const size_t count = report->kept.len + report->missing.len;

	if (count > 0)
		return activate_fail_partly(report->kept.len > 0 ? &report->kept : &report->missing,
					    count, "could not be renewed", err);
	if (report->unlinked.len > 0)
		return activate_fail_partly(&report->unlinked, report->unlinked.len,
					    "could not be linked to", err);
	return 0;
}

/* --- The new generation --- */

static int activate_build(struct activation *run, struct error *err)
{
	struct generation_new new = { .root_fd = run->target.root_fd,
				      .current = run->current,
				      .number = run->current + 1,
				      .plan = &run->plan,
				      .units = secret_span(&run->units) };

	if (generation_build_apart(&new, &run->record, err) < 0)
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

/* They lead to the link that was just switched, and outlast it. */
static int activate_link(struct activation *run, struct error *err)
{
	struct error why = ERROR_INIT;

	for (size_t i = 0; i < run->manifest.len; i++) {
		const char *path = run->manifest.entries[i].link;
		const struct plan_file *file = &run->plan.files[i];

		if (path == NULL || file->fate == PLAN_LEFT_OUT ||
		    links_make(&run->target, path, file->name, file->owner, &why) == 0)
			continue;
		if (names_printf(&run->report->notes, err, "%s", why.message) < 0 ||
		    names_add(&run->report->unlinked, span_of_text(file->name), err) < 0)
			return -1;
		error_clear(&why);
	}
	return links_drop_left(&run->target, &run->record, &run->live, &run->report->notes, err);
}

/* Builds, switches, prunes. Behind the switch nothing is an error any more. */
static int activate_install(struct activation *run, struct error *err)
{
	const unsigned keep = run->manifest.keep_all ? UINT_MAX : run->manifest.keep;
	uint64_t number = run->current + 1;
	struct error late = ERROR_INIT;

	if (target_prepare(&run->target, &run->report->notes, err) < 0 ||
	    activate_build(run, err) < 0 || activate_switch(run, number, err) < 0)
		return -1;
	run->report->generation = number;
	if (activate_link(run, &late) == 0 && ready_note(run, &late) == 0 &&
	    generation_prune(run->target.root_fd, number, keep, &late) == 0)
		return 0;
	/* A note that cannot be made either is not worth an error. */
	(void)!names_printf(&run->report->notes, &late, "%s", late.message);
	return 0;
}

static int activate_locked(struct activation *run, struct error *err)
{
	AUTO(lock) lock = LOCK_INIT;
	struct error ignored = ERROR_INIT;

	if (target_lock(&run->target, &lock, err) < 0)
		return -1;
	/* Where it is not known what is live, nothing is taken away. */
	if (target_current(&run->target, &run->current, err) < 0) {
		(void)!target_unlock(&run->target, &ignored);
		return -1;
	}
	if (activate_prepare(run, err) == 0 && activate_install(run, err) == 0)
		return 0;
	/* Where there was nothing, nothing is left: no mount, and not the lock file either. */
	if (run->current == 0 && target_remove(&run->target, &ignored) < 0)
		(void)!target_unlock(&run->target, &ignored);
	return -1;
}

int activation_tell(const struct target *target, bool pending, struct activate_report *report,
		    struct error *err)
{
	struct error ignored = ERROR_INIT;
	bool all_heard = true;
	AUTO_FD int pending_fd = !pending ? -1
					  : generation_open_own(target->root_fd, report->generation,
								GENERATION_UNITS);
	int result = units_tell(&report->units, pending_fd, &all_heard, &report->notes, err);

	if (pending && all_heard)
		(void)!generation_forget(target->root_fd, report->generation, GENERATION_UNITS,
					 &ignored);
	return result;
}

int activate_run(const char *manifest, struct activate_report *report, struct error *err)
{
	AUTO(activation) run = ACTIVATION_INIT(report);

	if (activation_begin(&run, manifest, false, err) < 0 ||
	    target_open(run.manifest.directory, run.manifest.root, &run.target, err) < 0 ||
	    activate_locked(&run, err) < 0)
		return -1;
	return activation_tell(&run.target, run.units.len > 0, report, err) < 0
		       ? -1
		       : activate_conclude(&run, err);
}

int activate_dry_run(const char *manifest, struct activate_report *report, struct error *err)
{
	AUTO(activation) run = ACTIVATION_INIT(report);

	if (activation_begin(&run, manifest, false, err) < 0 ||
	    target_open(run.manifest.directory, run.manifest.root, &run.target, err) < 0 ||
	    target_current(&run.target, &run.current, err) < 0)
		return -1;
	return activate_prepare(&run, err) < 0 ? -1 : activate_conclude(&run, err);
}

int activate_check(const char *manifest, struct activate_report *report, struct error *err)
{
	AUTO(activation) run = ACTIVATION_INIT(report);

	if (activation_begin(&run, manifest, true, err) < 0 ||
	    ready_check_shared(&run.manifest, run.dir_fd, err) < 0)
		return -1;
	for (size_t i = 0; i < run.manifest.files.len; i++) {
		AUTO(secret) text = SECRET_INIT;

		if (activation_read_sealed(&run, run.manifest.files.items[i], &text, err) < 0 ||
		    unseal_check(&run.manifest, i, &text, err) < 0)
			return -1;
	}
	report->has_credentials = run.manifest.credentials != NULL;
	return activation_check_credentials(&run, err);
}

int activate_read_manifest(const char *path, struct manifest *ret_manifest, struct error *err)
{
	AUTO(activate_report) report = ACTIVATE_REPORT_INIT;
	AUTO(activation) run = ACTIVATION_INIT(&report);

	if (activation_read_manifest(&run, path, err) < 0 || activation_place(&run, err) < 0)
		return -1;
	*ret_manifest = run.manifest;
	run.manifest = MANIFEST_INIT;
	return 0;
}

int activate_directory(const char *path, char **ret_directory, char **ret_root, struct error *err)
{
	AUTO(manifest) manifest = MANIFEST_INIT;

	if (activate_read_manifest(path, &manifest, err) < 0)
		return -1;
	*ret_directory = manifest.directory;
	*ret_root = manifest.root;
	manifest.directory = manifest.root = NULL;
	return 0;
}
