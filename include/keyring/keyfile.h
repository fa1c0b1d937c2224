/* SPDX-License-Identifier: MIT */
/*
 * What belongs to a file with an SSH private key: the .pub file beside it, and who may read it.
 */
#ifndef KEYRING_KEYFILE_H
#define KEYRING_KEYFILE_H

#include "util/buf.h"
#include "util/error.h"
#include "util/secret.h"
#include "util/span.h"

/*
 * The content of PATH.pub (relative to dir_fd, or AT_FDCWD), where file, the content of path, hides its public half; else nothing,
 * nor where there is no such file.
 */
MUST_USE int keyring_key_public(int dir_fd, const char *path, struct span file,
				struct secret *ret_public, struct error *err);
/* Appends a line where others may read path, and file, its content, is an SSH private key. */
MUST_USE int keyring_key_warn(const char *path, struct span file, struct buf *lines,
			      struct error *err);

#endif
