/* SPDX-License-Identifier: MIT */
#include "activate/ready_wait.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "activate/http.h"
#include "util/child.h"
#include "util/file.h"
#include "util/text.h"

/* Between two questions, and for one. A service under load may take its time, but not for ever. */
#define READY_PAUSE 200
#define READY_ANSWER 5000

struct ready_waiter {
	int main_fd, signal_fd;
	long deadline; /* LONG_MAX: none */
};

static long ready_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int ready_wait_block(int *ret_signal_fd, struct error *err)
{
	static const int ends[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2 };
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		sigaddset(&signals, ends[i]);
	*ret_signal_fd = sigprocmask(SIG_BLOCK, &signals, NULL) < 0
				 ? -1
				 : signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return *ret_signal_fd < 0 ? error_sys(err, "cannot wait for signals") : 0;
}

/* Waits for events on fd (-1: none) until then. -1 where all waiting is over, and why. */
static int ready_poll(const struct ready_waiter *waiter, int fd, short events, long until,
		      bool *ret_there, struct error *err)
{
	struct pollfd polled[3] = { { fd, events, 0 },
				    { waiter->main_fd, POLLIN, 0 },
				    { waiter->signal_fd, POLLIN, 0 } };
	const long now = ready_now();
	long left = (until < waiter->deadline ? until : waiter->deadline) - now;

	if (now >= waiter->deadline)
		return error_set(err, ERROR_FINDINGS, "it was not ready in time");
	if (left < 0)
		left = 0;
	if (poll(polled, 3, left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
		return error_sys(err, "cannot wait");
	if (polled[1].revents != 0)
		return error_set(err, ERROR_FINDINGS, "its main process ended before it was ready");
	if (polled[2].revents != 0)
		return error_set(err, ERROR_FINDINGS,
				 "it was not ready when a signal ended the wait");
	*ret_there = polled[0].revents != 0;
	return 0;
}

/* --- One question --- */

/* Connected within the time; ret_fd is -1 where nobody listens. */
static int ready_connect(const struct ready_waiter *waiter, const struct http_url *url, long until,
			 int *ret_fd, struct error *err)
{
	AUTO_FD int fd =
		socket(url->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int error = 0;
	socklen_t len = sizeof(error);
	bool there = true;

	*ret_fd = -1;
	if (fd < 0)
		return error_sys(err, "cannot make a socket");
	if (connect(fd, (const struct sockaddr *)&url->address, url->address_len) < 0) {
		if (errno != EINPROGRESS)
			return 0;
		if (ready_poll(waiter, fd, POLLOUT, until, &there, err) < 0)
			return -1;
	}
	if (!there || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error != 0)
		return 0;
	*ret_fd = fd;
	fd = -1;
	return 0;
}

/* Up to the end of the answer's header; less where it does not come. */
static int ready_read(const struct ready_waiter *waiter, int fd, long until, struct secret *answer,
		      struct error *err)
{
	if (secret_reserve(answer, HTTP_ANSWER_MAX, err) < 0)
		return -1;
	while (answer->len < HTTP_ANSWER_MAX && !http_is_complete(secret_span(answer))) {
		bool there = false;
		ssize_t got;

		if (ready_poll(waiter, fd, POLLIN, until, &there, err) < 0)
			return -1;
		got = read(fd, answer->data + answer->len, HTTP_ANSWER_MAX - answer->len);
		if (got > 0)
			answer->len += (size_t)got;
		else if (got == 0 || (errno != EAGAIN && errno != EINTR) || ready_now() >= until)
			return 0;
	}
	return 0;
}

/* In a child without any rights: what answers is a program that an agent may steer. */
static int ready_judge(void *argument, struct secret *ret_answer, struct error *err)
{
	const struct secret *answer = argument;
	unsigned status = 0;
	uint8_t good;

	if (http_status(secret_span(answer), &status, err) < 0)
		return -1;
	good = status >= 200 && status <= 299;
	return secret_append(ret_answer, &good, 1, err);
}

static int ready_ask(const struct ready_waiter *waiter, const struct http_url *url, bool *ret_ready,
		     struct error *err)
{
	const long until = ready_now() + READY_ANSWER;
	AUTO(secret) answer = SECRET_INIT;
	AUTO(secret) verdict = SECRET_INIT;
	struct error unsaid = ERROR_INIT;
	char request[HTTP_REQUEST_MAX];
	AUTO_FD int fd = -1;

	*ret_ready = false;
	if (ready_connect(waiter, url, until, &fd, err) < 0)
		return -1;
	if (fd < 0)
		return 0;
	/* So little fits into the buffer of a new connection. */
	http_request(url, request);
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) != (ssize_t)strlen(request))
		return 0;
	if (ready_read(waiter, fd, until, &answer, err) < 0)
		return -1;
	*ret_ready = http_is_complete(secret_span(&answer)) &&
		     child_job(ready_judge, &answer, &verdict, &unsaid) == 0 && verdict.len == 1 &&
		     verdict.data[0] == 1;
	return 0;
}

/* --- Until it is --- */

static int ready_until(const struct ready_waiter *waiter, const struct http_url *url,
		       const char *path, struct error *err)
{
	bool ready = false, nothing;

	for (;;) {
		struct stat status;

		/* It also says that waiting is over. */
		if (ready_poll(waiter, -1, 0, 0, &nothing, err) < 0)
			return -1;
		if (url != NULL) {
			if (ready_ask(waiter, url, &ready, err) < 0)
				return -1;
		} else {
			ready = stat(path, &status) == 0;
		}
		if (ready)
			return 0;
		if (ready_poll(waiter, -1, 0, ready_now() + READY_PAUSE, &nothing, err) < 0)
			return -1;
	}
}

static int ready_watch(pid_t pid, int *ret_fd, struct error *err)
{
	*ret_fd = pid == 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	if (pid == 0 || *ret_fd >= 0)
		return 0;
	if (errno == ESRCH)
		return error_set(err, ERROR_FINDINGS, "its main process ended before it was ready");
	return error_sys(err, "cannot watch process %ld", (long)pid);
}

int ready_wait(const struct ready_wish *wish, int signal_fd, struct error *err)
{
	const bool is_path = wish->when[0] == '/';
	AUTO_FD int main_fd = -1;
	struct ready_waiter waiter = { .signal_fd = signal_fd, .deadline = LONG_MAX };
	struct http_url url;

	if (!is_path && http_url_parse(wish->when, &url, err) < 0)
		return -1;
	if (wish->seconds > 0 && wish->seconds < LONG_MAX / 1000 - (unsigned long)ready_now())
		waiter.deadline = ready_now() + (long)wish->seconds * 1000;
	if (ready_watch(wish->main_pid, &main_fd, err) < 0)
		return -1;
	waiter.main_fd = main_fd;
	return ready_until(&waiter, is_path ? NULL : &url, wish->when, err);
}
