/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

static int run(const struct invocation *invocation, struct error *err)
{
	return error_set(err, ERROR_UNSUPPORTED, "\"%s\" is not part of this version",
			 invocation->command->name);
}

const struct command cmd_openclaw_resolve = {
	.name = "openclaw resolve",
	.group = "OpenClaw",
	.summary = "answer OpenClaw's exec provider",
	.synopsis = "",
	.example = "bootseal openclaw resolve",
	.max_args = 1,
	.run = run,
};
