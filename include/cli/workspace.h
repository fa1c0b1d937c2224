/* SPDX-License-Identifier: MIT */
/*
 * A place for plaintext that a program (an editor, exec-file's command) must find as a file: a directory
 * of mode 0700 on a memory file system. A process of its own removes it when we are gone, however that comes
 * about; where that one was killed, too, the next run for the same purpose does.
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

struct workspace_need {
	const char *purpose; /* a part of its name */
	bool on_disk;        /* below $TMPDIR or /tmp where there is no place in memory */
	bool for_others;     /* another user is to come there: not in a directory of ours */
};

/*
 * Makes it below $XDG_RUNTIME_DIR, /run/user/UID, /dev/shm or /run. ERROR_DENIED where none of these is in
 * memory, and it is not to be on a disk.
 */
MUST_USE int workspace_make(const struct workspace_need *need, struct workspace *ret_workspace,
			    struct error *err);
/* The release leaves it there, under another name (path): what is in it must not be lost. */
void workspace_keep(struct workspace *workspace);
/* Removes it, and waits until it is gone. */
void workspace_release(struct workspace *workspace);

#endif
