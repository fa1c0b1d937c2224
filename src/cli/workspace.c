/* SPDX-License-Identifier: MIT */
#include "cli/workspace.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crypto/random.h"
#include "util/buf.h"
#include "util/file.h"
#include "util/process.h"
#include "util/text.h"

#define KEEP 'k'
/* Younger ones may be just being made, and not yet held by anyone. */
#define YOUNG_SECONDS 10

/* Closes all but these two: locks, and ends of what others wait for, are their owner's. */
static void keep_only(int a, int b)
{
	const unsigned low = (unsigned)(a < b ? a : b), high = (unsigned)(a < b ? b : a);

	if (low > 3)
		(void)close_range(3, low - 1, 0);
	if (high > low + 1)
		(void)close_range(low + 1, high - 1, 0);
	(void)close_range(high + 1, ~0u, 0);
}

/* In the cleaner: waits until every holder of the pipe's other end is gone. */
static NORETURN void clean(int base_fd, const char *name, int alive_fd)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP };
	struct error ignored = ERROR_INIT;
	char word = '\0';

	keep_only(base_fd, alive_fd);
	process_lock_memory(); /* which is not inherited */
	/* a session of its own: what ends us at the terminal does not end it */
	(void)setsid();
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		(void)signal(signals[i], SIG_IGN);
	while (read(alive_fd, &word, 1) < 0 && errno == EINTR)
		;
	_exit(word != KEEP && file_remove_tree(base_fd, name, &ignored) < 0 ? 1 : 0);
}

static int start_cleaner(int base_fd, const char *name, struct workspace *workspace,
			 struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(err, "cannot make a pipe");
	fflush(NULL);
	workspace->cleaner = fork();
	if (workspace->cleaner == 0) {
		close(ends[1]);
		clean(base_fd, name, ends[0]);
	}
	close(ends[0]);
	workspace->alive_fd = ends[1];
	return workspace->cleaner > 0 ? 0 : error_sys(err, "cannot start a child process");
}

/* Is name a directory of ours that no process holds: one that a killed run left? */
static bool is_left_over(int base_fd, const char *name)
{
	AUTO_FD int fd = openat(base_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;

	return fd >= 0 && fstat(fd, &status) == 0 && status.st_uid == geteuid() &&
	       time(NULL) - status.st_mtime > YOUNG_SECONDS && flock(fd, LOCK_EX | LOCK_NB) == 0;
}

/* What is left over for this purpose goes, as far as it can. */
static void remove_left_over(int base_fd, const char *prefix)
{
	const int fd = fcntl(base_fd, F_DUPFD_CLOEXEC, 3);
	DIR *directory = fd >= 0 ? fdopendir(fd) : NULL;
	struct error ignored = ERROR_INIT;

	if (!directory) {
		if (fd >= 0)
			close(fd);
		return;
	}
	rewinddir(directory);
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
		if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
		    is_left_over(base_fd, entry->d_name))
			(void)!file_remove_tree(base_fd, entry->d_name, &ignored);
	closedir(directory);
}

static int make_directory(int base_fd, const char *name, struct workspace *workspace,
			  struct error *err)
{
	if (mkdirat(base_fd, name, 0700) < 0)
		return error_sys(err, "cannot make \"%s\"",
				 text_printable_text(workspace->path).text);
	workspace->fd = openat(base_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	/* held as long as it is in use, see is_left_over() */
	if (workspace->fd < 0 || flock(workspace->fd, LOCK_SH | LOCK_NB) < 0)
		return error_sys(err, "cannot open \"%s\"",
				 text_printable_text(workspace->path).text);
	return 0;
}

/* Below base, if that is there, ours to write and (unless on_disk) in memory. */
static int make_below(const char *base, const struct workspace_need *need, bool on_disk,
		      struct workspace *ret_workspace, struct error *err)
{
	AUTO(workspace) workspace = WORKSPACE_INIT;
	AUTO_FD int base_fd = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	uint64_t number;
	char prefix[64];
	const char *name;

	if (base_fd < 0 || (!on_disk && !file_is_in_memory(base_fd)))
		return error_set(err, ERROR_DENIED, "\"%s\" is not in memory", base);
	(void)snprintf(prefix, sizeof(prefix), ".bootseal-%s-", need->purpose);
	remove_left_over(base_fd, prefix);
	random_bytes(&number, sizeof(number));
	if (asprintf(&workspace.path, "%s/%s%016llx", base, prefix, (unsigned long long)number) <
	    0) {
		workspace.path = NULL;
		return error_memory(err);
	}
	name = strrchr(workspace.path, '/') + 1;
	/* the cleaner first: a directory never exists without one */
	if (start_cleaner(base_fd, name, &workspace, err) < 0 ||
	    make_directory(base_fd, name, &workspace, err) < 0)
		return -1;
	*ret_workspace = workspace;
	workspace = WORKSPACE_INIT;
	return 0;
}

static int make_in_memory(const struct workspace_need *need, struct workspace *ret_workspace,
			  struct error *err)
{
	char user_directory[64];
	/* the first two are for our own user alone */
	const char *candidates[] = { getenv("XDG_RUNTIME_DIR"), user_directory, "/dev/shm",
				     "/run" };

	(void)snprintf(user_directory, sizeof(user_directory), "/run/user/%lu",
		       (unsigned long)getuid());
	for (size_t i = need->for_others ? 2 : 0; i < sizeof(candidates) / sizeof(*candidates);
	     i++) {
		struct error ignored = ERROR_INIT;

		if (candidates[i] && candidates[i][0] == '/' &&
		    make_below(candidates[i], need, false, ret_workspace, &ignored) == 0)
			return 0;
	}
	(void)error_set(err, ERROR_DENIED,
			"there is no memory file system to put the plaintext on "
			"(XDG_RUNTIME_DIR, /run/user/UID, /dev/shm, /run)");
	return error_hint(err, "--on-disk puts it below TMPDIR, where traces of it may stay");
}

int workspace_make(const struct workspace_need *need, struct workspace *ret_workspace,
		   struct error *err)
{
	struct error reason = ERROR_INIT;
	const char *temporary = getenv("TMPDIR");

	if (make_in_memory(need, ret_workspace, &reason) == 0)
		return 0;
	if (need->on_disk)
		return make_below(temporary && temporary[0] == '/' ? temporary : "/tmp", need, true,
				  ret_workspace, err);
	*err = reason;
	return -1;
}

void workspace_keep(struct workspace *workspace)
{
	const char *name = strrchr(workspace->path, '/'), *number = strrchr(workspace->path, '-');
	const char word = KEEP;
	char *kept;

	/* a name that remove_left_over() passes by, and the cleaner does not know */
	if (asprintf(&kept, "%.*s/bootseal-kept-%s", (int)(name - workspace->path), workspace->path,
		     number + 1) >= 0) {
		if (rename(workspace->path, kept) == 0) {
			free(workspace->path);
			workspace->path = kept;
		} else {
			free(kept);
		}
	}
	while (write(workspace->alive_fd, &word, 1) < 0 && errno == EINTR)
		;
}

void workspace_release(struct workspace *workspace)
{
	file_close_pointer(&workspace->fd);
	file_close_pointer(&workspace->alive_fd);
	if (workspace->cleaner > 0)
		while (waitpid(workspace->cleaner, NULL, 0) < 0 && errno == EINTR)
			;
	free(workspace->path);
	*workspace = WORKSPACE_INIT;
}
