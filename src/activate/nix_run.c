/* SPDX-License-Identifier: MIT */
#include "activate/nix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/ancestors.h"
#include "activate/changes.h"
#include "activate/generation.h"
#include "activate/nix_open.h"
#include "activate/ramfs.h"
#include "nix_links.h"
#include "nix_removed.h"
#include "nix_units.h"
#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

/* What sops-install-secrets leaves beside the generations: all keys, in the clear. */
#define NIX_KEY_FILE "age-keys.txt"
#define NIX_GROUP "keys"
#define NIX_OTHER_GROUP "nogroup"

/* One run, from the manifest to the units. */
struct nix_run {
	const struct nix_options *options;
	struct nix_report *report;
	struct nix_manifest nix;
	struct owner *owners; /* one an entry */
	struct owner root;    /* of the generations' directories; in user mode nobody is asked */
	struct record record;
	struct plan plan;
	struct target target;
	uint64_t current;    /* the live generation; 0: none */
	struct secret units; /* for GENERATION_UNITS */
};

static void nix_run_release(struct nix_run *run)
{
	nix_manifest_release(&run->nix);
	free(run->owners);
	record_release(&run->record);
	plan_release(&run->plan);
	target_release(&run->target);
	secret_release(&run->units);
}

void nix_report_release(struct nix_report *report)
{
	activate_report_release(&report->base);
	*report = NIX_REPORT_INIT;
}

static struct names *nix_notes(struct nix_run *run)
{
	return &run->report->base.notes;
}

static bool nix_installs(const struct nix_run *run)
{
	return run->options->check == NIX_CHECK_OFF;
}

/* --- What is read --- */

/* Who could write the manifest would be root; who could write a sealed file would choose its values. */
static int nix_check_writers(struct nix_run *run, int fd, bool is_manifest, const char *path,
			     struct error *err)
{
	const char *shown_as = is_manifest ? "manifest" : "file";
	const struct text_shown shown = text_printable_text(path);
	struct stat status;
	bool ours;

	if (!nix_installs(run))
		return 0;
	if (fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", shown.text);
	ours = status.st_uid == 0 || status.st_uid == geteuid() ||
	       ancestors_is_unmapped(status.st_uid);
	if (ours && (status.st_mode & 022) == 0)
		return 0;
	if (!is_manifest)
		return names_printf(nix_notes(run), err,
				    "others than root may write the %s \"%s\" (uid %u, mode %04o)",
				    shown_as, shown.text, (unsigned)status.st_uid,
				    (unsigned)status.st_mode & 07777);
	return error_set(err, ERROR_DENIED,
			 "others than root may write the %s \"%s\" (uid %u, mode %04o)", shown_as,
			 shown.text, (unsigned)status.st_uid, (unsigned)status.st_mode & 07777);
}

static int nix_read_file(struct nix_run *run, const char *path, size_t max, bool is_manifest,
			 struct secret *ret_text, struct error *err)
{
	AUTO_FD int fd = -1;

	if (file_open_regular(AT_FDCWD, path, &fd, err) < 0 ||
	    nix_check_writers(run, fd, is_manifest, path, err) < 0)
		return -1;
	return file_read_fd(fd, path, max, ret_text, err);
}

/* With an absolute path, as far as it can be found out. */
static int nix_add_source(struct nix_run *run, const char *path, struct span content,
			  struct error *err)
{
	AUTO_FREE char *real = path[0] == '/' ? NULL : realpath(path, NULL);

	return record_add(&run->record, real == NULL ? path : real, content, err);
}

static int nix_read_templates(struct nix_run *run, struct error *err)
{
	for (size_t i = 0; i < run->nix.template_files_len; i++) {
		const char *path = run->nix.template_files[i];
		AUTO(secret) text = SECRET_INIT;

		if (path == NULL)
			continue;
		if (nix_read_file(run, path, NIX_TEMPLATE_MAX, false, &text, err) < 0 ||
		    nix_template_split(&run->nix, i, secret_span(&text), err) < 0)
			return error_wrap(err, "\"%s\"", run->nix.manifest.entries[i].name);
	}
	return 0;
}

static int nix_read_manifest(struct nix_run *run, const char *path, struct error *err)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	struct manifest *manifest = &run->nix.manifest;
	AUTO(secret) text = SECRET_INIT;

	record_begin(&run->record);
	if (nix_read_file(run, path, NIX_MANIFEST_MAX, true, &text, err) < 0 ||
	    nix_add_source(run, path, secret_span(&text), err) < 0 ||
	    nix_manifest_parse(&text, path, runtime_dir == NULL ? "" : runtime_dir, &run->nix,
			       err) < 0 ||
	    nix_read_templates(run, err) < 0)
		return -1;
	run->report->base.files = manifest->len;
	run->report->base.directory = strdup(manifest->directory == NULL ? "" : manifest->directory);
	if (run->report->base.directory == NULL)
		return error_memory(err);
	if (!nix_installs(run))
		return 0;
	if (manifest->user_mode && runtime_dir == NULL)
		return error_set(err, ERROR_CONFIG, "$XDG_RUNTIME_DIR is not set, which user mode "
						    "needs");
	if (manifest->directory == NULL || manifest->root == NULL)
		return error_set(err, ERROR_CONFIG, "the manifest has no %s",
				 manifest->root == NULL ? "secretsMountPoint" : "symlinkPath");
	return 0;
}

static int nix_read_sealed(struct nix_run *run, struct nix_sealed *ret_sealed, struct error *err)
{
	const struct names *files = &run->nix.manifest.files;
	AUTO(nix_sealed) sealed = NIX_SEALED_INIT;

	if (nix_sealed_make(&run->nix, &sealed, err) < 0)
		return -1;
	for (size_t i = 0; i < files->len; i++)
		if (nix_read_file(run, files->items[i], DOC_TEXT_MAX, false, &sealed.texts[i],
				  err) < 0 ||
		    nix_add_source(run, files->items[i], secret_span(&sealed.texts[i]), err) < 0)
			return -1;
	*ret_sealed = sealed;
	sealed = NIX_SEALED_INIT;
	return 0;
}

static int nix_look_only(struct nix_run *run, struct error *err)
{
	AUTO(nix_sealed) sealed = NIX_SEALED_INIT;

	if (run->options->check == NIX_CHECK_MANIFEST)
		return 0;
	return nix_read_sealed(run, &sealed, err) < 0 ? -1 : nix_look(&sealed, err);
}

/* --- Whose it will be --- */

static bool nix_is_number(const char *text, uint32_t *ret_number)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	*ret_number = (uint32_t)strtoul(text, &end, 10);
	return *end == '\0';
}

static int nix_look_up(const char *user, const char *group, struct owner *ret_owner,
		       struct error *err)
{
	struct owner found = { 0, 0 };

	if (!nix_is_number(user, &ret_owner->uid)) {
		if (owner_find(user, NULL, &found, err) < 0)
			return -1;
		ret_owner->uid = found.uid;
	}
	if (!nix_is_number(group, &ret_owner->gid)) {
		if (owner_find("0", group, &found, err) < 0)
			return -1;
		ret_owner->gid = found.gid;
	}
	return 0;
}

/* Most have the owner of the one before. Before a switch the users may not be there yet. */
static int nix_find_owner(struct nix_run *run, size_t i, struct error *err)
{
	const struct manifest_entry *entry = &run->nix.manifest.entries[i];
	struct error unknown = ERROR_INIT;

	if (i > 0 && strcmp(entry->owner, entry[-1].owner) == 0 &&
	    strcmp(entry->group, entry[-1].group) == 0) {
		run->owners[i] = run->owners[i - 1];
		return 0;
	}
	if (nix_look_up(entry->owner, entry->group, &run->owners[i], &unknown) == 0)
		return 0;
	if (run->options->dry_run && unknown.kind == ERROR_CONFIG) {
		run->owners[i] = (struct owner){ 0, 0 };
		return 0;
	}
	*err = unknown;
	return error_wrap(err, "\"%s\"", entry->name);
}

/* The directories are for a group to list; where there is no such group, for root alone. */
static int nix_find_group(struct nix_run *run, struct error *err)
{
	struct error unknown = ERROR_INIT;

	run->root = (struct owner){ 0, 0 };
	if (run->options->ignores_owners || nix_look_up("0", NIX_GROUP, &run->root, &unknown) == 0)
		return 0;
	if (unknown.kind == ERROR_CONFIG) {
		error_clear(&unknown);
		if (nix_look_up("0", NIX_OTHER_GROUP, &run->root, &unknown) == 0 ||
		    unknown.kind == ERROR_CONFIG)
			return 0;
	}
	*err = unknown;
	return -1;
}

static int nix_find_owners(struct nix_run *run, struct error *err)
{
	const bool user_mode = run->nix.manifest.user_mode;
	const struct owner self = { geteuid(), getegid() };

	run->owners = calloc(run->nix.manifest.len + 1, sizeof(*run->owners));
	if (run->owners == NULL)
		return error_memory(err);
	for (size_t i = 0; i < run->nix.manifest.len; i++) {
		if (!run->options->ignores_owners && nix_find_owner(run, i, err) < 0)
			return -1;
		if (user_mode)
			run->owners[i] = self;
	}
	return user_mode ? 0 : nix_find_group(run, err);
}

/* --- What changes --- */

static int nix_open_sealed(struct nix_run *run, struct error *err)
{
	const struct manifest *manifest = &run->nix.manifest;
	AUTO_FREE struct span *values = calloc(manifest->files.len + 1, sizeof(*values));
	AUTO(nix_sealed) sealed = NIX_SEALED_INIT;
	AUTO(secret) all = SECRET_INIT;

	if (values == NULL)
		return error_memory(err);
	if (nix_read_sealed(run, &sealed, err) < 0 ||
	    nix_open(&sealed, &run->record, nix_notes(run), &all, err) < 0)
		return -1;
	for (size_t i = 0; i < manifest->files.len; i++)
		values[i] = span_slice(secret_span(&all), sealed.starts[i],
				       sealed.starts[i + 1] - sealed.starts[i]);
	return plan_make(manifest, run->owners, values, &run->plan, err);
}

static int nix_record_files(struct nix_run *run, struct error *err)
{
	for (size_t i = 0; i < run->plan.len; i++)
		if (names_add(&run->record.files, span_of_text(run->plan.files[i].name), err) < 0)
			return -1;
	return 0;
}

/* Opens everything, and finds out how it differs from what is live. */
static int nix_prepare(struct nix_run *run, struct error *err)
{
	struct activate_report *report = &run->report->base;
	const struct manifest *manifest = &run->nix.manifest;
	const int root_fd = run->target.root_fd;
	struct changes changes = { -1, run->current, manifest, &run->plan, &run->record };

	if (nix_open_sealed(run, err) < 0 || nix_record_files(run, err) < 0)
		return -1;
	report->first =
		root_fd < 0 || run->current == 0 || !generation_exists(root_fd, run->current);
	run->report->shows_changes = manifest->log_changes && !manifest->user_mode && !report->first;
	changes.root_fd = report->first ? -1 : root_fd;
	if (changes_find(&changes, report, err) < 0 ||
	    (!report->first && nix_find_removed(root_fd, run->current, &run->record.files,
						&report->removed, err) < 0))
		return -1;
	return units_format(&report->units, &run->units, err);
}

/* --- The place --- */

/*
 * What is at the link's place and no link gives way, as sops-nix has it; but nothing that lies on a
 * disk, unless it is an empty directory: "symlinkPath": "/etc" is one slip away.
 */
static int nix_check_place(const struct target *target, bool *ret_in_the_way, struct error *err)
{
	AUTO_FD int fd =
		openat(target->link_fd, target->link_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	bool empty = false;

	*ret_in_the_way = false;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", target->directory);
	if (S_ISLNK(status.st_mode))
		return 0;
	if (S_ISDIR(status.st_mode) && generation_is_empty(fd, &empty, err) < 0)
		return -1;
	*ret_in_the_way = true;
	if (!ramfs_is_mount(fd) && (empty || file_is_in_memory(fd)))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is there, and no link", target->directory);
	return error_hint(err, "move it away");
}

static int nix_clear_place(const struct target *target, struct error *err)
{
	bool in_the_way;

	if (nix_check_place(target, &in_the_way, err) < 0)
		return -1;
	return in_the_way ? file_remove_tree(target->link_fd, target->link_name, err) : 0;
}

static int nix_make_parents(const char *path, mode_t mode, struct error *err)
{
	AUTO_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *last = strrchr(path, '/');
	AUTO_FREE char *parent = strndup(path + 1, last > path ? (size_t)(last - path - 1) : 0);

	if (parent == NULL)
		return error_memory(err);
	if (root < 0)
		return error_sys(err, "cannot open \"/\"");
	return *parent == '\0' ? 0 : file_make_directories(root, parent, mode, err);
}

/* Looks at what is there, in sops-install-secrets' manner. */
static int nix_open_target(struct nix_run *run, struct error *err)
{
	const struct manifest *manifest = &run->nix.manifest;
	bool in_the_way;

	target_release(&run->target);
	if (target_open(manifest->directory, manifest->root, &run->target, err) < 0)
		return -1;
	run->target.manner = (struct target_manner){ .takes_over = true,
						     .stays_folder = manifest->user_mode,
						     .tmpfs = manifest->use_tmpfs };
	if (nix_check_place(&run->target, &in_the_way, err) < 0)
		return -1;
	return target_current(&run->target, &run->current, err);
}

/* --- The new generation --- */

static int nix_build_job(void *argument, struct secret *ret_answer UNUSED, struct error *err)
{
	return generation_build(argument, err);
}

static int nix_build(struct nix_run *run, struct error *err)
{
	AUTO(secret) record = SECRET_INIT;
	AUTO(secret) answer = SECRET_INIT;
	struct generation_new new = { .root_fd = run->target.root_fd,
				      .current = run->current,
				      .number = run->current + 1,
				      .plan = &run->plan,
				      .units = secret_span(&run->units),
				      .has_group = !run->nix.manifest.user_mode,
				      .group = run->root.gid };

	if (record_format(&run->record, &record, err) < 0)
		return -1;
	new.record = secret_span(&record);
	if (child_job_edit(nix_build_job, &new, &new.root_fd, 1, &answer, err) < 0)
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

static void nix_make_links(const struct nix_run *run, struct error *late)
{
	const struct manifest *manifest = &run->nix.manifest;
	const struct nix_mount mount = { manifest->root, run->target.root_fd };

	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *entry = &manifest->entries[i];
		AUTO_FREE char *target = NULL;
		struct error reason = ERROR_INIT;

		if (entry->link == NULL)
			continue;
		if (asprintf(&target, "%s/%s", manifest->directory, entry->name) < 0) {
			target = NULL;
			(void)error_memory(&reason);
		} else if (nix_link_make(entry->link, target,
					 manifest->user_mode ? NULL : &run->owners[i],
					 &mount, &reason) == 0) {
			continue;
		}
		nix_note_late(late, &reason);
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

/* Behind the lock. What was not told is told by the next activation. */
static void nix_tell(struct nix_run *run, struct error *late)
{
	const struct units *units = &run->report->base.units;
	const uint64_t number = run->report->base.generation;
	struct error reason = ERROR_INIT;
	int result;

	if (run->units.len == 0)
		return;
	if (run->nix.manifest.user_mode || run->options->by_systemctl)
		result = nix_units_tell(units, run->nix.manifest.user_mode, &reason);
	else
		result = nix_units_list(units, false, &reason);
	if (result == 0)
		result = generation_forget(run->target.root_fd, number, GENERATION_UNITS, &reason);
	if (result < 0 && late->kind == ERROR_NONE)
		*late = reason;
}

static int nix_activate_now(struct nix_run *run, struct error *err)
{
	const struct manifest *manifest = &run->nix.manifest;
	struct error late = ERROR_INIT;

	if (!manifest->user_mode && geteuid() != 0)
		return error_set(err, ERROR_DENIED, "a manifest that is not for user mode is root's "
						    "to activate");
	if (nix_make_parents(manifest->root, 0751, err) < 0 ||
	    nix_make_parents(manifest->directory, 0755, err) < 0 || nix_open_target(run, err) < 0 ||
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
	if (run->options->by_systemctl || run->nix.manifest.user_mode)
		return 0;
	return nix_units_list(&run->report->base.units, true, err);
}

int nix_activate(const char *manifest, const struct nix_options *options,
		 struct nix_report *report, struct error *err)
{
	AUTO(nix_run) run = { .options = options,
			      .report = report,
			      .nix = NIX_MANIFEST_INIT,
			      .target = TARGET_INIT };

	if (nix_read_manifest(&run, manifest, err) < 0)
		return -1;
	if (!nix_installs(&run))
		return nix_look_only(&run, err);
	if (nix_find_owners(&run, err) < 0)
		return -1;
	return options->dry_run ? nix_activate_dry(&run, err) : nix_activate_now(&run, err);
}
