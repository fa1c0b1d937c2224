/* SPDX-License-Identifier: MIT */
#include "activate/generation.h"

#include "util/buf.h"
#include "util/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GENERATION_DIGITS_MAX 18
#define GENERATION_NAME_MAX 24
#define GENERATION_MODE 0751
/* What only root may enter. */
#define GENERATION_CLOSED 0700

uint64_t generation_number(const char *name)
{
	uint64_t number = 0;
	size_t len = strlen(name);

	if (len == 0 || len > GENERATION_DIGITS_MAX || name[0] == '0')
		return 0;
	for (; *name != '\0'; name++) {
		if (*name < '0' || *name > '9')
			return 0;
		number = number * 10 + (uint64_t)(*name - '0');
	}
	return number;
}

static const char *generation_name(uint64_t number, char text[GENERATION_NAME_MAX])
{
	snprintf(text, GENERATION_NAME_MAX, "%llu", (unsigned long long)number);
	return text;
}

/* --- Walking over the generations --- */

struct walk {
	DIR *directory;
};

static void walk_release(struct walk *walk)
{
	if (walk->directory != NULL)
		closedir(walk->directory);
}

static int walk_open(int root_fd, struct walk *walk, struct error *err)
{
	int fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	walk->directory = fd < 0 ? NULL : fdopendir(fd);
	if (walk->directory != NULL)
		return 0;
	error_sys(err, "cannot list the generations");
	file_close_pointer(&fd);
	return -1;
}

/* The next generation's number; 0 at the end. */
static uint64_t walk_next(struct walk *walk)
{
	struct dirent *entry;
	uint64_t number;

	while ((entry = readdir(walk->directory)) != NULL) {
		number = generation_number(entry->d_name);
		if (number != 0)
			return number;
	}
	return 0;
}

int generation_remove(int root_fd, uint64_t number, struct error *err)
{
	char name[GENERATION_NAME_MAX];

	return file_remove_tree(root_fd, generation_name(number, name), err);
}

/* Removes those below oldest and those above newest. */
static int generation_remove_beyond(int root_fd, uint64_t oldest, uint64_t newest,
				    struct error *err)
{
	AUTO(walk) walk = { NULL };
	uint64_t number;

	if (walk_open(root_fd, &walk, err) < 0)
		return -1;
	while ((number = walk_next(&walk)) != 0)
		if ((number < oldest || number > newest) &&
		    generation_remove(root_fd, number, err) < 0)
			return -1;
	return 0;
}

int generation_remove_all(int root_fd, struct error *err)
{
	return generation_remove_beyond(root_fd, UINT64_MAX, 0, err);
}

int generation_list(int root_fd, uint64_t current, struct names *ret_numbers, struct error *err)
{
	AUTO(walk) walk = { NULL };
	char name[GENERATION_NAME_MAX];
	uint64_t number;

	if (walk_open(root_fd, &walk, err) < 0)
		return -1;
	while ((number = walk_next(&walk)) != 0)
		if (number != current &&
		    names_add_once(ret_numbers, generation_name(number, name), err) < 0)
			return -1;
	return 0;
}

int generation_is_empty(int fd, bool *ret_empty, struct error *err)
{
	AUTO(walk) walk = { NULL };
	struct dirent *entry;

	if (walk_open(fd, &walk, err) < 0)
		return -1;
	*ret_empty = true;
	while ((entry = readdir(walk.directory)) != NULL)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			*ret_empty = false;
	return 0;
}

/* A killed run may have left one without the record, which comes first, but then with nothing else. */
static int generation_is_ours(int root_fd, uint64_t number, bool *ret_ours, struct error *err)
{
	char name[GENERATION_NAME_MAX];
	struct stat status;
	AUTO_FD int fd = openat(root_fd, generation_name(number, name),
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	*ret_ours = false;
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP
			       ? 0
			       : error_sys(err, "cannot open generation %s", name);
	if (fstatat(fd, GENERATION_RECORD, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return generation_is_empty(fd, ret_ours, err);
	*ret_ours = S_ISREG(status.st_mode);
	return 0;
}

int generation_all_ours(int root_fd, bool *ret_ours, struct error *err)
{
	AUTO(walk) walk = { NULL };
	uint64_t number;

	if (walk_open(root_fd, &walk, err) < 0)
		return -1;
	*ret_ours = true;
	while (*ret_ours && (number = walk_next(&walk)) != 0)
		if (generation_is_ours(root_fd, number, ret_ours, err) < 0)
			return -1;
	return 0;
}

static int generation_close_older(int root_fd, uint64_t current, struct error *err)
{
	AUTO(walk) walk = { NULL };
	char name[GENERATION_NAME_MAX];
	uint64_t number;

	if (walk_open(root_fd, &walk, err) < 0)
		return -1;
	while ((number = walk_next(&walk)) != 0)
		if (number < current &&
		    fchmodat(root_fd, generation_name(number, name), GENERATION_CLOSED, 0) < 0)
			return error_sys(err, "cannot close generation %s", name);
	return 0;
}

int generation_prune(int root_fd, uint64_t current, unsigned keep, struct error *err)
{
	uint64_t oldest = current > keep ? current - keep : 1;

	if (generation_close_older(root_fd, current, err) < 0)
		return -1;
	return generation_remove_beyond(root_fd, oldest, current, err);
}

/* --- Writing one --- */

/* The directory that name lies in below dir_fd, made part by part. */
static int generation_make_parents(int dir_fd, const char *name, int *ret_fd, const char **ret_last,
				   struct error *err)
{
	AUTO_FD int parent = openat(dir_fd, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *slash;

	while (parent >= 0 && (slash = strchr(name, '/')) != NULL) {
		AUTO_FREE char *part = strndup(name, (size_t)(slash - name));
		int child;

		if (part == NULL)
			return error_memory(err);
		if (mkdirat(parent, part, GENERATION_MODE) < 0 && errno != EEXIST)
			return error_sys(err, "cannot make the directory \"%s\"", part);
		if (fchmodat(parent, part, GENERATION_MODE, 0) < 0)
			return error_sys(err, "cannot make the directory \"%s\"", part);
		child = openat(parent, part, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(parent);
		parent = child;
		name = slash + 1;
	}
	if (parent < 0)
		return error_sys(err, "cannot open the directory of \"%s\"", name);
	*ret_fd = parent;
	*ret_last = name;
	parent = -1;
	return 0;
}

/* Owner and mode first, then the content: at no time may more read it than in the end. */
static int generation_write(int dir_fd, const char *name, struct owner owner, mode_t mode,
			    struct span bytes, struct error *err)
{
	AUTO_FD int parent = -1, fd = -1;
	const char *last = name;

	if (generation_make_parents(dir_fd, name, &parent, &last, err) < 0)
		return -1;
	fd = openat(parent, last, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_sys(err, "cannot create \"%s\"", name);
	if (fchown(fd, owner.uid, owner.gid) < 0)
		return error_sys(err, "cannot give \"%s\" to uid %u and gid %u", name,
				 (unsigned)owner.uid, (unsigned)owner.gid);
	if (fchmod(fd, mode) < 0)
		return error_sys(err, "cannot set the mode of \"%s\"", name);
	return file_write_all(fd, bytes, name, err);
}

static int generation_fill(const struct generation_new *new, int dir_fd, struct error *err)
{
	struct owner self = { geteuid(), getegid() };

	/*
	 * First, to show whose it is. Holds digests of sealed files and no secret, but names that
	 * others cannot list.
	 */
	if (generation_write(dir_fd, GENERATION_RECORD, self, 0400, new->record, err) < 0)
		return -1;
	for (size_t i = 0; i < new->plan->len; i++) {
		const struct plan_file *file = &new->plan->files[i];

		if (file->fate == PLAN_LEFT_OUT)
			continue;
		if (generation_write(dir_fd, file->name, file->owner, file->mode,
				     plan_bytes(new->plan, i), err) < 0)
			return -1;
	}
	if (new->units.len == 0)
		return 0;
	return generation_write(dir_fd, GENERATION_UNITS, self, 0400, new->units, err);
}

static int generation_make(const struct generation_new *new, const char *name, struct error *err)
{
	AUTO_FD int dir_fd = -1;

	if (mkdirat(new->root_fd, name, GENERATION_CLOSED) < 0 ||
	    fchmodat(new->root_fd, name, GENERATION_CLOSED, 0) < 0)
		return error_sys(err, "cannot make generation %s", name);
	dir_fd = openat(new->root_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir_fd < 0)
		return error_sys(err, "cannot open generation %s", name);
	return generation_fill(new, dir_fd, err);
}

int generation_build(const struct generation_new *new, struct error *err)
{
	char name[GENERATION_NAME_MAX];
	struct error ignored = ERROR_INIT;

	if (generation_remove_beyond(new->root_fd, 0, new->current, err) < 0)
		return -1;
	if (generation_make(new, generation_name(new->number, name), err) == 0)
		return 0;
	(void)!generation_remove(new->root_fd, new->number, &ignored);
	return -1;
}

int generation_publish(int root_fd, uint64_t number, struct error *err)
{
	char name[GENERATION_NAME_MAX];

	if (fchmodat(root_fd, generation_name(number, name), GENERATION_MODE, 0) < 0)
		return error_sys(err, "cannot open generation %s to its readers", name);
	return 0;
}

/* --- Reading one --- */

/* -1 with errno. */
static int generation_try_open(int root_fd, uint64_t number, const char *name)
{
	char directory[GENERATION_NAME_MAX];
	AUTO_FD int dir_fd = openat(root_fd, generation_name(number, directory),
				    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return dir_fd < 0 ? -1
			  : openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

static int generation_fail_open(uint64_t number, const char *name, struct error *err)
{
	return error_sys(err, "cannot read \"%s\" of generation %llu", name,
			 (unsigned long long)number);
}

static bool generation_is_absent(void)
{
	return errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
}

bool generation_exists(int root_fd, uint64_t number)
{
	char name[GENERATION_NAME_MAX];
	struct stat status;

	return fstatat(root_fd, generation_name(number, name), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISDIR(status.st_mode);
}

static bool generation_same_status(int fd, const struct plan_file *file)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_uid == file->owner.uid && status.st_gid == file->owner.gid &&
	       (status.st_mode & 07777) == file->mode && status.st_size == (off_t)file->len;
}

int generation_compare(int root_fd, uint64_t number, const struct plan *plan, size_t file,
		       enum generation_state *ret_state, struct error *err)
{
	const struct plan_file *planned = &plan->files[file];
	AUTO(secret) old = SECRET_INIT;
	AUTO_FD int fd = generation_try_open(root_fd, number, planned->name);

	*ret_state = GENERATION_CHANGED;
	if (fd < 0 && generation_is_absent())
		*ret_state = GENERATION_NEW;
	/* Without root, a file whose mode lets not even its owner read it cannot be compared. */
	else if (fd < 0 && errno != EACCES)
		return generation_fail_open(number, planned->name, err);
	if (fd < 0 || !generation_same_status(fd, planned))
		return 0;
	if (file_read_fd(fd, planned->name, planned->len, &old, err) < 0)
		return -1;
	if (old.len == planned->len &&
	    (old.len == 0 || secret_equal(old.data, plan_bytes(plan, file).data, old.len)))
		*ret_state = GENERATION_SAME;
	return 0;
}

int generation_keep(int root_fd, uint64_t number, struct plan_file *file, struct secret *bytes,
		    bool *ret_there, struct error *err)
{
	AUTO(secret) old = SECRET_INIT;
	AUTO_FD int fd = generation_try_open(root_fd, number, file->name);
	struct stat status;

	*ret_there = false;
	if (fd < 0)
		return generation_is_absent() ? 0 : generation_fail_open(number, file->name, err);
	if (fstat(fd, &status) < 0)
		return generation_fail_open(number, file->name, err);
	if (!S_ISREG(status.st_mode))
		return 0;
	if (file_read_fd(fd, file->name, SECRET_MAX, &old, err) < 0 ||
	    secret_append_span(bytes, secret_span(&old), err) < 0)
		return -1;
	file->owner = (struct owner){ status.st_uid, status.st_gid };
	file->mode = status.st_mode & 07777;
	*ret_there = true;
	return 0;
}

int generation_read(int root_fd, uint64_t number, const char *name, size_t max,
		    struct secret *ret_text, struct error *err)
{
	AUTO_FD int fd = generation_try_open(root_fd, number, name);

	if (fd < 0)
		return generation_is_absent() ? 0 : generation_fail_open(number, name, err);
	return file_read_fd(fd, name, max, ret_text, err);
}

int generation_open_own(int root_fd, uint64_t number, const char *name)
{
	char directory[GENERATION_NAME_MAX];
	AUTO_FD int dir_fd = openat(root_fd, generation_name(number, directory),
				    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return dir_fd < 0 ? -1 : openat(dir_fd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
}

int generation_forget(int root_fd, uint64_t number, const char *name, struct error *err)
{
	char directory[GENERATION_NAME_MAX];
	AUTO_FD int dir_fd = openat(root_fd, generation_name(number, directory),
				    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir_fd < 0 || unlinkat(dir_fd, name, 0) < 0)
		return errno == ENOENT ? 0 : error_sys(err, "cannot remove \"%s\"", name);
	return 0;
}
