/* SPDX-License-Identifier: MIT */
#include "util/sandbox.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "util/file.h"

/*
 * The kernel's interface (landlock(7)), spelled out: the headers of the
 * oldest systems that we build on lack its newer half.
 */
#ifndef __NR_landlock_create_ruleset
#define __NR_landlock_create_ruleset 444
#define __NR_landlock_add_rule 445
#define __NR_landlock_restrict_self 446
#endif

#define CREATE_VERSION 1u
#define RULE_PATH_BENEATH 1

enum access {
	ACCESS_EXECUTE = 1 << 0,
	ACCESS_WRITE_FILE = 1 << 1,
	ACCESS_READ_FILE = 1 << 2,
	ACCESS_READ_DIR = 1 << 3,
	ACCESS_REMOVE_DIR = 1 << 4,
	ACCESS_REMOVE_FILE = 1 << 5,
	ACCESS_MAKE_DIR = 1 << 7,
	ACCESS_MAKE_REG = 1 << 8,
	ACCESS_MAKE_SYM = 1 << 12,
	ACCESS_REFER = 1 << 13,    /* ABI 2 */
	ACCESS_TRUNCATE = 1 << 14, /* ABI 3 */
	ACCESS_FILE_ABI_1 = (1 << 13) - 1,
	ACCESS_IOCTL_DEV = 1 << 15, /* ABI 5 */
};

#define NET_TCP 3u   /* bind and connect, ABI 4 */
#define SCOPE_ALL 3u /* abstract sockets and signals, ABI 6 */

struct ruleset_attr {
	uint64_t access_fs, access_net, scoped;
};

struct path_beneath_attr {
	uint64_t allowed_access;
	int32_t parent_fd;
} __attribute__((packed));

/* All that this kernel can deny. */
static struct ruleset_attr deny_all(long abi)
{
	struct ruleset_attr attr = { .access_fs = ACCESS_FILE_ABI_1 };

	if (abi >= 2)
		attr.access_fs |= ACCESS_REFER;
	if (abi >= 3)
		attr.access_fs |= ACCESS_TRUNCATE;
	if (abi >= 4)
		attr.access_net = NET_TCP;
	if (abi >= 5)
		attr.access_fs |= ACCESS_IOCTL_DEV;
	if (abi >= 6)
		attr.scoped = SCOPE_ALL;
	return attr;
}

static size_t attr_size(long abi)
{
	return abi >= 6 ? sizeof(struct ruleset_attr) : abi >= 4 ? 16 : 8;
}

#define READING (ACCESS_READ_FILE | ACCESS_READ_DIR)
#define CHANGING                                                                                   \
	(READING | ACCESS_WRITE_FILE | ACCESS_TRUNCATE | ACCESS_REMOVE_DIR | ACCESS_REMOVE_FILE |  \
	 ACCESS_MAKE_DIR | ACCESS_MAKE_REG | ACCESS_MAKE_SYM | ACCESS_REFER)
#define OF_A_FILE (ACCESS_READ_FILE | ACCESS_WRITE_FILE | ACCESS_TRUNCATE)

/* Some access to what is beneath fd; a plain file allows less than a directory. */
static int allow_beneath(int ruleset, int fd, uint64_t allowed, struct error *err)
{
	struct path_beneath_attr rule = { .allowed_access = allowed, .parent_fd = fd };
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_sys(err, "cannot set up the sandbox");
	if (!S_ISDIR(status.st_mode))
		rule.allowed_access &= OF_A_FILE;
	if (syscall(__NR_landlock_add_rule, ruleset, RULE_PATH_BENEATH, &rule, 0) < 0)
		return error_sys(err, "cannot set up the sandbox");
	return 0;
}

/* The kernel's version of the interface; below 1: none. */
static long landlock_abi(void)
{
	return syscall(__NR_landlock_create_ruleset, NULL, 0, CREATE_VERSION);
}

bool sandbox_is_supported(void)
{
	return landlock_abi() >= 1;
}

static int allow_files(int ruleset, const struct sandbox_files *files, uint64_t known,
		       struct error *err)
{
	for (size_t i = 0; i < files->writable_len; i++)
		if (allow_beneath(ruleset, files->writable[i], known & CHANGING, err) < 0)
			return -1;
	for (size_t i = 0; i < files->readable_len; i++)
		if (allow_beneath(ruleset, files->readable[i], known & READING, err) < 0)
			return -1;
	return 0;
}

int sandbox_enter_with(const struct sandbox_files *files, bool *ret_active, struct error *err)
{
	const long abi = landlock_abi();
	struct ruleset_attr attr;
	AUTO_FD int ruleset = -1;

	*ret_active = false;
	if (abi < 1)
		return 0;
	attr = deny_all(abi);
	ruleset = (int)syscall(__NR_landlock_create_ruleset, &attr, attr_size(abi), 0);
	if (ruleset < 0)
		return error_sys(err, "cannot set up the sandbox");
	if (allow_files(ruleset, files, attr.access_fs, err) < 0)
		return -1;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(__NR_landlock_restrict_self, ruleset, 0) < 0)
		return error_sys(err, "cannot enter the sandbox");
	*ret_active = true;
	return 0;
}

int sandbox_enter(enum sandbox_profile profile, const int *writable_fds, size_t count,
		  bool *ret_active, struct error *err)
{
	const struct sandbox_files files = { writable_fds, count, NULL, 0 };

	assert(profile == SANDBOX_EDIT || count == 0);
	*ret_active = false;
	return profile == SANDBOX_NONE ? 0 : sandbox_enter_with(&files, ret_active, err);
}
