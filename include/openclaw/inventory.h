/* SPDX-License-Identifier: MIT */
/*
 * What lies on this host, as far as somebody asked: files and directories as they were read, once each, for those who
 * judge them in a sandbox, where nothing can be opened.
 */
#ifndef OPENCLAW_INVENTORY_H
#define OPENCLAW_INVENTORY_H

#include <stdbool.h>
#include <sys/stat.h>

#include "activate/names.h"
#include "util/secret.h"

#define INVENTORY_FILE_MAX ((size_t)8 << 20) /* of one file; of more only that much is read */
#define INVENTORY_TOTAL_MAX ((size_t)96 << 20)
#define INVENTORY_ITEMS_MAX 2048
#define INVENTORY_NAMES_MAX 8192 /* of a directory */

/* Whose rights it took to look at something. */
enum inventory_rights {
	INVENTORY_CALLERS, /* nobody tried with inventory.user's */
	INVENTORY_USERS,
	INVENTORY_BENEATH, /* his were not enough (see below) */
	INVENTORY_TRUSTED,
};

struct inventory_item {
	char *path;
	enum inventory_rights rights;
	bool exists;        /* as lstat() has it */
	struct stat itself; /* lstat(): a symlink is one */
	struct stat target; /* of what was read, or stat(); all zero where there is none */
	bool in_memory;     /* on ramfs or tmpfs */
	bool is_read;       /* bytes is its content: of a directory the names, a NUL behind each */
	bool is_cut;        /* there is more than that */
	int reason;         /* errno, where it could not be looked at or read */
	struct secret bytes;
};

/* Whose rights files are looked at with. */
struct inventory_user {
	const char *name; /* NULL: the caller's own rights; borrowed */
	uid_t uid;
	gid_t gid;
};

struct inventory {
	struct inventory_item *items;
	size_t len, cap;
	size_t total;
	struct inventory_user user;
};

#define INVENTORY_INIT ((struct inventory){ NULL, 0, 0, 0, { NULL, 0, 0 } })

/*
 * Looks at path (absolute) unless that was done, with the rights of inventory.user: what he cannot read is not read,
 * whatever links he makes. It not being there is no error. ERROR_LIMIT.
 */
MUST_USE int inventory_add(struct inventory *inventory, const char *path, struct error *err);
/*
 * The same, and where he may not, with the caller's own rights: of a path that nobody else can change, up to where it
 * leads;
 */
MUST_USE int inventory_add_trusted(struct inventory *inventory, const char *path,
				   struct error *err);
/*
 * or of what lies below top, a directory of his own, where neither a link nor a second name leads elsewhere: it is his,
 * whoever owns it.
 */
MUST_USE int inventory_add_beneath(struct inventory *inventory, const char *top, const char *path,
				   struct error *err);
/* The same with bytes that came from elsewhere, which are taken over. */
MUST_USE int inventory_put(struct inventory *inventory, const char *path, struct secret *bytes,
			   struct error *err);
/* NULL where path was not looked at. */
const struct inventory_item *inventory_find(const struct inventory *inventory, const char *path);
/* By what is shown of its path (text_printable()), as findings name it; NULL, too, where two look alike. */
const struct inventory_item *inventory_find_shown(const struct inventory *inventory,
						  struct span shown);
void inventory_release(struct inventory *inventory);

#endif
