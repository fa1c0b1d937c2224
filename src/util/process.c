/* SPDX-License-Identifier: MIT */
#include "util/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of the 128 KiB that the kernel gives a new program's stack at once. */
#define STACK_LOCKED ((size_t)96 << 10)

/* What a program that we start gets back. */
static struct {
	bool known;
	mode_t umask;
	struct rlimit core, locked;
	sigset_t blocked; /* signals; none until it is known */
} before;

/*
 * A closed standard descriptor would be taken by the next file that is opened. An output that was closed
 * cannot be written to afterwards either: what goes there would be lost without a word.
 */
static int open_standard_descriptors(struct error *err)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) != fd)
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

/*
 * Is there no limit on locked memory for us? To be root says nothing, that of a container or user
 * namespace has the limit of everybody: so more than the limit is locked, for a moment and untouched.
 */
static bool may_lock_all(void)
{
	struct rlimit limit;
	void *probe;
	size_t len;
	bool locked;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
		return false;
	if (limit.rlim_cur == RLIM_INFINITY)
		return true;
	len = (size_t)limit.rlim_cur + 1;
	probe = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (probe == MAP_FAILED)
		return false;
	locked = mlock2(probe, len, MLOCK_ONFAULT) == 0;
	munmap(probe, len);
	return locked;
}

bool process_lock_memory(void)
{
	/* under a limit a later large allocation would fail; secrets are then locked one by one */
	return may_lock_all() && mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0;
}

/* Below here, as far as the kernel has made room for it; the whole of it where that is allowed. */
static void lock_stack(void)
{
	const uint8_t here = 0;

	if (may_lock_all())
		(void)mlock2((const void *)((uintptr_t)&here - STACK_LOCKED), STACK_LOCKED,
			     MLOCK_ONFAULT);
}

int process_harden(struct error *err)
{
	if (open_standard_descriptors(err) < 0 || limit_resources(err) < 0)
		return -1;
	before.umask = umask(077);
	sigprocmask(SIG_SETMASK, NULL, &before.blocked);
	before.known = true;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_sys(err, "cannot make this process undumpable");
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that grows too large is an error like another */
	lock_stack();
	if (sodium_init() < 0)
		return error_set(err, ERROR_SYSTEM, "cannot initialise libsodium");
	return 0;
}

mode_t process_caller_umask(void)
{
	return before.known ? before.umask : 077;
}

void process_restore_for_child(void)
{
	sigprocmask(SIG_SETMASK, &before.blocked, NULL);
	if (!before.known)
		return;
	umask(before.umask);
	setrlimit(RLIMIT_CORE, &before.core);
	setrlimit(RLIMIT_MEMLOCK, &before.locked);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
}

/* NixOS' own first; the others are not there. */
#define SYSTEM_PATH                                                                                \
	"/run/current-system/sw/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

int process_forget_environment(struct error *err)
{
	if (clearenv() != 0 || setenv("PATH", SYSTEM_PATH, 1) < 0)
		return error_memory(err);
	return 0;
}
