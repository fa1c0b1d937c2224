/* SPDX-License-Identifier: MIT */
/* What the groups commands share: a file, opened, its data key sealed to changed groups, and written. */
#ifndef CLI_GROUPS_H
#define CLI_GROUPS_H

#include "cli/command.h"
#include "cli/policy.h"
#include "sops/group.h"

struct groups_options {
	const char *file, *input_type, *decryption_order;
	bool in_place, lock_out;
	unsigned long threshold;
	struct option_texts age, pgp; /* of a new group */
	bool ignore_rule; /* else readers are compared with the rule where a group comes */
	struct policy_options policy; /* where the rules are; no more of it */
};

// clang-format off
#define GROUPS_OPTIONS                                                                             \
	{ "file", 'f', "FILE", "the sealed file", OPTION_TEXT, offsetof(struct groups_options, file) }, \
	{ "in-place", 'i', NULL, "put the result in the place of FILE", OPTION_FLAG, offsetof(struct groups_options, in_place) }, \
	{ "shamir-secret-sharing-threshold", 0, "N", "let N groups be needed to open the file", OPTION_NUMBER, offsetof(struct groups_options, threshold) }, \
	{ "lock-out", 0, NULL, "do it even if you could not open the file any more", OPTION_FLAG, offsetof(struct groups_options, lock_out) }, \
	INPUT_TYPE_OPTION(struct groups_options, input_type), \
	ORDER_OPTION(struct groups_options)
// clang-format on

/*
 * Opens the file, lets change do its work on a copy of its groups, and writes the file sealed to them, on
 * stdout or in its place. ERROR_DENIED where those who can open it now could not any more.
 */
MUST_USE int groups_run(const struct invocation *invocation,
			int (*change)(const struct groups_options *options, const void *argument,
				      struct sops_groups *groups, struct error *err),
			const void *argument, struct error *err);

#endif
