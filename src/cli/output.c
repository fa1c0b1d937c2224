/* SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/input.h"
#include "util/process.h"
#include "util/sandbox.h"
#include "util/text.h"

#define DIGITS_MAX 6

/* What is no regular file is written to, not replaced: /dev/stdout, a FIFO. */
static int open_device(const char *name, struct output *output, struct error *err)
{
	output->fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (output->fd < 0)
		return error_sys(err, "cannot open \"%s\"", text_printable_text(name).text);
	output->own_fd = true;
	return 0;
}

/* Of "/dev/fd/7", and the like, the number; else -1. */
static int number_in(const char *name)
{
	static const char *const prefixes[] = { "/dev/fd/", "/proc/self/fd/" };

	if (strcmp(name, "/dev/stdout") == 0)
		return STDOUT_FILENO;
	if (strcmp(name, "/dev/stderr") == 0)
		return STDERR_FILENO;
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
		const char *digits = name + strlen(prefixes[i]);

		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0 && *digits != '\0' &&
		    strlen(digits) <= DIGITS_MAX && digits[strspn(digits, "0123456789")] == '\0')
			return (int)strtol(digits, NULL, 10);
	}
	return -1;
}

/* The same for a symlink to such a name, too. */
static int number_of(const char *name)
{
	char target[PATH_MAX];
	const int number = number_in(name);
	const ssize_t len = number < 0 ? readlink(name, target, sizeof(target) - 1) : -1;

	if (len < 0)
		return number;
	target[len] = '\0';
	return number_in(target);
}

/*
 * A name for what is open already. It is written to as it is: a regular file may be behind it, which others write
 * to before and after us.
 */
static int open_number(int number, const char *name, struct output *output, struct error *err)
{
	const int flags = fcntl(number, F_GETFL);

	if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
		return error_set(err, ERROR_SYSTEM,
				 "cannot write to \"%s\": it is open for reading",
				 text_printable_text(name).text);
	output->fd = flags < 0 ? -1 : fcntl(number, F_DUPFD_CLOEXEC, 3);
	if (output->fd < 0)
		return error_sys(err, "cannot open \"%s\"", text_printable_text(name).text);
	output->own_fd = true;
	return 0;
}

/* What could be written into, and not replaced, is only written into where that is asked for. */
static int begin_replace(const char *name, mode_t mode, struct output *output, struct error *err)
{
	struct error problem = ERROR_INIT;
	struct stat status;

	if (file_replace_begin(AT_FDCWD, name, mode & ~process_caller_umask(), &output->replace,
			       &problem) == 0) {
		output->fd = output->replace.fd;
		return 0;
	}
	*err = problem;
	if (problem.kind == ERROR_SYSTEM && access(name, W_OK) == 0 &&
	    !(stat(name, &status) == 0 && S_ISDIR(status.st_mode))) {
		err->hint[0] = '\0';
		(void)error_hint(err,
				 "a new file takes the place of the old one, so its directory must "
				 "be writable; for -o, \"> FILE\" writes into the old one");
	}
	return -1;
}

int output_open(const char *name, mode_t mode, struct output *ret_output, struct error *err)
{
	AUTO(output) output = OUTPUT_INIT;
	struct stat status;
	int number;

	output.name = name;
	if (input_is_dash(name)) {
		output.name = "stdout";
		output.fd = STDOUT_FILENO;
	} else if ((number = number_of(name)) >= 0) {
		if (open_number(number, name, &output, err) < 0)
			return -1;
	} else if (stat(name, &status) == 0 && !S_ISREG(status.st_mode) &&
		   !S_ISDIR(status.st_mode)) {
		if (open_device(name, &output, err) < 0)
			return -1;
	} else if (begin_replace(name, mode, &output, err) < 0) {
		return -1;
	}
	*ret_output = output;
	output = OUTPUT_INIT;
	return 0;
}

int output_sandbox(const struct output *output, struct error *err)
{
	const bool replaces = output->replace.dir_fd >= 0;
	bool active;

	return sandbox_enter(replaces ? SANDBOX_EDIT : SANDBOX_FILTER, &output->replace.dir_fd,
			     replaces ? 1 : 0, &active, err);
}

int output_write(const struct output *output, struct span bytes, struct error *err)
{
	return file_write_all(output->fd, bytes, output->name, err);
}

int output_commit(struct output *output, struct error *err)
{
	if (output->replace.dir_fd < 0)
		return 0;
	output->fd = -1;
	return file_replace_commit(&output->replace, err);
}

int output_finish(struct output *output, struct span bytes, struct error *err)
{
	return output_write(output, bytes, err) < 0 ? -1 : output_commit(output, err);
}

void output_release(struct output *output)
{
	if (output->own_fd)
		file_close_pointer(&output->fd);
	file_replace_release(&output->replace);
	*output = OUTPUT_INIT;
}
