/* SPDX-License-Identifier: MIT */
/*
 * Stands in for systemctl, with as few system calls as can be: tests strike a program, with all that it starts, at each
 * of them. The interpreter of a file that begins with
 *
 *	#!.../systemctl DIRECTORY
 *
 * Adds what it is called with to DIRECTORY/systemctl.log, leaves its environment in systemctl.env, and ends with the
 * status in systemctl.status. It does not know the units in systemctl.unknown (5); at one in systemctl.kill it kills its
 * caller.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "systemctl: %s: %s\n", what, strerror(errno));
	_exit(1);
}

/* All in one write: two may be told at once. */
static void put(const char *name, int flags, char *const *words, const char *end)
{
	char text[8192] = "";
	size_t len = 0;
	const int fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644);

	if (fd < 0)
		die(name);
	for (; *words != NULL && len < sizeof(text); words++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s", *words,
					words[1] == NULL ? "\n" : end);
	if (len >= sizeof(text) || write(fd, text, len) != (ssize_t)len)
		die(name);
}

/* "" where there is no such file. */
static void get(const char *name, char *text, size_t size)
{
	const int fd = open(name, O_RDONLY | O_CLOEXEC);
	const ssize_t len = fd < 0 ? 0 : read(fd, text, size - 1);

	text[len > 0 ? len : 0] = '\0';
}

static bool is_in(const char *name, const char *unit)
{
	char text[4096], *rest = text, *line;

	get(name, text, sizeof(text));
	while ((line = strsep(&rest, "\n")) != NULL)
		if (strcmp(line, unit) == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	char status[16];
	const char *unit = argc > 0 ? argv[argc - 1] : "";

	if (argc < 4 || chdir(argv[1]) < 0)
		die("DIRECTORY SCRIPT ARGUMENT...");
	put("systemctl.log", O_APPEND, argv + 3, " ");
	put("systemctl.env", O_TRUNC, environ, "\n");
	if (is_in("systemctl.kill", unit))
		kill(getppid(), SIGKILL);
	if (is_in("systemctl.unknown", unit))
		_exit(5);
	get("systemctl.status", status, sizeof(status));
	/* LeakSanitizer, which would look at the end, cannot where a test traces us. */
	_exit((int)strtol(status, NULL, 10));
}
