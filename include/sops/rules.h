/* SPDX-License-Identifier: MIT */
/*
 * .sops.yaml: creation rules (sops-format.md §9). Reads text that the caller found.
 */
#ifndef SOPS_RULES_H
#define SOPS_RULES_H

#include "sops/file.h"

#define SOPS_RULES_FILE ".sops.yaml"
#define SOPS_RULES_MAX ((size_t)4 << 20)
#define SOPS_RULES_LEVELS_MAX 100

/*
 * The policy of the first rule that matches target (the file's path relative to the
 * directory of the rules file, or absolute when it lies elsewhere). text is taken over. name is for messages.
 * ERROR_CONFIG: malformed (with the line), no rule matches, unknown kinds of keys only. ret_found is false where there are no
 * creation rules at all. Selectors and recipients that flags give are merged by the caller.
 */
MUST_USE int sops_rules_policy(struct secret *text, const char *name, const char *target,
			       struct sops_policy *ret_policy, bool *ret_found, struct error *err);

#endif
