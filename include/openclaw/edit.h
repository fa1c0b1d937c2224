/* SPDX-License-Identifier: MIT */
/*
 * The files of an OpenClaw as they are without its secrets in plain text: the configuration with SecretRefs in their
 * place, files of variables and units without them. Parses foreign bytes, and runs in a sandboxed child.
 */
#ifndef OPENCLAW_EDIT_H
#define OPENCLAW_EDIT_H

#include "openclaw/inventory.h"
#include "openclaw/plan.h"
#include "openclaw/search.h"

struct openclaw_edit {
	const struct inventory *inventory; /* the files as they were read */
	const struct seal_plan *plan;
	const char *config; /* openclaw.json */
	bool is_new;        /* it is not there yet */
};

enum edit_answer {
	EDIT_FILE, /* name is a path, bytes are its new text */
	EDIT_MODE, /* bytes are how the gateway knows its clients then: gateway.auth.mode, or what goes without it */
};

/*
 * The answer is a row of values (activate/values.h). ERROR_CONFIG for what cannot be changed so that no secret stays:
 * nothing of it is to be done then.
 */
MUST_USE int openclaw_edit(const struct openclaw_edit *edit, struct secret *answer,
			   struct error *err);

/* The pieces. Without the assignments that are a secret's, and comments that hold a secret. */
MUST_USE int edit_settings(struct span text, const struct seal_plan *plan, struct secret *ret_text,
			   struct error *err);
/* Of a unit: without the words of Environment= that are. */
MUST_USE int edit_unit(struct span text, struct secret *ret_text, struct error *err);

/*
 * The system unit that does what a user unit does; User= comes in a drop-in. Its author is the gateway's user, and
 * systemd would be root: what is known to be harmless is taken over, line by line, and no other setting. ERROR_CONFIG
 * for a command with a prefix, or a specifier that would mean something else.
 */
MUST_USE int edit_system_unit(struct span text, const char *home, struct secret *ret_text,
			      struct error *err);

/* The values of the plan; what is shorter may stand anywhere by chance. */
#define EDIT_VALUE_LEN_MIN 8
void edit_values(const struct seal_plan *plan, struct search_values *ret_values);
/* Does text still hold one? */
bool edit_holds_secret(struct span text, const struct seal_plan *plan);
/* Says of each comment of a file of variables that edit_settings() takes it out, in a line. */
MUST_USE int edit_comments(const char *path, struct span text, const struct seal_plan *plan,
			   struct secret *answer, struct error *err);

#endif
