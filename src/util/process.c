/* SPDX-License-Identifier: MIT */
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a program that we start gets back. */
static struct {
	bool known;
	mode_t umask;
	struct rlimit core, locked;
} before;

/* A closed standard descriptor would be taken by the next file that is opened. */
static int open_standard_descriptors(struct error *err)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) != fd)
			return error_sys(err, "cannot open \"/dev/null\"");
	return 0;
}

static int limit_resources(struct error *err)
{
	struct rlimit locked, none = { 0, 0 };

	if (getrlimit(RLIMIT_CORE, &before.core) < 0 ||
	    getrlimit(RLIMIT_MEMLOCK, &before.locked) < 0)
		return error_sys(err, "cannot read the resource limits");
	none.rlim_max = before.core.rlim_max;
	locked = before.locked;
	locked.rlim_cur = locked.rlim_max;
	if (setrlimit(RLIMIT_CORE, &none) < 0 || setrlimit(RLIMIT_MEMLOCK, &locked) < 0)
		return error_sys(err, "cannot set the resource limits");
	return 0;
}

void process_lock_memory(void)
{
	struct rlimit locked;

	/* under a limit a later large allocation would fail; secrets are then locked one by one */
	if (geteuid() == 0 ||
	    (getrlimit(RLIMIT_MEMLOCK, &locked) == 0 && locked.rlim_cur == RLIM_INFINITY))
		mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

int process_harden(struct error *err)
{
	if (open_standard_descriptors(err) < 0 || limit_resources(err) < 0)
		return -1;
	before.umask = umask(077);
	before.known = true;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_sys(err, "cannot make this process undumpable");
	signal(SIGPIPE, SIG_IGN);
	process_lock_memory();
	if (sodium_init() < 0)
		return error_set(err, ERROR_SYSTEM, "cannot initialise libsodium");
	return 0;
}

void process_restore_for_child(void)
{
	if (!before.known)
		return;
	umask(before.umask);
	setrlimit(RLIMIT_CORE, &before.core);
	setrlimit(RLIMIT_MEMLOCK, &before.locked);
	signal(SIGPIPE, SIG_DFL);
}
