/* SPDX-License-Identifier: MIT */
/*
 * Who will read a value that is put into a file that is there? What the file says of its keys is not
 * authenticated: anybody who may write it can have sealed it anew, to a key of their own, too. So whom the
 * file is sealed to is compared with its creation rule before a value is asked for. cli/rule.h compares the rest.
 */
#ifndef CLI_READERS_H
#define CLI_READERS_H

#include "cli/policy.h"
#include "cli/sealed.h"

/* For the tables of commands that put values into files; type has the fields policy and ignore_rule. */
// clang-format off
#define READERS_OPTION(type)                                                                       \
	{ "ignore-rule", 0, NULL, "go on even if the file is sealed to keys that its rule lacks", OPTION_FLAG, \
	  offsetof(type, ignore_rule) }
#define READERS_CONFIG_OPTION(type)                                                                \
	POLICY_OPTION(type, "config", 0, "FILE", "take creation rules from FILE (default: .sops.yaml, here or above)", OPTION_TEXT, config)
// clang-format on

/*
 * In the sandbox: is among groups, those of sealed's file, a key that its rule lacks, or does it take fewer groups to open
 * it? ERROR_DENIED; with only_warns, as sops, which does not compare, it is said on stderr. Without a rule that
 * names keys, nothing is compared.
 */
MUST_USE int readers_check(const struct policy_source *rules, bool only_warns,
			   struct sealed *sealed, const struct sops_groups *groups,
			   struct error *err);
/* The same, in a child, for what sealed holds, which is not opened for it. */
MUST_USE int readers_check_early(const struct policy_source *rules, struct sealed *sealed,
				 struct error *err);

#endif
