/* SPDX-License-Identifier: MIT */
#include "keyring/root.h"

#include <assert.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/keyring.h"
#include "sops/rules.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/text.h"

void keyring_root_release(struct keyring_root *root)
{
	file_close_pointer(&root->fd);
	free(root->path);
	*root = KEYRING_ROOT_INIT;
}

int keyring_root_open(const char *path, struct keyring_root *ret_root, struct error *err)
{
	AUTO(keyring_root) root = KEYRING_ROOT_INIT;

	root.fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root.fd < 0)
		return error_sys(err, "cannot open directory \"%s\"",
				 text_printable_text(path).text);
	root.path = strdup(path);
	if (!root.path)
		return error_memory(err);
	*ret_root = root;
	root = KEYRING_ROOT_INIT;
	return 0;
}

static bool is_root(int fd)
{
	struct stat status;

	if (fstatat(fd, SOPS_RULES_FILE, &status, 0) == 0 && !S_ISDIR(status.st_mode))
		return true;
	return fstatat(fd, KEYRING_DIRECTORY, &status, 0) == 0 && S_ISDIR(status.st_mode);
}

/* A repository's top and the home directory: what is above them is not this project's. */
static bool is_boundary(int fd)
{
	const char *home = getenv("HOME");
	struct stat here, other;

	if (fstatat(fd, ".git", &other, AT_SYMLINK_NOFOLLOW) == 0)
		return true;
	return home && home[0] == '/' && stat(home, &other) == 0 && fstat(fd, &here) == 0 &&
	       here.st_dev == other.st_dev && here.st_ino == other.st_ino;
}

static bool same_directory(int a, int b)
{
	struct stat first, second;

	return fstat(a, &first) == 0 && fstat(b, &second) == 0 && first.st_dev == second.st_dev &&
	       first.st_ino == second.st_ino;
}

/* "." becomes "..", all else "PATH/..". */
static int parent_of(const struct keyring_root *root, struct keyring_root *ret_parent,
		     struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	const char *text;

	assert(root->path);
	if (strcmp(root->path, ".") != 0 && buf_printf(&path, err, "%s/", root->path))
		return -1;
	if (buf_append_text(&path, "..", err) || buf_text(&path, &text, err))
		return -1;
	return keyring_root_open(text, ret_parent, err);
}

/* boundary: where the search ended; NULL: at the very top. */
static int none_found(const char *boundary, struct error *err)
{
	if (boundary)
		error_set(err, ERROR_NO_FILE,
			  "neither %s/ nor %s from here up to \"%s\", the top of the repository or "
			  "the home directory",
			  KEYRING_DIRECTORY, SOPS_RULES_FILE, text_printable_text(boundary).text);
	else
		error_set(err, ERROR_NO_FILE, "neither %s/ nor %s here or in a directory above",
			  KEYRING_DIRECTORY, SOPS_RULES_FILE);
	return error_hint(err, "run \"bootseal init\" in the directory that shall hold them");
}

int keyring_root_find(const char *start, struct keyring_root *ret_root, struct error *err)
{
	AUTO(keyring_root) here = KEYRING_ROOT_INIT;

	if (keyring_root_open(start ? start : ".", &here, err))
		return -1;
	for (int level = 0; level < KEYRING_LEVELS_MAX; level++) {
		AUTO(keyring_root) parent = KEYRING_ROOT_INIT;

		if (is_root(here.fd)) {
			*ret_root = here;
			here = KEYRING_ROOT_INIT;
			return 0;
		}
		if (is_boundary(here.fd))
			return none_found(here.path, err);
		/* a directory above that may not be read ends the search, as the top does */
		if (parent_of(&here, &parent, err)) {
			error_clear(err);
			break;
		}
		if (same_directory(here.fd, parent.fd))
			break;
		keyring_root_release(&here);
		here = parent;
		parent = KEYRING_ROOT_INIT;
	}
	return none_found(NULL, err);
}

int keyring_root_lock(const struct keyring_root *root, struct lock *ret_lock, struct error *err)
{
	return lock_take_directory(root->fd, root->path, ret_lock, err);
}
