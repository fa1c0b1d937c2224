/* SPDX-License-Identifier: MIT */
/*
 * A large sealed file, opened as it is read instead of read first: in an eighth of the memory that sops needs. Only
 * its metadata are kept; where that is not possible, or fails, the whole file is read as any other is.
 */
#ifndef CLI_LARGE_H
#define CLI_LARGE_H

#include "cli/output.h"
#include "cli/sealed.h"
#include "sops/pieces.h"

struct large {
	int fd; /* -1: it is not read in pieces */
	struct sops_parts plain;
};

#define LARGE_INIT ((struct large){ -1, SOPS_PARTS_INIT })

/*
 * As sealed_read(), but where the file is large, in a format that can be cut, and a regular file, sealed has the text
 * of its metadata alone, and ret_large the file.
 */
MUST_USE int large_read(const char *name, enum doc_format format, struct large *ret_large,
			struct sealed *ret_sealed, struct error *err);
/*
 * In the sandbox: opens it in pieces, if it comes in pieces. ret_done false: it does not, or could not be opened so,
 * and sealed has the whole text. flags as for sops_open().
 */
MUST_USE int large_open(struct large *large, struct sealed *sealed, unsigned flags, bool *ret_done,
			struct error *err);
MUST_USE int large_write(const struct large *large, const struct output *output, struct error *err);
void large_release(struct large *large);

#endif
