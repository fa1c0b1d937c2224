/* SPDX-License-Identifier: MIT */
/*
 * A place for plaintext that a program (an editor) must find as a file: a directory of mode 0700
 * on a memory file system. A process of its own removes it when we are gone, however that comes about.
 */
#ifndef CLI_WORKSPACE_H
#define CLI_WORKSPACE_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/error.h"
#include "util/secret.h"

struct workspace {
	char *path;
	int fd;       /* the directory */
	int alive_fd; /* a pipe to the cleaner: it acts when nobody holds this end */
	pid_t cleaner;
};

#define WORKSPACE_INIT ((struct workspace){ NULL, -1, -1, -1 })

/*
 * Makes it below $XDG_RUNTIME_DIR, /run/user/UID, /dev/shm or /run. Where none of these is in
 * memory: ERROR_DENIED, or with on_disk below $TMPDIR or /tmp.
 */
MUST_USE int workspace_make(bool on_disk, struct workspace *ret_workspace, struct error *err);
/* The release leaves it there: what is in it must not be lost. */
void workspace_keep(struct workspace *workspace);
/* Removes it, and waits until it is gone. */
void workspace_release(struct workspace *workspace);

#endif
