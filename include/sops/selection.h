/* SPDX-License-Identifier: MIT */
/*
 * A selector made ready to be asked: its expression compiled, the verdict on each distinct key
 * name kept, because a large document has few of them and many values.
 */
#ifndef SOPS_SELECTION_H
#define SOPS_SELECTION_H

#include "sops/select.h"

struct sops_verdict {
	struct span key; /* borrowed from the document; data NULL: a free slot */
	bool matches;
};

struct sops_selection {
	enum sops_selector_kind kind;
	const char *suffix; /* borrowed from the selector */
	struct sops_regex *regex;
	struct sops_verdict *verdicts; /* open addressing, a power of two */
	size_t len, cap;
};

#define SOPS_SELECTION_INIT                                                                        \
	((struct sops_selection){ SOPS_UNENCRYPTED_SUFFIX, NULL, NULL, NULL, 0, 0 })

/* selector stays borrowed. ERROR_CONFIG for an expression that sops does not have. */
MUST_USE int sops_selection_init(struct sops_selection *selection,
				 const struct sops_selector *selector, struct error *err);
/* Does this key on a path match? Always false for the comment selectors. key must outlive selection. */
MUST_USE int sops_selection_key(struct sops_selection *selection, struct span key,
				bool *ret_matches, struct error *err);
/* Does this comment's text match? Always false for the others. */
MUST_USE int sops_selection_comment(const struct sops_selection *selection, struct span text,
				    bool *ret_matches, struct error *err);
/* Do comments decide? Then their order does, too. */
bool sops_selection_is_by_comment(const struct sops_selection *selection);
/* Is a value sealed, given whether something on its path (key or active comment) matches? */
bool sops_selection_seals(const struct sops_selection *selection, bool matches);
void sops_selection_release(struct sops_selection *selection);

#endif
