/* SPDX-License-Identifier: MIT */
/*
 * What must be mounted before a manifest can be activated: where it lies itself, its identities and
 * its sealed files. Looked at early in the boot, before anything is mounted, by
 * bootseal-generator(8): no sealed file is opened, nor is an identity.
 */
#ifndef ACTIVATE_NEEDS_H
#define ACTIVATE_NEEDS_H

#include "activate/names.h"
#include "util/secret.h"

/*
 * Absolute paths; of a symbolic link, also where it leads, as far as that can be seen now. What cannot be
 * waited for is left out, with a note. On an error, paths and notes hold what is known without
 * the manifest.
 */
MUST_USE int needs_find(const char *manifest, struct names *paths, struct names *notes,
			struct error *err);
/* The same paths as a drop-in for a unit: RequiresMountsFor=. */
MUST_USE int needs_format(const struct names *paths, struct secret *ret_text, struct error *err);

#endif
