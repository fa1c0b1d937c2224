/* SPDX-License-Identifier: MIT */
/*
 * Identity files that are themselves age files, sealed with a passphrase. One is unlocked when a
 * file comes that it might open, and once. That it cannot be is no error, another identity may do:
 * it is told of where none does.
 */
#ifndef AGE_LOCKED_FILE_H
#define AGE_LOCKED_FILE_H

#include <stdbool.h>

#include "age/identity.h"

/* Is text, an identity file, itself an age file? */
bool age_locked_file_likely(struct span text);
MUST_USE int age_locked_file_add(struct age_identities *identities, struct span file,
				 const char *source, struct error *err);

#endif
