/* SPDX-License-Identifier: MIT */
/*
 * Waiting until a service is ready: it answers, or a path exists. It ends at once when the service's main
 * process has ended, or a signal tells us to.
 */
#ifndef ACTIVATE_READY_WAIT_H
#define ACTIVATE_READY_WAIT_H

#include <sys/types.h>

#include "util/error.h"

struct ready_wish {
	const char *
		when; /* http://127.0.0.1:PORT/PATH, which must answer 200 to 299, or an absolute path */
	pid_t main_pid;        /* 0: not known, and not watched */
	unsigned long seconds; /* at most; 0: no limit */
};

/*
 * SIGTERM and others that a unit may have as its KillSignal= stay blocked for good, and are seen by ready_wait() alone: what comes behind it is
 * done in any case.
 */
MUST_USE int ready_wait_block(int *ret_signal_fd, struct error *err);
/*
 * ERROR_USAGE for a wish that is none; ERROR_FINDINGS where it did not become ready: it ended, the time is
 * over, or we were told to end.
 */
MUST_USE int ready_wait(const struct ready_wish *wish, int signal_fd, struct error *err);

#endif
