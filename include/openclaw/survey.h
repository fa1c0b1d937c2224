/* SPDX-License-Identifier: MIT */
/*
 * A check of an OpenClaw on this host, whole: reads what there is to read, has it judged in sandboxed children
 * (openclaw/check.h), asks the gateway, and looks for its secrets in other files. Changes nothing.
 */
#ifndef OPENCLAW_SURVEY_H
#define OPENCLAW_SURVEY_H

#include "openclaw/check.h"

struct survey {
	const char *home, *config, *state; /* the latter two may be NULL */
	uid_t uid;
	const char *const *environment;
	struct span sealed; /* the gateway's token, where the caller could open it; may be empty */
	unsigned port;      /* 0: what the unit, the environment or the configuration says */
	bool skip_gateway;
	const char *unit, *user; /* for a setup: of check_facts */
};

/* The records of a check, findings among them. ERROR_SYSTEM, ERROR_LIMIT. */
MUST_USE int survey_run(const struct survey *survey, struct secret *ret_answer, struct error *err);

/* The same of what is in files alone: the records of check_examine(), and the files that they are of. */
MUST_USE int survey_files(const struct survey *survey, struct inventory *ret_inventory,
			  struct secret *ret_records, struct error *err);

#endif
