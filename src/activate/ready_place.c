/* SPDX-License-Identifier: MIT */
/* The place where documents are published: made, looked at, emptied and removed. */
#include "ready.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/generation.h"
#include "activate/ramfs.h"
#include "internal.h"
#include "util/buf.h"
#include "util/file.h"

int ready_open(const char *directory, struct target *ret_target, struct error *err)
{
	AUTO_FREE char *root = NULL;

	if (asprintf(&root, "%s" READY_SUFFIX, directory) < 0) {
		root = NULL;
		return error_memory(err);
	}
	if (target_open(directory, root, ret_target, err) < 0)
		return -1;
	ret_target->manner.flat = true;
	return 0;
}

int ready_check_ours(const struct target *target, struct error *err)
{
	struct stat status;
	bool empty = true;

	/* A first run that was killed left it empty: the record comes before all else. */
	if (target->kind != TARGET_ABSENT && generation_is_empty(target->root_fd, &empty, err) < 0)
		return error_wrap(err, "\"%s\"", target->root);
	if (empty || (file_is_in_memory(target->root_fd) &&
		      fstatat(target->root_fd, READY_RECORD, &status, AT_SYMLINK_NOFOLLOW) == 0))
		return 0;
	/* Who took the record away did not make the rest his. */
	if (target->kind == TARGET_MOUNT && ramfs_is_ours(target->root_fd))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" has something in it that is not bootseal's",
		  target->root);
	return error_hint(err, "move it away, or choose another directory");
}

int ready_load(const struct target *target, struct ready_record *ret_record, bool *ret_there,
	       struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	struct error unread = ERROR_INIT;

	*ret_there = target->kind != TARGET_ABSENT &&
		     file_read_regular(target->root_fd, READY_RECORD, READY_RECORD_MAX, &text,
				       &unread) == 0;
	if (*ret_there)
		return ready_record_parse(secret_span(&text), ret_record, err) < 0
			       ? error_wrap(err, "\"%s\"", target->root)
			       : 0;
	if (unread.kind != ERROR_NONE && unread.kind != ERROR_NO_FILE) {
		*err = unread;
		return error_wrap(err, "\"%s\"", target->root);
	}
	ready_record_begin(ret_record);
	return 0;
}

int ready_store(const struct target *target, const struct ready_record *record, struct error *err)
{
	AUTO(secret) text = SECRET_INIT;

	if (ready_record_format(record, &text, err) < 0 ||
	    file_write(target->root_fd, READY_RECORD, secret_span(&text), 0400, err) < 0)
		return error_wrap(err, "\"%s\"", target->root);
	return 0;
}

static int ready_unlink(int root_fd, const char *name, bool *ret_was_there, struct error *err)
{
	const bool was_there = unlinkat(root_fd, name, 0) == 0;

	if (!was_there && errno != ENOENT && errno != ENOTDIR)
		return error_sys(err, "cannot remove \"%s\"", name);
	if (ret_was_there != NULL)
		*ret_was_there = was_there;
	return 0;
}

int ready_remove_document(int root_fd, const char *name, bool *ret_was_there, struct error *err)
{
	AUTO_FREE char *path = strdup(name);
	char *slash;

	if (ready_unlink(root_fd, name, ret_was_there, err) < 0)
		return -1;
	if (path == NULL)
		return error_memory(err);
	while ((slash = strrchr(path, '/')) != NULL) {
		*slash = '\0';
		if (unlinkat(root_fd, path, AT_REMOVEDIR) < 0)
			break;
	}
	return 0;
}

/* Whatever lies in it; but_own: what is the run's alone stays. */
static int ready_remove_all(int root_fd, bool but_own, struct error *err)
{
	const int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (directory == NULL)
		return error_sys(err, "cannot list what is published");
	while (result == 0 && (entry = readdir(directory)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
		    !(but_own && span_starts_with(span_of_text(entry->d_name), MANIFEST_RESERVED)))
			result = file_remove_tree(root_fd, entry->d_name, err);
	closedir(directory);
	return result;
}

/* Whose documents a run was killed amid putting in their places; NULL: nobody's. */
static const char *ready_find_torn(int root_fd, const struct ready_record *record)
{
	for (size_t i = 0; i < record->len; i++) {
		AUTO_FREE char *built = NULL;
		struct stat status;

		if (asprintf(&built, READY_BUILT "%s", record->items[i].name) < 0)
			built = NULL;
		/* Where there is no memory for the question, it is taken for one. */
		if (built == NULL || fstatat(root_fd, built, &status, AT_SYMLINK_NOFOLLOW) == 0)
			return record->items[i].unit;
	}
	return NULL;
}

/*
 * What a killed run left: of its own unit's documents some may be there, and not others. A place that is closed
 * may hold a part of anybody's: then all go, before it is opened again.
 */
static int ready_clean(const struct target *target, const struct ready_record *record,
		       struct error *err)
{
	const char *torn = ready_find_torn(target->root_fd, record);
	struct stat status;
	bool closed;

	if (fstatat(target->root_fd, ".", &status, 0) < 0)
		return error_sys(err, "cannot look at \"%s\"", target->root);
	closed = (status.st_mode & 07777) != READY_MODE;
	for (size_t i = 0; i < record->len; i++)
		if ((closed || (torn != NULL && strcmp(record->items[i].unit, torn) == 0)) &&
		    ready_remove_document(target->root_fd, record->items[i].name, NULL, err) < 0)
			return -1;
	if (file_remove_tree(target->root_fd, READY_NEW, err) < 0)
		return -1;
	if (closed && fchmodat(target->root_fd, ".", READY_MODE, 0) < 0)
		return error_sys(err, "cannot open \"%s\" to its readers", target->root);
	return 0;
}

/* Without the record it is not known whose each document is: none stays. */
static int ready_recover(const struct target *target, struct ready_record *ret_record,
			 struct error *err)
{
	struct error damage = ERROR_INIT;
	bool there;

	if (ready_load(target, ret_record, &there, &damage) == 0 && there)
		return ready_clean(target, ret_record, err);
	if (damage.kind != ERROR_NONE && damage.kind != ERROR_FORMAT) {
		*err = damage;
		return -1;
	}
	ready_record_begin(ret_record);
	return ready_remove_all(target->root_fd, false, err) < 0
		       ? -1
		       : ready_clean(target, ret_record, err);
}

int ready_prepare(struct target *target, struct ready_record *ret_record, struct names *notes,
		  struct error *err)
{
	if (ready_check_ours(target, err) < 0 || target_prepare(target, notes, err) < 0)
		return -1;
	return ready_recover(target, ret_record, err);
}

/* remove: with the directories that are empty then, or, beside who may be about to use them, without. */
static int ready_empty_documents(const struct target *target, const struct ready_record *record,
				 const char *unit,
				 int (*remove)(int root_fd, const char *name, bool *ret_was_there,
					       struct error *err),
				 struct names *withdrawn, struct error *err)
{
	for (size_t i = 0; i < record->len; i++) {
		const char *name = record->items[i].name;
		bool was_there = false;

		if (strcmp(record->items[i].unit, unit) != 0)
			continue;
		if (remove(target->root_fd, name, &was_there, err) < 0)
			return -1;
		if (was_there && withdrawn != NULL &&
		    names_printf(withdrawn, err, "%s/%s", target->root, name) < 0)
			return -1;
	}
	return 0;
}

static int ready_open_writable(struct target *target, struct error *err)
{
	int fd = -1;

	if (ramfs_open_writable(target->parent_fd, target->root_name, &fd, err) < 0)
		return -1;
	file_close_pointer(&target->root_fd);
	target->root_fd = fd;
	return 0;
}

int ready_empty(struct target *target, const char *unit, struct names *withdrawn, struct error *err)
{
	AUTO(ready_record) record = READY_RECORD_INIT;

	if (target_look(target, err) < 0)
		return -1;
	if (target->kind == TARGET_ABSENT)
		return 0;
	if (ready_check_ours(target, err) < 0 || ready_open_writable(target, err) < 0 ||
	    ready_recover(target, &record, err) < 0)
		return -1;
	return ready_empty_documents(target, &record, unit, ready_remove_document, withdrawn, err);
}

int ready_empty_unlocked(struct target *target, const char *unit, struct names *withdrawn,
			 struct error *err)
{
	AUTO(ready_record) record = READY_RECORD_INIT;
	struct error damage = ERROR_INIT;
	bool there;

	if (ready_open_writable(target, err) < 0)
		return -1;
	if (ready_load(target, &record, &there, &damage) == 0)
		return ready_empty_documents(target, &record, unit, ready_unlink, withdrawn, err);
	if (damage.kind == ERROR_FORMAT && file_is_in_memory(target->root_fd))
		return ready_remove_all(target->root_fd, true, err);
	*err = damage;
	return -1;
}

int ready_remove(struct target *target, struct error *err)
{
	if (target_look(target, err) < 0)
		return -1;
	if (target->kind == TARGET_ABSENT)
		return 0;
	if (ready_check_ours(target, err) < 0 ||
	    (target->kind == TARGET_MOUNT && target_unmount(target, err) < 0) ||
	    ready_remove_all(target->root_fd, false, err) < 0)
		return -1;
	if (unlinkat(target->parent_fd, target->root_name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_sys(err, "cannot remove \"%s\"", target->root);
	return 0;
}
