/* SPDX-License-Identifier: MIT */
#include "cli/host.h"

#include <stdlib.h>
#include <string.h>

#include "activate/manifest.h"
#include "activate/nix.h"
#include "activate/root.h"

const char *host_manifest(const struct invocation *invocation)
{
	return invocation->args_len > 0 ? invocation->args[0] : MANIFEST_DEFAULT;
}

int host_find_place(const struct invocation *invocation, const char *option,
		    struct host_place *ret_place, struct error *err)
{
	if (!option && nix_is_manifest(host_manifest(invocation)))
		return nix_find_place(host_manifest(invocation), &ret_place->directory,
				      &ret_place->root, err);
	if (!option)
		return activate_directory(host_manifest(invocation), &ret_place->directory,
					  &ret_place->root, err);
	if (invocation->args_len > 0)
		return error_set(err, ERROR_CONFLICT,
				 "--directory and MANIFEST exclude each other");
	ret_place->directory = strdup(option);
	return ret_place->directory ? 0 : error_memory(err);
}

int host_enter_root(const char *root, struct error *err)
{
	return root != NULL ? root_enter(root, err) : 0;
}

void host_place_release(struct host_place *place)
{
	free(place->directory);
	free(place->root);
	*place = HOST_PLACE_INIT;
}
