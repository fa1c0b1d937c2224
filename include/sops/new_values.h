/* SPDX-License-Identifier: MIT */
/*
 * A file keeps the selector that it was sealed with, also when its rule has got another since. What is new in it
 * must not stay readable because of that.
 */
#ifndef SOPS_NEW_VALUES_H
#define SOPS_NEW_VALUES_H

#include "doc/doc.h"
#include "sops/file.h"
#include "sops/select.h"

/* Do they select the same? No selector is the default one (trap T27). */
bool sops_selector_equals(const struct sops_selector *a, const struct sops_selector *b);
/* "encrypted_regex" and its text, of the default one too. */
const char *sops_selector_name(const struct sops_selector *selector);
const char *sops_selector_text(const struct sops_selector *selector);

/*
 * Both are plaintext documents. ERROR_DENIED names the first value or comment of after that before does not have, or
 * that was sealed there, that file's selector leaves readable, and that the rule's would seal; also one that was readable
 * already and is another now, unless it has only moved in a list.
 */
MUST_USE int sops_check_new_values(struct doc *before, struct doc *after,
				   const struct sops_selector *file,
				   const struct sops_selector *rule, struct error *err);
/*
 * The lines of after whose values or comments that selector sealed in before, there or elsewhere, and leaves
 * readable now: their key got another name, or a comment that selected them is gone.
 */
MUST_USE int sops_find_exposed(struct doc *before, struct doc *after,
			       const struct sops_selector *selector, struct sops_notes *ret_notes,
			       struct error *err);

#endif
