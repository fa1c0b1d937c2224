/* SPDX-License-Identifier: MIT */
/*
 * Several documents in one YAML file: as in sops each has a copy of the metadata, and the first one's alone count
 * (trap T21).
 */
#ifndef SOPS_COPIES_H
#define SOPS_COPIES_H

#include "doc/doc.h"

/* The line of the first copy that holds something else than doc's metadata do, which are node metadata; 0: none does. */
size_t sops_copies_other(const struct doc *doc, uint32_t metadata);
/* Has a later document none? */
bool sops_copies_are_missing(const struct doc *doc);
/*
 * Makes every later document of a sealed text, which has like's number of documents, hold what the first one's
 * metadata do; a copy that does stays as it stands. adds: also those that have none.
 */
MUST_USE int sops_copies_write(const struct doc *like, struct secret *sealed, bool adds,
			       struct error *err);

#endif
