/* SPDX-License-Identifier: MIT */
/*
 * The sealed files below a directory, and whom they are sealed to: what a change of keys leaves
 * to be done.
 */
#ifndef KEYRING_SEALED_H
#define KEYRING_SEALED_H

#include "age/recipient.h"
#include "keyring/rules.h"
#include "util/buf.h"
#include "util/error.h"

#define KEYRING_SEALED_FILE_MAX ((size_t)16 << 20)
#define KEYRING_SEALED_DEPTH_MAX 32
#define KEYRING_SEALED_ENTRIES_MAX 100000

struct keyring_sealed {
	struct buf paths; /* relative to the directory, each ends with a NUL */
	size_t skipped;   /* files that look sealed and cannot be read or parsed */
	bool cut;         /* a limit was met: there may be more */
};

#define KEYRING_SEALED_INIT ((struct keyring_sealed){ BUF_INIT, 0, false })

/*
 * Looks through the files below root_fd, without following symlinks or entering directories whose name
 * begins with a dot. With wanted false: the files that are sealed to one of own. With wanted true: those
 * that are not sealed to all of own although their rule has them.
 */
MUST_USE int keyring_find_sealed(int root_fd, const struct keyring_rules *rules,
				 const struct age_recipients *own, bool wanted,
				 struct keyring_sealed *ret_sealed, struct error *err);
void keyring_sealed_release(struct keyring_sealed *sealed);

/* The paths one after the other: *position starts at 0; NULL at the end. */
const char *keyring_sealed_next(const struct keyring_sealed *sealed, size_t *position);

#endif
