/* SPDX-License-Identifier: MIT */
#include "openclaw/inventory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/rights.h"
#include "util/text.h"

const struct inventory_item *inventory_find(const struct inventory *inventory, const char *path)
{
	for (size_t i = 0; i < inventory->len; i++)
		if (strcmp(inventory->items[i].path, path) == 0)
			return &inventory->items[i];
	return NULL;
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

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order in which systemd reads drop-ins; whatever order it is, it is the same each time. */
static int sort_names(struct secret *names, size_t count, struct error *err)
{
	AUTO(secret) sorted = SECRET_INIT;
	struct span rest = secret_span(names), name;
	AUTO_FREE const char **list = calloc(count + 1, sizeof(*list));
	size_t len = 0;

	if (list == NULL)
		return error_memory(err);
	while (len < count && span_take_until(&rest, '\0', &name))
		list[len++] = (const char *)name.data;
	qsort(list, len, sizeof(*list), compare_names);
	for (size_t i = 0; i < len; i++)
		if (secret_append(&sorted, list[i], strlen(list[i]) + 1, err) < 0)
			return -1;
	secret_release(names);
	*names = secret_move(&sorted);
	return 0;
}

static int read_names(int fd, struct inventory_item *item, struct error *err)
{
	DIR *directory = fdopendir(fd);
	const struct dirent *entry;
	size_t count = 0;
	int result = 0;

	if (directory == NULL) {
		close(fd);
		return error_sys(err, "cannot list a directory");
	}
	while (result == 0 && (entry = readdir(directory)) != NULL) {
		item->is_cut = count >= INVENTORY_NAMES_MAX;
		if (item->is_cut)
			break;
		count++;
		result = secret_append(&item->bytes, entry->d_name, strlen(entry->d_name) + 1, err);
	}
	closedir(directory);
	return result < 0 ? -1 : sort_names(&item->bytes, count, err);
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

static int read_item(struct inventory *inventory, struct inventory_item *item, struct error *err)
{
	const size_t left = INVENTORY_TOTAL_MAX - inventory->total;
	const size_t max = left < INVENTORY_FILE_MAX ? left : INVENTORY_FILE_MAX;
	struct stat now;
	AUTO_FD int fd = file_open_inert(AT_FDCWD, item->path, 0, &now);
	int result;

	if (fd < 0) {
		item->reason = errno;
		return 0;
	}
	/* of what is read, whatever stands at the path by now */
	item->target = now;
	item->in_memory = file_is_in_memory(fd);
	if (S_ISDIR(now.st_mode)) {
		const int own = fd;

		fd = -1;
		result = read_names(own, item, err);
	} else {
		result = read_file(fd, max, item, err);
	}
	item->is_read = item->reason == 0;
	inventory->total += item->bytes.len;
	return result < 0 ? -1 : give_back(&item->bytes, err);
}

static int look_at(struct inventory *inventory, struct inventory_item *item, struct error *err)
{
	if (lstat(item->path, &item->itself) < 0) {
		item->reason = errno;
		return 0;
	}
	item->exists = true;
	if (stat(item->path, &item->target) < 0) {
		item->target = (struct stat){ 0 };
		item->reason = errno;
		return 0;
	}
	return S_ISREG(item->target.st_mode) || S_ISDIR(item->target.st_mode)
		       ? read_item(inventory, item, err)
		       : 0;
}

int inventory_add_trusted(struct inventory *inventory, const char *path, struct error *err)
{
	struct inventory_item *item;

	if (inventory_find(inventory, path) != NULL)
		return 0;
	if (add_item(inventory, path, &item, err) < 0)
		return -1;
	return look_at(inventory, item, err);
}

int inventory_add(struct inventory *inventory, const char *path, struct error *err)
{
	const struct inventory_user *user = &inventory->user;
	AUTO(rights) rights = RIGHTS_INIT;

	if (user->name != NULL && rights_take(user->name, user->uid, user->gid, &rights, err) < 0)
		return -1;
	return inventory_add_trusted(inventory, path, err);
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
