/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

static int run(const struct invocation *invocation, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED, "\"%s\" is not part of this version",
			 invocation->command->name);
}

const struct command cmd_openclaw_rotate_token = {
	.name = "openclaw rotate-token",
	.group = "OpenClaw",
	.summary = "give OpenClaw a new token without downtime",
	.synopsis = "[OPTION...]",
	.example = "bootseal openclaw rotate-token",
	.max_args = 1,
	.run = run,
};
