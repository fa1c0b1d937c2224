/* SPDX-License-Identifier: MIT */
/* The manifest of a run, and what it names on the host. */
#include "activation.h"

#include "activate/ancestors.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void activation_release(struct activation *run)
{
	secret_release(&run->values);
	free(run->owners);
	free(run->base);
	file_close_pointer(&run->dir_fd);
	manifest_release(&run->manifest);
	faults_release(&run->faults);
	record_release(&run->record);
	record_release(&run->live);
	plan_release(&run->plan);
	target_release(&run->target);
	secret_release(&run->units);
	target_release(&run->ready_target);
	ready_record_release(&run->ready);
	names_release(&run->ready_gone);
}

void activate_report_release(struct activate_report *report)
{
	free(report->directory);
	names_release(&report->added);
	names_release(&report->changed);
	names_release(&report->removed);
	names_release(&report->kept);
	names_release(&report->missing);
	names_release(&report->unlinked);
	names_release(&report->notes);
	units_release(&report->units);
	*report = ACTIVATE_REPORT_INIT;
}

/*
 * The manifest decides what root writes where: who else could write it would be root. Of a sealed file, sealing takes
 * no secret: who else could write it would choose the values. In a user namespace, where the manifest is the caller's,
 * such a file may be the host's root's.
 */
int activation_check_writers(int fd, bool is_sealed, const char *path, struct error *err)
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

/* Who may write there may put another file in the place of a sealed one: an older one, say. */
static int activation_check_base(struct activation *run, struct error *err)
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

static int activation_open_base(struct activation *run, const char *path, const char *name,
				struct error *err)
{
	AUTO_FREE char *directory =
		name == path ? strdup("./") : strndup(path, (size_t)(name - path));
	size_t len;

	if (directory == NULL)
		return error_memory(err);
	len = strlen(directory);
	while (len > 1 && directory[len - 1] == '/')
		directory[--len] = '\0';
	/*
	 * Links stay: what was opened before is found in the record by the name that it had then,
	 * and on NixOS what is in /etc leads elsewhere each time.
	 */
	run->base = directory[0] == '/' ? strdup(directory) : realpath(directory, NULL);
	if (run->base == NULL)
		return error_sys(err, "cannot find the directory \"%s\"",
				 text_printable_text(directory).text);
	return activation_check_base(run, err);
}

/* The absolute path of a file in the manifest's directory, for the record. */
int activation_path(const struct activation *run, const char *name, char **ret_path,
		    struct error *err)
{
	const char *base = name[0] == '/' ? "" : run->base;
	size_t len = strlen(base) + strlen(name) + 2;
	char *path = malloc(len);

	if (path == NULL)
		return error_memory(err);
	snprintf(path, len, "%s%s%s", base, name[0] == '/' ? "" : "/", name);
	*ret_path = path;
	return 0;
}

int activation_add_source(struct activation *run, const char *name, struct span content,
			  const char *time, struct error *err)
{
	AUTO_FREE char *path = NULL;

	if (activation_path(run, name, &path, err) < 0)
		return -1;
	return record_add(&run->record, path, content, time, err);
}

int activation_read_manifest(struct activation *run, const char *path, struct error *err)
{
	struct text_shown shown = text_printable_text(path);
	AUTO(secret) text = SECRET_INIT;
	AUTO_FD int fd = -1;
	const char *name;
	bool missing;

	if (file_open_parent(AT_FDCWD, path, &run->dir_fd, &name, err) < 0 ||
	    activation_open_base(run, path, name, err) < 0)
		return -1;
	/* Neither a FIFO nor a terminal may hold up the boot. */
	fd = openat(run->dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		missing = errno == ENOENT;
		error_sys(err, "cannot open the manifest \"%s\"", shown.text);
		err->kind = missing ? ERROR_NO_FILE : err->kind;
		return -1;
	}
	if (activation_check_writers(fd, false, shown.text, err) < 0 ||
	    file_read_fd(fd, path, MANIFEST_MAX, &text, err) < 0 ||
	    activation_add_source(run, name, secret_span(&text), "", err) < 0)
		return -1;
	return manifest_parse(&text, path, &run->manifest, err);
}

/* As in systemd's units. Of root's environment nothing counts. */
int activation_place(struct activation *run, struct error *err)
{
	const char *runtime = geteuid() == 0 ? "/run" : getenv("XDG_RUNTIME_DIR");
	char *directory = NULL;

	if (!span_starts_with(span_of_text(run->manifest.directory), MANIFEST_RUNTIME "/"))
		return 0;
	/* To systemd an empty variable is one that is not set. */
	if (runtime == NULL || *runtime == '\0') {
		error_set(err, ERROR_CONFIG, "directory \"%s\": XDG_RUNTIME_DIR is not set",
			  run->manifest.directory);
		return error_hint(err, "run it in a session or a unit of the user's");
	}
	if (asprintf(&directory, "%s%s", runtime,
		     run->manifest.directory + strlen(MANIFEST_RUNTIME)) < 0)
		return error_memory(err);
	free(run->manifest.directory);
	run->manifest.directory = directory;
	/* Only now is it known what lies outside of it. */
	return manifest_check_entries(&run->manifest, err);
}

/* Only a check may go on without an owner: it is made where the operator is, too. */
static int activation_miss_owner(struct activation *run, size_t entry, bool check,
				 struct error *err)
{
	const char *name = run->manifest.entries[entry].name;

	if (!check || err->kind != ERROR_CONFIG) {
		error_wrap(err, "\"%s\"", name);
		return faults_take(&run->faults, entry, err);
	}
	if (names_printf(&run->report->notes, err, "\"%s\": %s on this machine", name,
			 err->message) < 0)
		return -1;
	error_clear(err);
	return 0;
}

int activation_find_owners(struct activation *run, bool check, struct error *err)
{
	run->owners = calloc(run->manifest.len, sizeof(*run->owners));
	if (run->owners == NULL)
		return error_memory(err);
	for (size_t i = 0; i < run->manifest.len; i++) {
		const struct manifest_entry *entry = &run->manifest.entries[i];

		if (owner_find(entry->owner, entry->group, &run->owners[i], err) < 0 &&
		    activation_miss_owner(run, i, check, err) < 0)
			return -1;
	}
	return 0;
}

int activation_begin(struct activation *run, const char *path, bool check, struct error *err)
{
	record_begin(&run->record);
	if (activation_read_manifest(run, path, err) < 0 ||
	    (!check && activation_place(run, err) < 0))
		return -1;
	if (run->manifest.len == 0 && !check)
		return error_set(err, ERROR_CONFIG,
				 "manifest \"%s\": it has credentials alone, which are opened on "
				 "demand",
				 text_printable_text(path).text);
	revision_find(run->base, run->record.revision);
	if (faults_init(&run->faults, run->manifest.len,
			!check && run->manifest.on_error == MANIFEST_KEEP, err) < 0 ||
	    activation_find_owners(run, check, err) < 0)
		return -1;
	run->report->files = run->manifest.len;
	run->report->directory = strdup(run->manifest.directory);
	return run->report->directory == NULL ? error_memory(err) : 0;
}
