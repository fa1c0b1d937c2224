/* SPDX-License-Identifier: MIT */
/* What updatekeys and rotate share: changes of keys, shown as sops shows them. */
#ifndef CLI_REKEY_H
#define CLI_REKEY_H

#include <stdio.h>

#include "cli/sealed.h"
#include "sops/group.h"

/* Does something change: a key, or the threshold? */
bool rekey_is_change(const struct sops_groups *before, const struct sops_groups *after,
		     const struct sops_changes *changes);
/* Does the rule select the same values for sealing? */
bool rekey_same_selection(enum doc_format format, const struct sops_meta *meta,
			  const struct sops_policy *policy);
/* The threshold, where it changes, and group by group the keys that stay, come and go. */
void rekey_show(FILE *out, struct sealed *keys, const struct sops_groups *before,
		const struct sops_groups *after, const struct sops_changes *changes);
/* Is one of the identities a plugin's? */
bool rekey_has_plugin(const struct sops_opener *opener);
/*
 * ERROR_DENIED where what is in sealed could not be opened by who changes it. sealed is kept. Of a plugin it is
 * enough that there is an entry of its kind: it is not started.
 */
MUST_USE int rekey_check_own(enum doc_format format, struct secret *sealed,
			     const struct sops_opener *opener, struct error *err);

#endif
