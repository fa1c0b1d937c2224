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
	bool is_new; /* there is no configuration yet */
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
/* The gateway's unit as systemd has it, where there is one. */
enum setup_state { SETUP_IS_ACTIVE, SETUP_IS_NOT, SETUP_IS_NOT_KNOWN };

struct setup_service {
	bool by_systemd; /* a unit is there, or comes; else the gateway is started by something else */
	enum setup_state before;
};

struct setup_service setup_service_find(const struct setup *setup);
/* A user unit ends before the system unit comes in its place; that is there at the next boot, too. Not being told is no error. */
void setup_service_move(const struct setup *setup, const struct setup_service *service);
void setup_service_moved(const struct setup *setup, const struct setup_service *service);
/* The way back: before the files are, and when they are. */
void setup_service_leave(const struct change *change, const char *unit);
void setup_service_back(const struct change *change, const char *unit, enum setup_state before);

/* openclaw_setup_files.c: of each file, what it is and what it is to be. */
MUST_USE int setup_collect(struct setup *setup, struct error *err);

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
/* Deals with what a killed run has left, and says so. */
MUST_USE int setup_recover(const struct setup *setup, struct error *err);
/* Changes the files, proves it, and forgets what was there before; or nothing of it. */
MUST_USE int setup_carry_out(struct setup *setup, struct error *err);
MUST_USE int setup_undo(const struct setup *setup, struct error *err);
/* Asks, unless --yes was given. ERROR_CANCELLED. */
MUST_USE int setup_confirm(const struct setup *setup, const char *question, struct error *err);
/* DIRECTORY/NAME, new. */
MUST_USE int setup_path(const struct setup *setup, const char *name, char **ret_path,
			struct error *err);

#endif
