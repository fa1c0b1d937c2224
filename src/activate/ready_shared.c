/* SPDX-License-Identifier: MIT */
/*
 * A value that is withdrawn when its unit is ready, and also given to whoever could read it then, for the
 * whole boot: the one would make the other pointless.
 */
#include "ready.h"

#include <string.h>
#include <sys/stat.h>

#include "util/file.h"

/* One value that is withdrawn, among all others. */
struct shared {
	const struct manifest *manifest;
	int base_fd; /* where its files lie */
	const struct manifest_entry *ready;
};

static bool shared_same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* By another name or number, as far as that is known here. */
static bool shared_same_owner(const char *a, const char *b)
{
	struct error ignored = ERROR_INIT;
	struct owner first, second;

	if (shared_same_text(a, b))
		return true;
	return owner_find(a, NULL, &first, &ignored) == 0 &&
	       owner_find(b, NULL, &second, &ignored) == 0 && first.uid == second.uid;
}

/* Whoever is in the group of what the group may read; where that is nobody's here, by its name. */
static bool shared_same_group(const struct manifest_entry *ready,
			      const struct manifest_entry *other)
{
	struct error ignored = ERROR_INIT;
	struct owner readers, own;

	if (owner_find(other->group == NULL ? other->owner : NULL, other->group, &readers,
		       &ignored) < 0)
		return other->group != NULL && (shared_same_text(other->group, ready->group) ||
						shared_same_text(other->group, ready->owner));
	if (owner_is_in_group(ready->owner, readers.gid))
		return true;
	return ready->group != NULL && owner_find(NULL, ready->group, &own, &ignored) == 0 &&
	       own.gid == readers.gid;
}

/* Whose unit is told of its changes reads it. */
static bool shared_is_given(const struct manifest_entry *ready, const struct manifest_entry *other)
{
	return (other->mode & S_IROTH) != 0 || names_have(&other->restart, ready->unit) ||
	       names_have(&other->reload, ready->unit) ||
	       shared_same_owner(ready->owner, other->owner) ||
	       ((other->mode & S_IRGRP) != 0 && shared_same_group(ready, other));
}

/* Two files of one length: what is sealed anew never has the same bytes. */
static bool shared_same_bytes(int base_fd, const char *a, const char *b, size_t len)
{
	AUTO(secret) first = SECRET_INIT;
	AUTO(secret) second = SECRET_INIT;
	struct error ignored = ERROR_INIT;

	return file_read_regular(base_fd, a, len, &first, &ignored) == 0 &&
	       file_read_regular(base_fd, b, len, &second, &ignored) == 0 &&
	       span_equal(secret_span(&first), secret_span(&second));
}

/* By another name, too: a link, say, or a copy. */
static bool shared_same_file(int base_fd, const char *a, const char *b)
{
	struct stat first, second;

	if (strcmp(a, b) == 0)
		return true;
	if (fstatat(base_fd, a, &first, 0) < 0 || fstatat(base_fd, b, &second, 0) < 0 ||
	    !S_ISREG(first.st_mode) || !S_ISREG(second.st_mode) || first.st_size != second.st_size)
		return false;
	return (first.st_dev == second.st_dev && first.st_ino == second.st_ino) ||
	       (first.st_size <= (off_t)DOC_TEXT_MAX &&
		shared_same_bytes(base_fd, a, b, (size_t)first.st_size));
}

static bool shared_is_whole(const struct manifest_entry *entry)
{
	return !entry->all_keys && entry->keys.len == 1 && entry->keys.items[0][0] == '\0';
}

/* Is key one of those that the entry takes? */
static bool shared_takes(const struct manifest_entry *entry, const char *key)
{
	return shared_is_whole(entry) || (entry->all_keys && strchr(key, '/') == NULL) ||
	       names_have(&entry->keys, key);
}

/* A value that both take, if it is of one file, for a message; NULL. */
static const char *shared_name(const struct manifest_entry *a, const struct manifest_entry *b)
{
	for (size_t i = 0; i < a->keys.len; i++)
		if (!shared_is_whole(a) && shared_takes(b, a->keys.items[i]))
			return a->keys.items[i];
	for (size_t i = 0; i < b->keys.len; i++)
		if (!shared_is_whole(b) && shared_takes(a, b->keys.items[i]))
			return b->keys.items[i];
	if ((shared_is_whole(a) || a->all_keys) && (shared_is_whole(b) || b->all_keys))
		return "what all of the file holds";
	return NULL;
}

/* The same, where it is of one file: names are compared first, because that asks nobody. */
static const char *shared_key(const struct shared *shared, const struct manifest *others,
			      const struct manifest_entry *other)
{
	const struct manifest_entry *ready = shared->ready;
	const char *key = shared_name(ready, other);

	return key != NULL && shared_same_file(shared->base_fd,
					       shared->manifest->files.items[ready->file],
					       others->files.items[other->file])
		       ? key
		       : NULL;
}

static int shared_fail(const struct manifest_entry *ready, const char *other, const char *key,
		       struct error *err)
{
	error_set(
		err, ERROR_DENIED,
		"\"%s\" is withdrawn when %s is ready, but \"%s\" gives %s to it, or to its owner, "
		"for the whole boot",
		ready->name, ready->unit, other, key);
	return error_hint(err, "leave the value out of one of them");
}

/* What other is made of: itself, or the secrets in a template. */
static const char *shared_with(const struct shared *shared, const struct manifest_entry *other)
{
	const struct manifest *manifest = shared->manifest;

	if (other->kind != MANIFEST_TEMPLATE)
		return shared_key(shared, manifest, other);
	for (size_t i = 0; i < other->template.len; i++) {
		const size_t entry = other->template.parts[i].entry;
		const char *key = NULL;

		if (entry != MANIFEST_NO_ENTRY)
			key = shared_key(shared, manifest, &manifest->entries[entry]);
		if (key != NULL)
			return key;
	}
	return NULL;
}

/* Credentials are named UNIT/NAME, and last as long as their unit runs. */
static int shared_check_credentials(const struct shared *shared, struct error *err)
{
	const struct manifest *all = shared->manifest->credentials;
	const size_t len = strlen(shared->ready->unit);

	for (size_t i = 0; all != NULL && i < all->len; i++) {
		const struct manifest_entry *other = &all->entries[i];
		const char *key = NULL;

		if (strncmp(other->name, shared->ready->unit, len) == 0 && other->name[len] == '/')
			key = shared_key(shared, all, other);
		if (key != NULL)
			return shared_fail(shared->ready, other->name, key, err);
	}
	return 0;
}

static int shared_check_entry(const struct shared *shared, struct error *err)
{
	for (size_t i = 0; i < shared->manifest->len; i++) {
		const struct manifest_entry *other = &shared->manifest->entries[i];
		const char *key = NULL;

		if (other->lifetime == MANIFEST_BOOT)
			key = shared_with(shared, other);
		if (key != NULL && shared_is_given(shared->ready, other))
			return shared_fail(shared->ready, other->name, key, err);
	}
	return shared_check_credentials(shared, err);
}

int ready_check_shared(const struct manifest *manifest, int base_fd, struct error *err)
{
	for (size_t i = 0; i < manifest->len; i++) {
		const struct shared shared = { manifest, base_fd, &manifest->entries[i] };

		if (shared.ready->lifetime == MANIFEST_UNTIL_READY &&
		    shared_check_entry(&shared, err) < 0)
			return -1;
	}
	return 0;
}
