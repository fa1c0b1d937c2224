/* SPDX-License-Identifier: MIT */
/*
 * A command that is killed when it is about to make its nth system call, or for which that call fails, counted
 * over all of its processes in the order in which they make them.
 */
#ifndef TESTS_TOOLS_TRACE_H
#define TESTS_TOOLS_TRACE_H

#include <stdbool.h>
#include <stddef.h>

/* Who is killed: the process that makes the call, and the others go on; or all of them. */
enum trace_victim { TRACE_ONE, TRACE_ALL };

struct trace_result {
	size_t calls; /* until the kill; all of them where there was none */
	bool killed;  /* or the call has failed */
	int status;   /* of the command itself, as of waitpid() */
};

/*
 * Runs argv, its stdout and stderr going to output_fd, and waits until the last of its processes has ended.
 * nth 0: it is not killed. A mistake of the tracer's own ends the program.
 */
struct trace_result trace_run(char *const *argv, int output_fd, enum trace_victim victim,
			      size_t nth);
/*
 * The same, counting only calls that others could notice: not those for memory, signals and numbers. With an error
 * that is not 0 nobody is killed: the nth call is not made, and ends with that errno. Those that cannot fail (they
 * end a process, or go back from a signal's handler) are made.
 */
struct trace_result trace_run_public(char *const *argv, int output_fd, enum trace_victim victim,
				     int error, size_t nth);
/* Can calls be made to fail on this kind of machine? */
bool trace_can_fail(void);

#endif
