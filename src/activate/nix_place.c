/* SPDX-License-Identifier: MIT */
#include "nix_run.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "activate/generation.h"
#include "activate/ramfs.h"
#include "util/buf.h"
#include "util/file.h"

/*
 * What is at the link's place and no link gives way, as sops-nix has it; but nothing that lies on a
 * disk, unless it is an empty directory: "symlinkPath": "/etc" is one slip away.
 */
static int nix_check_place(const struct target *target, bool *ret_in_the_way, struct error *err)
{
	AUTO_FD int fd =
		openat(target->link_fd, target->link_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	bool empty = false;

	*ret_in_the_way = false;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &status) < 0)
		return error_sys(err, "cannot look at \"%s\"", target->directory);
	if (S_ISLNK(status.st_mode))
		return 0;
	if (S_ISDIR(status.st_mode) && generation_is_empty(fd, &empty, err) < 0)
		return -1;
	*ret_in_the_way = true;
	if (!ramfs_is_mount(fd) && (empty || file_is_in_memory(fd)))
		return 0;
	error_set(err, ERROR_DENIED, "\"%s\" is there, and no link", target->directory);
	return error_hint(err, "move it away");
}

int nix_clear_place(const struct target *target, struct error *err)
{
	bool in_the_way;

	if (nix_check_place(target, &in_the_way, err) < 0)
		return -1;
	return in_the_way ? file_remove_tree(target->link_fd, target->link_name, err) : 0;
}

static int nix_make_parents(const char *path, mode_t mode, struct error *err)
{
	AUTO_FD int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *last = strrchr(path, '/');
	AUTO_FREE char *parent = strndup(path + 1, last > path ? (size_t)(last - path - 1) : 0);

	if (parent == NULL)
		return error_memory(err);
	if (root < 0)
		return error_sys(err, "cannot open \"/\"");
	return *parent == '\0' ? 0 : file_make_directories(root, parent, mode, err);
}

int nix_make_place(const struct nix_run *run, struct error *err)
{
	const struct manifest *manifest = &run->nix.manifest;

	return nix_make_parents(manifest->root, 0751, err) < 0
		       ? -1
		       : nix_make_parents(manifest->directory, 0755, err);
}

int nix_open_target(struct nix_run *run, struct error *err)
{
	const struct manifest *manifest = &run->nix.manifest;
	bool in_the_way;

	target_release(&run->target);
	if (target_open(manifest->directory, manifest->root, &run->target, err) < 0)
		return -1;
	run->target.manner = (struct target_manner){ .takes_over = true,
						     .stays_folder = manifest->user_mode,
						     .tmpfs = manifest->use_tmpfs };
	if (nix_check_place(&run->target, &in_the_way, err) < 0)
		return -1;
	return target_current(&run->target, &run->current, err);
}
