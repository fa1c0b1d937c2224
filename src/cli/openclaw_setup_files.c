/* SPDX-License-Identifier: MIT */
/* What openclaw setup changes: each file with what it is, and what it is to be. */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activate/activate.h"
#include "activate/manifest.h"
#include "activate/values.h"
#include "cli/openclaw_setup.h"
#include "openclaw/edit.h"
#include "util/child.h"
#include "util/text.h"

/* --- Whose a file is --- */

static int check_owner(const struct setup *setup, const char *path, const struct stat *status,
		       bool *ret_as_user, struct error *err)
{
	const uid_t uid = setup->survey.uid;
	const struct text_shown shown = text_printable_text(path);

	if (!S_ISREG(status->st_mode) || status->st_nlink != 1)
		return error_set(err, ERROR_DENIED,
				 "\"%s\" is no regular file with one name: what it holds is "
				 "elsewhere, too",
				 shown.text);
	*ret_as_user = !survey_is_roots_own(path);
	if (status->st_uid == uid ||
	    (!*ret_as_user && status->st_uid == 0 &&
	     survey_is_named_by_root(&setup->survey, secret_span(&setup->records), path)))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" does not belong to \"%s\"", shown.text,
		  setup->found.user);
	return error_hint(err, "take its secrets out by hand, or chown it");
}

/* --- Files --- */

/* Of one that is there, as the survey read it. */
static int add_known(struct setup *setup, const char *path, enum change_kind kind,
		     struct span after, struct error *err)
{
	const struct inventory_item *item = inventory_find(&setup->inventory, path);
	struct change_file *file;

	if (item == NULL || !item->is_read || item->is_cut)
		return error_set(err, ERROR_CONFIG, "\"%s\" cannot be read whole",
				 text_printable_text(path).text);
	/* what was read is what stands there, not what a link led to */
	if (item->itself.st_dev != item->target.st_dev ||
	    item->itself.st_ino != item->target.st_ino)
		return error_set(err, ERROR_DENIED,
				 "\"%s\" is no regular file with one name: what it holds is "
				 "elsewhere, too",
				 text_printable_text(path).text);
	if (change_add(&setup->change, path, &file, err) < 0 ||
	    check_owner(setup, path, &item->itself, &file->as_user, err) < 0)
		return -1;
	file->kind = kind;
	file->existed = true;
	file->status = item->itself;
	if (secret_append_span(&file->before, secret_span(&item->bytes), err) < 0)
		return -1;
	return secret_append_span(&file->after, after, err);
}

static int add_new(struct setup *setup, const char *path, enum change_kind kind, bool as_user,
		   mode_t mode, struct span after, struct error *err)
{
	struct change_file *file;

	if (change_add(&setup->change, path, &file, err) < 0)
		return -1;
	file->kind = kind;
	file->as_user = as_user;
	file->status.st_mode = mode;
	file->status.st_uid = as_user ? setup->change.user.uid : 0;
	file->status.st_gid = as_user ? setup->change.user.gid : 0;
	return secret_append_span(&file->after, after, err);
}

/* The directories above path that are not there. */
static int add_directories(struct setup *setup, const char *path, bool as_user, mode_t mode,
			   struct error *err)
{
	AUTO_FREE char *copy = strdup(path);
	struct stat status;

	if (copy == NULL)
		return error_memory(err);
	for (char *slash = strchr(copy + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		bool listed = false;

		*slash = '\0';
		for (size_t i = 0; i < setup->change.len; i++)
			listed = listed || strcmp(setup->change.files[i].path, copy) == 0;
		if (!listed && lstat(copy, &status) < 0 && errno == ENOENT &&
		    add_new(setup, copy, CHANGE_DIRECTORY, as_user, mode, SPAN_INIT, err) < 0)
			return -1;
		*slash = '/';
	}
	return 0;
}

/* A new file of root's, where there must be none. */
static int add_ours(struct setup *setup, const char *path, mode_t mode, struct span text,
		    struct error *err)
{
	struct stat status;

	if (lstat(path, &status) == 0) {
		error_set(err, ERROR_DENIED, "\"%s\" is there already",
			  text_printable_text(path).text);
		return error_hint(err, "add what is new by hand: --dry-run says what");
	}
	if (add_directories(setup, path, false, 0755, err) < 0)
		return -1;
	return add_new(setup, path, CHANGE_WRITE, false, mode, text, err);
}

/* --- What is ours --- */

static int add_sealed(struct setup *setup, struct error *err)
{
	AUTO(secret) sealed = SECRET_INIT;
	AUTO_FREE char *path = NULL;

	if (setup_path(setup, SETUP_SEALED, &path, err) < 0 ||
	    setup_seal_values(setup, &sealed, err) < 0)
		return -1;
	return add_ours(setup, path, 0644, secret_span(&sealed), err);
}

/* OpenClaw is told where the document is. */
static int check_manifest(const struct setup *setup, struct error *err)
{
	AUTO(manifest) manifest = MANIFEST_INIT;

	if (activate_read_manifest(setup->manifest, &manifest, err) < 0)
		return -1;
	if (strcmp(manifest.directory, MANIFEST_DIRECTORY) == 0)
		return 0;
	return error_set(err, ERROR_UNSUPPORTED,
			 "manifest \"%s\" has another directory than " MANIFEST_DIRECTORY,
			 text_printable_text(setup->manifest).text);
}

/* What comes of it is a manifest still. */
static int check_new_manifest(const struct setup *setup, struct span text, struct error *err)
{
	AUTO(manifest) manifest = MANIFEST_INIT;
	AUTO(secret) copy = SECRET_INIT;

	if (secret_append_span(&copy, text, err) < 0)
		return -1;
	if (manifest_parse(&copy, setup->manifest, &manifest, err) == 0)
		return 0;
	return error_wrap(err, "with what is to be added");
}

static int add_manifest(struct setup *setup, struct error *err)
{
	const char *identity =
		setup->options->identity ? setup->options->identity : MANIFEST_IDENTITY;
	AUTO(secret) before = SECRET_INIT;
	AUTO(secret) copy = SECRET_INIT;
	AUTO(secret) after = SECRET_INIT;
	struct change_file *file;
	struct stat status;
	bool exists;

	/* a dry run */
	if (access(setup->manifest, R_OK) < 0 && errno == EACCES)
		return 0;
	if (change_look(&setup->change, setup->manifest, false, &exists, &status, &before, err) <
		    0 ||
	    (exists && check_manifest(setup, err) < 0) ||
	    secret_append_span(&copy, secret_span(&before), err) < 0 ||
	    seal_plan_manifest(&setup->plan, &setup->facts, &copy, identity, &after, err) < 0 ||
	    check_new_manifest(setup, secret_span(&after), err) < 0)
		return -1;
	if (!exists)
		return add_ours(setup, setup->manifest, 0644, secret_span(&after), err);
	if (change_add(&setup->change, setup->manifest, &file, err) < 0)
		return -1;
	file->existed = true;
	file->status = status;
	file->before = secret_move(&before);
	file->after = secret_move(&after);
	return 0;
}

static int add_system_unit(struct setup *setup, struct error *err)
{
	AUTO_FREE char *path = NULL;

	if (setup->user_unit == NULL)
		return 0;
	if (asprintf(&path, SETUP_UNITS "%s", setup->unit) < 0) {
		path = NULL;
		return error_memory(err);
	}
	if (add_ours(setup, path, 0644, secret_span(&setup->system_unit), err) < 0)
		return -1;
	return add_known(setup, setup->user_unit, CHANGE_REMOVE, SPAN_INIT, err);
}

static int add_drop_in(struct setup *setup, struct error *err)
{
	AUTO(buf) text = BUF_INIT;
	AUTO_FREE char *path = NULL;

	if (asprintf(&path, SETUP_UNITS "%s" SETUP_DROP_IN, setup->unit) < 0) {
		path = NULL;
		return error_memory(err);
	}
	if (seal_plan_drop_in(&setup->plan, &setup->facts, &text, err) < 0)
		return -1;
	return add_ours(setup, path, 0644, buf_span(&text), err);
}

/* --- The installation's --- */

static int edit_job(void *argument, struct secret *ret_answer, struct error *err)
{
	return openclaw_edit(argument, ret_answer, err);
}

static int add_edited(struct setup *setup, const char *path, struct span text, struct error *err)
{
	if (setup->user_unit != NULL && strcmp(path, setup->user_unit) == 0)
		return 0; /* it goes, whole */
	if (!setup->is_new || strcmp(path, setup->config) != 0)
		return add_known(setup, path, CHANGE_WRITE, text, err);
	if (add_directories(setup, path, true, 0700, err) < 0)
		return -1;
	return add_new(setup, path, CHANGE_WRITE, true, 0600, text, err);
}

static int add_backup(struct setup *setup, const char *shown, struct error *err)
{
	const struct inventory_item *item =
		inventory_find_shown(&setup->inventory, span_of_text(shown));

	if (item == NULL)
		return error_set(err, ERROR_CONFIG, "\"%s\" is not the only file that is shown so",
				 shown);
	return add_known(setup, item->path, CHANGE_REMOVE, SPAN_INIT, err);
}

static int add_installation(struct setup *setup, struct error *err)
{
	struct openclaw_edit edit = { &setup->inventory, &setup->plan, setup->config,
				      setup->is_new };
	AUTO(secret) answer = SECRET_INIT;
	struct value value;
	struct span rest;

	if (child_job(edit_job, &edit, &answer, err) < 0)
		return -1;
	rest = secret_span(&answer);
	while (values_take(&rest, &value)) {
		AUTO(buf) text = BUF_INIT;
		const char *path;

		if (value.entry == EDIT_MODE) {
			setup->takes_password = span_equal_text(value.bytes, "password");
			setup->takes_token = span_equal_text(value.bytes, "token");
			continue;
		}
		if (buf_append_span(&text, value.name, err) < 0 ||
		    buf_text(&text, &path, err) < 0 ||
		    add_edited(setup, path, value.bytes, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < setup->plan.backups.len; i++)
		if (add_backup(setup, setup->plan.backups.items[i], err) < 0)
			return -1;
	return 0;
}

static int find_user(struct setup *setup, struct error *err)
{
	const struct passwd *entry = getpwuid(setup->survey.uid);

	if (setup->survey.uid == 0) {
		error_set(err, ERROR_DENIED,
			  "the gateway's user is root: its agent's shell reads "
			  "all that there is, the host's key too");
		return error_hint(err, "name a user of its own: --for USER");
	}
	setup->change.user.name = strdup(setup->found.user);
	setup->change.user.uid = setup->survey.uid;
	setup->change.user.gid = entry ? entry->pw_gid : (gid_t)setup->survey.uid;
	return setup->change.user.name ? 0 : error_memory(err);
}

/* Whatever is sealed was found in a file whose owner was looked at, and goes from there. */
static int check_all_change(const struct setup *setup, struct error *err)
{
	for (size_t i = 0; i < setup->plan.len; i++) {
		const struct seal_place *place = &setup->plan.places[i];
		bool found = place->kind == CHECK_NOWHERE;

		for (size_t k = 0; k < setup->change.len; k++)
			found = found ||
				span_equal_text(
					place->file,
					text_printable_text(setup->change.files[k].path).text);
		if (!found)
			return error_set(err, ERROR_CONFIG,
					 "%.*s, line %.*s: the secret would stay there",
					 SPAN_PRINT(place->file), SPAN_PRINT(place->line));
	}
	return 0;
}

int setup_collect(struct setup *setup, struct error *err)
{
	if (find_user(setup, err) < 0 || add_sealed(setup, err) < 0 ||
	    add_manifest(setup, err) < 0 || add_drop_in(setup, err) < 0 ||
	    add_system_unit(setup, err) < 0)
		return -1;
	if (add_installation(setup, err) < 0 || check_all_change(setup, err) < 0)
		return -1;
	/* of a dry run not all of them */
	return geteuid() == 0 ? change_take_attributes(&setup->change, err) : 0;
}
