/* SPDX-License-Identifier: MIT */
/* A change that was brought to its end, undone: what it was is in the record alone. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "change.h"
#include "util/file.h"
#include "util/text.h"

enum state { STATE_BEFORE, STATE_AFTER, STATE_ANOTHER };

static int compare_file(const struct change *change, const struct change_file *file,
			enum state *ret_state, struct error *err)
{
	AUTO(secret) now = SECRET_INIT;
	struct error why = ERROR_INIT;
	struct stat status;
	bool exists;

	*ret_state = STATE_AFTER;
	if (file->kind == CHANGE_DIRECTORY)
		return 0;
	if (change_look(change, file->path, file->as_user, &exists, &status, &now, &why) < 0) {
		/* a link, for one: it goes, as another file would */
		*ret_state = STATE_ANOTHER;
		if (why.kind == ERROR_DENIED || why.kind == ERROR_LIMIT)
			return 0;
		*err = why;
		return -1;
	}
	if (exists == (file->kind == CHANGE_WRITE) &&
	    (!exists || span_equal(secret_span(&now), secret_span(&file->after))))
		return 0;
	*ret_state =
		exists == file->existed && span_equal(secret_span(&now), secret_span(&file->before))
			? STATE_BEFORE
			: STATE_ANOTHER;
	return 0;
}

int change_compare(const struct change *change, struct buf *ret_lines, struct error *err)
{
	for (size_t i = 0; i < change->len; i++) {
		enum state state;

		if (compare_file(change, &change->files[i], &state, err) < 0)
			return -1;
		if (state == STATE_ANOTHER &&
		    buf_printf(ret_lines, err, "%s\n",
			       text_printable_text(change->files[i].path).text) < 0)
			return -1;
	}
	return 0;
}

static int restore_text(const struct change_place *place, const struct change_file *file,
			struct error *err)
{
	if (change_write_new(place, file, secret_span(&file->before), true, err) < 0)
		return -1;
	if (renameat(place->fd, place->unready_name, place->fd, place->name) < 0 ||
	    fsync(place->fd) < 0)
		return error_sys(err, "cannot write \"%s\"", text_printable_text(file->path).text);
	return 0;
}

static int restore_file(const struct change *change, const struct change_file *file,
			struct error *err)
{
	const int flags = file->kind == CHANGE_DIRECTORY ? AT_REMOVEDIR : 0;
	AUTO(change_place) place = CHANGE_PLACE_INIT;

	if (change_place_open(change, file, &place, err) < 0)
		return -1;
	if (file->existed && place.fd < 0) {
		errno = ENOENT;
		return error_sys(err, "cannot write \"%s\"", text_printable_text(file->path).text);
	}
	if (file->existed)
		return restore_text(&place, file, err);
	if (place.fd < 0 || unlinkat(place.fd, place.name, flags) == 0 || errno == ENOENT ||
	    (flags != 0 && (errno == ENOTEMPTY || errno == EEXIST)))
		return 0;
	return error_sys(err, "cannot remove \"%s\"", text_printable_text(file->path).text);
}

int change_restore(const struct change *change, struct error *err)
{
	for (size_t i = change->len; i-- > 0;)
		if (restore_file(change, &change->files[i], err) < 0)
			return -1;
	return 0;
}
