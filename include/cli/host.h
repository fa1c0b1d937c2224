/* SPDX-License-Identifier: MIT */
/* What the commands on a host share: which manifest, and which directory, they are about. */
#ifndef CLI_HOST_H
#define CLI_HOST_H

#include "cli/command.h"

/* The command's argument, or the manifest of this host. Borrowed. */
const char *host_manifest(const struct invocation *invocation);
/*
 * The directory of the live secrets: what --directory says (NULL: not given), or what the manifest
 * names. ret_directory is new. ERROR_CONFLICT where both are given.
 */
MUST_USE int host_directory(const struct invocation *invocation, const char *option,
			    char **ret_directory, struct error *err);

#endif
