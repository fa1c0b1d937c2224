/* SPDX-License-Identifier: MIT */
/*
 * A value that is withdrawn when its unit is ready, and also given to whoever could read it then, for the
 * whole boot: the one would make the other pointless.
 */
#include "ready.h"

#include <string.h>
#include <sys/stat.h>

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

/* Whose unit is told of its changes reads it. */
static bool shared_is_given(const struct manifest_entry *ready, const struct manifest_entry *other)
{
	return (other->mode & S_IROTH) != 0 || shared_same_owner(ready->owner, other->owner) ||
	       names_have(&other->restart, ready->unit) || names_have(&other->reload, ready->unit);
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

/* A value that both take of one file, for a message; NULL. */
static const char *shared_key(const struct manifest_entry *a, const struct manifest_entry *b)
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
static const char *shared_with(const struct manifest *manifest, const struct manifest_entry *ready,
			       const struct manifest_entry *other)
{
	if (other->file == ready->file && other->kind != MANIFEST_TEMPLATE)
		return shared_key(ready, other);
	for (size_t i = 0; i < other->template.len; i++) {
		const size_t entry = other->template.parts[i].entry;
		const char *key = NULL;

		if (entry != MANIFEST_NO_ENTRY && manifest->entries[entry].file == ready->file)
			key = shared_key(ready, &manifest->entries[entry]);
		if (key != NULL)
			return key;
	}
	return NULL;
}

/* Credentials are named UNIT/NAME, and last as long as their unit runs. */
static int shared_check_credentials(const struct manifest *manifest,
				    const struct manifest_entry *ready, struct error *err)
{
	const struct manifest *all = manifest->credentials;
	const size_t len = strlen(ready->unit);

	for (size_t i = 0; all != NULL && i < all->len; i++) {
		const struct manifest_entry *other = &all->entries[i];
		const char *key = NULL;

		if (strncmp(other->name, ready->unit, len) == 0 && other->name[len] == '/' &&
		    strcmp(all->files.items[other->file], manifest->files.items[ready->file]) == 0)
			key = shared_key(ready, other);
		if (key != NULL)
			return shared_fail(ready, other->name, key, err);
	}
	return 0;
}

static int shared_check_entry(const struct manifest *manifest, const struct manifest_entry *ready,
			      struct error *err)
{
	for (size_t i = 0; i < manifest->len; i++) {
		const struct manifest_entry *other = &manifest->entries[i];
		const char *key = NULL;

		if (other->lifetime == MANIFEST_BOOT && shared_is_given(ready, other))
			key = shared_with(manifest, ready, other);
		if (key != NULL)
			return shared_fail(ready, other->name, key, err);
	}
	return shared_check_credentials(manifest, ready, err);
}

int ready_check_shared(const struct manifest *manifest, struct error *err)
{
	for (size_t i = 0; i < manifest->len; i++)
		if (manifest->entries[i].lifetime == MANIFEST_UNTIL_READY &&
		    shared_check_entry(manifest, &manifest->entries[i], err) < 0)
			return -1;
	return 0;
}
