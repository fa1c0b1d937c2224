/* SPDX-License-Identifier: MIT */
/* What the files that read .sops.yaml share. */
#ifndef RULES_INTERNAL_H
#define RULES_INTERNAL_H

#include "sops/file.h"

struct rules {
	const struct doc *doc;
	const char *name;
	const char *target; /* NULL: no rule is looked for */
	struct sops_policy *policy;
	bool but_keys; /* the rule's keys are not wanted */
};

/* Puts file and line before the message. */
int rules_at_line(const struct rules *r, uint32_t node, struct error *err);
/* ERROR_CONFIG: the entry is not what it has to be. */
int rules_malformed(const struct rules *r, uint32_t node, const char *why, struct error *err);
/* Is there no such node, or null? */
bool rules_is_absent(const struct rules *r, uint32_t node);
uint32_t rules_find(const struct rules *r, uint32_t map, const char *key);
/* The text of map's entry key; empty where there is none. */
MUST_USE int rules_find_text(const struct rules *r, uint32_t map, const char *key,
			     struct span *ret_text, struct error *err);

/* rules_keys.c: what sops would refuse to read in a rule's groups, whether that rule is asked for or not. */
MUST_USE int rules_check_groups(const struct rules *r, uint32_t rule, struct error *err);
/* The keys of a rule, and its groups. */
MUST_USE int rules_add_keys(const struct rules *r, uint32_t rule, struct error *err);

#endif
