/* SPDX-License-Identifier: MIT */
/*
 * .sops.yaml: creation rules. Reads text that the caller found.
 */
#ifndef SOPS_RULES_H
#define SOPS_RULES_H

#include "sops/file.h"

#define SOPS_RULES_FILE ".sops.yaml"
/* What some call it, and neither sops nor we look into. */
#define SOPS_RULES_OTHER_FILE ".sops.yml"
#define SOPS_RULES_MAX ((size_t)4 << 20)
#define SOPS_RULES_LEVELS_MAX 100

/*
 * The policy of the first rule that matches target (the file's path relative to the directory of
 * the rules file, or absolute when it lies elsewhere). text is taken over; name is for messages.
 * ret_found is false where there are no creation rules at all; the indentation of new metadata
 * is in the policy even then. ERROR_CONFIG, with the line: malformed, no rule matches, an
 * expression that sops does not have. Keys of all kinds are in the policy's groups; who seals refuses those
 * that it cannot seal to. What flags of a command give is merged by the caller.
 */
MUST_USE int sops_rules_policy(struct secret *text, const char *name, const char *target,
			       struct sops_policy *ret_policy, bool *ret_found, struct error *err);
/* The same without the rule's keys, whatever they are: others are given. */
MUST_USE int sops_rules_policy_but_keys(struct secret *text, const char *name, const char *target,
					struct sops_policy *ret_policy, bool *ret_found,
					struct error *err);
/* What it says about layout alone (indent, json_indent, binary_indent of the policy), whatever its rules are. */
MUST_USE int sops_rules_layout(struct secret *text, const char *name,
			       struct sops_policy *ret_policy, struct error *err);

#endif
