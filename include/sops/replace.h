/* SPDX-License-Identifier: MIT */
/*
 * Comments in a document whose structure was changed around them.
 */
#ifndef SOPS_REPLACE_H
#define SOPS_REPLACE_H

#include "sops/file.h"

/*
 * Opens sealed, what became of old, again, as sops_check(), and seals the comments anew that belong to another
 * container now: by what sops goes by, the one in whose place they were sealed would not open them.
 */
MUST_USE int sops_replace_comments(struct sops_file *old, struct secret *sealed, struct error *err);

#endif
