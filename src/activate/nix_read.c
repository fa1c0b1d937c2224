/* SPDX-License-Identifier: MIT */
#include "nix_run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/ancestors.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

/* Who may list the generations' directories: the first of these groups that there is. */
#define NIX_GROUP "keys"
#define NIX_OTHER_GROUP "nogroup"

static bool nix_installs(const struct nix_run *run)
{
	return run->options->check == NIX_CHECK_OFF;
}

/* Who could write the manifest would be root; who could write a sealed file would choose its values. */
static int nix_tell_writers(struct nix_run *run, const struct stat *status, bool is_manifest,
			    const char *path, struct error *err)
{
	const struct text_shown shown = text_printable_text(path);
	const unsigned uid = (unsigned)status->st_uid, mode = (unsigned)status->st_mode & 07777;
	static const char fault[] = "others than root may write the %s \"%s\" (uid %u, mode %04o)";

	if (!is_manifest)
		return names_printf(nix_notes(run), err, fault, "file", shown.text, uid, mode);
	return error_set(err, ERROR_DENIED, fault, "manifest", shown.text, uid, mode);
}

static int nix_check_writers(struct nix_run *run, int fd, bool is_manifest, const char *path,
			     struct error *err)
{
	struct stat status;
	bool ours;

	if (!nix_installs(run))
		return 0;
	if (fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", text_printable_text(path).text);
	ours = status.st_uid == 0 || status.st_uid == geteuid() ||
	       ancestors_is_unmapped(status.st_uid);
	return ours && (status.st_mode & 022) == 0
		       ? 0
		       : nix_tell_writers(run, &status, is_manifest, path, err);
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

	return record_add(&run->record, real == NULL ? path : real, content, "", err);
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

int nix_read_manifest(struct nix_run *run, const char *path, struct error *err)
{
	const char *runtime_dir = getenv("XDG_RUNTIME_DIR");
	struct manifest *manifest = &run->nix.manifest;
	AUTO(secret) text = SECRET_INIT;

	record_begin(&run->record);
	if (nix_read_file(run, path, NIX_MANIFEST_MAX, true, &text, err) < 0 ||
	    nix_add_source(run, path, secret_span(&text), err) < 0 ||
	    nix_manifest_parse(&text, path, runtime_dir == NULL ? "" : runtime_dir, &run->nix,
			       err) < 0 ||
	    nix_read_templates(run, err) < 0 || nix_tell_slips(run, err) < 0)
		return -1;
	run->report->base.files = manifest->len;
	run->report->base.directory =
		strdup(manifest->directory == NULL ? "" : manifest->directory);
	if (run->report->base.directory == NULL)
		return error_memory(err);
	if (!nix_installs(run))
		return 0;
	if (manifest->user_mode && runtime_dir == NULL)
		return error_set(err, ERROR_CONFIG,
				 "$XDG_RUNTIME_DIR is not set, which user mode "
				 "needs");
	if (manifest->directory == NULL || manifest->root == NULL)
		return error_set(err, ERROR_CONFIG, "the manifest has no %s",
				 manifest->root == NULL ? "secretsMountPoint" : "symlinkPath");
	return 0;
}

static int nix_read_one(struct nix_run *run, struct nix_sealed *sealed, size_t file,
			struct error *err)
{
	const char *path = run->nix.manifest.files.items[file];
	AUTO(secret) text = SECRET_INIT;

	if (nix_read_file(run, path, DOC_TEXT_MAX, false, &text, err) < 0 ||
	    nix_add_source(run, path, secret_span(&text), err) < 0)
		return -1;
	return nix_sealed_add(sealed, file, secret_span(&text), err);
}

int nix_read_sealed(struct nix_run *run, struct nix_sealed *ret_sealed, struct error *err)
{
	AUTO(nix_sealed) sealed = NIX_SEALED_INIT;
	int result = nix_sealed_make(&run->nix, &sealed, err);

	/* Not beyond this: a child comes next. */
	secret_keep_spares();
	for (size_t i = 0; result == 0 && i < run->nix.manifest.files.len; i++)
		result = nix_read_one(run, &sealed, i, err);
	secret_free_spares();
	if (result < 0)
		return -1;
	*ret_sealed = sealed;
	sealed = NIX_SEALED_INIT;
	return 0;
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

int nix_find_owners(struct nix_run *run, struct error *err)
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
