/* SPDX-License-Identifier: MIT */
#include "util/privileges.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * Nobody else's: a process of the same uid could stop ours. systemd's list of uids has 1879048192 to
 * 2147483647 as used by nobody.
 */
#define SANDBOX_UID 1879060065
/* Where this namespace has no such one. */
#define NOBODY 65534

/* Writing, and giving away, what the new owner alone may read. */
#define FILE_CAPABILITIES (1u << CAP_CHOWN | 1u << CAP_FOWNER | 1u << CAP_DAC_OVERRIDE)

/* capset(2) itself: the library for it does no more. */
static int set_capabilities(uint32_t kept, struct error *err)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { { .effective = kept, .permitted = kept } };

	if (syscall(SYS_capset, &header, data) < 0)
		return error_sys(err, "cannot give up capabilities");
	return 0;
}

/* What a program that is started would get back; needs CAP_SETPCAP, and ends at the last one. */
static void empty_bounding_set(void)
{
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	for (unsigned long capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0;)
		capability++;
}

static bool become(uid_t id)
{
	return setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0;
}

/* Not an error where this namespace has no such user (EINVAL), or we may not become another (EPERM). */
static int become_another(struct error *err)
{
	if (setgroups(0, NULL) < 0 && errno != EPERM)
		return error_sys(err, "cannot give up groups");
	if (become(SANDBOX_UID) || (errno == EINVAL && become(NOBODY)) || errno == EINVAL ||
	    errno == EPERM)
		return 0;
	return error_sys(err, "cannot give up root");
}

/* The limit counts from now on, as for everybody. */
static void unlimit_locked_memory(void)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	(void)!setrlimit(RLIMIT_MEMLOCK, &none);
}

int privileges_drop(bool keep_files, struct error *err)
{
	int result = 0;

	if (geteuid() == 0) {
		unlimit_locked_memory();
		empty_bounding_set();
		result =
			keep_files ? set_capabilities(FILE_CAPABILITIES, err) : become_another(err);
	}
	if (result == 0 && !keep_files)
		result = set_capabilities(0, err);
	/* A change of uid clears both. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return result;
}
