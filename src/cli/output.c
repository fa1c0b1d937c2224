/* SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/input.h"
#include "util/process.h"
#include "util/sandbox.h"
#include "util/text.h"

/* What is no regular file is written to, not replaced: /dev/stdout, a FIFO. */
static int open_device(const char *name, struct output *output, struct error *err)
{
	output->fd = open(name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	if (output->fd < 0)
		return error_sys(err, "cannot open \"%s\"", text_printable_text(name).text);
	output->own_fd = true;
	return 0;
}

int output_open(const char *name, mode_t mode, struct output *ret_output, struct error *err)
{
	AUTO(output) output = OUTPUT_INIT;
	struct stat status;

	output.name = name;
	if (input_is_dash(name)) {
		output.name = "stdout";
		output.fd = STDOUT_FILENO;
	} else if (stat(name, &status) == 0 && !S_ISREG(status.st_mode) &&
		   !S_ISDIR(status.st_mode)) {
		if (open_device(name, &output, err) < 0)
			return -1;
	} else {
		if (file_replace_begin(AT_FDCWD, name, mode & ~process_caller_umask(),
				       &output.replace, err) < 0)
			return -1;
		output.fd = output.replace.fd;
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

void output_release(struct output *output)
{
	if (output->own_fd)
		file_close_pointer(&output->fd);
	file_replace_release(&output->replace);
	*output = OUTPUT_INIT;
}
