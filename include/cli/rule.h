/* SPDX-License-Identifier: MIT */
/* A file that is sealed already, and the rule that it would be sealed by today. */
#ifndef CLI_RULE_H
#define CLI_RULE_H

#include "cli/policy.h"

struct rule {
	struct policy_source source;
	struct sops_selector selector;
	bool differs; /* from the file's */
};

#define RULE_INIT ((struct rule){ POLICY_SOURCE_INIT, SOPS_SELECTOR_INIT, false })

/* Finds the rules for the file name; before the sandbox. */
MUST_USE int rule_read(const struct policy_options *options, const char *name,
		       struct rule *ret_rule, struct error *err);
/* Compares the selectors, in the sandbox; with tell says on stderr where they differ. */
MUST_USE int rule_compare(struct rule *rule, const struct sops_file *file, const char *name,
			  bool tell, struct error *err);
/*
 * Refuses a new value that the rule would seal and file leaves readable: between two plaintexts (taken over), or
 * in what setting a value in file came to. ERROR_DENIED. Tells on stderr which lines were sealed and are readable
 * now.
 */
MUST_USE int rule_check_texts(const struct rule *rule, const struct sops_file *file,
			      const char *name, struct secret *before, struct secret *after,
			      struct error *err);
MUST_USE int rule_check_sealed(const struct rule *rule, struct sops_file *file, const char *name,
			       const struct secret *sealed, struct error *err);
void rule_release(struct rule *rule);

#endif
