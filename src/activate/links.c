/* SPDX-License-Identifier: MIT */
#include "activate/links.h"

#include "activate/generation.h"
#include "activate/link.h"
#include "util/buf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What lies below the root is read-only but through root_fd. */
static struct link_wish links_wish(const struct target *target, const char *path)
{
	return (struct link_wish){ .path = path,
				   .target = target->directory,
				   .root = target->root_fd < 0 ? NULL : target->root,
				   .root_fd = target->root_fd };
}

int links_make(const struct target *target, const char *path, const char *name, struct owner owner,
	       struct error *err)
{
	struct link_wish wish = links_wish(target, path);
	AUTO_FREE char *file = NULL;
	bool made;

	if (asprintf(&file, "%s/%s", target->directory, name) < 0) {
		file = NULL;
		return error_memory(err);
	}
	wish.target = file;
	wish.owner = owner;
	return link_make(&wish, &made, err);
}

static bool links_file_has(const struct record_file *file, const char *path)
{
	return file->link != NULL && strcmp(file->link, path) == 0;
}

/* near: where it is, if nothing has changed. */
static bool links_has(const struct record *record, size_t near, const char *path)
{
	if (near < record->files_len && links_file_has(&record->files[near], path))
		return true;
	for (size_t i = 0; i < record->files_len; i++)
		if (links_file_has(&record->files[i], path))
			return true;
	return false;
}

int links_leave(struct record *record, const struct record *live, struct error *err)
{
	for (size_t i = 0; i < live->files_len; i++) {
		const char *path = live->files[i].link;

		if (path != NULL && !links_has(record, i, path) &&
		    names_add_once(&record->left, path, err) < 0)
			return -1;
	}
	return 0;
}

int links_of(const struct record *record, struct names *links, struct error *err)
{
	for (size_t i = 0; i < record->files_len; i++)
		if (record->files[i].link != NULL &&
		    names_add_once(links, record->files[i].link, err) < 0)
			return -1;
	return names_add_all(links, &record->left, err);
}

int links_of_all(int root_fd, struct names *links, struct error *err)
{
	uint64_t number = UINT64_MAX;

	for (;;) {
		AUTO(record) record = RECORD_INIT;
		struct error unread = ERROR_INIT;

		if (generation_before(root_fd, number, &number, err) < 0)
			return -1;
		if (number == 0)
			return 0;
		/* Another program's has none. */
		if (record_load(root_fd, number, &record, &unread) == 0 &&
		    links_of(&record, links, err) < 0)
			return -1;
	}
}

int links_drop(const struct target *target, const struct names *links, const struct record *now,
	       struct names *notes, struct error *err)
{
	for (size_t i = 0; i < links->len; i++) {
		struct error reason = ERROR_INIT;
		const struct link_wish wish = links_wish(target, links->items[i]);

		if (now != NULL && links_has(now, i, links->items[i]))
			continue;
		if (link_remove(&wish, &reason) < 0 &&
		    names_printf(notes, err, "%s", reason.message) < 0)
			return -1;
	}
	return 0;
}

int links_drop_left(const struct target *target, const struct record *record,
		    const struct record *live, struct names *notes, struct error *err)
{
	return links_drop(target, &record->left, record, notes, err) < 0
		       ? -1
		       : links_drop(target, &live->left, record, notes, err);
}
