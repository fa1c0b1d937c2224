/* SPDX-License-Identifier: MIT */
/*
 * OpenClaw's own databases, in which it keeps the keys and logins that it was given (auth profiles) as JSON in plain text.
 * They are not read as databases: what was deleted is often still in them, and is as readable as the rest.
 */
#ifndef OPENCLAW_PROFILES_H
#define OPENCLAW_PROFILES_H

#include "util/secret.h"

#define PROFILES_BYTES_MAX ((uint64_t)1 << 28)
#define PROFILE_LEN_MAX ((size_t)8192)

struct profiles {
	bool keys;     /* a key or token that could be a SecretRef */
	bool logins;   /* tokens of an OAuth login, which could not */
	bool is_whole; /* all of the file was looked at */
};

/* What is in a piece of a file, added to what was found before. */
void profiles_look(struct span text, struct profiles *found);
/* One that is not there, or no regular file, has none. */
MUST_USE int profiles_read(const char *path, struct profiles *ret_found, struct error *err);

#endif
