/* SPDX-License-Identifier: MIT */
#include "keyring/keyfile.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "age/locked_file.h"
#include "ssh/privkey.h"
#include "ssh/pubkey.h"
#include "util/file.h"
#include "util/text.h"

int keyring_key_public(int dir_fd, const char *path, struct span file, struct secret *ret_public,
		       struct error *err)
{
	AUTO(buf) name = BUF_INIT;
	struct error problem = ERROR_INIT;
	const char *text;

	if (!ssh_private_key_hides_public(file))
		return 0;
	if (buf_printf(&name, err, "%s.pub", path) < 0 || buf_text(&name, &text, err) < 0)
		return -1;
	if (file_read_regular(dir_fd, text, SSH_LINE_MAX, ret_public, &problem) == 0 ||
	    problem.kind == ERROR_NO_FILE)
		return 0;
	*err = problem;
	return -1;
}

int keyring_key_warn(const char *path, struct span file, struct buf *lines, struct error *err)
{
	struct stat status;

	if (!ssh_private_key_likely(file) || age_locked_file_likely(span_trim(file)) ||
	    stat(path, &status) < 0 || !S_ISREG(status.st_mode) ||
	    (status.st_mode & (S_IRGRP | S_IROTH)) == 0)
		return 0;
	return buf_printf(lines, err,
			  "the private key in \"%s\" can be read by others (mode %04o)\n",
			  text_printable_text(path).text, status.st_mode & 07777u);
}
