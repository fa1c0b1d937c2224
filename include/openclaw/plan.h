/* SPDX-License-Identifier: MIT */
/*
 * What it takes to seal an OpenClaw's secrets, made of what a check found (openclaw/check.h): which of them goes under
 * which key, what takes its place, and what is removed. The texts made of it name no value.
 */
#ifndef OPENCLAW_PLAN_H
#define OPENCLAW_PLAN_H

#include "openclaw/check.h"
#include "openclaw/known.h"
#include "util/buf.h"

#define SEAL_PLACES_MAX 512
#define SEAL_DOCUMENT "openclaw/secrets.json"
#define SEAL_ENVIRONMENT "openclaw.env"
#define SEAL_PROVIDER "bootseal"

/* Where a secret stands in plain text; borrowed from the records. */
struct seal_place {
	enum check_place kind;
	struct span file, line, name, value;
	struct span unit;           /* that has it, or names the file; may be empty */
	char key[KNOWN_NAME_MAX];   /* that it is sealed under */
	char field[KNOWN_NAME_MAX]; /* that takes the SecretRef; "": there is none */
	bool counts;                /* it is the one that OpenClaw uses */
	bool is_taken_back;         /* by an empty Environment= behind it: nobody uses it */
};

struct seal_plan {
	struct seal_place *places;
	size_t len;
	size_t secrets;      /* how many of them count */
	bool makes_token;    /* the gateway has none: it gets a new one */
	bool takes_password; /* it knows its clients by its password, and not by a token */
	const char *
		mode; /* gateway.auth.mode that is to be said, as it is now without it; NULL: nothing */
	bool has_variable;     /* one has no field, and comes by the environment */
	struct names backups;  /* copies of the configuration, which go */
	struct names comments; /* lines that go with them, a sentence each (openclaw/edit.h) */
	struct names stays;    /* what is left alone, a sentence each */
	struct names stays_at; /* and where, as OpenClaw's audit names it (openclaw/audit.h) */
	/* copies of the configuration that cannot be read as one, and why: who calls says which go, and which stay */
	struct names broken, broken_why;
	struct names left; /* likewise, of what is no part of the installation */
};

#define SEAL_PLAN_INIT                                                                             \
	((struct seal_plan){ .backups = NAMES_INIT,                                                \
			     .comments = NAMES_INIT,                                               \
			     .stays = NAMES_INIT,                                                  \
			     .stays_at = NAMES_INIT,                                               \
			     .broken = NAMES_INIT,                                                 \
			     .broken_why = NAMES_INIT,                                             \
			     .left = NAMES_INIT })

/* ERROR_CONFIG for what a plan cannot rest on; ERROR_LIMIT. is_new: there is no configuration yet. */
MUST_USE int seal_plan_make(struct span records, bool is_new, struct seal_plan *ret_plan,
			    struct error *err);
void seal_plan_release(struct seal_plan *plan);
/* plan_force.c: does OpenClaw use that one, and not this? Of all places of a key, one comes before all others. */
bool seal_place_comes_before(const struct seal_place *that, const struct seal_place *this);
/* Is it where OpenClaw looks for it, and no copy? */
bool seal_place_is_live(const struct seal_place *place);
/*
 * plan_mode.c: how the gateway knows its clients, and what must be said of it where token and password both become
 * fields. ERROR_CONFIG where OpenClaw would not start.
 */
MUST_USE int seal_plan_find_mode(struct seal_plan *plan, struct span records, struct error *err);
/* Of a record. */
size_t seal_line_number(struct span digits);
/* Does systemd read that line of a unit, or of its drop-in, behind this place of it? */
bool seal_place_is_before_line(const struct seal_place *place, struct span file, size_t line);
/* Whether that is so cannot be known. */
bool seal_place_is_unclear(const struct seal_place *that, const struct seal_place *this);
/* The place of that key that counts. */
const struct seal_place *seal_plan_chosen(const struct seal_plan *plan, const char *key);

struct seal_facts {
	const char *user;     /* whom the gateway runs as */
	const char *unit;     /* the gateway's */
	const char *config;   /* openclaw.json */
	const char *manifest; /* of this host */
	const char *sealed;   /* the file that the secrets go into, as the manifest names it */
	unsigned port;
	const char *user_unit;   /* one that becomes a system unit; NULL: none */
	struct span system_unit; /* which is this, without its secrets */
};

/* The whole of it, for who is to agree. */
MUST_USE int seal_plan_text(const struct seal_plan *plan, const struct seal_facts *facts,
			    struct buf *text, struct error *err);
/* The pieces: the keys of the one or the other, with commas between; the unit's drop-in. */
MUST_USE int seal_plan_keys(const struct seal_plan *plan, bool with_field, struct buf *text,
			    struct error *err);
/*
 * The manifest with the entries; before is its text (taken over), empty where there is none yet: then identity is who
 * opens. ERROR_CONFIG where one of that name is there.
 */
MUST_USE int seal_plan_manifest(const struct seal_plan *plan, const struct seal_facts *facts,
				struct secret *before, const char *identity,
				struct secret *ret_text, struct error *err);
MUST_USE int seal_plan_drop_in(const struct seal_plan *plan, const struct seal_facts *facts,
			       struct buf *text, struct error *err);

#endif
