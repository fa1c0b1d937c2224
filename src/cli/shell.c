/* SPDX-License-Identifier: MIT */
#include "cli/shell.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/file.h"
#include "util/process.h"
#include "util/text.h"

#define SHELL "/bin/sh"
#define EXIT_CANNOT_START 127

/* What another process may send us and mean the command. */
static const int passed_on[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };

int shell_find_user(const char *name, struct shell_user *ret_user, struct error *err)
{
	AUTO(shell_user) user = SHELL_USER_INIT;
	const struct passwd *entry;

	errno = 0;
	entry = getpwnam(name);
	if (!entry)
		return error_set(err, ERROR_CONFIG, "there is no user \"%s\" here",
				 text_printable_text(name).text);
	user.uid = entry->pw_uid;
	user.gid = entry->pw_gid;
	if (asprintf(&user.home, "HOME=%s", entry->pw_dir) < 0)
		user.home = NULL;
	if (asprintf(&user.user, "USER=%s", name) < 0)
		user.user = NULL;
	if (asprintf(&user.logname, "LOGNAME=%s", name) < 0)
		user.logname = NULL;
	user.name = strdup(name);
	if (!user.name || !user.home || !user.user || !user.logname)
		return error_memory(err);
	*ret_user = user;
	user = SHELL_USER_INIT;
	return 0;
}

void shell_user_release(struct shell_user *user)
{
	free(user->name);
	free(user->home);
	free(user->user);
	free(user->logname);
	*user = SHELL_USER_INIT;
}

/* The length of "NAME=". */
static size_t name_len(const char *entry)
{
	const size_t len = strcspn(entry, "=");

	return entry[len] == '=' ? len + 1 : len;
}

/* Puts entry in, in the place of one of the same name. */
static void put(struct shell_environment *environment, char *entry)
{
	const size_t len = name_len(entry);

	for (size_t i = 0; i < environment->len; i++)
		if (strncmp(environment->items[i], entry, len) == 0) {
			environment->items[i] = entry;
			return;
		}
	environment->items[environment->len++] = entry;
}

static size_t count_own(void)
{
	size_t count = 0;

	while (environ && environ[count])
		count++;
	return count;
}

int shell_environment_make(const struct shell_setting *setting,
			   struct shell_environment *ret_environment, struct error *err)
{
	AUTO(shell_environment) environment = SHELL_ENVIRONMENT_INIT;
	const size_t own = setting->pristine ? 0 : count_own();
	struct secret *const values = setting->values;
	size_t count = own + 3;

	for (size_t i = 0; i < values->len; i++)
		count += values->data[i] == '\0';
	if (count - own > SHELL_VALUES_MAX)
		return error_set(err, ERROR_LIMIT, "more than %d values for an environment",
				 SHELL_VALUES_MAX);
	environment.items = calloc(count + 1, sizeof(*environment.items));
	if (!environment.items)
		return error_memory(err);
	for (size_t i = 0; i < own; i++)
		environment.items[environment.len++] = environ[i];
	if (setting->user) {
		put(&environment, setting->user->home);
		put(&environment, setting->user->user);
		put(&environment, setting->user->logname);
	}
	for (size_t i = 0; i < values->len; i += strlen((char *)values->data + i) + 1)
		put(&environment, (char *)values->data + i);
	*ret_environment = environment;
	environment = SHELL_ENVIRONMENT_INIT;
	return 0;
}

void shell_environment_release(struct shell_environment *environment)
{
	free(environment->items);
	*environment = SHELL_ENVIRONMENT_INIT;
}

static int become_user(const struct shell_user *user, struct error *err)
{
	if (initgroups(user->name, user->gid) < 0 ||
	    setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return error_sys(err, "cannot become \"%s\"", text_printable_text(user->name).text);
	return 0;
}

int shell_become(const struct shell_command *command, struct error *err)
{
	char shell[] = SHELL, flag[] = "-c";
	/* execve() does not change what argv points to */
	char *argv[] = { shell, flag, (char *)(uintptr_t)command->line, NULL };

	if (command->user && become_user(command->user, err) < 0)
		return -1;
	process_restore_for_child();
	if (command->words != NULL) {
		execvpe(command->words[0], (char *const *)(uintptr_t)command->words,
			command->environment->items);
		return error_sys(err, "cannot start \"%s\"",
				 text_printable_text(command->words[0]).text);
	}
	execve(SHELL, argv, command->environment->items);
	return error_sys(err, "cannot start \"%s\"", SHELL);
}

/* In the child: what goes wrong is told through the pipe. */
static NORETURN void run_in_child(const struct shell_command *command, const sigset_t *mask, int fd)
{
	struct error err = ERROR_INIT, unread = ERROR_INIT;

	sigprocmask(SIG_SETMASK, mask, NULL);
	(void)shell_become(command, &err);
	(void)!file_write_all(fd, span_of(&err, sizeof(err)), "pipe", &unread);
	_exit(EXIT_CANNOT_START);
}

/* Passes signals on until the child has ended. Those that the terminal made come to it from there. */
static void attend(pid_t pid, const sigset_t *signals, int *ret_status)
{
	int status = 0;

	for (;;) {
		siginfo_t info;
		pid_t ended = waitpid(pid, &status, WNOHANG);

		if (ended == pid || (ended < 0 && errno != EINTR))
			break;
		if (sigwaitinfo(signals, &info) > 0 && info.si_signo != SIGCHLD &&
		    info.si_code <= 0)
			(void)kill(pid, info.si_signo);
	}
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int start(const struct shell_command *command, const sigset_t *mask, pid_t *ret_pid,
		 int *ret_told, struct error *err)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_sys(err, "cannot make a pipe");
	fflush(NULL);
	*ret_pid = fork();
	if (*ret_pid == 0)
		run_in_child(command, mask, ends[1]);
	close(ends[1]);
	*ret_told = ends[0];
	return *ret_pid > 0 ? 0 : error_sys(err, "cannot start a child process");
}

int shell_run(const struct shell_command *command, int *ret_status, struct error *err)
{
	sigset_t signals, before;
	AUTO_FD int told_fd = -1;
	struct error told;
	pid_t pid = -1;
	int result;

	sigemptyset(&signals);
	sigaddset(&signals, SIGCHLD);
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(*passed_on); i++)
		sigaddset(&signals, passed_on[i]);
	sigprocmask(SIG_BLOCK, &signals, &before);
	result = start(command, &before, &pid, &told_fd, err);
	if (result == 0)
		attend(pid, &signals, ret_status);
	sigprocmask(SIG_SETMASK, &before, NULL);
	if (result == 0 && read(told_fd, &told, sizeof(told)) == (ssize_t)sizeof(told)) {
		*err = told;
		return -1;
	}
	return result;
}
