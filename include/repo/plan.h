/* SPDX-License-Identifier: MIT */
/*
 * Whom a file is sealed to when it gets a new data key. What a file says of its keys is not
 * authenticated: the rule and the command line decide, and a key that only the file names is no
 * reason to seal to it.
 */
#ifndef REPO_PLAN_H
#define REPO_PLAN_H

#include "sops/group.h"

/* What is asked for; borrowed. */
struct repo_wish {
	const struct sops_groups *rule; /* NULL: no rule says */
	const struct sops_groups *add,
		*remove; /* the keys that were named, in one group; may be empty */
};

/*
 * The rule's groups, or without a rule the file's own; then add in the first group, and none of remove.
 * ERROR_DENIED for a key of file that neither the rule nor the wish names.
 */
MUST_USE int repo_plan(const struct sops_groups *file, const struct repo_wish *wish,
		       struct sops_groups *ret_groups, struct error *err);
/* The first key of file that rule lacks; NULL: none. */
const struct sops_key *repo_plan_stranger(const struct sops_groups *file,
					  const struct sops_groups *rule);
/* Is every key of file named, so that nobody needs to be asked? */
bool repo_plan_is_named(const struct sops_groups *file, const struct repo_wish *wish);

#endif
