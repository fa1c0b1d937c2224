/* SPDX-License-Identifier: MIT */
#include "programs_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/process.h"

/* On every Linux with systemd, from its initrd on, and nothing that gpg looks at. */
#define GPG_HOME "/dev/shm"

/* gpg would have its sockets below, for all homes of that name. */
static const char *const places_of_sockets[] = { "/run/user", "/run/gnupg" };

/* A gpg that hangs must not outlive whom nobody waits for: who is killed takes his child with him. */
static void end_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
}

/* The one that stays behind ends when the other one has, and with that one all that it started. */
static NORETURN void wait_for(pid_t pid)
{
	end_with_parent();
	close_range(3, ~0u, 0);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	_exit(0);
}

static bool put(const char *file, const char *text)
{
	const int fd = open(file, O_WRONLY | O_CLOEXEC);
	const bool done = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return done;
}

/*
 * Where one may not, as in user mode, one may among users of one's own, of whom there is but oneself. Who may write
 * their lists is asked by whether one could be dumped: for this moment, as gpg, which gets the keys, is all the time.
 */
static bool leave_users(void)
{
	const unsigned uid = geteuid(), gid = getegid();
	char users[64], groups[64];
	bool done;

	snprintf(users, sizeof(users), "%u %u 1\n", uid, uid);
	snprintf(groups, sizeof(groups), "%u %u 1\n", gid, gid);
	if (unshare(CLONE_NEWUSER) < 0)
		return false;
	prctl(PR_SET_DUMPABLE, 1);
	done = put("/proc/self/setgroups", "deny") && put("/proc/self/uid_map", users) &&
	       put("/proc/self/gid_map", groups);
	prctl(PR_SET_DUMPABLE, 0);
	return done;
}

static bool leave_mounts(void)
{
	if (unshare(CLONE_NEWNS) < 0 &&
	    (errno != EPERM || !leave_users() || unshare(CLONE_NEWNS) < 0))
		return false;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

static int cover(const char *directory)
{
	return mount("gpg", directory, "ramfs", MS_NODEV | MS_NOSUID | MS_NOEXEC, "mode=0700");
}

/* Its mounts, and then its processes: what cannot be had must not leave half of the latter. */
static int leave_others(struct error *err)
{
	if (!leave_mounts()) {
		error_sys(err, "no mounts of its own for gpg");
		return error_hint(err, "name a gnupgHome where namespaces cannot be made");
	}
	if (cover(GPG_HOME) < 0)
		return error_sys(err, "no memory file system for gpg on \"" GPG_HOME "\"");
	for (size_t i = 0; i < sizeof(places_of_sockets) / sizeof(*places_of_sockets); i++)
		if (cover(places_of_sockets[i]) < 0 && errno != ENOENT)
			return error_sys(err, "cannot hide \"%s\" from gpg", places_of_sockets[i]);
	if (unshare(CLONE_NEWPID) < 0)
		return error_sys(err, "no process identifiers of its own for gpg");
	return 0;
}

/*
 * The first process of a new PID namespace, and that has its own mounts: when it ends, however it ends, gpg's
 * agent is killed and the keys are nowhere. Nothing has to be removed, by this run or the next.
 */
int program_gpg_home(struct error *err)
{
	pid_t pid;

	if (leave_others(err) < 0)
		return -1;
	pid = fork();
	if (pid < 0)
		return error_sys(err, "cannot start a child process");
	if (pid > 0)
		wait_for(pid);
	end_with_parent();
	process_lock_memory(); /* which is not inherited */
	return setenv("GNUPGHOME", GPG_HOME, 1) < 0 ? error_memory(err) : 0;
}

/* --- In the command --- */

int keyring_programs_import(const struct keyring_programs *programs, struct span pgp_key,
			    struct error *err)
{
	const struct program_request request = { .task = PROGRAM_GPG_IMPORT, .len = pgp_key.len };
	AUTO(secret) nothing = SECRET_INIT;

	if (pgp_key.len > PROGRAM_MESSAGE_MAX)
		return error_set(err, ERROR_LIMIT, "the PGP key is too long");
	return program_ask(programs, &request, pgp_key, &nothing, NULL, err);
}
