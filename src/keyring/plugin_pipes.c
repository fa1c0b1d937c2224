/* SPDX-License-Identifier: MIT */
/*
 * The command's end of a plugin: two pipes, on which nothing waits longer than it should.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "programs_internal.h"
#include "util/file.h"

#define WRITE_MILLISECONDS ((int)AGE_PLUGIN_SILENCE_SECONDS * 1000)

static int start(void *context, const char *name, const char *machine, struct error *err)
{
	struct keyring_programs *programs = context;
	AUTO(secret) nothing = SECRET_INIT;
	struct program_request request = { .task = strcmp(machine, "identity-v1") == 0
							   ? PROGRAM_IDENTITY_PLUGIN
							   : PROGRAM_RECIPIENT_PLUGIN };
	int fds[2] = { -1, -1 };

	if (strlen(name) >= sizeof(request.name))
		return error_set(err, ERROR_FORMAT, "the name of a plugin is too long");
	memcpy(request.name, name, strlen(name) + 1);
	if (program_ask(programs, &request, SPAN_INIT, &nothing, fds, err) < 0)
		return -1;
	if (fds[0] < 0 || fds[1] < 0)
		return error_set(err, ERROR_SYSTEM, "cannot get the pipes of a plugin");
	programs->to_plugin = fds[0];
	programs->from_plugin = fds[1];
	return 0;
}

/* How many milliseconds go by until fd is ready; false where that takes longer than most. */
static bool wait_for(int fd, short events, int most, unsigned *ret_waited)
{
	struct pollfd polled = { fd, events, 0 };
	struct timespec before, after;
	int ready;

	clock_gettime(CLOCK_MONOTONIC, &before);
	ready = poll(&polled, 1, most);
	clock_gettime(CLOCK_MONOTONIC, &after);
	*ret_waited = (unsigned)((after.tv_sec - before.tv_sec) * 1000 +
				 (after.tv_nsec - before.tv_nsec) / 1000000);
	return ready > 0 || (ready < 0 && errno == EINTR);
}

static int write_all(void *context, struct span bytes, bool *ret_taken, struct error *err)
{
	const struct keyring_programs *programs = context;
	unsigned waited;

	while (bytes.len > 0) {
		const ssize_t written = write(programs->to_plugin, bytes.data, bytes.len);

		if (written > 0)
			bytes = span_slice(bytes, (size_t)written, bytes.len);
		else if (written < 0 && errno != EAGAIN && errno != EINTR)
			break;
		else if (!wait_for(programs->to_plugin, POLLOUT, WRITE_MILLISECONDS, &waited))
			return error_set(err, ERROR_LIMIT, "it reads nothing for %u seconds",
					 AGE_PLUGIN_SILENCE_SECONDS);
	}
	*ret_taken = bytes.len == 0;
	return 0;
}

static int read_some(void *context, unsigned *milliseconds, uint8_t *data, size_t len,
		     size_t *ret_len, bool *ret_silent, struct error *err)
{
	const struct keyring_programs *programs = context;

	for (;;) {
		const ssize_t got = read(programs->from_plugin, data, len);
		unsigned waited;

		*ret_silent = false;
		if (got >= 0) {
			*ret_len = (size_t)got;
			return 0;
		}
		if (errno != EAGAIN && errno != EINTR)
			return error_sys(err, "cannot read from a plugin");
		*ret_silent = !wait_for(programs->from_plugin, POLLIN, (int)*milliseconds, &waited);
		*milliseconds -= waited < *milliseconds ? waited : *milliseconds;
		if (*ret_silent)
			return 0;
	}
}

static int end(void *context)
{
	struct keyring_programs *programs = context;
	const struct program_request request = { .task = PROGRAM_PLUGIN_END };
	AUTO(secret) answer = SECRET_INIT;
	struct error ignored = ERROR_INIT;
	int status = -1;

	file_close_pointer(&programs->to_plugin);
	file_close_pointer(&programs->from_plugin);
	if (program_ask(programs, &request, SPAN_INIT, &answer, NULL, &ignored) == 0 &&
	    answer.len == sizeof(status))
		memcpy(&status, answer.data, sizeof(status));
	return status;
}

const struct age_plugins program_plugins = {
	.start = start,
	.write = write_all,
	.read = read_some,
	.end = end,
};
