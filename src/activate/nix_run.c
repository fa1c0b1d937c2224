/* SPDX-License-Identifier: MIT */
#include "nix_run.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "activate/changes.h"
#include "activate/generation.h"
#include "activate/links.h"
#include "activation.h"
#include "nix_removed.h"
#include "nix_units.h"
#include "util/buf.h"

/* What sops-install-secrets leaves beside the generations: all keys, in the clear. */
#define NIX_KEY_FILE "age-keys.txt"

#define NIX_RUN_INIT(how, told)                                                                    \
	((struct nix_run){ .options = (how),                                                       \
			   .report = (told),                                                       \
			   .nix = NIX_MANIFEST_INIT,                                               \
			   .target = TARGET_INIT })

static void nix_run_release(struct nix_run *run)
{
	nix_manifest_release(&run->nix);
	free(run->owners);
	record_release(&run->record);
	record_release(&run->live);
	plan_release(&run->plan);
	target_release(&run->target);
	secret_release(&run->units);
}

void nix_report_release(struct nix_report *report)
{
	activate_report_release(&report->base);
	*report = NIX_REPORT_INIT;
}

struct names *nix_notes(struct nix_run *run)
{
	return &run->report->base.notes;
}

static int nix_look_only(struct nix_run *run, struct error *err)
{
	AUTO(nix_sealed) sealed = NIX_SEALED_INIT;

	if (run->options->check == NIX_CHECK_MANIFEST)
		return 0;
	return nix_read_sealed(run, &sealed, err) < 0 ? -1 : nix_look(&sealed, err);
}

/* --- What changes --- */

static int nix_open_sealed(struct nix_run *run, struct error *err)
{
	const struct manifest *manifest = &run->nix.manifest;
	AUTO_FREE struct span *values = calloc(manifest->files.len + 1, sizeof(*values));
	AUTO(nix_sealed) sealed = NIX_SEALED_INIT;
	AUTO(secret) all = SECRET_INIT;
	AUTO(faults) faults = FAULTS_INIT;

	if (values == NULL)
		return error_memory(err);
	if (nix_read_sealed(run, &sealed, err) < 0 ||
	    nix_open(&sealed, run->options->uses_environment, &run->record, nix_notes(run), &all,
		     err) < 0)
		return -1;
	for (size_t i = 0; i < manifest->files.len; i++)
		values[i] = span_slice(secret_span(&all), sealed.starts[i],
				       sealed.starts[i + 1] - sealed.starts[i]);
	if (plan_make(manifest, run->owners, values, &faults, &run->plan, err) < 0)
		return -1;
	return plan_render(manifest, &faults, &run->plan, err);
}

static int nix_record_files(struct nix_run *run, struct error *err)
{
	for (size_t i = 0; i < run->nix.manifest.len; i++) {
		const struct manifest_entry *entry = &run->nix.manifest.entries[i];
		struct record_file *file;

		if (record_add_file(&run->record, span_of_text(entry->name), &file, err) < 0 ||
		    names_add_all(&file->restart, &entry->restart, err) < 0 ||
		    names_add_all(&file->reload, &entry->reload, err) < 0 ||
		    record_set_link(file, entry->link, err) < 0)
			return -1;
	}
	record_inherit(&run->record, &run->live);
	return 0;
}

/* Another program's generation has no record, and one that cannot be read counts for nothing. */
static void nix_read_live(struct nix_run *run)
{
	struct error unread = ERROR_INIT;

	if (!run->report->base.first)
		(void)!record_load(run->target.root_fd, run->current, &run->live, &unread);
}

/* What differs from what is live; what was removed is looked for in the tree, whoever made it. */
static int nix_find_changes(struct nix_run *run, struct error *err)
{
	struct activate_report *report = &run->report->base;
	const struct manifest *manifest = &run->nix.manifest;
	const struct record nothing = RECORD_INIT;
	const struct changes changes = { report->first ? -1 : run->target.root_fd,
					 run->current,
					 manifest,
					 &run->plan,
					 &run->record,
					 &nothing };
	int result;

	run->report->shows_changes =
		manifest->log_changes && !manifest->user_mode && !report->first;

	/* Not beyond this: a child comes next. */
	secret_keep_spares();
	result = changes_find(&changes, report, err);
	secret_free_spares();
	if (result < 0)
		return -1;
	return report->first ? 0
			     : nix_find_removed(run->target.root_fd, run->current, manifest,
						&report->removed, err);
}

/* Looks at what is live, opens everything, and finds out how it differs. */
static int nix_prepare(struct nix_run *run, struct error *err)
{
	bool exists;

	if (generation_exists(run->target.root_fd, run->current, &exists, err) < 0)
		return -1;
	run->report->base.first = !exists;
	nix_read_live(run);
	if (nix_open_sealed(run, err) < 0 || nix_record_files(run, err) < 0 ||
	    nix_find_changes(run, err) < 0)
		return -1;
	return units_format(&run->report->base.units, &run->units, err);
}

/* --- The new generation --- */

static int nix_build(struct nix_run *run, struct error *err)
{
	struct generation_new new = { .root_fd = run->target.root_fd,
				      .current = run->current,
				      .number = run->current + 1,
				      .plan = &run->plan,
				      .units = secret_span(&run->units),
				      .has_group = !run->nix.manifest.user_mode,
				      .group = run->root.gid };

	if (generation_build_apart(&new, &run->record, err) < 0)
		return error_wrap(err, "\"%s\"", run->target.root);
	return 0;
}

static int nix_own_root(const struct nix_run *run, struct error *err)
{
	if (run->nix.manifest.user_mode)
		return 0;
	if (fchownat(run->target.root_fd, "", 0, run->root.gid, AT_EMPTY_PATH) < 0)
		return error_sys(err, "cannot give \"%s\" to gid %u", run->target.root,
				 (unsigned)run->root.gid);
	return 0;
}

/* What a failed switch leaves is not for its readers. */
static int nix_switch(struct nix_run *run, uint64_t number, struct error *err)
{
	struct error ignored = ERROR_INIT;

	if (generation_publish(run->target.root_fd, number, err) == 0 &&
	    nix_clear_place(&run->target, err) == 0 &&
	    target_switch(&run->target, number, err) == 0)
		return 0;
	(void)!generation_remove(run->target.root_fd, number, &ignored);
	return -1;
}

/* --- Behind the switch: all of it is tried, and the first fault is told --- */

/* The secrets are live, whatever else is wrong. */
static void nix_note_late(struct error *late, const struct error *reason)
{
	if (late->kind != ERROR_NONE)
		return;
	*late = *reason;
	late->kind = ERROR_PARTIAL;
	(void)error_wrap(late, "the secrets are in place, but");
}

/* One that no secret has any more stays, as there: "deactivate" takes away what the last run has. */
static void nix_make_links(struct nix_run *run, struct error *late)
{
	const struct manifest *manifest = &run->nix.manifest;
	struct error reason = ERROR_INIT;

	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];

		if (entry->link == NULL || links_make(&run->target, entry->link, entry->name,
						      run->owners[i], &reason) == 0)
			continue;
		nix_note_late(late, &reason);
		error_clear(&reason);
	}
}

static int nix_install(struct nix_run *run, struct error *late, struct error *err)
{
	const uint64_t number = run->current + 1;
	struct error reason = ERROR_INIT;

	if (target_prepare(&run->target, nix_notes(run), err) < 0 || nix_own_root(run, err) < 0 ||
	    nix_build(run, err) < 0 || nix_switch(run, number, err) < 0)
		return -1;
	run->report->base.generation = number;
	(void)!unlinkat(run->target.root_fd, NIX_KEY_FILE, 0);
	nix_make_links(run, late);
	if (generation_prune(run->target.root_fd, number, run->nix.manifest.keep, &reason) < 0)
		nix_note_late(late, &reason);
	return 0;
}

static int nix_locked(struct nix_run *run, struct error *late, struct error *err)
{
	AUTO(lock) lock = LOCK_INIT;
	struct error ignored = ERROR_INIT;
	bool fresh;

	/* What was seen before the lock was ours may have changed. */
	if (target_lock(&run->target, &lock, err) < 0 || nix_open_target(run, err) < 0)
		return -1;
	fresh = run->target.kind == TARGET_ABSENT;
	if (nix_prepare(run, err) == 0 && nix_install(run, late, err) == 0)
		return 0;
	/* Where there was nothing, nothing is left: no mount, and not the lock file either. */
	if (run->current == 0 && (!fresh || target_remove(&run->target, &ignored) < 0))
		(void)!target_unlock(&run->target, &ignored);
	return -1;
}

static int nix_tell_units(struct nix_run *run, struct error *err)
{
	const struct units *units = &run->report->base.units;

	if (run->nix.manifest.user_mode)
		return nix_units_tell(units, true, err);
	switch (run->options->way) {
	case NIX_BY_LISTS:
		return nix_units_list(units, false, err);
	case NIX_BY_SYSTEMCTL:
		return nix_units_tell(units, false, err);
	case NIX_BY_UNITS:
		break;
	}
	return activation_tell(&run->target, true, &run->report->base, err);
}

/* Behind the lock. What was not told is told by the next activation. */
static void nix_tell(struct nix_run *run, struct error *late)
{
	struct error reason = ERROR_INIT;
	int result;

	if (run->units.len == 0)
		return;
	result = nix_tell_units(run, &reason);
	if (result == 0)
		result = generation_forget(run->target.root_fd, run->report->base.generation,
					   GENERATION_UNITS, &reason);
	if (result < 0 && late->kind == ERROR_NONE)
		*late = reason;
}

static int nix_activate_now(struct nix_run *run, struct error *err)
{
	const struct manifest *manifest = &run->nix.manifest;
	struct error late = ERROR_INIT;

	if (!manifest->user_mode && geteuid() != 0)
		return error_set(err, ERROR_DENIED,
				 "a manifest that is not for user mode is root's "
				 "to activate");
	if (nix_make_place(run, err) < 0 || nix_open_target(run, err) < 0 ||
	    nix_locked(run, &late, err) < 0)
		return -1;
	nix_tell(run, &late);
	if (late.kind == ERROR_NONE)
		return 0;
	*err = late;
	err->kind = ERROR_PARTIAL;
	return -1;
}

/* Where not even the directories above are there, nothing is live. */
static int nix_activate_dry(struct nix_run *run, struct error *err)
{
	if (access(run->nix.manifest.directory, F_OK) == 0 && nix_open_target(run, err) < 0)
		return -1;
	if (nix_prepare(run, err) < 0)
		return -1;
	if (run->options->way != NIX_BY_LISTS || run->nix.manifest.user_mode)
		return 0;
	return nix_units_list(&run->report->base.units, true, err);
}

int nix_activate(const char *manifest, const struct nix_options *options, struct nix_report *report,
		 struct error *err)
{
	AUTO(nix_run) run = NIX_RUN_INIT(options, report);

	if (nix_read_manifest(&run, manifest, err) < 0)
		return -1;
	if (options->check != NIX_CHECK_OFF)
		return nix_look_only(&run, err);
	if (nix_find_owners(&run, err) < 0)
		return -1;
	return options->dry_run ? nix_activate_dry(&run, err) : nix_activate_now(&run, err);
}

bool nix_is_manifest(const char *path)
{
	return span_ends_with(span_of_text(path), ".json");
}

int nix_find_place(const char *manifest, char **ret_directory, char **ret_root, struct error *err)
{
	const struct nix_options options = { .check = NIX_CHECK_OFF };
	AUTO(nix_report) report = NIX_REPORT_INIT;
	AUTO(nix_run) run = NIX_RUN_INIT(&options, &report);

	if (nix_read_manifest(&run, manifest, err) < 0)
		return -1;
	*ret_directory = run.nix.manifest.directory;
	*ret_root = run.nix.manifest.root;
	run.nix.manifest.directory = run.nix.manifest.root = NULL;
	return 0;
}
