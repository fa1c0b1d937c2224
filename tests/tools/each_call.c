/* SPDX-License-Identifier: MIT */
/*
 * A command that is killed, or fails, at each of its system calls, and what must hold then:
 *
 *	each_call [-a] [-e ERRNO] [-f FIRST] [-s STEP] BEFORE AFTER COMMAND [ARGUMENT...]
 *
 * Runs BEFORE (a shell's command), COMMAND, which is killed at its nth call (-a: with all of its processes; -e:
 * the call fails with that errno instead), and AFTER, for n = FIRST, FIRST + STEP and so on until the command
 * ends before it is struck. Each time it reads stdin, where that is a file, from the beginning. AFTER finds the
 * number in $CALL and the command's status in $STATUS, and what it said in $SAID; it fails where something does not
 * hold, and what it prints is shown. -t: can it work here?
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRONG_MAX 20

struct round {
	char *const *command;
	const char *before, *after;
	enum trace_victim victim;
	int error, output_fd;
	size_t wrong;
};

static void die(const char *what)
{
	fprintf(stderr, "each_call: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void put_number(const char *name, long number)
{
	char text[24];

	snprintf(text, sizeof(text), "%ld", number);
	if (setenv(name, text, 1) < 0)
		die("setenv");
}

static long exit_status(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* False where the command ended before its nth call. */
static bool strike_at(struct round *round, size_t nth)
{
	struct trace_result result;

	if (system(round->before) != 0)
		die(round->before);
	(void)lseek(STDIN_FILENO, 0, SEEK_SET); /* each reads it from its beginning */
	if (ftruncate(round->output_fd, 0) < 0 || lseek(round->output_fd, 0, SEEK_SET) < 0)
		die("output");
	result = trace_run_public(round->command, round->output_fd, round->victim, round->error,
				  nth);
	put_number("CALL", (long)nth);
	put_number("STATUS", exit_status(result.status));
	if (system(round->after) != 0 && round->wrong++ < WRONG_MAX)
		printf("call %zu, status %ld: see above\n", nth, exit_status(result.status));
	return result.killed;
}

static int errno_of(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} known[] = { { "EIO", EIO },     { "ENOSPC", ENOSPC }, { "EPERM", EPERM },
		      { "EROFS", EROFS }, { "EACCES", EACCES }, { "ENOMEM", ENOMEM } };

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(name, known[i].name) == 0)
			return known[i].number;
	errno = EINVAL;
	die(name);
	return 0;
}

static int can_work(void)
{
	char *const nothing[] = { (char *)(uintptr_t) "/bin/true", NULL };

	return trace_run(nothing, STDERR_FILENO, TRACE_ONE, 0).calls > 0 && trace_can_fail();
}

int main(int argc, char **argv)
{
	struct round round = { .victim = TRACE_ONE, .output_fd = -1 };
	size_t first = 1, step = 1, count = 0;
	int option;

	while ((option = getopt(argc, argv, "+ate:f:s:")) != -1)
		switch (option) {
		case 't':
			return !can_work();
		case 'a':
			round.victim = TRACE_ALL;
			break;
		case 'e':
			round.error = errno_of(optarg);
			break;
		case 'f':
			first = strtoul(optarg, NULL, 10);
			break;
		case 's':
			step = strtoul(optarg, NULL, 10);
			break;
		default:
			return 2;
		}
	if (argc - optind < 3 || first == 0 || step == 0)
		return 2;
	round.before = argv[optind];
	round.after = argv[optind + 1];
	round.command = argv + optind + 2;
	if (getenv("SAID") != NULL)
		round.output_fd = open(getenv("SAID"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (round.output_fd < 0)
		die("SAID");
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (size_t nth = first; strike_at(&round, nth); nth += step)
		count++;
	printf("%zu calls\n", count);
	return round.wrong > 0;
}
