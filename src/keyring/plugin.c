/* SPDX-License-Identifier: MIT */
/*
 * Starting and ending plugins, in the process that does nothing else.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "programs_internal.h"
#include "util/file.h"
#include "util/process.h"
#include "util/text.h"

/* What a plugin that is told to end has for it: first its stdin is at an end, then a signal comes. */
#define END_MILLISECONDS 1000
#define STATUS_NONE (-1)

/* Is the file a program that we may run? */
static bool is_program(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

/* The first in PATH; what is relative there would depend on where one stands, and is passed over. */
static int find_program(const char *name, struct buf *path, const char **ret_path,
			struct error *err)
{
	const char *directories = getenv("PATH");
	struct span rest = span_of_text(directories ? directories : ""), directory;

	while (span_take_until(&rest, ':', &directory)) {
		buf_clear(path);
		if (!span_starts_with(directory, "/"))
			continue;
		if (buf_append_span(path, directory, err) < 0 ||
		    buf_printf(path, err, "/" AGE_PLUGIN_PREFIX "%s", name) < 0 ||
		    buf_text(path, ret_path, err) < 0)
			return -1;
		if (is_program(*ret_path))
			return 0;
	}
	error_set(err, ERROR_UNSUPPORTED, "there is no such program in a directory of PATH");
	return error_hint(err, "install the plugin " AGE_PLUGIN_PREFIX "%s", name);
}

struct pipes {
	int in[2], out[2], failed[2]; /* failed: errno, where exec did not happen */
};

#define PIPES_INIT ((struct pipes){ { -1, -1 }, { -1, -1 }, { -1, -1 } })

static void pipes_release(struct pipes *pipes)
{
	int *const all[] = { pipes->in, pipes->out, pipes->failed };

	for (size_t i = 0; i < 3; i++) {
		file_close_pointer(&all[i][0]);
		file_close_pointer(&all[i][1]);
	}
}

/* As age does: what a plugin writes to its stderr is seen by those who look for a fault. */
static bool shows_stderr(void)
{
	const char *wanted = getenv("AGEDEBUG");

	return wanted && strcmp(wanted, "plugin") == 0;
}

/* Somewhere that says nothing: plugins rely on no directory. */
static void leave_directory(void)
{
	const char *temporary = getenv("TMPDIR");

	if ((!temporary || chdir(temporary) < 0) && chdir("/tmp") < 0)
		(void)!chdir("/");
}

/* In the child: never returns. */
static NORETURN void execute(const char *path, const char *machine, const struct pipes *pipes)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char name[sizeof(AGE_PLUGIN_PREFIX) + AGE_PLUGIN_NAME_MAX];
	char argument[sizeof("--age-plugin=") + PROGRAM_NAME_MAX];
	char *argv[] = { name, argument, NULL };
	int number;

	snprintf(name, sizeof(name), "%s", strrchr(path, '/') + 1);
	snprintf(argument, sizeof(argument), "--age-plugin=%s", machine);
	/* a group of its own, which ends with it; and it ends with us */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	process_restore_for_child();
	dup2(pipes->in[0], 0);
	dup2(pipes->out[1], 1);
	if (!shows_stderr())
		dup2(null, 2);
	(void)unsetenv("SOPS_AGE_KEY");
	leave_directory();
	execv(path, argv);
	number = errno;
	(void)!write(pipes->failed[1], &number, sizeof(number));
	_exit(127);
}

/* That it does not read or write at once must not hold up the other side. */
static int open_pipes(struct pipes *pipes, struct error *err)
{
	if (pipe2(pipes->in, O_CLOEXEC) < 0 || pipe2(pipes->out, O_CLOEXEC) < 0 ||
	    pipe2(pipes->failed, O_CLOEXEC) < 0 || fcntl(pipes->in[1], F_SETFL, O_NONBLOCK) < 0 ||
	    fcntl(pipes->out[0], F_SETFL, O_NONBLOCK) < 0)
		return error_sys(err, "cannot make a pipe");
	return 0;
}

static int start_at(struct plugin_process *plugin, const char *path, const char *machine,
		    struct error *err)
{
	AUTO(pipes) pipes = PIPES_INIT;
	int number;

	if (open_pipes(&pipes, err) < 0)
		return -1;
	plugin->pid = fork();
	if (plugin->pid == 0)
		execute(path, machine, &pipes);
	if (plugin->pid < 0) {
		plugin->pid = 0;
		return error_sys(err, "cannot start a child process");
	}
	file_close_pointer(&pipes.failed[1]);
	if (read(pipes.failed[0], &number, sizeof(number)) == sizeof(number)) {
		program_plugin_end(plugin);
		errno = number;
		error_sys(err, "cannot start \"%s\"", text_printable_text(path).text);
		err->kind = ERROR_UNSUPPORTED;
		return -1;
	}
	plugin->to = pipes.in[1];
	plugin->from = pipes.out[0];
	pipes.in[1] = pipes.out[0] = -1;
	return 0;
}

int program_plugin_start(struct plugin_process *plugin, const char *name, const char *machine,
			 struct error *err)
{
	AUTO(buf) path = BUF_INIT;
	const char *text;

	/* one at a time */
	program_plugin_end(plugin);
	if (!age_plugin_name_is_valid(span_of_text(name)))
		return error_set(err, ERROR_FORMAT, "no name of a plugin");
	if (find_program(name, &path, &text, err) < 0)
		return -1;
	return start_at(plugin, text, machine, err);
}

/* Has it ended, or does it within the time? */
static bool wait_a_moment(int pid_fd)
{
	struct pollfd polled = { pid_fd, POLLIN, 0 };

	return poll(&polled, 1, END_MILLISECONDS) > 0;
}

int program_plugin_end(struct plugin_process *plugin)
{
	AUTO_FD int pid_fd = -1;
	int status = 0, result;

	file_close_pointer(&plugin->to);
	file_close_pointer(&plugin->from);
	if (plugin->pid == 0)
		return STATUS_NONE;
	pid_fd = pidfd_open(plugin->pid, 0);
	if (!wait_a_moment(pid_fd)) {
		kill(-plugin->pid, SIGTERM);
		(void)wait_a_moment(pid_fd);
	}
	/* before it is waited for: until then its group's number is nobody else's */
	kill(-plugin->pid, SIGKILL);
	do
		result = waitpid(plugin->pid, &status, 0);
	while (result < 0 && errno == EINTR);
	plugin->pid = 0;
	if (result < 0)
		return STATUS_NONE;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
