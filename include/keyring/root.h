/* SPDX-License-Identifier: MIT */
/*
 * Where keys/ and .sops.yaml are: the nearest directory upward that holds one of
 * them, as sops looks for its .sops.yaml.
 */
#ifndef KEYRING_ROOT_H
#define KEYRING_ROOT_H

#include "util/error.h"
#include "util/lock.h"

#define KEYRING_LEVELS_MAX 100

struct keyring_root {
	int fd;     /* the directory */
	char *path; /* how it is named from here: "." or "../.."; owned */
};

#define KEYRING_ROOT_INIT ((struct keyring_root){ -1, NULL })

/*
 * Looks from the directory start (NULL: the working directory) upward, and not beyond one that holds .git or
 * is the home directory. ERROR_NO_FILE, with a hint, where there is neither.
 */
MUST_USE int keyring_root_find(const char *start, struct keyring_root *ret_root, struct error *err);
/* The directory path itself, whatever it holds. */
MUST_USE int keyring_root_open(const char *path, struct keyring_root *ret_root, struct error *err);
void keyring_root_release(struct keyring_root *root);

/* One writer at a time: the directory itself is locked. */
MUST_USE int keyring_root_lock(const struct keyring_root *root, struct lock *ret_lock,
			       struct error *err);

#endif
