/* SPDX-License-Identifier: MIT */
/*
 * Tries what a confined service must not be able to do, each in a process of its own, and prints a line for each:
 * "NAME done" or "NAME refused". Nothing of it stays.
 *
 *	tries DIRECTORY PROGRAM		DIRECTORY can be written to; PROGRAM is this one, as
 *					a file that makes another user of its caller
 *	PROGRAM is			ends with 0 where it did
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <unistd.h>

#define KLOG_SIZE_BUFFER 10

static const char *program;

/* Each returns a negative number where it is refused. */
static int try_device(void)
{
	return mknod("null", S_IFCHR | 0600, makedev(1, 3));
}

static int try_set_user_id(void)
{
	const int fd = memfd_create("file", MFD_CLOEXEC);

	return fd < 0 ? 0 : fchmod(fd, 04700);
}

static int try_other_user(void)
{
	int status;
	const pid_t child = fork();

	if (child == 0) {
		execl(program, program, "is", (char *)NULL);
		_exit(1);
	}
	return waitpid(child, &status, 0) == child && status == 0 ? 0 : -1;
}

static int try_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? 0 : mprotect(page, 4096, PROT_READ | PROT_EXEC);
}

static int try_users(void)
{
	return unshare(CLONE_NEWUSER);
}

static int try_mounts(void)
{
	return unshare(CLONE_NEWNS);
}

static int try_processes(void)
{
	return unshare(CLONE_NEWPID);
}

static int try_mount(void)
{
	return mount("tmpfs", "/mnt", "tmpfs", 0, NULL) < 0 ? -1 : umount2("/mnt", MNT_DETACH);
}

static int try_packets(void)
{
	return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
}

static int try_internet(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int try_realtime(void)
{
	const struct sched_param param = { .sched_priority = 1 };

	return sched_setscheduler(0, SCHED_FIFO, &param);
}

static int try_personality(void)
{
	return personality(ADDR_NO_RANDOMIZE);
}

/* Reads it alone; who may not do that cannot set it. */
static int try_clock(void)
{
	struct timex none = { .modes = 0 };

	return adjtimex(&none);
}

static int try_kernel_log(void)
{
	return klogctl(KLOG_SIZE_BUFFER, NULL, 0);
}

static int try_trace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int try_bpf(void)
{
	union bpf_attr map;

	memset(&map, 0, sizeof(map));
	map.map_type = BPF_MAP_TYPE_ARRAY;
	map.key_size = 4;
	map.value_size = 4;
	map.max_entries = 1;
	return (int)syscall(SYS_bpf, BPF_MAP_CREATE, &map, sizeof(map));
}

/* Another architecture's calls have other numbers, of which a filter knows nothing. */
static int try_old_calls(void)
{
#ifdef __x86_64__
	int answer = 20; /* getpid() there */

	__asm__ volatile("int $0x80" : "+a"(answer) : : "memory");
	return answer;
#else
	return -1;
#endif
}

static int try_file_of_root(void)
{
	return open("/etc/tried", O_CREAT | O_WRONLY | O_CLOEXEC, 0600) < 0 ? -1
									    : unlink("/etc/tried");
}

static int try_temporary(void)
{
	return open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0 ? -1 : access("/tmp/.", W_OK);
}

static int try_tunable(void)
{
	return open("/proc/sys/kernel/hostname", O_WRONLY | O_CLOEXEC);
}

static int try_control_group(void)
{
	return mkdir("/sys/fs/cgroup/tried", 0700) < 0 ? -1 : rmdir("/sys/fs/cgroup/tried");
}

static const struct {
	const char *name;
	int (*call)(void);
} attempts[] = {
	{ "device", try_device },
	{ "set-user-ID", try_set_user_id },
	{ "other-user", try_other_user },
	{ "code", try_code },
	{ "user-namespace", try_users },
	{ "mount-namespace", try_mounts },
	{ "process-namespace", try_processes },
	{ "mount", try_mount },
	{ "packets", try_packets },
	{ "internet", try_internet },
	{ "realtime", try_realtime },
	{ "personality", try_personality },
	{ "clock", try_clock },
	{ "kernel-log", try_kernel_log },
	{ "trace", try_trace },
	{ "bpf", try_bpf },
	{ "old-calls", try_old_calls },
	{ "file-of-root", try_file_of_root },
	{ "temporary-files", try_temporary },
	{ "tunable", try_tunable },
	{ "control-group", try_control_group },
};

/* A call that ends the process is refused, too. */
static int is_done(int (*call)(void))
{
	int status;
	const pid_t child = fork();

	if (child == 0)
		_exit(call() < 0 ? 1 : 0);
	return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "is") == 0)
		return geteuid() == getuid();
	if (argc != 3)
		return 100;
	program = argv[2];
	if (chdir(argv[1]) < 0)
		return 100;
	for (size_t i = 0; i < sizeof(attempts) / sizeof(*attempts); i++) {
		printf("%s %s\n", attempts[i].name, is_done(attempts[i].call) ? "done" : "refused");
		fflush(stdout);
	}
	return 0;
}
