/* SPDX-License-Identifier: MIT */
#include "activate/root.h"

#include "util/file.h"
#include "util/text.h"

#include <errno.h>
#include <fcntl.h>
#include <nss.h>
#include <unistd.h>

int root_enter(const char *directory, struct error *err)
{
	struct text_shown shown = text_printable_text(directory);
	AUTO_FD int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	bool missing;

	if (fd < 0) {
		missing = errno == ENOENT;
		error_sys(err, "cannot open the root \"%s\"", shown.text);
		err->kind = missing ? ERROR_NO_FILE : err->kind;
		return -1;
	}
	/* What nsswitch.conf there names would be loaded into this process, from there. */
	if (__nss_configure_lookup("passwd", "files") < 0 ||
	    __nss_configure_lookup("group", "files") < 0)
		return error_memory(err);
	if (fchdir(fd) == 0 && chroot(".") == 0)
		return 0;
	error_sys(err, "cannot make \"%s\" the root", shown.text);
	return error_hint(err, "run as root");
}
