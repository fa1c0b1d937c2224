/* SPDX-License-Identifier: MIT */
/*
 * Is what was set up in force? Asked of the real OpenClaw: its own audit, and then a gateway, which must take the
 * sealed token and refuse another, with nothing published any more.
 */
#ifndef OPENCLAW_PROVE_H
#define OPENCLAW_PROVE_H

#include "activate/names.h"
#include "util/child.h"
#include "util/error.h"
#include "util/secret.h"

struct prove {
	struct child_user user; /* the gateway's */
	const char *home, *state, *config;
	const char *program;         /* OpenClaw */
	const char *manifest, *unit; /* what publishes for it */
	unsigned port;
	/* the token or, in the mode of that name, the password; empty: not known, and another must be refused alone */
	struct span credential;
	const char *credential_name; /* for messages */
	struct span variables;       /* "NAME=VALUE", a NUL behind each: what has no field */
	bool by_systemd; /* the unit is restarted; else a gateway is started for this alone */
	const struct names
		*stays; /* what the audit may find, and nothing else: "FILE" or "FILE: PATH" */
};

/* Is there a systemd that could start units? */
bool prove_has_systemd(void);
/* "systemctl WORDS". ERROR_FINDINGS where its status is not 0. */
MUST_USE int prove_systemctl(const char *word, const char *unit, struct error *err);
/* ERROR_FINDINGS where it is not in force. Whatever comes, nothing is published at the end. */
MUST_USE int prove_all(const struct prove *prove, struct error *err);

#endif
