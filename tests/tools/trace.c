/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 64
/* A command that waits for something that never comes ends the test. */
#define SECONDS_MAX 300

struct tracer {
	pid_t live[PROCESSES_MAX]; /* processes that have been seen and have not ended */
	size_t len;
	enum trace_victim victim;
	int error; /* 0: killed */
	bool public_only;
	size_t nth;
	struct trace_result result;
};

static void require(bool condition, const char *what)
{
	if (condition)
		return;
	fprintf(stderr, "trace: %s: %s\n", what, strerror(errno));
	exit(2);
}

/* What changes nothing that anyone else could see. */
static const int private_calls[] = {
	SYS_mmap,   SYS_munmap, SYS_mprotect,  SYS_madvise,        SYS_brk,
	SYS_mremap, SYS_mlock,  SYS_munlock,   SYS_mlockall,       SYS_close,
	SYS_futex,  SYS_getpid, SYS_geteuid,   SYS_getegid,        SYS_rt_sigaction,
	SYS_lseek,  SYS_fstat,  SYS_getrandom, SYS_rt_sigprocmask, SYS_clock_gettime
};

#define PRIVATE_CALLS (sizeof(private_calls) / sizeof(private_calls[0]))

/*
 * From here on each call stops us before it is made: half as often as PTRACE_SYSCALL does. With public_only those
 * above do not.
 */
static bool stop_at_calls(bool public_only)
{
	struct sock_filter filter[2 * PRIVATE_CALLS + 2];
	struct sock_fprog program = { 0, filter };

	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							     offsetof(struct seccomp_data, nr));
	for (size_t i = 0; public_only && i < PRIVATE_CALLS; i++) {
		filter[program.len++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
						     (unsigned)private_calls[i], 0, 1);
		filter[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	}
	filter[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static void start(const struct tracer *t, char *const *argv, int output_fd)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && dup2(output_fd, 1) >= 0 &&
	    dup2(output_fd, 2) >= 0) {
		raise(SIGSTOP);
		if (stop_at_calls(t->public_only))
			execv(argv[0], argv);
	}
	_exit(127);
}

/* At its first stop. */
static void meet(struct tracer *t, pid_t pid)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->live[i] == pid)
			return;
	require(t->len < PROCESSES_MAX, "too many processes");
	t->live[t->len++] = pid;
}

static void forget(struct tracer *t, pid_t pid)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->live[i] == pid)
			t->live[i] = t->live[--t->len];
}

static bool is_call(int status)
{
	return status >> 8 == (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8));
}

#ifdef __x86_64__
bool trace_can_fail(void)
{
	return true;
}

/* False where another one has killed the caller meanwhile, who makes no call any more. */
static bool fail(const struct tracer *t, pid_t caller)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, caller, NULL, &registers) < 0) {
		require(errno == ESRCH, "PTRACE_GETREGS");
		return false;
	}
	if (registers.orig_rax == __NR_exit || registers.orig_rax == __NR_exit_group ||
	    registers.orig_rax == __NR_rt_sigreturn)
		return true;
	registers.orig_rax = (unsigned long long)-1;
	registers.rax = (unsigned long long)-(long long)t->error;
	if (ptrace(PTRACE_SETREGS, caller, NULL, &registers) == 0)
		return true;
	require(errno == ESRCH, "PTRACE_SETREGS");
	return false;
}
#else
bool trace_can_fail(void)
{
	return false;
}

static bool fail(const struct tracer *t, pid_t caller)
{
	(void)t;
	(void)caller;
	require(false, "calls cannot be made to fail here");
	return false;
}
#endif

static void strike(struct tracer *t, pid_t caller)
{
	t->result.killed = true;
	if (t->error != 0) {
		t->result.killed = fail(t, caller);
		/* then the next one is the nth */
		t->result.calls -= t->result.killed ? 0 : 1;
		return;
	}
	if (t->victim == TRACE_ONE)
		kill(caller, SIGKILL);
	for (size_t i = 0; t->victim == TRACE_ALL && i < t->len; i++)
		kill(t->live[i], SIGKILL);
}

static void on_stop(struct tracer *t, pid_t pid, int status)
{
	int signal = WSTOPSIG(status);

	meet(t, pid);
	if (t->result.killed && t->error == 0 && t->victim == TRACE_ALL) {
		kill(pid, SIGKILL); /* made by one of them in its last moment */
		return;
	}
	if (is_call(status) && !t->result.killed && ++t->result.calls == t->nth) {
		strike(t, pid);
		if (t->error == 0)
			return;
	}
	/* what is no signal for it is not given to it; that it is traced may come behind another one that was sent to it */
	if (status >> 16 != 0 || signal == SIGSTOP)
		signal = 0;
	if (ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal) < 0)
		require(errno == ESRCH, "PTRACE_CONT");
}

static struct trace_result run(struct tracer t, char *const *argv, int output_fd)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	const pid_t first = fork();
	int status;
	pid_t pid;

	require(first >= 0, "fork");
	if (first == 0)
		start(&t, argv, output_fd);
	alarm(SECONDS_MAX);
	require(waitpid(first, &status, 0) == first && WIFSTOPPED(status), "no ptrace here");
	require(ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)options) == 0, "PTRACE_SETOPTIONS");
	meet(&t, first);
	require(ptrace(PTRACE_CONT, first, NULL, NULL) == 0, "PTRACE_CONT");
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			on_stop(&t, pid, status);
			continue;
		}
		forget(&t, pid);
		if (pid == first)
			t.result.status = status;
	}
	require(errno == ECHILD, "waitpid");
	alarm(0);
	return t.result;
}

struct trace_result trace_run(char *const *argv, int output_fd, enum trace_victim victim,
			      size_t nth)
{
	return run((struct tracer){ .victim = victim, .nth = nth }, argv, output_fd);
}

struct trace_result trace_run_public(char *const *argv, int output_fd, enum trace_victim victim,
				     int error, size_t nth)
{
	return run((struct tracer){ .victim = victim,
				    .error = error,
				    .public_only = true,
				    .nth = nth },
		   argv, output_fd);
}
