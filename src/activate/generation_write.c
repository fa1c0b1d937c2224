/* SPDX-License-Identifier: MIT */
/* The half of activate/generation.h that writes one. */
#include "activate/generation.h"

#include "util/buf.h"
#include "util/child.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* As its readers need it, and what only root may enter. */
#define GENERATION_MODE 0751
#define GENERATION_CLOSED 0700

/* A directory of a generation, with the mode and the group that it is to have. */
static int generation_dress(const struct generation_new *new, int parent, const char *name,
			    mode_t mode, struct error *err)
{
	if (fchmodat(parent, name, mode, 0) < 0 ||
	    (new->has_group &&fchownat(parent, name, 0, new->group, AT_SYMLINK_NOFOLLOW) < 0))
		return error_sys(err, "cannot make the directory \"%s\"", name);
	return 0;
}

/* The directory that name lies in below dir_fd, made part by part. */
static int generation_make_parents(const struct generation_new *new, int dir_fd, const char *name,
				   int *ret_fd, const char **ret_last, struct error *err)
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
		if (generation_dress(new, parent, part, GENERATION_MODE, err) < 0)
			return -1;
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
static int generation_write(const struct generation_new *new, int dir_fd, const char *name,
			    struct owner owner, mode_t mode, struct span bytes, struct error *err)
{
	AUTO_FD int parent = -1, fd = -1;
	const char *last = name;

	if (generation_make_parents(new, dir_fd, name, &parent, &last, err) < 0)
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
	if (generation_write(new, dir_fd, GENERATION_RECORD, self, 0400, new->record, err) < 0)
		return -1;
	for (size_t i = 0; i < new->plan->len; i++) {
		const struct plan_file *file = &new->plan->files[i];

		if (file->fate == PLAN_LEFT_OUT || file->fate == PLAN_ON_DEMAND)
			continue;
		if (generation_write(new, dir_fd, file->name, file->owner, file->mode,
				     plan_bytes(new->plan, i), err) < 0)
			return -1;
	}
	if (new->units.len == 0)
		return 0;
	return generation_write(new, dir_fd, GENERATION_UNITS, self, 0400, new->units, err);
}

static int generation_make(const struct generation_new *new, const char *name, struct error *err)
{
	AUTO_FD int dir_fd = -1;

	if (mkdirat(new->root_fd, name, GENERATION_CLOSED) < 0)
		return error_sys(err, "cannot make generation %s", name);
	if (generation_dress(new, new->root_fd, name, GENERATION_CLOSED, err) < 0)
		return -1;
	dir_fd = openat(new->root_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir_fd < 0)
		return error_sys(err, "cannot open generation %s", name);
	return generation_fill(new, dir_fd, err);
}

int generation_build(const struct generation_new *new, struct error *err)
{
	struct error ignored = ERROR_INIT;

	if (generation_remove_beyond(new->root_fd, 0, new->current, err) < 0)
		return -1;
	if (generation_make(new, generation_name(new->number).text, err) == 0)
		return 0;
	(void)!generation_remove(new->root_fd, new->number, &ignored);
	return -1;
}

int generation_publish(int root_fd, uint64_t number, struct error *err)
{
	if (fchmodat(root_fd, generation_name(number).text, GENERATION_MODE, 0) < 0)
		return error_sys(err, "cannot open generation %s to its readers",
				 generation_name(number).text);
	return 0;
}

static int generation_open(int root_fd, uint64_t number)
{
	return openat(root_fd, generation_name(number).text,
		      O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int generation_open_own(int root_fd, uint64_t number, const char *name)
{
	AUTO_FD int dir_fd = generation_open(root_fd, number);

	return dir_fd < 0 ? -1 : openat(dir_fd, name, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
}

int generation_forget(int root_fd, uint64_t number, const char *name, struct error *err)
{
	AUTO_FD int dir_fd = generation_open(root_fd, number);

	if (dir_fd < 0 || unlinkat(dir_fd, name, 0) < 0)
		return errno == ENOENT ? 0 : error_sys(err, "cannot remove \"%s\"", name);
	return 0;
}

int generation_put_own(int root_fd, uint64_t number, const char *name, struct span bytes,
		       struct error *err)
{
	const struct owner self = { geteuid(), getegid() };
	const struct generation_new new = { .root_fd = root_fd, .number = number };
	AUTO_FD int dir_fd = generation_open(root_fd, number);

	if (dir_fd < 0 || (unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT))
		return error_sys(err, "cannot replace \"%s\"", name);
	return generation_write(&new, dir_fd, name, self, 0400, bytes, err);
}

static int generation_build_job(void *argument, struct secret *ret_answer UNUSED, struct error *err)
{
	return generation_build(argument, err);
}

int generation_build_apart(struct generation_new *new, const struct record *record,
			   struct error *err)
{
	AUTO(secret) text = SECRET_INIT;
	AUTO(secret) answer = SECRET_INIT;

	if (record_format(record, &text, err) < 0)
		return -1;
	new->record = secret_span(&text);
	return child_job_edit(generation_build_job, new, &new->root_fd, 1, &answer, err);
}
