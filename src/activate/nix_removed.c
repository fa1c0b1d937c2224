/* SPDX-License-Identifier: MIT */
#include "nix_removed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "activate/generation.h"
#include "util/buf.h"
#include "util/file.h"

struct nix_tree {
	const char **names; /* sorted */
	size_t len;
	struct names *removed;
	unsigned depth;
};

static int nix_compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static int nix_tree_file(const struct nix_tree *tree, const char *path, struct error *err)
{
	if (strncmp(path, MANIFEST_RESERVED, strlen(MANIFEST_RESERVED)) == 0 ||
	    bsearch(&path, tree->names, tree->len, sizeof(*tree->names), nix_compare_names) != NULL)
		return 0;
	return names_add(tree->removed, span_of_text(path), err);
}

static int nix_tree_walk(struct nix_tree *tree, int parent_fd, const char *name, const char *path,
			 struct error *err);

/* One entry of a directory: a directory again, or a file. */
static int nix_tree_entry(struct nix_tree *tree, int dir_fd, const char *path,
			  const struct dirent *entry, struct error *err)
{
	AUTO_FREE char *below = NULL;

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	if (asprintf(&below, "%s%s%s", path, *path == '\0' ? "" : "/", entry->d_name) < 0) {
		below = NULL;
		return error_memory(err);
	}
	if (entry->d_type == DT_DIR)
		return nix_tree_walk(tree, dir_fd, entry->d_name, below, err);
	return nix_tree_file(tree, below, err);
}

/* What is gone meanwhile, or deeper than any name may be, is passed over. */
static int nix_tree_walk(struct nix_tree *tree, int parent_fd, const char *name, const char *path,
			 struct error *err)
{
	AUTO_FD int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *directory = fd < 0 || tree->depth > 2 * MANIFEST_PARTS_MAX ? NULL : fdopendir(fd);
	struct dirent *entry;
	int result = 0;

	if (directory == NULL)
		return errno == ENOMEM ? error_memory(err) : 0;
	tree->depth++;
	while (result == 0 && (entry = readdir(directory)) != NULL)
		result = nix_tree_entry(tree, fd, path, entry, err);
	tree->depth--;
	closedir(directory);
	fd = -1;
	return result;
}

int nix_find_removed(int root_fd, uint64_t current, const struct manifest *manifest,
		     struct names *removed, struct error *err)
{
	AUTO_FREE const char **names = calloc(manifest->len + 1, sizeof(*names));
	struct nix_tree tree = { names, manifest->len, removed, 0 };

	if (names == NULL)
		return error_memory(err);
	for (size_t i = 0; i < manifest->len; i++)
		names[i] = manifest->entries[i].name;
	qsort(names, manifest->len, sizeof(*names), nix_compare_names);
	return nix_tree_walk(&tree, root_fd, generation_name(current).text, "", err);
}
