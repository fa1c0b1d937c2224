/* SPDX-License-Identifier: MIT */
/* "activate --for UNIT" and "release --for UNIT". */
#include "ready.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/generation.h"
#include "internal.h"
#include "util/buf.h"
#include "util/file.h"

#define READY_GENERATION 1

void ready_report_release(struct ready_report *report)
{
	free(report->directory);
	names_release(&report->documents);
	names_release(&report->notes);
	*report = READY_REPORT_INIT;
}

/* Only root gives files to others, and takes them away again whatever they do. */
static int ready_check_root(struct error *err)
{
	if (geteuid() == 0)
		return 0;
	error_set(err, ERROR_UNSUPPORTED,
		  "only root can publish something and withdraw it when its unit is ready");
	return error_hint(err, "use a system unit with User=");
}

static int ready_begin(struct activation *run, const char *manifest, const char *unit,
		       struct error *err)
{
	record_begin(&run->record);
	if (activation_read_manifest(run, manifest, err) < 0 || activation_place(run, err) < 0 ||
	    manifest_narrow(&run->manifest, unit, err) < 0 ||
	    faults_init(&run->faults, run->manifest.len, false, err) < 0 ||
	    activation_find_owners(run, false, err) < 0)
		return -1;
	return ready_open(run->manifest.directory, &run->target, err);
}

/* All of them, where only root may enter. */
static int ready_build(struct activation *run, struct error *err)
{
	struct generation_new new = { .root_fd = -1,
				      .number = READY_GENERATION,
				      .plan = &run->plan };
	AUTO_FD int fd = -1;

	if (mkdirat(run->target.root_fd, READY_NEW, READY_CLOSED) < 0)
		return error_sys(err, "cannot make a directory in \"%s\"", run->target.root);
	fd = openat(run->target.root_fd, READY_NEW, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, "cannot open a directory in \"%s\"", run->target.root);
	new.root_fd = fd;
	return generation_build_apart(&new, &run->record, err);
}

static bool ready_is_planned(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->len; i++)
		if (strcmp(name, plan->files[i].name) == 0)
			return true;
	return false;
}

/* Is it a file where one of the plan's needs a directory, or the other way round? */
static bool ready_is_in_the_way(const struct plan *plan, const char *name)
{
	for (size_t i = 0; i < plan->len; i++)
		if (manifest_is_below(name, plan->files[i].name) ||
		    manifest_is_below(plan->files[i].name, name))
			return true;
	return false;
}

/* What the manifest does not give this unit any more; nor any other, where it gives this one the place. */
static int ready_drop_others(const struct activation *run, const char *unit,
			     struct ready_record *record, struct error *err)
{
	for (size_t i = record->len; i-- > 0;) {
		const char *name = record->items[i].name;

		if (strcmp(record->items[i].unit, unit) == 0 ? ready_is_planned(&run->plan, name)
							     : !ready_is_in_the_way(&run->plan, name))
			continue;
		if (ready_remove_document(run->target.root_fd, name, NULL, err) < 0)
			return -1;
		ready_record_drop(record, i);
	}
	return 0;
}

static int ready_record_plan(const struct activation *run, const char *unit,
			     struct ready_record *record, struct error *err)
{
	for (size_t i = 0; i < run->plan.len; i++) {
		const struct plan_file *file = &run->plan.files[i];
		struct ready_digest digest;

		if (ready_record_digest(record, file->owner, file->mode, plan_bytes(&run->plan, i),
					&digest, err) < 0 ||
		    ready_record_put(record, file->name, unit, &digest, err) < 0)
			return -1;
	}
	return 0;
}

static int ready_make_parent(int root_fd, const char *name, struct error *err)
{
	AUTO_FREE char *parent = strdup(name);
	char *slash = parent == NULL ? NULL : strrchr(parent, '/');

	if (parent == NULL)
		return error_memory(err);
	if (slash == NULL)
		return 0;
	*slash = '\0';
	return file_make_directories(root_fd, parent, READY_MODE, err);
}

static int ready_move(int root_fd, const char *name, struct error *err)
{
	AUTO_FREE char *built = NULL;

	if (asprintf(&built, READY_BUILT "%s", name) < 0) {
		built = NULL;
		return error_memory(err);
	}
	if (renameat(root_fd, built, root_fd, name) < 0)
		return error_sys(err, "cannot publish \"%s\"", name);
	return 0;
}

/* What can fail comes first, so that there is next to no time between the first of them and the last. */
static int ready_move_all(const struct activation *run, struct error *err)
{
	for (size_t i = 0; i < run->plan.len; i++)
		if (ready_make_parent(run->target.root_fd, run->plan.files[i].name, err) < 0)
			return -1;
	for (size_t i = 0; i < run->plan.len; i++)
		if (ready_move(run->target.root_fd, run->plan.files[i].name, err) < 0)
			return -1;
	return 0;
}

/* Empty directories, which only root may enter, and the record of a generation that is none. */
static void ready_tidy(const struct activation *run)
{
	struct error ignored = ERROR_INIT;

	(void)!file_remove_tree(run->target.root_fd, READY_NEW, &ignored);
}

static int ready_install(struct activation *run, const char *unit, struct error *err)
{
	AUTO(ready_record) record = READY_RECORD_INIT;

	if (activation_open(run, err) < 0 ||
	    ready_prepare(&run->target, &record, &run->report->notes, err) < 0 ||
	    ready_record_plan(run, unit, &record, err) < 0 ||
	    ready_drop_others(run, unit, &record, err) < 0 ||
	    ready_store(&run->target, &record, err) < 0 || ready_build(run, err) < 0 ||
	    ready_move_all(run, err) < 0)
		return -1;
	ready_tidy(run);
	return 0;
}

static int ready_locked(struct activation *run, const char *unit, struct error *err)
{
	AUTO(lock) lock = LOCK_INIT;
	struct error ignored = ERROR_INIT;

	if (target_lock(&run->target, &lock, err) < 0)
		return -1;
	if (ready_install(run, unit, err) == 0)
		return 0;
	(void)!ready_empty(&run->target, unit, NULL, &ignored);
	return -1;
}

static int ready_say_published(const struct activation *run, struct ready_report *report,
			       struct error *err)
{
	for (size_t i = 0; i < run->plan.len; i++)
		if (names_printf(&report->documents, err, "%s/%s", run->target.root,
				 run->plan.files[i].name) < 0)
			return -1;
	report->directory = strdup(run->target.root);
	return report->directory == NULL ? error_memory(err) : 0;
}

int ready_publish(const char *manifest, const char *unit, struct ready_report *report,
		  struct error *err)
{
	AUTO(activate_report) base = ACTIVATE_REPORT_INIT;
	AUTO(activation) run = ACTIVATION_INIT(&base);
	struct error ignored = ERROR_INIT;
	int result = ready_check_root(err);

	if (result == 0 &&
	    (ready_begin(&run, manifest, unit, err) < 0 || ready_locked(&run, unit, err) < 0)) {
		/* Also where it did not come as far as the manifest's directory. */
		(void)!ready_withdraw_everywhere(unit, report, &ignored);
		names_release(&report->documents);
		result = -1;
	}
	report->notes = base.notes;
	base.notes = NAMES_INIT;
	return result < 0 ? -1 : ready_say_published(&run, report, err);
}

int ready_withdraw(const char *directory, const char *unit, struct ready_report *report,
		   struct error *err)
{
	AUTO(target) target = TARGET_INIT;
	AUTO(lock) lock = LOCK_INIT;

	if (ready_open(directory, &target, err) < 0)
		return -1;
	/* Where nothing is, not even a lock file is left. */
	if (target.kind == TARGET_ABSENT)
		return 0;
	if (target_try_lock(&target, &lock, err) < 0)
		return -1;
	return lock.fd < 0 ? ready_empty_unlocked(&target, unit, &report->documents, err)
			   : ready_empty(&target, unit, &report->documents, err);
}

/*
 * One that cannot be emptied keeps no other from being so; the first reason is told. Where nothing may be
 * mounted, no mount leads to the place of most manifests.
 */
int ready_withdraw_everywhere(const char *unit, struct ready_report *report, struct error *err)
{
	AUTO(names) directories = NAMES_INIT;
	struct error unsaid = ERROR_INIT;
	int result = names_add(&directories, span_of_text(MANIFEST_DIRECTORY), err);

	if (activate_directories(&directories, result < 0 ? &unsaid : err) < 0)
		result = -1;
	for (size_t i = 0; i < directories.len; i++) {
		struct error other = ERROR_INIT;

		if (ready_withdraw(directories.items[i], unit, report, result < 0 ? &other : err) <
		    0)
			result = -1;
	}
	return result;
}

/* --- What is there --- */

int ready_look(const char *directory, struct ready_state *ret_state, struct error *err)
{
	AUTO(ready_state) state = READY_STATE_INIT;
	AUTO(target) target = TARGET_INIT;
	bool there = false;

	if (ready_open(directory, &target, err) < 0 ||
	    ready_load(&target, &state.record, &there, err) < 0)
		return -1;
	state.published = calloc(state.record.len + 1, sizeof(*state.published));
	if (state.published == NULL)
		return error_memory(err);
	for (size_t i = 0; i < state.record.len; i++) {
		struct stat status;

		state.published[i] = fstatat(target.root_fd, state.record.items[i].name, &status,
					     AT_SYMLINK_NOFOLLOW) == 0;
	}
	*ret_state = state;
	state = READY_STATE_INIT;
	return 0;
}

void ready_state_release(struct ready_state *state)
{
	ready_record_release(&state->record);
	free(state->published);
	*state = READY_STATE_INIT;
}
