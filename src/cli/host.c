/* SPDX-License-Identifier: MIT */
#include "cli/host.h"

#include <string.h>

#include "activate/activate.h"
#include "activate/manifest.h"

const char *host_manifest(const struct invocation *invocation)
{
	return invocation->args_len > 0 ? invocation->args[0] : MANIFEST_DEFAULT;
}

int host_directory(const struct invocation *invocation, const char *option, char **ret_directory,
		   struct error *err)
{
	if (!option)
		return activate_directory(host_manifest(invocation), ret_directory, err);
	if (invocation->args_len > 0)
		return error_set(err, ERROR_CONFLICT,
				 "--directory and MANIFEST exclude each other");
	*ret_directory = strdup(option);
	return *ret_directory ? 0 : error_memory(err);
}
