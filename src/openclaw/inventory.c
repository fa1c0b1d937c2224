/* SPDX-License-Identifier: MIT */
#include "openclaw/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "util/file.h"
#include "util/rights.h"
#include "util/text.h"

static struct inventory_item *find(const struct inventory *inventory, const char *path)
{
	for (size_t i = 0; i < inventory->len; i++)
		if (strcmp(inventory->items[i].path, path) == 0)
			return &inventory->items[i];
	return NULL;
}

const struct inventory_item *inventory_find(const struct inventory *inventory, const char *path)
{
	return find(inventory, path);
}

const struct inventory_item *inventory_find_shown(const struct inventory *inventory,
						  struct span shown)
{
	const struct inventory_item *found = NULL;

	for (size_t i = 0; i < inventory->len; i++) {
		if (!span_equal_text(shown, text_printable_text(inventory->items[i].path).text))
			continue;
		if (found != NULL)
			return NULL;
		found = &inventory->items[i];
	}
	return found;
}

static int add_item(struct inventory *inventory, const char *path, struct inventory_item **ret_item,
		    struct error *err)
{
	struct inventory_item *item;

	if (inventory->len >= INVENTORY_ITEMS_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d files to look at",
				 INVENTORY_ITEMS_MAX);
	if (inventory->len == inventory->cap) {
		const size_t cap = inventory->cap == 0 ? 64 : inventory->cap * 2;
		struct inventory_item *items = realloc(inventory->items, cap * sizeof(*items));

		if (items == NULL)
			return error_memory(err);
		inventory->items = items;
		inventory->cap = cap;
	}
	item = &inventory->items[inventory->len];
	*item = (struct inventory_item){ .path = strdup(path) };
	if (item->path == NULL)
		return error_memory(err);
	inventory->len++;
	*ret_item = item;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int take_names(DIR *directory, struct names *names, bool *ret_cut, struct error *err)
{
	const struct dirent *entry;

	while ((entry = readdir(directory)) != NULL) {
		*ret_cut = names->len >= INVENTORY_NAMES_MAX;
		if (*ret_cut)
			return 0;
		if (names_add(names, span_of_text(entry->d_name), err) < 0)
			return -1;
	}
	return 0;
}

/* In order: of a unit's files its drop-ins come behind it, and what is said is the same each time. */
static int read_names(int fd, struct inventory_item *item, struct error *err)
{
	DIR *directory = fdopendir(fd);
	AUTO(names) names = NAMES_INIT;
	int result;

	if (directory == NULL) {
		close(fd);
		return error_sys(err, "cannot list a directory");
	}
	result = take_names(directory, &names, &item->is_cut, err);
	closedir(directory);
	if (names.len > 0)
		qsort(names.items, names.len, sizeof(*names.items), compare);
	for (size_t i = 0; result == 0 && i < names.len; i++)
		result = secret_append(&item->bytes, names.items[i], strlen(names.items[i]) + 1,
				       err);
	return result;
}

/* As much as there is, up to max; files in /proc do not say how much that is. */
static int read_file(int fd, size_t max, struct inventory_item *item, struct error *err)
{
	const size_t chunk = (size_t)64 << 10;

	for (;;) {
		ssize_t got;

		if (secret_grow(&item->bytes, chunk, err) < 0)
			return -1;
		got = read(fd, item->bytes.data + item->bytes.len,
			   item->bytes.cap - item->bytes.len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			item->reason = errno;
		if (got <= 0)
			return 0;
		item->bytes.len += (size_t)got;
		item->is_cut = item->bytes.len > max;
		if (item->is_cut) {
			secret_truncate(&item->bytes, max);
			return 0;
		}
	}
}

/* What was reserved and is not needed: secrets are in locked memory, of which there is little. */
static int give_back(struct secret *bytes, struct error *err)
{
	AUTO(secret) exact = SECRET_INIT;

	if (secret_append_span(&exact, secret_span(bytes), err) < 0)
		return -1;
	secret_release(bytes);
	*bytes = secret_move(&exact);
	return 0;
}

/* Takes fd over, which is open on now. */
static int read_open(struct inventory *inventory, int fd, const struct stat *now,
		     struct inventory_item *item, struct error *err)
{
	const size_t left = INVENTORY_TOTAL_MAX - inventory->total;
	const size_t max = left < INVENTORY_FILE_MAX ? left : INVENTORY_FILE_MAX;
	AUTO_FD int own = fd;
	int result;

	/* of what is read, whatever stands at the path by now */
	item->target = *now;
	item->reason = 0;
	item->in_memory = file_is_in_memory(fd);
	if (S_ISDIR(now->st_mode)) {
		own = -1;
		result = read_names(fd, item, err);
	} else {
		result = read_file(fd, max, item, err);
	}
	item->is_read = item->reason == 0;
	inventory->total += item->bytes.len;
	return result < 0 ? -1 : give_back(&item->bytes, err);
}

/* Of what is at path, and not behind a link of the kernel's own. -1 with errno. */
static int stat_at(const char *path, int flags, struct stat *ret_status)
{
	AUTO_FD int fd = file_openat_named(AT_FDCWD, path, O_PATH | flags);

	return fd < 0 ? -1 : fstat(fd, ret_status);
}

/* In /proc it counts who asks, and not whose rights he has on: but for a process's environment, which is a file of its own. */
static bool is_of_kernel(int fd, const char *path)
{
	struct statfs status;
	unsigned pid;
	int end = 0;

	if (fstatfs(fd, &status) < 0)
		return true;
	return status.f_type == PROC_SUPER_MAGIC &&
	       (sscanf(path, "/proc/%u/environ%n", &pid, &end) != 1 || end == 0 ||
		path[end] != '\0');
}

/* Where there is no way for this user: that of a link through /proc, too. */
static int reason_of(int error)
{
	return error == ELOOP ? EACCES : error;
}

static int look_at(struct inventory *inventory, struct inventory_item *item, struct error *err)
{
	struct stat now;
	int fd;

	if (stat_at(item->path, O_NOFOLLOW, &item->itself) < 0) {
		item->reason = reason_of(errno);
		return 0;
	}
	item->exists = true;
	if (stat_at(item->path, 0, &item->target) < 0) {
		item->target = (struct stat){ 0 };
		item->reason = reason_of(errno);
		return 0;
	}
	if (!S_ISREG(item->target.st_mode) && !S_ISDIR(item->target.st_mode))
		return 0;
	fd = file_open_inert(AT_FDCWD, item->path, 0, &now);
	if (fd >= 0 && !is_of_kernel(fd, item->path))
		return read_open(inventory, fd, &now, item, err);
	item->reason = fd < 0 ? reason_of(errno) : EACCES;
	file_close_pointer(&fd);
	return 0;
}

/* With his rights, if that was not done. */
static int add_as_user(struct inventory *inventory, const char *path,
		       struct inventory_item **ret_item, struct error *err)
{
	const struct inventory_user *user = &inventory->user;
	AUTO(rights) rights = RIGHTS_INIT;

	*ret_item = find(inventory, path);
	if (*ret_item != NULL)
		return 0;
	if (add_item(inventory, path, ret_item, err) < 0)
		return -1;
	if (user->name != NULL && (geteuid() == 0 || geteuid() == user->uid))
		(*ret_item)->rights = INVENTORY_USERS;
	if (user->name != NULL && rights_take(user->name, user->uid, user->gid, &rights, err) < 0)
		return -1;
	return look_at(inventory, *ret_item, err);
}

int inventory_add(struct inventory *inventory, const char *path, struct error *err)
{
	struct inventory_item *item;

	return add_as_user(inventory, path, &item, err);
}

int inventory_add_trusted(struct inventory *inventory, const char *path, struct error *err)
{
	struct inventory_item *item;

	if (add_as_user(inventory, path, &item, err) < 0)
		return -1;
	if (item->reason != EACCES)
		return 0;
	item->rights = INVENTORY_TRUSTED;
	return look_at(inventory, item, err);
}

/* top itself may be a link, but what it leads to must be his. */
static int open_beneath(const struct inventory *inventory, const char *top, const char *path,
			struct stat *ret_status)
{
	AUTO_FD int directory = file_open_inert(AT_FDCWD, top, 0, ret_status);
	const size_t len = strlen(top);
	AUTO_FD int fd = -1;
	int own;

	if (directory < 0 || ret_status->st_uid != inventory->user.uid ||
	    strncmp(path, top, len) != 0 || path[len] != '/')
		return -1;
	fd = file_open_beneath(directory, path + len + 1, ret_status);
	if (fd < 0 || (S_ISREG(ret_status->st_mode) && ret_status->st_nlink > 1 &&
		       ret_status->st_uid != inventory->user.uid))
		return -1;
	own = fd;
	fd = -1;
	return own;
}

int inventory_add_beneath(struct inventory *inventory, const char *top, const char *path,
			  struct error *err)
{
	struct inventory_item *item;
	struct stat now;
	int fd;

	if (add_as_user(inventory, path, &item, err) < 0)
		return -1;
	fd = item->reason == EACCES ? open_beneath(inventory, top, path, &now) : -1;
	if (fd < 0)
		return 0;
	item->rights = INVENTORY_BENEATH;
	item->exists = true;
	item->itself = now;
	return read_open(inventory, fd, &now, item, err);
}

int inventory_put(struct inventory *inventory, const char *path, struct secret *bytes,
		  struct error *err)
{
	struct inventory_item *item;

	if (add_item(inventory, path, &item, err) < 0)
		return -1;
	item->exists = item->is_read = true;
	item->bytes = secret_move(bytes);
	inventory->total += item->bytes.len;
	return 0;
}

void inventory_release(struct inventory *inventory)
{
	for (size_t i = 0; i < inventory->len; i++) {
		free(inventory->items[i].path);
		secret_release(&inventory->items[i].bytes);
	}
	free(inventory->items);
	*inventory = INVENTORY_INIT;
}
