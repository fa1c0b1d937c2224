/* SPDX-License-Identifier: MIT */
/* One file of a change: where it is, read, and written anew. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "change.h"
#include "util/file.h"
#include "util/text.h"

#define TEXT_MAX ((size_t)8 << 20)

void change_release(struct change *change)
{
	for (size_t i = 0; i < change->len; i++) {
		free(change->files[i].path);
		secret_release(&change->files[i].before);
		secret_release(&change->files[i].after);
		secret_release(&change->files[i].attributes);
	}
	free(change->files);
	free(change->user.name);
	*change = CHANGE_INIT;
}

int change_add(struct change *change, const char *path, struct change_file **ret_file,
	       struct error *err)
{
	struct change_file *files;

	if (change->len == CHANGE_FILES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d files", CHANGE_FILES_MAX);
	files = realloc(change->files, (change->len + 1) * sizeof(*files));
	if (files == NULL)
		return error_memory(err);
	change->files = files;
	files[change->len] = (struct change_file){ .path = strdup(path) };
	if (files[change->len].path == NULL)
		return error_memory(err);
	*ret_file = &files[change->len++];
	return 0;
}

void change_place_release(struct change_place *place)
{
	file_close_pointer(&place->fd);
	buf_release(&place->aside);
	buf_release(&place->unready);
	rights_release(&place->rights);
}

int change_place_open(const struct change *change, const struct change_file *file,
		      struct change_place *ret_place, struct error *err)
{
	AUTO_FREE char *parent = strdup(file->path);
	char *slash = parent ? strrchr(parent, '/') : NULL;

	if (parent == NULL)
		return error_memory(err);
	ret_place->name = strrchr(file->path, '/') + 1;
	slash[slash == parent ? 1 : 0] = '\0';
	if (buf_printf(&ret_place->aside, err, ".%s.bootseal-old", ret_place->name) < 0 ||
	    buf_printf(&ret_place->unready, err, ".%s.bootseal-new", ret_place->name) < 0 ||
	    buf_text(&ret_place->aside, &ret_place->aside_name, err) < 0 ||
	    buf_text(&ret_place->unready, &ret_place->unready_name, err) < 0 ||
	    (file->as_user && rights_take(change->user.name, change->user.uid, change->user.gid,
					  &ret_place->rights, err) < 0))
		return -1;
	ret_place->fd = file_openat_named(AT_FDCWD, parent, O_RDONLY | O_DIRECTORY);
	if (ret_place->fd < 0 && errno != ENOENT)
		return error_sys(err, "cannot open the directory of \"%s\"",
				 text_printable_text(file->path).text);
	return 0;
}

int change_open_file(const struct change_place *place, const char *name, int flags, int *ret_fd,
		     struct stat *ret_status, struct error *err)
{
	AUTO_FD int fd = -1;

	*ret_fd = -1;
	if (place->fd < 0)
		return 0;
	fd = openat(place->fd, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == ELOOP)
		return error_set(err, ERROR_DENIED, "\"%s\" is a symlink: its place is elsewhere",
				 text_printable_text(name).text);
	if (fd < 0 || fstat(fd, ret_status) < 0)
		return error_sys(err, "cannot open \"%s\"", text_printable_text(name).text);
	if (!S_ISREG(ret_status->st_mode))
		return error_set(err, ERROR_DENIED, "\"%s\" is no regular file",
				 text_printable_text(name).text);
	*ret_fd = fd;
	fd = -1;
	return 0;
}

int change_look(const struct change *change, const char *path, bool as_user, bool *ret_exists,
		struct stat *ret_status, struct secret *ret_text, struct error *err)
{
	const struct change_file file = { .path = (char *)(uintptr_t)path, .as_user = as_user };
	AUTO(change_place) place = CHANGE_PLACE_INIT;
	AUTO_FD int fd = -1;

	*ret_exists = false;
	if (change_place_open(change, &file, &place, err) < 0 ||
	    change_open_file(&place, place.name, O_RDONLY, &fd, ret_status, err) < 0)
		return -1;
	if (fd < 0)
		return 0;
	*ret_exists = true;
	return file_read_fd(fd, path, TEXT_MAX, ret_text, err);
}

/* Where it was another's, and cannot be again, it is not put there. */
static int set_owner(int fd, const struct stat *status, const char *name, struct error *err)
{
	struct stat now;

	if (fstat(fd, &now) < 0)
		return error_sys(err, "cannot look at \"%s\"", text_printable_text(name).text);
	if ((now.st_uid != status->st_uid || now.st_gid != status->st_gid) &&
	    fchown(fd, status->st_uid, status->st_gid) < 0)
		return error_sys(err, "cannot give \"%s\" its owner",
				 text_printable_text(name).text);
	return 0;
}

bool change_is_there(const struct change_place *place, const char *name)
{
	return faccessat(place->fd, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

int change_write_new(const struct change_place *place, const struct change_file *file,
		     struct span text, bool with_times, struct error *err)
{
	const struct stat *status = &file->status;
	const struct timespec times[2] = { status->st_atim, status->st_mtim };
	AUTO_FD int fd = -1;

	if (unlinkat(place->fd, place->unready_name, 0) < 0 && errno != ENOENT)
		return error_sys(err, "cannot remove \"%s\"", place->unready_name);
	fd = openat(place->fd, place->unready_name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(err, "cannot write \"%s\"", text_printable_text(place->name).text);
	if (set_owner(fd, status, place->name, err) < 0 ||
	    change_attributes_clear(fd, place->name, err) < 0 ||
	    file_write_all(fd, text, place->name, err) < 0)
		return -1;
	/* before the mode, which may take the right to; of an ACL the mode is a part, and the same */
	if (change_attributes_set(fd, place->name, secret_span(&file->attributes), err) < 0)
		return -1;
	if (fchmod(fd, status->st_mode & 07777) < 0 || (with_times && futimens(fd, times) < 0) ||
	    fsync(fd) < 0)
		return error_sys(err, "cannot write \"%s\"", text_printable_text(place->name).text);
	return 0;
}
