/* SPDX-License-Identifier: MIT */
/* What was not read: nobody knows what it holds, and so it is named, once. */
#include <errno.h>
#include <string.h>

#include "check.h"

#define UNREAD "unread"

static const char *what_to_do(const struct check *check, const struct inventory_item *item)
{
	if (!check->facts->is_root && (!item->exists || item->itself.st_uid != check->facts->uid))
		return "run this as root";
	if (!item->exists || S_ISDIR(item->itself.st_mode))
		return "give it to the gateway's user, or look into it yourself";
	return "give it to the gateway's user, with mode 0600, or remove it (shred -u); look into "
	       "it yourself before";
}

static int say_unread(struct check *check, const struct inventory_item *item, struct error *err)
{
	const char *to_do = what_to_do(check, item);

	if (check->facts->is_root)
		return check_say(check, CHECK_NOTE, UNREAD, item->path, to_do, err,
				 "it cannot be read from here with the gateway user's rights (%s)",
				 strerror(item->reason));
	return check_say(check, CHECK_NOTE, UNREAD, item->path, to_do, err,
			 "it cannot be read from here (%s)", strerror(item->reason));
}

/* What lies below a directory that cannot be looked into: that is what is named. */
static struct span directory_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return span_of((const uint8_t *)path, slash == NULL ? 0 : (size_t)(slash - path));
}

static bool is_within(struct span path, const char *top)
{
	const size_t len = strlen(top);

	return path.len > len && span_starts_with(path, top) && path.data[len] == '/';
}

static int say_directories(struct check *check, const struct names *closed, struct error *err)
{
	for (size_t i = 0; i < closed->len; i++) {
		bool is_told = false;

		for (size_t k = 0; k < closed->len && !is_told; k++)
			is_told = is_within(span_of_text(closed->items[i]), closed->items[k]);
		if (!is_told && say_unread(check,
					   &(struct inventory_item){ .path = closed->items[i],
								     .reason = EACCES },
					   err) < 0)
			return -1;
	}
	return 0;
}

/* Root could, and OpenClaw cannot. */
static int say_closed(struct check *check, const struct inventory_item *item, struct error *err)
{
	return check_say(check, CHECK_NOTE, "closed", item->path,
			 "give it to the gateway's user, with mode 0600, or remove it (shred -u)",
			 err, "the gateway's user cannot read it (mode %04o, of the user %u)",
			 item->target.st_mode & 07777, (unsigned)item->target.st_uid);
}

static int look_at(struct check *check, const struct inventory_item *item, struct names *closed,
		   struct error *err)
{
	const mode_t mode = item->target.st_mode;

	if (item->is_cut &&
	    check_say(check, CHECK_NOTE, UNREAD, item->path, "look into the rest yourself", err,
		      "there is too much in it: the beginning was looked at") < 0)
		return -1;
	if (item->is_read)
		return item->rights == INVENTORY_BENEATH ? say_closed(check, item, err) : 0;
	if (!item->exists && item->reason == EACCES) {
		const struct span directory = directory_of(item->path);
		AUTO(names) one = NAMES_INIT;

		return names_add(&one, directory, err) < 0 ? -1 : names_add_all(closed, &one, err);
	}
	/* a link to nowhere is nothing; what is no file was told where one was wanted */
	if (item->reason == 0 || item->reason == ENOENT || item->reason == ENOTDIR ||
	    (mode != 0 && !S_ISREG(mode) && !S_ISDIR(mode)))
		return 0;
	return names_have(&check->programs, item->path) ? 0 : say_unread(check, item, err);
}

int check_unread(struct check *check, struct error *err)
{
	AUTO(names) closed = NAMES_INIT;

	for (size_t i = 0; i < check->inventory->len; i++) {
		const struct inventory_item *item = &check->inventory->items[i];

		/* of a process: it may have ended */
		if (!span_ends_with(span_of_text(item->path), "/environ") &&
		    look_at(check, item, &closed, err) < 0)
			return -1;
	}
	return say_directories(check, &closed, err);
}
