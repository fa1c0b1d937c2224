/* SPDX-License-Identifier: MIT */
#include "change.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"
#include "util/text.h"

#define CHUNK 4096

static int fail(const struct change_file *file, const char *what, struct error *err)
{
	return error_sys(err, "cannot %s \"%s\"", what, text_printable_text(file->path).text);
}

static int sync_place(const struct change_place *place, const struct change_file *file,
		      struct error *err)
{
	return fsync(place->fd) < 0 ? fail(file, "write the directory of", err) : 0;
}

static bool holds(const struct secret *text, const struct secret *wanted)
{
	return span_equal(secret_span(text), secret_span(wanted));
}

/* --- Forth --- */

/* What was shown is what is changed. */
static int check_same(const struct change_place *place, const struct change_file *file,
		      struct error *err)
{
	AUTO(secret) now = SECRET_INIT;
	AUTO_FD int fd = -1;
	struct stat status;
	bool same;

	if (change_open_file(place, place->name, O_RDONLY, &fd, &status, err) < 0 ||
	    (fd >= 0 && file_read_fd(fd, file->path, SECRET_MAX, &now, err) < 0))
		return -1;
	same = file->existed ? fd >= 0 && status.st_nlink == 1 && holds(&now, &file->before)
			     : fd < 0;
	if (same)
		return 0;
	return error_set(err, ERROR_FINDINGS, "\"%s\" was changed since it was read",
			 text_printable_text(file->path).text);
}

static int apply_text(const struct change_place *place, const struct change_file *file,
		      struct error *err)
{
	if (change_write_new(place, file, secret_span(&file->after), false, err) < 0)
		return -1;
	if (file->existed && linkat(place->fd, place->name, place->fd, place->aside_name, 0) < 0)
		return fail(file, "set aside", err);
	if (renameat(place->fd, place->unready_name, place->fd, place->name) < 0)
		return fail(file, "write", err);
	return sync_place(place, file, err);
}

static int apply_file(const struct change *change, const struct change_file *file,
		      struct error *err)
{
	AUTO(change_place) place = CHANGE_PLACE_INIT;

	if (change_place_open(change, file, &place, err) < 0)
		return -1;
	if (place.fd < 0) {
		errno = ENOENT;
		return fail(file, "open the directory of", err);
	}
	if (file->kind == CHANGE_DIRECTORY)
		return mkdirat(place.fd, place.name, file->status.st_mode & 07777) < 0 &&
				       errno != EEXIST
			       ? fail(file, "make", err)
			       : sync_place(&place, file, err);
	if (check_same(&place, file, err) < 0 || change_check_aside(&place, file, err) < 0)
		return -1;
	if (file->kind == CHANGE_WRITE)
		return apply_text(&place, file, err);
	if (renameat(place.fd, place.name, place.fd, place.aside_name) < 0)
		return fail(file, "set aside", err);
	return sync_place(&place, file, err);
}

int change_apply(const struct change *change, struct error *err)
{
	for (size_t i = 0; i < change->len; i++)
		if (apply_file(change, &change->files[i], err) < 0)
			return -1;
	return 0;
}

/* --- Back --- */

static int remove_name(const struct change_place *place, const char *name,
		       const struct change_file *file, int flags, struct error *err)
{
	/* a file system that is read-only says so of what is not there, too */
	if (!change_is_there(place, name) || unlinkat(place->fd, name, flags) == 0 ||
	    errno == ENOENT || (flags != 0 && (errno == ENOTEMPTY || errno == EEXIST)))
		return 0;
	return fail(file, "remove", err);
}

/* A file that is new: where it is not what was written, it is somebody else's. */
static int remove_new(const struct change_place *place, const struct change_file *file,
		      struct error *err)
{
	AUTO(secret) now = SECRET_INIT;
	AUTO_FD int fd = -1;
	struct stat status;

	if (change_open_file(place, place->name, O_RDONLY, &fd, &status, err) < 0 ||
	    (fd >= 0 && file_read_fd(fd, file->path, SECRET_MAX, &now, err) < 0))
		return -1;
	if (fd < 0 || !holds(&now, &file->after))
		return 0;
	return remove_name(place, place->name, file, 0, err);
}

/* What was set aside is what was read: another of that name was there before, and stays. */
static int is_set_aside(const struct change_place *place, const struct change_file *file,
			bool *ret_is, struct error *err)
{
	AUTO(secret) aside = SECRET_INIT;
	AUTO_FD int fd = -1;
	struct stat status;

	if (change_open_file(place, place->aside_name, O_RDONLY, &fd, &status, err) < 0 ||
	    (fd >= 0 && file_read_fd(fd, file->path, SECRET_MAX, &aside, err) < 0))
		return -1;
	*ret_is = fd >= 0 && holds(&aside, &file->before);
	return 0;
}

static int take_back_file(const struct change *change, const struct change_file *file,
			  struct error *err)
{
	AUTO(change_place) place = CHANGE_PLACE_INIT;
	bool is_aside = false;

	if (change_place_open(change, file, &place, err) < 0)
		return -1;
	if (place.fd < 0)
		return 0;
	if (file->kind == CHANGE_DIRECTORY)
		return remove_name(&place, place.name, file, AT_REMOVEDIR, err);
	if (remove_name(&place, place.unready_name, file, 0, err) < 0)
		return -1;
	if (!file->existed)
		return remove_new(&place, file, err);
	if (is_set_aside(&place, file, &is_aside, err) < 0)
		return -1;
	if (!is_aside)
		return 0;
	if (renameat(place.fd, place.aside_name, place.fd, place.name) < 0)
		return fail(file, "put back", err);
	/* two names of one file are not made one by a rename */
	if (remove_name(&place, place.aside_name, file, 0, err) < 0)
		return -1;
	return sync_place(&place, file, err);
}

int change_take_back(const struct change *change, struct error *err)
{
	int result = 0;

	/* what can be put back is, whatever cannot */
	for (size_t i = change->len; i-- > 0;) {
		struct error why = ERROR_INIT;

		if (take_back_file(change, &change->files[i], &why) < 0 && result == 0) {
			*err = why;
			result = -1;
		}
	}
	return result;
}

/* --- The end --- */

static int overwrite(int fd, off_t len)
{
	static const char zeros[CHUNK];

	for (off_t at = 0; at < len;) {
		const size_t left = (size_t)(len - at);
		const ssize_t written =
			pwrite(fd, zeros, left < sizeof(zeros) ? left : sizeof(zeros), at);

		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			return -1;
		at += written;
	}
	return fsync(fd);
}

/* Mode 0400, too: its owner may give himself the right to write. */
static int forget_file(const struct change *change, const struct change_file *file,
		       struct error *err)
{
	AUTO(change_place) place = CHANGE_PLACE_INIT;
	AUTO_FD int fd = -1;
	struct stat status;

	if (change_place_open(change, file, &place, err) < 0)
		return -1;
	if (place.fd < 0 || !change_is_there(&place, place.aside_name))
		return 0;
	if (fchmodat(place.fd, place.aside_name, 0600, 0) < 0)
		return fail(file, "overwrite the old", err);
	if (change_open_file(&place, place.aside_name, O_WRONLY, &fd, &status, err) < 0)
		return -1;
	if (fd < 0)
		return 0;
	if (overwrite(fd, status.st_size) < 0)
		return fail(file, "overwrite the old", err);
	if (remove_name(&place, place.aside_name, file, 0, err) < 0)
		return -1;
	return sync_place(&place, file, err);
}

int change_forget(const struct change *change, struct error *err)
{
	for (size_t i = 0; i < change->len; i++)
		if (change->files[i].existed && forget_file(change, &change->files[i], err) < 0)
			return -1;
	return 0;
}

int change_is_aside(const struct change *change, bool *ret_is, struct error *err)
{
	*ret_is = false;
	for (size_t i = 0; i < change->len && !*ret_is; i++) {
		AUTO(change_place) place = CHANGE_PLACE_INIT;

		if (change_place_open(change, &change->files[i], &place, err) < 0)
			return -1;
		*ret_is = place.fd >= 0 && change_is_there(&place, place.aside_name);
	}
	return 0;
}
