/* SPDX-License-Identifier: MIT */
#include "util/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "util/file.h"
#include "util/text.h"

/* Takes fd over. */
static int lock_wait(int fd, const char *name, struct lock *ret_lock, struct error *err)
{
	while (flock(fd, LOCK_EX) < 0) {
		if (errno == EINTR)
			continue;
		error_sys(err, "cannot lock \"%s\"", text_printable_text(name).text);
		close(fd);
		return -1;
	}
	ret_lock->fd = fd;
	return 0;
}

/* Takes fd over; ret_lock->fd is -1 while another process holds it. */
static int lock_try_fd(int fd, const char *name, struct lock *ret_lock, struct error *err)
{
	AUTO_FD int own = fd;

	*ret_lock = LOCK_INIT;
	if (own >= 0 && flock(own, LOCK_EX | LOCK_NB) == 0) {
		ret_lock->fd = own;
		own = -1;
		return 0;
	}
	if (own >= 0 && errno == EWOULDBLOCK)
		return 0;
	return error_sys(err, "cannot lock \"%s\"", text_printable_text(name).text);
}

static int lock_open(int dir_fd, const char *path)
{
	return openat(dir_fd, path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
}

int lock_take(int dir_fd, const char *path, struct lock *ret_lock, struct error *err)
{
	const int fd = lock_open(dir_fd, path);

	if (fd < 0)
		return error_sys(err, "cannot lock \"%s\"", text_printable_text(path).text);
	return lock_wait(fd, path, ret_lock, err);
}

int lock_try(int dir_fd, const char *path, struct lock *ret_lock, struct error *err)
{
	return lock_try_fd(lock_open(dir_fd, path), path, ret_lock, err);
}

int lock_take_directory(int dir_fd, const char *name, struct lock *ret_lock, struct error *err)
{
	const int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, "cannot lock \"%s\"", text_printable_text(name).text);
	return lock_wait(fd, name, ret_lock, err);
}

int lock_try_directory(int dir_fd, const char *name, struct lock *ret_lock, struct error *err)
{
	return lock_try_fd(openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), name, ret_lock,
			   err);
}

void lock_release(struct lock *lock)
{
	file_close_pointer(&lock->fd);
}
