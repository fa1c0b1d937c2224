/* SPDX-License-Identifier: MIT */
/* The half of activate/generation.h that reads one. */
#include "activate/generation.h"

#include "util/buf.h"
#include "util/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

/* -1 with errno. */
static int generation_try_open(int root_fd, uint64_t number, const char *name)
{
	AUTO_FD int dir_fd = openat(root_fd, generation_name(number).text,
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

int generation_exists(int root_fd, uint64_t number, bool *ret_exists, struct error *err)
{
	struct stat status;

	if (root_fd < 0 || number == 0) {
		*ret_exists = false;
		return 0;
	}
	if (fstatat(root_fd, generation_name(number).text, &status, AT_SYMLINK_NOFOLLOW) == 0) {
		*ret_exists = S_ISDIR(status.st_mode);
		return 0;
	}
	if (!generation_is_absent())
		return error_sys(err, "cannot look at generation %llu", (unsigned long long)number);
	*ret_exists = false;
	return 0;
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
