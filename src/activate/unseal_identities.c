/* SPDX-License-Identifier: MIT */
/*
 * The half of activate/unseal.h that reads identities.
 */
#include "activate/unseal.h"

#include "keyring/keyfile.h"
#include "util/file.h"
#include "util/text.h"

#include <stdlib.h>
#include <sys/stat.h>

#define UNSEAL_IDENTITY_MAX ((size_t)1 << 20)

/* Who can write it decides what opens; who can read it opens everything. */
static int unseal_check_mode(int fd, const char *path, struct names *notes, struct error *err)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", path);
	if ((status.st_mode & 022) != 0) {
		error_set(err, ERROR_DENIED, "others may write \"%s\" (mode %04o)", path,
			  (unsigned)status.st_mode & 07777);
		return error_hint(err, "run \"chmod go-rwx\" on it if you trust its content");
	}
	if ((status.st_mode & 044) == 0)
		return 0;
	return names_printf(notes, err, "others may read the identity \"%s\" (mode %04o)", path,
			    (unsigned)status.st_mode & 07777);
}

static int unseal_identity_read(int dir_fd, struct unseal_identity *item, struct names *notes,
				struct error *err)
{
	AUTO_FD int fd = -1;

	if (file_open_regular(dir_fd, item->path, &fd, err) < 0 ||
	    unseal_check_mode(fd, item->path, notes, err) < 0)
		return -1;
	if (file_read_fd(fd, item->path, UNSEAL_IDENTITY_MAX, &item->text, err) < 0)
		return -1;
	return keyring_key_public(dir_fd, item->path, secret_span(&item->text), &item->public_half,
				  err);
}

/* Passed over as long as there is another: why. */
static int unseal_identity_skip(const char *path, const struct error *why, struct names *notes,
				struct error *err)
{
	if (why->kind == ERROR_NO_FILE)
		return names_printf(notes, err, "identity \"%s\" does not exist",
				    text_printable_text(path).text);
	return names_printf(notes, err, "identity passed over: %s", why->message);
}

/* None of them could be read. */
static int unseal_identities_fail(const struct manifest *manifest, const struct error *unread,
				  struct error *err)
{
	if (unread->kind != ERROR_NONE) {
		*err = *unread;
		return error_wrap(err, "identity");
	}
	error_set(err, ERROR_NO_KEY, "no identity: \"%s\"%s does not exist",
		  text_printable_text(manifest->identities.items[0]).text,
		  manifest->identities.len > 1 ? " and every other" : "");
	return error_hint(err, "name the host's private key under \"identities\"");
}

static int unseal_identities_fill(const struct manifest *manifest, int dir_fd,
				  struct unseal_identities *identities, struct names *notes,
				  struct error *err)
{
	struct error unread = ERROR_INIT;

	for (size_t i = 0; i < manifest->identities.len; i++) {
		struct unseal_identity *item = &identities->items[identities->len];
		struct error why = ERROR_INIT;

		item->path = manifest->identities.items[i];
		if (unseal_identity_read(dir_fd, item, notes, &why) == 0) {
			identities->len++;
			continue;
		}
		secret_release(&item->text);
		if (why.kind != ERROR_NO_FILE && why.kind != ERROR_SYSTEM) {
			*err = why;
			return error_wrap(err, "identity");
		}
		if (why.kind == ERROR_SYSTEM && unread.kind == ERROR_NONE)
			unread = why;
		if (unseal_identity_skip(item->path, &why, notes, err) < 0)
			return -1;
	}
	return identities->len > 0 ? 0 : unseal_identities_fail(manifest, &unread, err);
}

int unseal_identities_read(const struct manifest *manifest, int dir_fd,
			   struct unseal_identities *ret_identities, struct names *notes,
			   struct error *err)
{
	AUTO(unseal_identities) identities = UNSEAL_IDENTITIES_INIT;

	identities.items = calloc(manifest->identities.len, sizeof(*identities.items));
	if (identities.items == NULL)
		return error_memory(err);
	if (unseal_identities_fill(manifest, dir_fd, &identities, notes, err) < 0)
		return -1;
	*ret_identities = identities;
	identities = UNSEAL_IDENTITIES_INIT;
	return 0;
}

void unseal_identities_release(struct unseal_identities *identities)
{
	for (size_t i = 0; i < identities->len; i++) {
		secret_release(&identities->items[i].text);
		secret_release(&identities->items[i].public_half);
	}
	free(identities->items);
	*identities = UNSEAL_IDENTITIES_INIT;
}
