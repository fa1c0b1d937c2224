/* SPDX-License-Identifier: MIT */
/* Which OpenClaw a command is about: options that several have, and what they come to. */
#ifndef CLI_OPENCLAW_PLACE_H
#define CLI_OPENCLAW_PLACE_H

#include "cli/command.h"
#include "openclaw/survey.h"

struct openclaw_place {
	const char *user, *config, *state;
};

// clang-format off
#define OPENCLAW_PLACE_OPTIONS(options, place)                                                     \
	{ "for", 0, "USER", "the user that the gateway runs as, instead of yourself", OPTION_TEXT,  \
	  offsetof(options, place.user) },                                                         \
	{ "config", 0, "FILE", "its configuration, instead of where OpenClaw looks for it",        \
	  OPTION_TEXT, offsetof(options, place.config) },                                          \
	{ "state", 0, "DIRECTORY", "its state directory, instead of ~/.openclaw", OPTION_TEXT,     \
	  offsetof(options, place.state) }
// clang-format on

/* What a survey borrows. */
struct openclaw_found {
	char *user, *home, *config, *state;
};

#define OPENCLAW_FOUND_INIT ((struct openclaw_found){ NULL, NULL, NULL, NULL })

/*
 * Sets home, uid, config, state and environment of a survey. ERROR_CONFIG for a user that there is not, ERROR_USAGE
 * where root names neither a user nor a place.
 */
MUST_USE int openclaw_find(const struct openclaw_place *place, struct openclaw_found *ret_found,
			   struct survey *survey, struct error *err);
void openclaw_found_release(struct openclaw_found *found);

#endif
