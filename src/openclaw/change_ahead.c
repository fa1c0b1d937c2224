/* SPDX-License-Identifier: MIT */
/* What would keep a change from being made, looked at before the first step of it. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "change.h"
#include "util/text.h"

/* Only root can take on the rights that a file takes; the user himself has them. */
static bool can_tell(const struct change *change, const struct change_file *file)
{
	return geteuid() == 0 || (file->as_user && geteuid() == change->user.uid);
}

/* Is path made by this change, before the file? */
static bool is_made(const struct change *change, const struct change_file *file)
{
	const size_t len = (size_t)(strrchr(file->path, '/') - file->path);

	for (const struct change_file *f = change->files; f != file; f++)
		if (f->kind == CHANGE_DIRECTORY && strlen(f->path) == len &&
		    strncmp(f->path, file->path, len) == 0)
			return true;
	return false;
}

int change_check_aside(const struct change_place *place, const struct change_file *file,
		       struct error *err)
{
	if (!file->existed ||
	    (faccessat(place->fd, place->aside_name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
	     errno == ENOENT))
		return 0;
	error_set(err, ERROR_FINDINGS, "\"%s\" has a \"%s\" beside it",
		  text_printable_text(file->path).text,
		  text_printable_text(place->aside_name).text);
	return error_hint(err, "the old file would be set aside under that name: see what it is, "
			       "and move it away");
}

/* Of those whose rights the process has. */
static int has_group(gid_t group, bool *ret_has, struct error *err)
{
	const int len = getgroups(0, NULL);
	AUTO_FREE gid_t *groups = calloc(len > 0 ? (size_t)len : 1, sizeof(*groups));

	*ret_has = false;
	if (groups == NULL)
		return error_memory(err);
	if (len < 0 || getgroups(len, groups) < 0)
		return error_sys(err, "cannot tell the groups");
	for (int i = 0; i < len; i++)
		*ret_has = *ret_has || groups[i] == group;
	return 0;
}

/* What is new gets the group of what was there; a user can give it one of his, and has that of a directory that says so. */
static int check_group(const struct change *change, const struct change_place *place,
		       const struct change_file *file, struct error *err)
{
	const gid_t group = file->status.st_gid;
	struct stat directory;
	bool has;

	if (!file->existed || !file->as_user || file->kind != CHANGE_WRITE ||
	    group == change->user.gid)
		return 0;
	if (has_group(group, &has, err) < 0)
		return -1;
	if (has)
		return 0;
	if (fstat(place->fd, &directory) == 0 && (directory.st_mode & S_ISGID) != 0 &&
	    directory.st_gid == group)
		return 0;
	error_set(err, ERROR_DENIED, "the group of \"%s\" is none of those of \"%s\"",
		  text_printable_text(file->path).text, change->user.name);
	return error_hint(err, "a new file could not be given it: chgrp it to one of them");
}

static int check_file(const struct change *change, const struct change_file *file,
		      struct error *err)
{
	AUTO(change_place) place = CHANGE_PLACE_INIT;

	if (change_place_open(change, file, &place, err) < 0)
		return -1;
	if (place.fd < 0 && is_made(change, file))
		return 0;
	/* as who the file is changed: of root's own rights only a file system that is read-only takes any */
	if (place.fd < 0)
		errno = ENOENT;
	else if (faccessat(place.fd, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return change_check_aside(&place, file, err) < 0
			       ? -1
			       : check_group(change, &place, file, err);
	error_sys(err, "\"%s\" cannot be %s by \"%s\"", text_printable_text(file->path).text,
		  file->existed ? "changed" : "made", file->as_user ? change->user.name : "root");
	return error_hint(err, "nothing was changed");
}

int change_check(const struct change *change, struct error *err)
{
	for (size_t i = 0; i < change->len; i++)
		if (can_tell(change, &change->files[i]) &&
		    check_file(change, &change->files[i], err) < 0)
			return -1;
	return 0;
}
