/* SPDX-License-Identifier: MIT */
/*
 * The keys in the metadata: lists by kind, directly in it or in each of its key_groups.
 */
#ifndef SOPS_META_GROUPS_H
#define SOPS_META_GROUPS_H

#include "doc/doc.h"
#include "sops/group.h"

/*
 * Adds the groups of metadata to groups. Lists beside key_groups win (trap T35); what is null or
 * empty is not there; a key may stand twice. ERROR_FORMAT, ERROR_LIMIT.
 */
MUST_USE int sops_meta_read_groups(const struct doc *doc, uint32_t metadata,
				   struct sops_groups *groups, struct error *err);

#endif
