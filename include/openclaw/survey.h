/* SPDX-License-Identifier: MIT */
/*
 * A check of an OpenClaw on this host, whole: reads what there is to read, has it judged in sandboxed children
 * (openclaw/check.h), asks the gateway, and looks for its secrets in other files. Changes nothing.
 *
 * Where a user is named, his rights count, whoever calls: what his files name is read as he could. With the caller's is
 * read only what root named, in directories that are root's alone, and, but for a setup, what lies in the user's own home
 * or state without a link in its way. Nothing but regular files is opened.
 */
#ifndef OPENCLAW_SURVEY_H
#define OPENCLAW_SURVEY_H

#include "openclaw/check.h"

struct survey {
	const char *home, *config, *state; /* the latter two may be NULL */
	uid_t uid;
	gid_t gid;
	const char *const *environment;
	struct span sealed; /* the gateway's token, where the caller could open it; may be empty */
	unsigned port;      /* 0: what the unit, the environment or the configuration says */
	bool skip_gateway;
	const char *unit, *user; /* of check_facts */
};

/* The records of a check, findings among them. ERROR_SYSTEM, ERROR_LIMIT. */
MUST_USE int survey_run(const struct survey *survey, struct secret *ret_answer, struct error *err);

/*
 * The same of what is in files alone: the records of check_examine(), and the files that they are of.
 */
MUST_USE int survey_files(const struct survey *survey, struct inventory *ret_inventory,
			  struct secret *ret_records, struct error *err);

/*
 * survey_trust.c: did root name that path: on the command line, or in a unit of his own (CHECK_TRUSTED)? A file of root's
 * that the gateway's user named must not reach him through us.
 */
bool survey_is_named_by_root(const struct survey *survey, struct span records, const char *path);
/* May root alone change what path leads to? No directory of it is a link. */
bool survey_is_roots_own(const char *path);

#endif
