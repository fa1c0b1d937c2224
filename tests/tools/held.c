/* SPDX-License-Identifier: MIT */
/*
 * held TEXT COMMAND...: runs the command, whose children hold the letters of TEXT in their memory, or not, when they end:
 * a line "yes" or "no" for each, in the order in which they were started. It ends with the command's status.
 * held -t: can a process be traced here?
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHILDREN 64

static struct {
	pid_t pids[CHILDREN];
	bool held[CHILDREN];
	size_t len;
} all;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "held: %s: %s\n", what, strerror(errno));
	exit(100);
}

static FILE *open_of(pid_t pid, const char *name)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, name);
	file = fopen(path, "re");
	if (file == NULL)
		die(path);
	return file;
}

/* What cannot be read is a guard page, or the kernel's own. */
static bool range_holds(int fd, unsigned long start, unsigned long end, const char *text)
{
	char *bytes = malloc(end - start);
	const ssize_t got = bytes == NULL ? 0 : pread(fd, bytes, end - start, (off_t)start);
	const bool found = got > 0 && memmem(bytes, (size_t)got, text, strlen(text)) != NULL;

	free(bytes);
	return found;
}

static bool process_holds(pid_t pid, const char *text)
{
	FILE *maps = open_of(pid, "maps"), *memory = open_of(pid, "mem");
	unsigned long start, end;
	char line[4096], mode[5];
	bool found = false;

	while (!found && fgets(line, sizeof(line), maps) != NULL)
		found = sscanf(line, "%lx-%lx %4s", &start, &end, mode) == 3 && mode[1] == 'w' &&
			range_holds(fileno(memory), start, end, text);
	fclose(maps);
	fclose(memory);
	return found;
}

/* At its first stop, or where its parent is told of: either may come first. */
static void meet(pid_t pid)
{
	for (size_t i = 0; i < all.len; i++)
		if (all.pids[i] == pid)
			return;
	if (all.len < CHILDREN)
		all.pids[all.len++] = pid;
}

static void note(pid_t pid, const char *text)
{
	for (size_t i = 0; i < all.len; i++)
		if (all.pids[i] == pid)
			all.held[i] = process_holds(pid, text);
}

static void handle(pid_t pid, int status, const char *text)
{
	const int event = status >> 16, number = WSTOPSIG(status);
	unsigned long child;

	if (event == PTRACE_EVENT_FORK && ptrace(PTRACE_GETEVENTMSG, pid, 0, &child) == 0)
		meet((pid_t)child);
	if (event == 0 && number == SIGSTOP)
		meet(pid);
	if (event == PTRACE_EVENT_EXIT)
		note(pid, text);
	(void)ptrace(PTRACE_CONT, pid, 0,
		     event != 0 || number == SIGSTOP || number == SIGTRAP ? 0 : number);
}

static int follow(const char *text, char **command)
{
	const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL;
	const pid_t first = fork();
	int status, result = 100;
	pid_t pid;

	if (first == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0 || raise(SIGSTOP) != 0)
			die("trace");
		execvp(command[0], command);
		die(command[0]);
	}
	if (first < 0 || waitpid(first, &status, 0) != first || !WIFSTOPPED(status) ||
	    ptrace(PTRACE_SETOPTIONS, first, 0, options) < 0)
		die("trace");
	(void)ptrace(PTRACE_CONT, first, 0, 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			handle(pid, status, text);
		else if (pid == first && WIFEXITED(status))
			result = WEXITSTATUS(status);
	}
	return result;
}

int main(int argc, char **argv)
{
	char *nothing[] = { (char[]){ "true" }, NULL };
	int result;

	if (argc == 2 && strcmp(argv[1], "-t") == 0)
		return follow("", nothing);
	if (argc < 3)
		return 2;
	result = follow(argv[1], argv + 2);
	for (size_t i = 0; i < all.len; i++)
		puts(all.held[i] ? "yes" : "no");
	return result;
}
