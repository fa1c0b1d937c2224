/* SPDX-License-Identifier: MIT */
/*
 * Opening the values of a document, or of a part of one, when the data key is known.
 */
#ifndef SOPS_LEAVES_H
#define SOPS_LEAVES_H

#include "sops/file.h"
#include "sops/mac.h"

/*
 * Opens all leaves of file->doc, which meta (another document's, perhaps) says how to, into file->plain and
 * file->leaves, and adds the values to mac. The MAC is not checked.
 */
MUST_USE int sops_leaves_open(struct sops_file *file, const struct sops_meta *meta,
			      struct sops_cipher *cipher, struct sops_mac *mac, struct error *err);

#endif
