/* SPDX-License-Identifier: MIT */
/*
 * What of an OpenClaw is not as it should be. check_examine() judges what was read (openclaw/inventory.h) and opens
 * nothing: it parses foreign bytes, and runs in a sandboxed child. What it says never holds a secret or a part of one;
 * its answer as a whole does, for those who look for these elsewhere.
 */
#ifndef OPENCLAW_CHECK_H
#define OPENCLAW_CHECK_H

#include <sys/types.h>

#include "openclaw/inventory.h"

enum check_level { CHECK_OK, CHECK_NOTE, CHECK_PROBLEM };

#define CHECK_LEVELS 3
extern const char *const check_levels[CHECK_LEVELS];

enum check_gateway { CHECK_GATEWAY_UNKNOWN, CHECK_GATEWAY_DOWN, CHECK_GATEWAY_UP };

/* What is known beforehand. */
struct check_facts {
	const char *home;
	uid_t uid;                      /* the gateway's */
	const char *config;             /* NULL: where OpenClaw looks for it */
	const char *state;              /* likewise */
	const char *const *environment; /* that counts for it, as environ; NULL: none */
	enum check_gateway gateway;
	unsigned port;      /* 0: what the unit, the environment or the configuration says */
	struct span sealed; /* the gateway's token as it was opened; empty: it is not known */
	const char *user;   /* its name; NULL: not known */
	const char *
		unit; /* for a setup: the gateway's, which alone is looked at; NULL: each of OpenClaw's */
	const struct names
		*units; /* files of units that may run OpenClaw, whatever their names; NULL: none */
	bool is_root;   /* who looks: what is not read, he cannot be told to read as root */
};

/* The answer is a row of these (activate/values.h: entry is the type). */
enum check_record {
	CHECK_WANTED, /* name: a path that must be in the inventory for a better answer */
	CHECK_FINDING, /* with check_level << 8: name is what kind it is, bytes are lines: where, what, what to do */
	CHECK_SECRET, /* name: where it was; bytes: one that may also be where it should not */
	CHECK_TOKEN,  /* bytes: what the gateway should take */
	CHECK_PORT,   /* bytes: the gateway's, in decimal */
	CHECK_STATE,  /* name: the state directory; bytes: the configuration's path */
	CHECK_PLACE, /* name: lines: the kind of place (enum check_place), file, line, the unit that names the file, name; bytes: the secret */
	CHECK_REFERENCED, /* name: a field's path, which is a SecretRef already */
	CHECK_DOUBT, /* name: lines: a file, line; bytes: what in it only its reader could tell */
	CHECK_AUTH, /* name: gateway.auth.mode, .token or .password, where it is there; bytes: the mode, of the others "reference" or "text" */
	CHECK_RESET, /* name: lines: a unit or its drop-in, line: an empty Environment=, from which on none before it counts */
	CHECK_TRUSTED, /* name: a path that root named: of a place for his units alone, or in one of these */
	CHECK_UNIT, /* name: of a unit that runs OpenClaw, and does not say so in its name; bytes: "user", for a user's own */
};

#define CHECK_LEVEL_SHIFT 8

/* Where a secret in plain text stands. */
enum check_place {
	CHECK_IN_CONFIG, /* its name is that of a field */
	CHECK_BY_UNIT, /* of a variable, in a file that a unit names; comes before its Environment= */
	CHECK_IN_UNIT, /* likewise, in the unit itself */
	CHECK_IN_FILE, /* likewise, in a file that no unit names */
	CHECK_NOWHERE, /* a token that there is none of yet */
};

/* Out of memory is an error, and a limit that was exceeded; all else is a finding. */
MUST_USE int check_examine(const struct inventory *inventory, const struct check_facts *facts,
			   struct secret *answer, struct error *err);

/*
 * Appends a finding as check_examine() does. where may be of any bytes; what and to_do are ours, with names that were
 * made printable.
 */
MUST_USE int check_report(struct secret *answer, enum check_level level, const char *kind,
			  const char *where, const char *what, const char *to_do,
			  struct error *err);

struct check_finding {
	enum check_level level;
	struct span kind, where, what, to_do;
};

/* False for a record that is no finding. */
bool check_finding(uint32_t type, struct span name, struct span bytes,
		   struct check_finding *ret_finding);

#endif
