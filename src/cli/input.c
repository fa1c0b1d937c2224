/* SPDX-License-Identifier: MIT */
#include "cli/input.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keyring/keyfile.h"
#include "util/file.h"
#include "util/text.h"

bool input_is_dash(const char *name)
{
	return name == NULL || strcmp(name, "-") == 0;
}

const char *input_name(const char *name)
{
	return input_is_dash(name) ? "stdin" : name;
}

int input_read(const char *name, size_t max, struct secret *ret_data, struct error *err)
{
	if (input_is_dash(name))
		return file_read_fd(STDIN_FILENO, "stdin", max, ret_data, err);
	return file_read(AT_FDCWD, name, max, ret_data, err);
}

int input_read_key(const char *name, size_t max, struct secret *ret_data, struct secret *ret_public,
		   struct error *err)
{
	AUTO(secret) data = SECRET_INIT;
	AUTO(buf) warnings = BUF_INIT;

	if (input_read(name, max, &data, err) < 0)
		return -1;
	if (!input_is_dash(name)) {
		if (keyring_key_warn(name, secret_span(&data), &warnings, err) < 0 ||
		    keyring_key_public(AT_FDCWD, name, secret_span(&data), ret_public, err) < 0)
			return -1;
		input_warn(buf_span(&warnings));
	}
	*ret_data = secret_move(&data);
	return 0;
}

void input_warn(struct span lines)
{
	struct span line;

	while (span_take_line(&lines, &line))
		fprintf(stderr, "bootseal: warning: %.*s\n", SPAN_PRINT(line));
}

int input_open(const char *name, int *ret_fd, struct error *err)
{
	struct stat status;
	AUTO_FD int fd = input_is_dash(name) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
					     : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 || fstat(fd, &status) < 0)
		return file_fail_open(input_name(name), err);
	if (S_ISDIR(status.st_mode))
		return error_set(err, ERROR_SYSTEM, "cannot read \"%s\": it is a directory",
				 text_printable_text(input_name(name)).text);
	*ret_fd = fd;
	fd = -1;
	return 0;
}
