/* SPDX-License-Identifier: MIT */
#include "util/child.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/process.h"
#include "util/text.h"

#define READ_CHUNK ((size_t)64 << 10)
#define EXIT_CANNOT_START 127

int child_wait(pid_t pid, int *ret_status, struct error *err)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_sys(err, "cannot wait for a child process");
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
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

/* For good; with the groups that the user has. */
static int become(const struct child_user *user)
{
	return initgroups(user->name, user->gid) < 0 || setgid(user->gid) < 0 ||
			       setuid(user->uid) < 0
		       ? -1
		       : 0;
}

/*
 * A session of its own has no terminal: into ours another user could type what the caller's shell then reads. It is
 * also a process group, to be ended whole; and it ends when parent does, who may have ended before.
 */
static int set_apart(pid_t parent)
{
	/* which we may ignore */
	(void)signal(SIGTERM, SIG_DFL);
	if (setsid() < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		return -1;
	if (getppid() != parent)
		_exit(EXIT_CANNOT_START);
	return 0;
}

/* In the child: never returns. apart: it is set apart from this process, parent. */
static NORETURN void execute(const struct child_command *command, const struct pipes *pipes,
			     bool apart, pid_t parent)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	int number;

	process_restore_for_child();
	if (!command->terminal) {
		dup2(pipes->in[0] >= 0 ? pipes->in[0] : null, 0);
		dup2(pipes->out[1], 1);
		if (command->quiet)
			dup2(null, 2);
		if (command->errors_fd > 0)
			dup2(command->errors_fd, 2);
	}
	if (command->clean)
		clearenv();
	for (const char *const *entry = command->environment; entry != NULL && *entry != NULL;
	     entry++) {
		char *copy = strchr(*entry, '=') != NULL ? strdup(*entry) : NULL;

		if (copy != NULL)
			putenv(copy);
		else
			unsetenv(*entry);
	}
	/* to become another user takes back what the parent's end does, and so comes before */
	if ((command->user == NULL || become(command->user) == 0) &&
	    (!apart || set_apart(parent) == 0))
		/* which does not change what argv points to */
		execvp(command->argv[0], (char *const *)(uintptr_t)command->argv);
	number = errno;
	(void)!write(pipes->failed[1], &number, sizeof(number));
	_exit(EXIT_CANNOT_START);
}

static long milliseconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Writes what the program's stdin takes now; closes it at the end or when it is no longer read. */
static void feed(struct pipes *pipes, struct span *input)
{
	const ssize_t written = write(pipes->in[1], input->data, input->len);

	if (written > 0)
		*input = span_slice(*input, (size_t)written, input->len);
	if (input->len == 0 || (written < 0 && errno != EAGAIN && errno != EINTR))
		file_close_pointer(&pipes->in[1]);
}

static int fail_deadline(const struct child_command *command, struct error *err)
{
	return error_set(err, ERROR_SYSTEM, "\"%s\" did not end within %u seconds",
			 text_printable_text(command->argv[0]).text, command->timeout_seconds);
}

/* Feeds input and collects output until the program closes its stdout, or the deadline. */
static int exchange(const struct child_command *command, struct pipes *pipes, long deadline,
		    size_t max, struct secret *output, struct error *err)
{
	struct span input = command->input;

	for (;;) {
		struct pollfd polled[2] = { { pipes->out[0], POLLIN, 0 },
					    { pipes->in[1], POLLOUT, 0 } };
		long left = command->timeout_seconds > 0 ? deadline - milliseconds_now() : -1;
		ssize_t got;

		if (command->timeout_seconds > 0 && left <= 0)
			return fail_deadline(command, err);
		if (poll(polled, 2, (int)left) < 0 && errno != EINTR)
			return error_sys(err, "cannot wait for \"%s\"",
					 text_printable_text(command->argv[0]).text);
		if (polled[1].revents != 0)
			feed(pipes, &input);
		if (polled[0].revents == 0)
			continue;
		if (secret_grow(output, READ_CHUNK, err) < 0)
			return -1;
		got = read(pipes->out[0], output->data + output->len, output->cap - output->len);
		if (got == 0)
			return 0;
		if (got < 0 && errno != EINTR && errno != EAGAIN)
			return error_sys(err, "cannot read from \"%s\"",
					 text_printable_text(command->argv[0]).text);
		output->len += got > 0 ? (size_t)got : 0;
		if (output->len > max)
			return error_set(err, ERROR_LIMIT, "\"%s\" wrote more than %zu bytes",
					 text_printable_text(command->argv[0]).text, max);
	}
}

/* A program that has closed its stdout may go on: until it ends, or the deadline. It is not reaped. */
static int wait_until(const struct child_command *command, pid_t pid, long deadline,
		      struct error *err)
{
	const struct timespec moment = { .tv_nsec = 1000000 };

	while (milliseconds_now() < deadline) {
		siginfo_t ended = { .si_pid = 0 };

		if (waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    ended.si_pid == pid)
			return 0;
		nanosleep(&moment, NULL);
	}
	return fail_deadline(command, err);
}

/* One that is set apart with all that it started; it may not have come so far. */
static void kill_now(pid_t pid, bool apart)
{
	kill(pid, SIGKILL);
	if (apart)
		kill(-pid, SIGKILL);
}

/* Ctrl-C in an editor is the editor's, not ours. */
static int wait_at_terminal(pid_t pid, int *ret_status, struct error *err)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, interrupt, quit;
	int result;

	sigaction(SIGINT, &ignore, &interrupt);
	sigaction(SIGQUIT, &ignore, &quit);
	result = child_wait(pid, ret_status, err);
	sigaction(SIGINT, &interrupt, NULL);
	sigaction(SIGQUIT, &quit, NULL);
	return result;
}

static int open_pipes(const struct child_command *command, struct pipes *pipes, struct error *err)
{
	if (pipe2(pipes->failed, O_CLOEXEC) < 0 ||
	    (!command->terminal && pipe2(pipes->out, O_CLOEXEC) < 0) ||
	    (!command->terminal && command->input.len > 0 && pipe2(pipes->in, O_CLOEXEC) < 0))
		return error_sys(err, "cannot make a pipe");
	/* what the program does not read at once must not hold up what it writes */
	if (pipes->in[1] >= 0)
		fcntl(pipes->in[1], F_SETFL, O_NONBLOCK);
	return 0;
}

int child_run(const struct child_command *command, size_t max, struct secret *ret_output,
	      int *ret_status, struct error *err)
{
	AUTO(pipes) pipes = PIPES_INIT;
	AUTO(secret) output = SECRET_INIT;
	const long deadline = milliseconds_now() + (long)command->timeout_seconds * 1000;
	const bool apart = command->user != NULL;
	const pid_t own = getpid();
	int result = 0, number;
	pid_t pid;

	fflush(NULL);
	if (open_pipes(command, &pipes, err) < 0)
		return -1;
	pid = fork();
	if (pid < 0)
		return error_sys(err, "cannot start \"%s\"",
				 text_printable_text(command->argv[0]).text);
	if (pid == 0)
		execute(command, &pipes, apart, own);
	file_close_pointer(&pipes.in[0]);
	file_close_pointer(&pipes.out[1]);
	file_close_pointer(&pipes.failed[1]);
	if (!command->terminal)
		result = exchange(command, &pipes, deadline, max, &output, err);
	/* nobody feeds it any more */
	file_close_pointer(&pipes.in[1]);
	if (result == 0 && !command->terminal && command->timeout_seconds > 0)
		result = wait_until(command, pid, deadline, err);
	if (result < 0)
		kill_now(pid, apart);
	if ((command->terminal ? wait_at_terminal(pid, ret_status, err)
			       : child_wait(pid, ret_status, err)) < 0 ||
	    result < 0)
		return -1;
	if (read(pipes.failed[0], &number, sizeof(number)) == sizeof(number)) {
		errno = number;
		return error_sys(err, "cannot start \"%s\"",
				 text_printable_text(command->argv[0]).text);
	}
	if (ret_output != NULL)
		*ret_output = secret_move(&output);
	return 0;
}

/* Has it been started? Its end of the pipe closes when it has. */
static int await_start(const struct child_command *command, const struct pipes *pipes, pid_t pid,
		       struct error *err)
{
	struct error unread = ERROR_INIT;
	int number, status;
	ssize_t got;

	do
		got = read(pipes->failed[0], &number, sizeof(number));
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return 0;
	if (got != sizeof(number))
		number = EIO;
	kill(pid, SIGKILL);
	(void)!child_wait(pid, &status, &unread);
	errno = number;
	return error_sys(err, "cannot start \"%s\"", text_printable_text(command->argv[0]).text);
}

int child_start(const struct child_command *command, pid_t *ret_pid, struct error *err)
{
	AUTO(pipes) pipes = PIPES_INIT;
	struct child_command quiet = *command;
	const pid_t own = getpid();
	pid_t pid;

	quiet.quiet = true;
	quiet.terminal = false;
	pipes.out[1] = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (pipes.out[1] < 0 || pipe2(pipes.failed, O_CLOEXEC) < 0)
		return error_sys(err, "cannot make a pipe");
	fflush(NULL);
	pid = fork();
	if (pid < 0)
		return error_sys(err, "cannot start \"%s\"",
				 text_printable_text(command->argv[0]).text);
	if (pid == 0)
		execute(&quiet, &pipes, true, own);
	file_close_pointer(&pipes.failed[1]);
	if (await_start(command, &pipes, pid, err) < 0)
		return -1;
	*ret_pid = pid;
	return 0;
}

void child_end(pid_t pid, unsigned seconds)
{
	const struct child_command none = { .argv = (const char *[]){ "", NULL },
					    .timeout_seconds = seconds };
	struct error ignored = ERROR_INIT;
	int status;

	kill(pid, SIGTERM);
	(void)!wait_until(&none, pid, milliseconds_now() + (long)seconds * 1000, &ignored);
	/* what it left behind, too; it is not reaped, and so the number is still its own */
	kill_now(pid, true);
	(void)!child_wait(pid, &status, &ignored);
}

/* Copies one word to *out and ends it with NUL; advances *line behind it. */
static int take_word(const char **line, char **out, struct error *err)
{
	const char *c = *line;
	char quote = '\0';

	for (; *c != '\0' && (quote != '\0' || strchr(" \t\n", *c) == NULL); c++) {
		if (quote == '\0' && (*c == '\'' || *c == '"')) {
			quote = *c;
		} else if (quote != '\0' && *c == quote) {
			quote = '\0';
		} else if (*c == '\\' && quote != '\'' && c[1] != '\0' &&
			   (quote == '\0' || strchr("\"\\$`", c[1]) != NULL)) {
			*(*out)++ = *++c;
		} else {
			*(*out)++ = *c;
		}
	}
	if (quote != '\0')
		return error_set(err, ERROR_USAGE, "a command has an open quote (%c)", quote);
	*(*out)++ = '\0';
	*line = c;
	return 0;
}

int child_split(const char *line, char ***ret_words, size_t *ret_len, struct error *err)
{
	const size_t len = strlen(line), most = len / 2 + 2;
	/* the array, and behind it the words' text */
	char **const words = calloc(1, most * sizeof(char *) + len + 2);
	char *out;
	size_t count = 0;

	if (words == NULL)
		return error_memory(err);
	out = (char *)(words + most);
	for (;;) {
		line += strspn(line, " \t\n");
		if (*line == '\0')
			break;
		words[count++] = out;
		if (take_word(&line, &out, err) < 0) {
			free(words);
			return -1;
		}
	}
	if (count == 0) {
		free(words);
		return error_set(err, ERROR_USAGE, "a command is empty");
	}
	*ret_words = words;
	*ret_len = count;
	return 0;
}
