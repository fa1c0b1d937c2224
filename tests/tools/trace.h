/* SPDX-License-Identifier: MIT */
/*
 * A command that is killed when it is about to make its nth system call, counted over all of its processes
 * in the order in which they make them.
 */
#ifndef TESTS_TOOLS_TRACE_H
#define TESTS_TOOLS_TRACE_H

#include <stdbool.h>
#include <stddef.h>

/* Who is killed: the process that makes the call, and the others go on; or all of them. */
enum trace_victim { TRACE_ONE, TRACE_ALL };

struct trace_result {
	size_t calls; /* until the kill; all of them where there was none */
	bool killed;
	int status; /* of the command itself, as of waitpid() */
};

/*
 * Runs argv, its stdout and stderr going to output_fd, and waits until the last of its processes has ended.
 * nth 0: it is not killed. A mistake of the tracer's own ends the program.
 */
struct trace_result trace_run(char *const *argv, int output_fd, enum trace_victim victim,
			      size_t nth);

#endif
