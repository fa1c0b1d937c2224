/* SPDX-License-Identifier: MIT */
/* An inventory made by hand: what a check is told that lies on a host. */
#ifndef TESTS_OPENCLAW_FILES_H
#define TESTS_OPENCLAW_FILES_H

#include <errno.h>
#include <string.h>

#include "openclaw/check.h"

#define FILES_UID 1000
#define FILES_HOME "/home/oc"
#define FILES_STATE FILES_HOME "/.openclaw"
#define FILES_CONFIG FILES_STATE "/openclaw.json"
#define FILES_DOCUMENT "/run/secrets/oc.json"

/* A regular file of that owner and mode, in memory. */
static inline int files_put(struct inventory *inventory, const char *path, struct span content,
			    unsigned mode, struct error *err)
{
	AUTO(secret) bytes = SECRET_INIT;
	struct inventory_item *item;

	if (secret_append_span(&bytes, content, err) < 0 ||
	    inventory_put(inventory, path, &bytes, err) < 0)
		return -1;
	item = &inventory->items[inventory->len - 1];
	item->itself.st_mode = S_IFREG | mode;
	item->itself.st_uid = FILES_UID;
	item->itself.st_nlink = 1;
	item->itself.st_size = (off_t)content.len;
	item->target = item->itself;
	item->in_memory = true;
	return 0;
}

/* A directory; names has a NUL behind each. */
static inline int files_put_directory(struct inventory *inventory, const char *path,
				      struct span names, struct error *err)
{
	struct inventory_item *item;

	if (files_put(inventory, path, names, 0700, err) < 0)
		return -1;
	item = &inventory->items[inventory->len - 1];
	item->itself.st_mode = item->target.st_mode = S_IFDIR | 0700;
	return 0;
}

/* What is not there. */
static inline int files_put_absent(struct inventory *inventory, const char *path, struct error *err)
{
	struct inventory_item *item;

	if (files_put(inventory, path, SPAN_INIT, 0, err) < 0)
		return -1;
	item = &inventory->items[inventory->len - 1];
	item->exists = item->is_read = false;
	item->itself = item->target = (struct stat){ 0 };
	item->reason = ENOENT;
	return 0;
}

#endif
