/* SPDX-License-Identifier: MIT */
/* "openclaw setup" in its parts: what is to change, the sealed record of it, and how that is brought to an end. */
#ifndef CLI_OPENCLAW_SETUP_H
#define CLI_OPENCLAW_SETUP_H

#include "cli/command.h"
#include "cli/openclaw_place.h"
#include "openclaw/change.h"
#include "openclaw/plan.h"
#include "openclaw/prove.h"

#define SETUP_SEALED "openclaw.yaml"
/* Beside the manifest: while files are being changed, and then for --undo. */
#define SETUP_PENDING "openclaw-setup.pending.age"
#define SETUP_RECORD "openclaw-setup.age"
/* UNITS UNIT, and UNITS UNIT DROP_IN */
#define SETUP_UNITS "/etc/systemd/system/"
#define SETUP_DROP_IN ".d/50-bootseal.conf"

struct setup_options {
	struct openclaw_place place;
	const char *unit, *manifest, *identity, *program;
	struct option_texts recipients;
	bool dry_run, undo, yes;
};

/* One run. */
struct setup {
	const struct setup_options *options;
	const char *manifest, *unit;
	struct openclaw_found found;
	struct survey survey;
	struct inventory inventory;
	struct secret records, token;
	struct seal_plan plan;
	struct seal_facts facts;          /* borrows */
	char *config, *state, *directory; /* of the manifest */
	char *user_unit;                  /* one that becomes a system unit; NULL: none */
	struct secret system_unit;
	bool is_new;                      /* there is no configuration yet */
	bool takes_token, takes_password; /* how the gateway will know its clients */
	struct change change;
};

#define SETUP_INIT                                                                                 \
	((struct setup){ .found = OPENCLAW_FOUND_INIT,                                             \
			 .inventory = INVENTORY_INIT,                                              \
			 .plan = SEAL_PLAN_INIT,                                                   \
			 .change = CHANGE_INIT })

void setup_release(struct setup *setup);

/* openclaw_setup_unit.c: sets user_unit and system_unit where the gateway's unit is the user's own. */
MUST_USE int setup_find_user_unit(struct setup *setup, struct error *err);
/* The gateway's unit as systemd has it, where there is one; sets change.ran. */
struct setup_service {
	bool by_systemd; /* a unit is there, or comes; else the gateway is started by something else */
};

struct setup_service setup_service_find(struct setup *setup);
/* A user unit ends before the system unit comes in its place. ERROR_FINDINGS where it does not. */
MUST_USE int setup_service_move(const struct setup *setup, const struct setup_service *service,
				struct error *err);
/* What is new is there at the next boot, too, and runs where that of before did. */
MUST_USE int setup_service_moved(const struct setup *setup, const struct setup_service *service,
				 struct error *err);
/* The unit that a change is of; NULL where it has none. New. */
MUST_USE int setup_service_name(const struct change *change, char **ret_unit, struct error *err);
bool setup_service_runs(const char *unit);
/* The way back: before the files are, and when they are; runs: so that it runs then. Not being told is no error. */
void setup_service_leave(const struct change *change, const char *unit);
void setup_service_back(const struct change *change, const char *unit, bool runs);

/*
 * openclaw_setup_files.c: of each file, what it is and what it is to be. Of a dry run without what that takes (root's rights,
 * a recipient) what it can.
 */
MUST_USE int setup_collect(struct setup *setup, struct error *err);

/* openclaw_setup_ahead.c: what would keep it from being done or proven, as far as that is known beforehand. */
MUST_USE int setup_check_before(const struct setup *setup, struct error *err);
MUST_USE int setup_check_ahead(const struct setup *setup, const struct setup_service *service,
			       struct error *err);
/* What of a dry run the real one would still want. */
void setup_tell_unchecked(const struct setup *setup);

/* openclaw_setup_seal.c: to the host and the recipients, of whom one must be another; in a sandboxed child. */
MUST_USE int setup_seal_values(const struct setup *setup, struct secret *ret_sealed,
			       struct error *err);
MUST_USE int setup_seal_record(const struct setup *setup, struct secret *ret_sealed,
			       struct error *err);
MUST_USE int setup_open_record(const struct setup *setup, const char *path,
			       struct change *ret_change, struct error *err);

/* openclaw_setup_left.c: the same secrets in other files, which stay. Before: for the plan. */
MUST_USE int setup_name_left(struct setup *setup, struct error *err);
/* Afterwards, in all files: says where. ERROR_FINDINGS. */
MUST_USE int setup_report_left(const struct setup *setup, struct error *err);

/* openclaw_setup_end.c */
/* Deals with what a killed run has left, and says so. ret_is_before: a setup was put back. */
MUST_USE int setup_recover(const struct setup *setup, bool *ret_is_before, struct error *err);
/* Changes the files, proves it, and forgets what was there before; or nothing of it. */
MUST_USE int setup_carry_out(struct setup *setup, const struct setup_service *service,
			     struct error *err);
MUST_USE int setup_undo(const struct setup *setup, struct error *err);
/* Asks, unless --yes was given. ERROR_CANCELLED. */
MUST_USE int setup_confirm(const struct setup *setup, const char *question, struct error *err);
/* DIRECTORY/NAME, new. */
MUST_USE int setup_path(const struct setup *setup, const char *name, char **ret_path,
			struct error *err);

#endif
