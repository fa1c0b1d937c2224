/* SPDX-License-Identifier: MIT */
/*
 * Units that are told when what they read has changed.
 */
#ifndef ACTIVATE_UNITS_H
#define ACTIVATE_UNITS_H

#include "activate/names.h"
#include "util/secret.h"

struct units {
	struct names restart, reload;
};

#define UNITS_INIT ((struct units){ NAMES_INIT, NAMES_INIT })

/* Adds a file's units, each once; what is restarted need not be reloaded. */
MUST_USE int units_add(struct units *units, const struct names *restart, const struct names *reload,
		       struct error *err);
/*
 * A line each, "restart NAME" or "reload NAME": kept in the generation until they were told,
 * so that a run that is killed between the switch and the telling loses none. What is no such
 * line is skipped.
 */
MUST_USE int units_format(const struct units *units, struct secret *ret_text, struct error *err);
MUST_USE int units_parse(struct span text, struct units *units, struct error *err);
/*
 * systemctl (of who is not root, with --user) --no-block try-restart and try-reload-or-restart, a call a unit: queued, because a
 * unit that starts after ours would wait for us while we wait for it. In pending_fd (what
 * units_format() gave; -1: none) each unit that systemctl answered for is struck out at once, told
 * or not: it is asked once a change. ret_all_heard is false where systemd could not be asked for
 * some. ERROR_PARTIAL where a unit was not told.
 */
MUST_USE int units_tell(const struct units *units, int pending_fd, bool *ret_all_heard,
			struct names *notes, struct error *err);
void units_release(struct units *units);

#endif
