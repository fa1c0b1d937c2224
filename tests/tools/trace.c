/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 64
/* A command that waits for something that never comes ends the test. */
#define SECONDS_MAX 300

struct tracer {
	pid_t live[PROCESSES_MAX]; /* processes that have been seen and have not ended */
	size_t len;
	enum trace_victim victim;
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

/* From here on each call stops us before it is made: half as often as PTRACE_SYSCALL does. */
static bool stop_at_calls(void)
{
	struct sock_filter trace = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
	const struct sock_fprog program = { 1, &trace };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

static void start(char *const *argv, int output_fd)
{
	if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0 && dup2(output_fd, 1) >= 0 &&
	    dup2(output_fd, 2) >= 0) {
		raise(SIGSTOP);
		if (stop_at_calls())
			execv(argv[0], argv);
	}
	_exit(127);
}

/* Is this its first stop? It is in the list afterwards. */
static bool meet(struct tracer *t, pid_t pid)
{
	for (size_t i = 0; i < t->len; i++)
		if (t->live[i] == pid)
			return false;
	require(t->len < PROCESSES_MAX, "too many processes");
	t->live[t->len++] = pid;
	return true;
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

static void strike(struct tracer *t, pid_t caller)
{
	t->result.killed = true;
	if (t->victim == TRACE_ONE)
		kill(caller, SIGKILL);
	for (size_t i = 0; t->victim == TRACE_ALL && i < t->len; i++)
		kill(t->live[i], SIGKILL);
}

static void on_stop(struct tracer *t, pid_t pid, int status)
{
	const bool is_new = meet(t, pid);
	int signal = WSTOPSIG(status);

	if (t->result.killed && t->victim == TRACE_ALL) {
		kill(pid, SIGKILL); /* made by one of them in its last moment */
		return;
	}
	if (is_call(status) && !t->result.killed && ++t->result.calls == t->nth) {
		strike(t, pid);
		return;
	}
	/* what is no signal for it is not given to it */
	if (status >> 16 != 0 || (is_new && signal == SIGSTOP))
		signal = 0;
	if (ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal) < 0)
		require(errno == ESRCH, "PTRACE_CONT");
}

struct trace_result trace_run(char *const *argv, int output_fd, enum trace_victim victim,
			      size_t nth)
{
	const long options = PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK |
			     PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	struct tracer t = { .victim = victim, .nth = nth };
	const pid_t first = fork();
	int status;
	pid_t pid;

	require(first >= 0, "fork");
	if (first == 0)
		start(argv, output_fd);
	alarm(SECONDS_MAX);
	require(waitpid(first, &status, 0) == first && WIFSTOPPED(status), "no ptrace here");
	require(ptrace(PTRACE_SETOPTIONS, first, NULL, (void *)options) == 0, "PTRACE_SETOPTIONS");
	(void)meet(&t, first);
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
