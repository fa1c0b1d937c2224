/* SPDX-License-Identifier: MIT */
/*
 * Going back: the generation before the live one is made live again, as it was. It lasts
 * until the next activation, which goes by the sealed files, or the next boot.
 */
#ifndef ACTIVATE_ROLLBACK_H
#define ACTIVATE_ROLLBACK_H

#include "activate/activate.h"

/*
 * Switches to the generation before; its units, and those of what it replaces, are told where
 * their files differ. With dry only says what that would be. root is NULL for DIRECTORY.d.
 * ERROR_NOT_FOUND where there is no generation before; ERROR_PARTIAL where it is live but units
 * could not be told.
 */
MUST_USE int rollback_run(const char *directory, const char *root, bool dry,
			  struct activate_report *report, struct error *err);
/* The number of the generation that was live before, where current is so by a rollback; else 0. */
uint64_t rollback_from(int root_fd, uint64_t current);

#endif
