/* SPDX-License-Identifier: MIT */
/* The options of the age command, and which of them go together. */
#ifndef CLI_AGE_OPTIONS_H
#define CLI_AGE_OPTIONS_H

#include "cli/command.h"

struct age_options {
	bool encrypt, decrypt, armor, passphrase, version;
	struct option_texts recipients, recipients_files, identities, plugins;
	const char *output;
};

/* Messages and hints are age's own: scripts may know them. ERROR_CONFLICT, ERROR_USAGE. */
MUST_USE int age_options_check(const struct age_options *options, struct error *err);

#endif
